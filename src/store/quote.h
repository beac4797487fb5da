/*
 * quote.h - the message that a quote means, when it was not known at first.
 *
 * A quote may come before we have written down what it quotes: the answer to
 * our send was on its way, or the daemon died behind it.
 */
#ifndef STORE_QUOTE_H
#define STORE_QUOTE_H

#include "store/delivery.h"

/* Looks once more for what d->quote_id means; found, it stays with the message
 * and delivery_quote() knows it. */
bool quote_learn(struct db *db, struct arena *a, struct delivery *d,
		 struct err *err);

#endif
