/*
 * sign_up.h - accounts for people whom Telegram vouches for.
 *
 * These statements run before anybody is signed in, so each binds the rest of
 * the transaction (set_config) to the client or user it has found or made,
 * and row level security shows that one only.  The rules are in
 * core/sign_up.h.
 */
#ifndef STORE_SIGN_UP_H
#define STORE_SIGN_UP_H

#include "store/db.h"

/* *taken: it was there already; who spends one at the same moment is waited
 * for. */
bool proof_spend(struct db *db, struct arena *a, const char *proof_hash,
		 int64_t expires_at, bool *taken, struct err *err);

/* Whose confirmed Telegram account it is; *user_id 0: nobody's. */
bool telegram_find(struct db *db, struct arena *a, int64_t telegram_user_id,
		   int64_t *user_id, int64_t *client_id, struct err *err);

/* A new client, made by whoever will be its owner. */
bool client_begin(struct db *db, struct arena *a, const char *name, int64_t now,
		  int64_t *client_id, struct err *err);

/* The existing client that somebody was invited to. */
bool client_enter(struct db *db, struct arena *a, int64_t client_id,
		  struct err *err);

struct sign_up_row {
	int64_t client_id, telegram_user_id;
	const char *login, *name, *email, *role;
	bool assigned_only;
	const char *password_hash;
	int64_t now;
};

/* *user_id 0: the login is taken.  ERR_CONFLICT with the constraint in
 * err->field: users_telegram. */
bool sign_up_insert(struct db *db, struct arena *a, const struct sign_up_row *u,
		    int64_t *user_id, struct err *err);

/* The one this user has confirmed; 0: none. */
bool telegram_of(struct db *db, struct arena *a, int64_t user_id,
		 int64_t *telegram_user_id, struct err *err);

/* In this client the number belongs to whoever proves it: a note of it at
 * somebody else is removed. */
bool telegram_claim(struct db *db, struct arena *a, int64_t client_id,
		    int64_t telegram_user_id, struct err *err);

/* Confirmed for that user.  ERR_CONFLICT: users_telegram. */
bool telegram_confirm(struct db *db, struct arena *a, int64_t user_id,
		      int64_t telegram_user_id, int64_t now, struct err *err);

#endif
