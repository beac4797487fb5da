/*
 * api_token.h - what programs show instead of signing in (table api_tokens).
 *
 * A token is its owner's: reached through user_id.
 */
#ifndef STORE_API_TOKEN_H
#define STORE_API_TOKEN_H

#include "store/db.h"

struct api_token {
	int64_t id, client_id, user_id;
	const char *name;
	const char *scope; /* "read", "write" */
	const char *tail;  /* its last characters */
	int64_t created_at;
	int64_t last_used_at; /* 0: never */
	const char *last_used_address;
};

/* Sets t->id. */
bool api_token_insert(struct db *db, struct arena *a, struct api_token *t,
		      const char *hash, struct err *err);

/* Those that work, the newest first. */
bool api_tokens_list(struct db *db, struct arena *a, int64_t user_id,
		     struct api_token **list, size_t *n, struct err *err);

/* Gives back what it was.  ERR_MISSING: it is not this user's, or was revoked
 * before. */
bool api_token_revoke(struct db *db, struct arena *a, int64_t user_id,
		      int64_t id, int64_t now, struct api_token *t,
		      struct err *err);

/* last_used moves when it is older than `before`.  Queued. */
void api_token_touch(struct db *db, struct arena *a, int64_t id,
		     const char *address, int64_t now, int64_t before);

bool api_token_reads_only(struct db *db, struct arena *a, int64_t id,
			  bool *reads_only, struct err *err);

#endif
