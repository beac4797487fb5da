/*
 * client.h - outgoing HTTP calls on the loop (the only user of libcurl).
 *
 * A POST is never repeated by the client itself: libcurl silently re-sends
 * one when a kept connection dies before the answer, so a body that would
 * have to be sent again ends the call as HTTP_LOST instead.  Redirects are
 * followed for GET and for 307/308 on idempotent calls, on the same host
 * only.  A foreign URL (told by somebody else) must be https, on an allowed
 * host, at a public address; our own API bases are told at start.
 *
 * web and live must not link this.
 */
#ifndef BASE_CLIENT_H
#define BASE_CLIENT_H

#include "base/http.h"
#include "base/loop.h"

/* Embedded in what it serves.  `reply` and its strings belong to `a` and are
 * valid in done() and until the arena's reset. */
struct call {
	struct arena *a;
	struct http_request rq;
	struct http_reply reply;
	bool busy;
	void (*done)(struct call *c);
	/* client.c's own */
	void *impl;
};

struct client_rules {
	const char *user_agent;
	bool allow_insecure;      /* ALLOW_INSECURE_API: http and private */
	const char *media_hosts;  /* comma list; ".x" stands for all of x */
	const char *api_bases[4]; /* their own hosts count as allowed */
};

/* Process-wide, once, before the first call.  Strings are copied. */
bool client_init(const struct client_rules *rules, struct err *err);

/* rq, a and done are set by the caller.  done() comes exactly once, and never
 * before call_start() has returned.  X-Request-Id is log_id()'s. */
void call_start(struct loop *l, struct call *c);

/* Ends a call without done(). */
void call_cancel(struct loop *l, struct call *c);
int loop_calls(const struct loop *l); /* in flight */

/* "https://host/bot123:***": for logs.  Masks /bot<token>/, webhook secrets
 * and query strings. */
const char *url_masked(struct arena *a, const char *url);

/* Scheme, host and port are those of a configured API base? */
bool url_is_api(const char *url);

#endif
