/*
 * sign_up.h - the account of somebody whom Telegram vouches for.
 *
 * Whoever has one is found by a confirmed Telegram account, and by nothing
 * else: an e-mail or a number that nobody has confirmed identifies nobody.
 * Anybody else gets an account: as owner of a new client, or as what an invite
 * says in the client that it belongs to.
 *
 * All run inside the caller's transaction, which they bind to the person.
 */
#ifndef CORE_SIGN_UP_H
#define CORE_SIGN_UP_H

#include "base/secret.h"
#include "core/problems.h"
#include "core/telegram_proof.h"
#include "store/db.h"

/* Whom Telegram vouches for, and what they say of themselves, which counts
 * for a new account only. */
struct newcomer {
	int64_t telegram_user_id;
	const char *name;  /* "": the account gets a plain one */
	const char *email; /* stored as a note; "": none */
	/* 0: without an invite, into a client of their own. */
	int64_t invite_id, invite_client_id;
};

struct account {
	int64_t user_id, client_id; /* client_id 0: an administrator */
	bool is_new;
	const char *login, *role;
	/* Of a new account, to be shown this once; else without bytes. */
	struct secret password;
};

/* First and last name, else the username, else "". */
const char *newcomer_name(struct arena *a, const char *first_name,
			  const char *last_name, const char *username);

/* What they say of themselves. */
void newcomer_check(const struct newcomer *n, struct problems *problems);

/* ERR_AUTH when it was spent before: of two at once one wins. */
bool telegram_proof_spend(struct db *db, struct arena *a,
			  const struct telegram_proof *p, struct err *err);

/* user_id 0: nobody has confirmed that Telegram account.  ERR_DENIED: whoever
 * has may not come in. */
bool account_find(struct db *db, struct arena *a, int64_t telegram_user_id,
		  struct account *account, struct err *err);

/*
 * The account they have, else a new one, which uses the invite once.
 * ERR_DENIED also when nobody may sign up here without an invite, ERR_MISSING
 * when the invite is good no more, ERR_CONFLICT when the same person signs up
 * twice at once; ERR_INPUT names a field.
 */
bool account_open(struct db *db, struct arena *a, const struct newcomer *n,
		  int64_t now, struct account *account, struct err *err);

/* Where account_open() would put somebody who has none yet, failing as it
 * would; *client_name NULL: into a client of their own. */
bool account_place(struct db *db, struct arena *a, const struct newcomer *n,
		   int64_t now, const char **client_name, struct err *err);

/* The Telegram account becomes that of somebody who is signed in; client_id 0:
 * an administrator.  ERR_CONFLICT: it belongs to another account. */
bool account_link(struct db *db, struct arena *a, int64_t client_id,
		  int64_t user_id, int64_t telegram_user_id, int64_t now,
		  struct err *err);

#endif
