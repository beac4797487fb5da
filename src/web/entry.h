/*
 * entry.h - what all ways in have in common: who is at the door, and the
 * answer to somebody who has come in or must show a second factor.
 */
#ifndef WEB_ENTRY_H
#define WEB_ENTRY_H

#include "core/auth.h"
#include "web/req.h"

/* The cookie that carries a challenge from the password to the code. */
#define CHALLENGE_COOKIE "tuberry_challenge"

/* Characters of what visitors show: a login or e-mail; a password, however long
 * those were that were once allowed; a code with its spaces and dashes; the
 * token of the master bot's link. */
#define ENTRY_LOGIN_MAX    254
#define ENTRY_PASSWORD_MAX 1024
#define ENTRY_CODE_MAX     64
#define ENTRY_LINK_MAX     256

struct visitor req_visitor(const struct req *rq, bool browser);

/* One more attempt from this address; where an account is named, core counts
 * it besides. */
bool req_may_try(struct req *rq);

/* For pages that anybody may see: fills rq->session when a browser is signed
 * in, in a transaction of its own.  False: the database is away. */
bool req_recognise(struct req *rq);

/*
 * The functions below come after the commit, and tell the log of it.
 *
 * To a program: tokens and the person, or 401 with `challenge` and the type
 * below.  `more` (NULL: none) is added to the tokens and stays the caller's.
 */
#define PROBLEM_SECOND_FACTOR "urn:tuberry:problem:second-factor"
enum http_status reply_entry(struct req *rq, const struct entry *e,
			     struct json_object *more);

/* Sets a browser's cookie.  With a challenge the answer is 303 to /login/code,
 * and so are its later steps; else 303 to `next` or, when that is NULL or no
 * address of ours, to where the person's role belongs. */
enum http_status reply_entry_page(struct req *rq, const struct entry *e,
				  const char *next);
void entry_set_cookies(struct req *rq, const struct entry *e);

/* What is told of somebody to themselves. */
struct json_object *person_json(struct req *rq, const struct session_user *u);

#endif
