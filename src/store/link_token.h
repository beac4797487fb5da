/*
 * link_token.h - what the master bot gave somebody to sign in with.
 *
 * Known here by its SHA-256.  The rules are in core/link.h.
 */
#ifndef STORE_LINK_TOKEN_H
#define STORE_LINK_TOKEN_H

#include "store/db.h"

struct link_token {
	int64_t id;
	const char *hash;
	int64_t telegram_user_id;
	const char *username, *first_name; /* "": not told */
	int64_t invite_id;                 /* 0: none */
	int64_t client_id;                 /* of the invite; 0: none */
	int64_t update_id;                 /* 0: not asked for by an update */
	int64_t created_at, expires_at;
};

/* One that is neither used nor expired; t->id 0: there is none.  Binds the
 * rest of the transaction to it, so that row level security shows it. */
bool link_token_find(struct db *db, struct arena *a, const char *hash,
		     int64_t now, struct link_token *t, struct err *err);

/* *taken: it was still there, and nobody can take it any more. */
bool link_token_take(struct db *db, struct arena *a, int64_t id, int64_t now,
		     bool *taken, struct err *err);

/* Until the transaction ends nobody else makes one for this person.  *n: how
 * many were made since then, but for this update (0: none), and when the first
 * of them. */
bool link_token_count(struct db *db, struct arena *a, int64_t telegram_user_id,
		      int64_t update_id, int64_t since, int64_t *n,
		      int64_t *first_at, struct err *err);

/* The person's former ones end; the one of the same update becomes this one.
 */
bool link_token_put(struct db *db, struct arena *a, const struct link_token *t,
		    struct err *err);

/* The rest of the transaction may make them for anybody: for whoever has shown
 * that it may.  The daemon may always. */
bool link_token_may_make(struct db *db, struct err *err);

#endif
