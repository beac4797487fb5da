/*
 * auth.h - signing in, staying signed in, signing out.
 *
 * Each function is a transaction of its own.
 */
#ifndef CORE_AUTH_H
#define CORE_AUTH_H

#include "core/settings.h"
#include "core/token.h"
#include "store/db.h"
#include "store/session.h"

/* What a caller gets for signing in. */
struct grant {
	const char *access_token, *refresh_token;
	int64_t expires_in_s;
	struct session_user user;
};

/* Who is at the door; for the list of sessions. */
struct visitor {
	const char *user_agent, *address;
	int64_t now;
};

struct token_keys auth_keys(const struct settings *s);

/* ERR_AUTH for an unknown login as for a wrong password, in the same time;
 * ERR_LIMIT when too many sign in at this moment. */
bool auth_login(struct db *db, struct arena *a, const struct settings *s,
		const char *login, struct secret password,
		const struct visitor *v, struct grant *g, struct err *err);

/*
 * The next pair of tokens.  For 30 s the former refresh token still gives the
 * same successor (its answer may have been lost); used later it ends the
 * session, because then two parties hold it.
 */
bool auth_refresh(struct db *db, struct arena *a, const struct settings *s,
		  const char *token, int64_t now, struct grant *g,
		  struct err *err);

#endif
