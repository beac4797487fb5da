/*
 * words.c - conditions by words, of filters and of rules.
 */
#include "config.h"

#include <string.h>

#include "core/words.h"
#include "store/words.h"

static const char *const matches[] = { "any", "all", NULL };

void words_read(struct fields *f, struct word_list *w)
{
	w->match = matches[0];
	w->list = fields_texts(f, "words", WORDS_MAX, WORD_MAX);
	fields_text(f, "match", &w->match);
	problems_check_word(f->problems, fields_name(f, "match"), w->match,
			    matches);
}

void words_put(struct json_object *o, const struct word_list *w)
{
	json_put(o, "words", json_object_get(w->list));
	json_put_str(o, "match", w->match);
}

bool words_check(struct db *db, struct arena *a, const char *path,
		 const char *json, struct problems *p, struct err *err)
{
	struct word_place *blank;
	size_t n;

	/* Asking costs a round trip. */
	if (strcmp(json, "[]") == 0)
		return true;
	if (!words_blank(db, a, json, &blank, &n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		problems_add(p,
			     arena_printf(a, "%s[%d].words[%d]", path,
					  blank[i].item, blank[i].word),
			     "must have a letter or a digit");
	return true;
}
