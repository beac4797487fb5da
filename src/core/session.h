/*
 * session.h - a request on behalf of somebody.
 */
#ifndef CORE_SESSION_H
#define CORE_SESSION_H

#include "core/token.h"
#include "store/db.h"

enum role { ROLE_NONE, ROLE_MANAGER, ROLE_OWNER, ROLE_ADMIN };

struct session {
	int64_t id;
	int64_t user_id;   /* 0: nobody */
	int64_t client_id; /* 0: an administrator, who sees all clients */
	enum role role;
	bool assigned_only; /* a manager who sees only dialogs of their own */
};

/*
 * Begin a transaction that is bound to the token's session: one round trip, a
 * second one for a manager.  ERR_AUTH: not signed in (any more).  The caller
 * ends it with db_finish() in any case.
 */
bool session_begin(struct db *db, struct arena *a,
		   const struct token_keys *keys, const char *token,
		   int64_t now, struct session *s, struct err *err);

/* ROLE_NONE: no such word. */
enum role role_read(const char *word);

#endif
