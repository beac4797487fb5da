/*
 * words.c - what the conditions by words of filters and rules are made of.
 */
#include "config.h"

#include "store/words.h"

static const struct stmt blank = {
	"words_blank",
	"SELECT i.ordinality - 1, w.ordinality - 1"
	" FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY i,"
	"  jsonb_array_elements_text(i.value->'words') WITH ORDINALITY w"
	" WHERE plain_words(w.value) = '' ORDER BY 1, 2",
};

bool words_blank(struct db *db, struct arena *a, const char *json,
		 struct word_place **list, size_t *n, struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &blank, DB_ARGS(json), &r, err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		(*list)[i] = (struct word_place){
			.item = (int)rows_i64(&r, i, 0),
			.word = (int)rows_i64(&r, i, 1),
		};
	return true;
}
