/*
 * auth.h - signing in and staying signed in.
 *
 * There are several ways to prove who one is; each ends in auth_enter(), which
 * makes the session.  Where the person has a second factor the session waits
 * for it (at most five minutes and five codes), and auth_second() lets it in.
 */
#ifndef CORE_AUTH_H
#define CORE_AUTH_H

#include "core/audit.h"
#include "core/settings.h"
#include "core/token.h"
#include "store/db.h"
#include "store/session.h"
#include "store/window.h"

/* Who is at the door. */
struct visitor {
	const char *user_agent, *address, *request_id;
	struct windows *windows; /* where attempts are counted */
	bool browser;            /* gets a cookie instead of tokens */
	int64_t now;
};

/* What a program gets for signing in. */
struct grant {
	const char *access_token, *refresh_token;
	int64_t expires_in_s;
};

/* What came of it: a challenge, a cookie or a grant. */
struct entry {
	struct session_user user;
	int64_t session_id;
	const char *challenge;       /* NULL: no second factor is asked for */
	const char *cookie;          /* a browser's */
	struct grant grant;          /* a program's */
	struct audit_entry *audited; /* to be told after the commit; or NULL */
};

/* How long a browser or program may take to bring the second factor. */
#define AUTH_PENDING_S 300

/* For the audit: somebody at the door did this.  Who that is, and what came of
 * it, is the caller's to add. */
struct audit_entry visitor_entry(const struct visitor *v, const char *action);

struct token_keys auth_keys(const struct settings *s);

/*
 * A session for somebody who has proven to be this user, by "password",
 * "telegram", "mini_app" or "link".  Inside the caller's transaction, which
 * must be bound to the user; after its commit reply_entry() tells the log.
 */
bool auth_enter(struct db *db, struct arena *a, const struct settings *s,
		int64_t user_id, const char *method, const struct visitor *v,
		struct entry *e, struct err *err);

/* The functions below are transactions of their own. */

/* ERR_AUTH for an unknown login as for a wrong password, in the same time;
 * ERR_LIMIT after too many attempts, or when too many sign in at this moment. */
bool auth_login(struct db *db, struct arena *a, const struct settings *s,
		const char *login, struct secret password,
		const struct visitor *v, struct entry *e, struct err *err);

/* A code of the authenticator app, or a recovery code.  ERR_AUTH: it is wrong,
 * or the challenge is not good any more and signing in begins anew. */
bool auth_second(struct db *db, struct arena *a, const struct settings *s,
		 const char *challenge, const char *code,
		 const struct visitor *v, struct entry *e, struct err *err);

/*
 * The next pair of tokens.  For 30 s the former refresh token still gives the
 * same successor (its answer may have been lost); used later it ends the
 * session, because then two parties hold it.
 */
bool auth_refresh(struct db *db, struct arena *a, const struct settings *s,
		  const char *token, const struct visitor *v, struct entry *e,
		  struct err *err);

#endif
