/*
 * user.h - the people who sign in.
 *
 * An administrator belongs to no client (client_id 0).  The rules are in
 * core/user.h.
 */
#ifndef STORE_USER_H
#define STORE_USER_H

#include "base/secret.h"
#include "store/db.h"

struct user {
	int64_t id, client_id;
	const char *login, *name;
	const char *role;         /* "admin", "owner", "manager" */
	const char *email;        /* "": none */
	int64_t telegram_user_id; /* 0: not linked */
	/* 0: only claimed, so it does not identify the person. */
	int64_t email_confirmed_at, telegram_confirmed_at;
	bool assigned_only;
	bool must_change_password;
	int64_t disabled_at, created_at;
	/* For reading: */
	bool second_factor;
	int64_t signed_in_at;
	const char *client_name; /* "": belongs to none */
};

/* password_hash NULL: nobody signs in with a password.  Sets u->id.
 * ERR_CONFLICT with the constraint in err->field: users_login,
 * users_email, users_telegram, users_telegram_client.  ERR_INPUT: there is no
 * such client. */
bool user_insert(struct db *db, struct arena *a, struct user *u,
		 const char *password_hash, struct err *err);

/* ERR_MISSING.  Letters' case does not count in logins.  Keeps the row as it
 * is until the transaction ends. */
bool user_by_login(struct db *db, struct arena *a, const char *login,
		   struct user *u, struct err *err);

/* ERR_MISSING; client_id 0 stands for any client (administrators).
 * user_lock() keeps the row as it is until the transaction ends. */
bool user_find(struct db *db, struct arena *a, int64_t client_id, int64_t id,
	       struct user *u, struct err *err);
bool user_lock(struct db *db, struct arena *a, int64_t client_id, int64_t id,
	       struct user *u, struct err *err);

/* By id, those behind `after`. */
bool users_list(struct db *db, struct arena *a, int64_t client_id,
		int64_t after, int limit, struct user **list, size_t *n,
		struct err *err);

/* Everybody, by id. */
bool users_all(struct db *db, struct arena *a, struct user **list, size_t *n,
	       struct err *err);

/* Administrators who can sign in. */
bool users_count_admins(struct db *db, struct arena *a, int64_t *n,
			struct err *err);

/* Who can sign in with that role in the client besides this user; client_id 0
 * with "admin". */
bool users_count_others(struct db *db, struct arena *a, const struct user *u,
			const char *role, int64_t *n, struct err *err);

/* Administrators have no client whose row could be locked: until the
 * transaction ends nobody else gets past this. */
bool users_lock_admins(struct db *db, struct err *err);

/* All but the id, the client and what is for reading; failures as when
 * inserting. */
bool user_store(struct db *db, struct arena *a, const struct user *u,
		struct err *err);

/* Nobody is assigned to the user's dialogs any more; sessions go, too. */
bool user_delete(struct db *db, struct arena *a, const struct user *u,
		 struct err *err);

/* What people change themselves. */
bool user_put_person(struct db *db, struct arena *a, int64_t id,
		     const char *name, const char *language, struct err *err);

bool user_put_password(struct db *db, struct arena *a, int64_t id,
		       const char *password_hash, struct err *err);
bool user_password_chosen(struct db *db, struct arena *a, int64_t id,
			  struct err *err);
bool user_put_disabled(struct db *db, struct arena *a, int64_t id, int64_t at,
		       struct err *err);
bool user_end_tokens(struct db *db, struct arena *a, int64_t id, int64_t at,
		     struct err *err);
/* Those that the user made. */
bool user_end_invites(struct db *db, struct arena *a, int64_t id, int64_t at,
		      struct err *err);
bool user_end_sessions(struct db *db, struct arena *a, int64_t id, int64_t at,
		       struct err *err);

#endif
