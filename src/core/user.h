/*
 * user.h - who may sign in: the rules for people and their passwords.
 *
 * All run inside the caller's transaction.
 */
#ifndef CORE_USER_H
#define CORE_USER_H

#include "core/problems.h"
#include "store/user.h"

/* Characters; a longer password would only cost time to hash. */
#define PASSWORD_MIN  8
#define PASSWORD_MAX  256
#define LOGIN_MIN     3
#define LOGIN_MAX     64
#define USER_NAME_MAX 200

/* No character of UTF-8 has more than four. */
#define PASSWORD_BYTES_MAX (4 * PASSWORD_MAX)

/* Words, NULL at the end. */
extern const char *const user_roles[];

/* All that is wrong with the fields themselves; a password without bytes is
 * none. */
void user_check(const struct user *u, struct secret password,
		struct problems *problems);

/* ERR_INPUT: it is too short or too long. */
bool password_check(struct secret password, struct err *err);

/* One of few at once (core/hash_gate.h); ERR_LIMIT. */
bool user_password_hash(struct arena *a, struct secret password,
			const char **hash, struct err *err);

/*
 * by_client below is the client of whoever does it, 0 an administrator.  A new
 * e-mail or Telegram account identifies the person only when an administrator
 * says so; otherwise it is a note until its own service has confirmed it.
 */

/*
 * Checks u, makes it and sets u->id.  An empty password: this person signs in
 * some other way.  ERR_INPUT names the field, ERR_CONFLICT the login or the
 * Telegram account that is taken.
 */
bool user_add(struct db *db, struct arena *a, int64_t by_client, struct user *u,
	      struct secret password, int64_t now, struct err *err);

/*
 * `before` is what user_lock() gave; a password without bytes stays as it is.
 * A new password and disabling end the person's sessions and API tokens: who
 * sets another's password may not trust what was made with the former one.
 * Another role, disabling and removing end the invites that the person made.
 * ERR_CONFLICT when nobody would be left who can manage the client, which only
 * an administrator may bring about and mend, or the installation, which nobody
 * may.
 */
bool user_change(struct db *db, struct arena *a, int64_t by_client,
		 const struct user *before, struct user *u,
		 struct secret password, int64_t now, struct problems *problems,
		 struct err *err);
bool user_remove(struct db *db, struct arena *a, int64_t by_client,
		 const struct user *u, int64_t now, struct err *err);

/* Ends the person's sessions and API tokens, as does user_disable(), which ends
 * their invites as well. */
bool user_set_password(struct db *db, struct arena *a, int64_t id,
		       struct secret password, int64_t now, struct err *err);

/* The person's own choice; sessions go on. */
bool user_choose_password(struct db *db, struct arena *a, int64_t id,
			  struct secret password, struct err *err);
bool user_disable(struct db *db, struct arena *a, int64_t id, int64_t now,
		  struct err *err);

#endif
