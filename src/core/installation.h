/*
 * installation.h - what administrators decide for all: who may make a client.
 */
#ifndef CORE_INSTALLATION_H
#define CORE_INSTALLATION_H

#include "store/db.h"

/* Words, NULL at the end: "open" (the first one) lets a first sign-in by
 * Telegram make a client, "invite" takes those with an invite only. */
extern const char *const sign_up_words[];

bool sign_up_find(struct db *db, struct arena *a, const char **word,
		  struct err *err);
bool sign_up_open(struct db *db, struct arena *a, bool *open, struct err *err);

/* As an administrator. */
bool sign_up_set(struct db *db, struct arena *a, const char *word, int64_t now,
		 struct err *err);

#endif
