/*
 * words.h - what the conditions by words of filters and rules are made of.
 *
 * How words are found in a text is said in sql/0005_sources.sql, words_of().
 */
#ifndef STORE_WORDS_H
#define STORE_WORDS_H

#include "store/db.h"

struct word_place {
	int item, word;
};

/* Those of `json`, an array of objects with an array "words" each, in which
 * there is no letter and no digit: no text could hold them. */
bool words_blank(struct db *db, struct arena *a, const char *json,
		 struct word_place **list, size_t *n, struct err *err);

#endif
