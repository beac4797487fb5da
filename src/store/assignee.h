/*
 * assignee.h - the people of a client as colleagues name them.
 */
#ifndef STORE_ASSIGNEE_H
#define STORE_ASSIGNEE_H

#include "store/db.h"

struct assignee {
	int64_t user_id;
	const char *name, *login;
	const char *username; /* Telegram's, without @; "": not known */
	/* The word is this person's user name, login or name; or else the
	 * beginning of one of these. */
	bool is_meant, may_be_meant;
};

/* Those who can sign in, by name; letters' case does not count. */
bool assignees_list(struct db *db, struct arena *a, int64_t client_id,
		    const char *word, int limit, struct assignee **list,
		    size_t *n, struct err *err);

/* Telegram calls this person so. */
bool assignee_put_username(struct db *db, struct arena *a, int64_t client_id,
			   int64_t user_id, const char *username,
			   struct err *err);

#endif
