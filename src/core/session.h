/*
 * session.h - a request on behalf of somebody.
 *
 * Three things prove who it is: an access token (a program signed in), an API
 * token (a program that a person let act for them), and a browser's cookie.
 */
#ifndef CORE_SESSION_H
#define CORE_SESSION_H

#include "core/settings.h"
#include "core/token.h"
#include "store/db.h"

enum role { ROLE_NONE, ROLE_MANAGER, ROLE_OWNER, ROLE_ADMIN };

/* What somebody must do for their own account before anything else. */
enum duty { DUTY_NONE, DUTY_PASSWORD, DUTY_SECOND_FACTOR };

struct session {
	int64_t id;        /* 0: by an API token */
	int64_t token_id;  /* of the API token; 0: none */
	int64_t user_id;   /* 0: nobody */
	int64_t client_id; /* 0: an administrator, who sees all clients */
	enum role role;
	enum duty duty;
	bool assigned_only; /* a manager who sees only dialogs of their own */
	bool read_only;     /* by an API token that may not change anything */
	bool by_cookie;     /* a browser: forged requests are to be feared */
	const char *login, *name;
	const char *language; /* "ru", "en", "": as the browser says */
};

/* What a request shows; each may be "". */
struct credentials {
	const char *bearer;  /* of Authorization; counts before the cookie */
	const char *cookie;  /* the session cookie's value */
	const char *address; /* for the API token's last use */
};

/*
 * Begin a transaction that is bound to who is asking: two round trips.
 * ERR_AUTH: not signed in (any more).  The caller ends it with db_finish() in
 * any case.
 */
bool session_begin(struct db *db, struct arena *a, const struct settings *s,
		   const struct credentials *c, int64_t now,
		   struct session *session, struct err *err);

/* ROLE_NONE: no such word. */
enum role role_read(const char *word);

/* "admin"; NULL for ROLE_NONE. */
const char *role_word(enum role role);

#endif
