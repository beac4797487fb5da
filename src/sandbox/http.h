/*
 * http.h - requests in, answers out, and the ways an answer can go wrong.
 *
 * A request is collected whole, then its route names what runs.  Whoever runs
 * must answer once with reply() or a relative of it, at once or later; until
 * then the connection sleeps.  The request and everything in its arena live
 * until the answer has left or the peer is gone.
 */
#ifndef SANDBOX_HTTP_H
#define SANDBOX_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/json.h"
#include "sandbox/form.h"
#include "sandbox/loop.h"

struct MHD_Connection;
struct sockaddr;

/* Larger than the 50 MB that Telegram takes, so that it is we who refuse. */
#define HTTP_BODY_MAX ((size_t)64 << 20)

/* How the answer leaves. */
enum send_as {
	SEND_WHOLE,
	SEND_RESET,     /* a TCP reset instead of an answer */
	SEND_TRUNCATED, /* half of the body, then closed */
	SEND_DRIP,      /* a byte at a time */
	SEND_HUGE,      /* white space for ever */
};

struct header {
	const char *name, *value;
	struct header *next;
};

struct reply {
	bool ready;
	int status;
	const char *type;
	const char *body;
	size_t len;
	struct header *headers;
};

/* What the journal says about a request; service NULL: nothing. */
struct call {
	const char *service;
	const char *method;
	const char *path;
	const char *account;
	const char *chat;
	struct json_object *params;
	const char *error;
};

/* What a fault rule decided for this request; see fault.h. */
struct fault_act {
	int64_t rule; /* 0: none */
	int kind;
	bool processed;
	bool ran;
	int64_t delay_ms, answer_delay_ms, drip_ms;
	int status;
	int64_t retry_after;
	const char *body;
	struct header *headers;
};

struct req {
	struct arena a;
	struct MHD_Connection *conn;
	const char *method;
	const char *target; /* path and query as sent */
	const char *path;   /* as sent, without the query */
	const char **seg;   /* decoded segments of the path */
	size_t n_seg;
	bool slash; /* the path ends with one */
	struct form query;
	struct buf body;
	int64_t at_us; /* when the request was complete */

	void (*run)(struct req *rq);
	/* Called when the request ends before it was answered. */
	void (*gone)(struct req *rq);
	void *waits;              /* of whoever runs it */
	struct json_object *held; /* an answer that waits for something */
	struct call call;
	struct fault_act fault;
	struct reply reply;
	struct timer timer;

	enum send_as send_as;
	bool complete, suspended, sendable, finished;
	size_t sent;
	struct req *next, *prev;
};

/* The port that is listened on (0 asks for a free one); ends the process
 * when that cannot be.  `route` sets rq->run or answers. */
struct MHD_Daemon *http_start(int64_t *port, void (*route)(struct req *rq));
void http_stop(struct MHD_Daemon *server);

/* A connection that was accepted elsewhere; closed when it cannot be taken. */
void http_adopt(int fd, const struct sockaddr *from, unsigned len);
/* Resets every connection to that port, whether it is at work or idle. */
void http_reset_port(int port);

/* NULL when the request has no such header. */
const char *req_header(struct req *rq, const char *name);
bool req_is(const struct req *rq, const char *method);
const char *req_seg(const struct req *rq, size_t i); /* "" beyond the end */

/* body must live as long as the request or for ever. */
void reply(struct req *rq, int status, const char *type, const char *body,
	   size_t len);
/* Takes ownership of o. */
void reply_json(struct req *rq, int status, struct json_object *o);
/* Before the reply itself. */
void reply_header(struct req *rq, const char *name, const char *value);
void reply_text(struct req *rq, int status, const char *text);

/* Sends what reply() prepared as rq->send_as says.  Called by fault.c. */
void http_send(struct req *rq);

/* Resets every connection whose request `matches`. */
void http_abort(bool (*matches)(const struct req *rq, int64_t arg),
		int64_t arg);

#endif
