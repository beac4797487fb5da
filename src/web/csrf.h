/*
 * csrf.h - was it this browser, on one of our pages, that wanted this?
 *
 * A browser sends our cookies along with whatever any site makes it send, so
 * an unsafe request that is believed for a cookie, and every form of a page,
 * must show a token that only our pages hold.  The token is a MAC under the
 * session's cookie; before there is a session, under one that the first page
 * gave the visitor.  Besides, a browser says where a request comes from
 * (Origin), and other origins are refused.
 */
#ifndef WEB_CSRF_H
#define WEB_CSRF_H

#include "web/req.h"

/* The session's cookie, or NULL. */
#define SESSION_COOKIE "tuberry_session"
const char *session_cookie(struct req *rq);

/* For the hidden field csrf_token of a form.  Gives the visitor a cookie when
 * there is none yet. */
const char *csrf_token(struct req *rq);

/* The request came from a page of ours, or is none that another site could
 * make a browser send.  After body_read().  ERR_DENIED. */
bool csrf_check(struct req *rq);

/* Binds something that comes back by another way (Telegram's sign-in) to this
 * browser: a MAC of the label under the visitor's cookie. */
const char *visit_mark(struct req *rq, const char *label);
bool visit_mark_is(struct req *rq, const char *label, const char *mark);

#endif
