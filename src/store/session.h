/*
 * session.h - who is asking: sessions and what sign-in reads of a user.
 *
 * session_find() and session_find_login() bind the rest of the transaction to
 * the user and client they find (set_config), so that row level security lets
 * the following statements see that client's rows.
 */
#ifndef STORE_SESSION_H
#define STORE_SESSION_H

#include "store/db.h"

struct session_row {
	int64_t id;
	int64_t user_id;   /* 0: no such session, or it has ended */
	int64_t client_id; /* 0: an administrator's */
	const char *role;
};

bool session_find(struct db *db, struct arena *a, int64_t id, int64_t now,
		  struct session_row *s, struct err *err);

/* seen_at moves when it is older than `before`. */
void session_touch(struct db *db, struct arena *a, int64_t id, int64_t now,
		   int64_t before);

/* *user_id 0: nobody who may sign in. */
bool session_find_login(struct db *db, struct arena *a, const char *login,
			int64_t *user_id, struct err *err);

struct session_user {
	int64_t id, client_id;
	const char *login, *name, *role;
	const char *password_hash; /* "": signs in by other means */
	bool assigned_only;
};
bool session_user(struct db *db, struct arena *a, int64_t user_id,
		  struct session_user *u, struct err *err);

struct session_new {
	int64_t client_id, user_id;
	const char *user_agent, *address;
	int64_t now, expires_at;
};
bool session_add(struct db *db, struct arena *a, const struct session_new *s,
		 int64_t *id, struct err *err);

/* Locks the session until the transaction's end. */
bool session_generation(struct db *db, struct arena *a, int64_t id,
			int64_t *generation, int64_t *refreshed_at,
			struct err *err);
bool session_refresh(struct db *db, struct arena *a, int64_t id,
		     int64_t generation, int64_t now, int64_t expires_at,
		     struct err *err);
bool session_end(struct db *db, struct arena *a, int64_t id, int64_t now,
		 struct err *err);

#endif
