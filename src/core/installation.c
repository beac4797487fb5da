/*
 * installation.c - what administrators decide for all.
 */
#include "config.h"

#include <string.h>

#include "core/installation.h"
#include "store/setting.h"

#define SIGN_UP_SETTING "sign_up"

const char *const sign_up_words[] = { "open", "invite", NULL };

bool sign_up_find(struct db *db, struct arena *a, const char **word,
		  struct err *err)
{
	struct setting v;

	if (!setting_find(db, a, SIGN_UP_SETTING, &v, err))
		return false;
	*word = v.value ? v.value : sign_up_words[0];
	return true;
}

bool sign_up_open(struct db *db, struct arena *a, bool *open, struct err *err)
{
	const char *word;

	if (!sign_up_find(db, a, &word, err))
		return false;
	*open = strcmp(word, sign_up_words[0]) == 0;
	return true;
}

bool sign_up_set(struct db *db, struct arena *a, const char *word, int64_t now,
		 struct err *err)
{
	struct setting v = { .value = word };

	return setting_put(db, a, SIGN_UP_SETTING, &v, now, err);
}
