/*
 * session.h - who is asking: sessions and what sign-in reads of a user.
 *
 * The session_find functions bind the rest of the transaction to the user and
 * client they find (set_config), so that row level security lets the following
 * statements see that client's rows.  Secrets are looked up by their SHA-256.
 */
#ifndef STORE_SESSION_H
#define STORE_SESSION_H

#include "store/db.h"

struct session_row {
	int64_t id;        /* of the session or the API token */
	int64_t user_id;   /* 0: no such session, or it has ended */
	int64_t client_id; /* 0: an administrator's */
	const char *role;
};

bool session_find(struct db *db, struct arena *a, int64_t id, int64_t now,
		  struct session_row *s, struct err *err);
bool session_find_cookie(struct db *db, struct arena *a, const char *hash,
			 int64_t now, struct session_row *s, struct err *err);
bool session_find_token(struct db *db, struct arena *a, const char *hash,
			struct session_row *s, struct err *err);

/* One that waits for its second factor. */
bool session_find_pending(struct db *db, struct arena *a, int64_t id,
			  int64_t now, struct session_row *s, struct err *err);

/* seen_at moves when it is older than `before`; a browser's session lives on
 * until expires_at then.  Queued. */
void session_touch(struct db *db, struct arena *a, int64_t id, int64_t now,
		   int64_t before, int64_t expires_at);

/* *user_id 0: nobody who may sign in.  `login` may be a confirmed e-mail. */
bool session_find_login(struct db *db, struct arena *a, const char *login,
			int64_t *user_id, struct err *err);

/* Binds the transaction to a user whom the caller has proven otherwise. */
bool session_bind(struct db *db, struct arena *a, int64_t user_id,
		  int64_t client_id, struct err *err);

struct session_user {
	int64_t id, client_id;
	const char *login, *name, *role, *email;
	const char *language;      /* "ru", "en", "": as the browser says */
	const char *password_hash; /* "": signs in by other means */
	bool assigned_only, must_change_password;
	bool second_factor; /* is asked for when signing in */
	int64_t telegram_user_id;
};
bool session_user(struct db *db, struct arena *a, int64_t user_id,
		  struct session_user *u, struct err *err);

/* Of a user who stays as they are until the transaction ends: whoever changes
 * the password or disables them does it before or after.  NULL: gone. */
bool session_lock_password(struct db *db, struct arena *a, int64_t user_id,
			   const char **hash, struct err *err);

struct session_new {
	int64_t client_id, user_id;
	const char *user_agent, *address;
	const char *method; /* "password", "telegram", "mini_app", "link" */
	const char *cookie_hash; /* NULL: not a browser's */
	int64_t now, expires_at;
	int64_t pending_until; /* 0: good at once */
};
/* Also notes when the user signed in last. */
bool session_add(struct db *db, struct arena *a, const struct session_new *s,
		 int64_t *id, struct err *err);

/* One more code for a pending session, which is locked from then on; *tries
 * counts it.  0: another code has let it in or ended it at this moment. */
bool session_count_try(struct db *db, struct arena *a, int64_t id,
		       int64_t *tries, struct err *err);

/* The second factor was right: a session like others, of this lifetime. */
bool session_activate(struct db *db, struct arena *a, int64_t id,
		      const char *cookie_hash, int64_t now, int64_t expires_at,
		      struct err *err);

/* Locks the session until the transaction's end. */
bool session_generation(struct db *db, struct arena *a, int64_t id,
			int64_t *generation, int64_t *refreshed_at,
			struct err *err);
bool session_refresh(struct db *db, struct arena *a, int64_t id,
		     int64_t generation, int64_t now, int64_t expires_at,
		     struct err *err);
bool session_end(struct db *db, struct arena *a, int64_t id, int64_t now,
		 struct err *err);

/* A user's live sessions, the one seen last first. */
struct session_info {
	int64_t id;
	const char *method, *user_agent, *address;
	bool browser;
	int64_t created_at, seen_at, expires_at;
};
bool sessions_list(struct db *db, struct arena *a, int64_t user_id, int64_t now,
		   struct session_info **list, size_t *n, struct err *err);

/* ERR_MISSING: it is not this user's, or has ended. */
bool session_end_of(struct db *db, struct arena *a, int64_t user_id, int64_t id,
		    int64_t now, struct err *err);

/* All but one; 0: all. */
bool sessions_end_others(struct db *db, struct arena *a, int64_t user_id,
			 int64_t keep, int64_t now, struct err *err);

#endif
