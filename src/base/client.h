/*
 * client.h - outgoing HTTP calls on the loop.
 *
 * Only an idempotent call or a GET is ever repeated by the client itself:
 * libcurl silently re-sends a POST when a kept connection dies before the
 * answer, so one that would have to be sent again ends as HTTP_LOST instead.
 * Redirects are followed for GET and for 307/308 on idempotent calls, to the
 * same scheme, host and port only; any other 3xx is an answer.  A foreign URL
 * (told by somebody else) must be https, on an allowed host, at a public
 * address; our own API bases are told at start.
 *
 * An answer longer than answer_max ends as HTTP_REFUSED if the call may be
 * repeated, else as HTTP_LOST: it was sent.  A token for a host that is no API
 * base is HTTP_REFUSED; to a foreign URL neither token nor request id goes.
 * Proxies of the environment are not used.
 *
 * web and live must not link this.
 */
#ifndef BASE_CLIENT_H
#define BASE_CLIENT_H

#include "base/http.h"
#include "base/loop.h"
#include "base/mask.h"

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
	bool allow_private;       /* API bases need not be public, but https */
	const char *ca_file;      /* whom to trust, PEM; NULL: the system's */
};

/* Process-wide, once, before the first call.  Strings are copied.  ERR_INPUT:
 * an API base must not be used.  Ignores SIGPIPE from here on. */
bool client_init(const struct client_rules *rules, struct err *err);

/* rq, a and done are set by the caller; the body's bytes stay until done().
 * done() comes exactly once, never before call_start() has returned, with the
 * log_id() of that moment, which is X-Request-Id as well.  Inside it the call
 * is over: it may be started again, and its memory may go. */
void call_start(struct loop *l, struct call *c);

/* Ends a call without done(); nothing happens when none is under way. */
void call_cancel(struct loop *l, struct call *c);

/* Started and not yet done. */
int loop_calls(const struct loop *l);

/* Scheme, host and port are those of a configured API base? */
bool url_is_api(const char *url);

#endif
