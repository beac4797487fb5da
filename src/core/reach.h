/*
 * reach.h - can the bytes of a file be had?
 *
 * Telegram gives a bot no more than 20 MB of a file.  The bot that has seen a
 * larger one can still send it on, by its id.
 */
#ifndef CORE_REACH_H
#define CORE_REACH_H

#include "base/arena.h"
#include "store/delivery.h"

/* Its id goes instead of it, being too large for anything else. */
bool reach_by_id(const struct delivery *d, const struct delivery_file *f);

/* Why it can never be had, in Russian; NULL: it can, or goes by its id. */
const char *reach_trouble(struct arena *a, const struct delivery *d,
			  const struct delivery_file *f);

#endif
