/*
 * words.h - conditions by words, of filters and of rules.
 *
 * {words: [...], match: "any"|"all"}: a word is found in whatever form; "е"
 * and "ё", small and capital letters are the same.  A text of several words
 * must stand together in the message.
 */
#ifndef CORE_WORDS_H
#define CORE_WORDS_H

#include "core/fields.h"
#include "store/db.h"

#define WORDS_MAX 50
#define WORD_MAX  100 /* characters */

struct word_list {
	struct json_object *list;
	const char *match;
};

void words_read(struct fields *f, struct word_list *w);
void words_put(struct json_object *o, const struct word_list *w);

/* `json`: an array of complete objects, named `path` in problems.  False only
 * when the database cannot be asked. */
bool words_check(struct db *db, struct arena *a, const char *path,
		 const char *json, struct problems *p, struct err *err);

#endif
