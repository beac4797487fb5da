/*
 * req.h - one request on its way through a worker.
 *
 * The loop in serve.c fills it, checks what the route demands and runs the
 * route's handler inside a transaction that is bound to the caller's client:
 * a handler's status below 400 commits it, any other rolls it back.  What the
 * handler wants committed before an error must not exist.  Memory lives in
 * `a` until the answer has been sent.
 *
 * A handler reads its input, asks once, works, and replies:
 *
 *	enum http_status api_project_rename(struct req *rq)
 *	{
 *		int64_t id = req_path_i64(rq, "id");
 *		const char *name = NULL;
 *
 *		form_text(&rq->body, "name", &name, NAME_MAX, FORM_REQUIRED);
 *		if (req_bad(rq) ||
 *		    !project_rename(rq->db, rq->a, req_client(rq), id, name,
 *				    &rq->err))
 *			return reply_err(rq);
 *		return reply_json(rq, HTTP_OK, project_json(...));
 *	}
 */
#ifndef WEB_REQ_H
#define WEB_REQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "core/session.h"
#include "core/settings.h"
#include "store/db.h"
#include "store/redis.h"
#include "store/window.h"
#include "web/form.h"
#include "web/pool.h"

enum http_status {
	HTTP_OK = 200,
	HTTP_CREATED = 201,
	HTTP_ACCEPTED = 202,
	HTTP_NO_CONTENT = 204,
	HTTP_SEE_OTHER = 303,
	HTTP_BAD_REQUEST = 400,
	HTTP_UNAUTHORIZED = 401,
	HTTP_FORBIDDEN = 403,
	HTTP_NOT_FOUND = 404,
	HTTP_NOT_ALLOWED = 405,
	HTTP_CONFLICT = 409,
	HTTP_TOO_LARGE = 413,
	HTTP_BAD_TYPE = 415,
	HTTP_UNPROCESSABLE = 422,
	HTTP_TOO_MANY = 429,
	HTTP_UNAVAILABLE = 503,
	HTTP_UNKNOWN_OUTCOME = 504,
	HTTP_NO_SPACE = 507,
};

/* "Not Found" */
const char *status_title(enum http_status status);

/* Bits: a route's row can name several. */
enum http_method {
	GET = 1 << 0, /* and HEAD, which nginx answers without the body */
	POST = 1 << 1,
	PATCH = 1 << 2,
	DELETE = 1 << 3,
};

enum req_limits {
	REQ_PARAMS_MAX = 4,
	PAGE_DEFAULT = 50,
	PAGE_MAX = 200,
};

/* What a worker keeps from one request to the next. */
struct web {
	const struct settings *settings;
	struct db *db;
	struct redis *redis;
	struct windows *windows; /* attempts to sign in */
	struct pool_slot *slot;  /* where the master sees what runs; or NULL */
};

/* What nginx told: FastCGI parameters "NAME=value", ended by NULL, and the
 * body, which is read once the route is known. */
struct req_input {
	char *const *params;
	const char *body; /* NULL: not read */
	size_t body_len;
	/* Its next bytes, at most len; 0: no more will come. */
	size_t (*read)(void *from, char *s, size_t len);
	void *from;
};

struct req_param {
	const char *name; /* as in the route's pattern */
	size_t name_len;
	const char *value;
};

struct reply {
	enum http_status status;
	const char *cache; /* Cache-Control; NULL: no-store */
	const char *mime;
	const char *body;
	size_t len;
	struct buf headers; /* whole lines */
};

struct req {
	struct arena *a;
	struct db *db;
	struct redis *redis;
	struct windows *windows;
	const struct settings *settings;
	int64_t now;
	const char *request_id;
	struct pool_slot *slot;

	struct req_input *in;
	enum http_method method;
	const char *path;
	const struct route *route;
	struct req_param params[REQ_PARAMS_MAX];
	size_t n_params;

	struct form query, body; /* body: of routes that take JSON */
	struct session session;  /* user_id 0: nobody is signed in */
	const char *visit;       /* the visitor's cookie; see web/csrf.h */
	bool ring; /* work was left for the daemon: ring after the commit */
	struct audit_entry *audited; /* to be told after the commit */

	/* Sticky: the first failure.  `errors` names every bad field. */
	struct err err;
	struct json_object *errors;
	struct json_object *said; /* field -> what a page says; or NULL */
	struct reply reply;
};

/* A header or other FastCGI parameter; "" when absent. */
const char *req_param(const struct req *rq, const char *name);

/* A part of the path.  Not an id, or one that no row can have: ERR_MISSING. */
int64_t req_path_i64(struct req *rq, const char *name);
const char *req_path_str(const struct req *rq, const char *name);

/* Whose rows the caller may see: 0 (an administrator) stands for all. */
int64_t req_client(const struct req *rq);

/* Something is wrong with the input so far; fields that no reader asked for
 * count, too.  Ask when all has been read and before anything is done. */
bool req_bad(struct req *rq);

/* One more bad field for the answer. */
void req_bad_field(struct req *rq, const char *field, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/* The same with a message that has been written already. */
void req_bad_said(struct req *rq, const char *field, const char *text,
		  const char *said);

/*
 * limit= and cursor= of a list.  A cursor is what an earlier answer gave: the
 * last item's place in the list's order, one or two numbers; both 0 at the
 * list's begin.
 */
struct page {
	int limit;
	int64_t after, after_id;
};
struct page req_page(struct req *rq);

/* "bot:5" */
const char *req_object(const struct req *rq, const char *kind, int64_t id);

/*
 * Something was changed: an entry for the audit, in the request's transaction.
 * `before` and `after` are what the API shows of the object; NULL before it
 * was there, and after it has gone.  A secret that was set stands there as
 * "***" under its name.  An administrator's entry belongs to the client that
 * `object` or a client_id names.
 */
void req_audit(struct req *rq, const char *action, const char *object,
	       struct json_object *before, struct json_object *after);

/* The same for what leaves no trace in the object; client_id 0: nobody's. */
void req_audit_act(struct req *rq, const char *action, const char *object,
		   int64_t client_id);

/* serve.c's, after the commit. */
void req_audit_tell(const struct req *rq);

/* Each fills rq->reply and returns its status. */
enum http_status reply_json(struct req *rq, enum http_status status,
			    struct json_object *o);

/* {items, next_cursor}.  Takes ownership of the array.  `more`: the list goes
 * on behind its last item, which stands at (after, after_id). */
enum http_status reply_list(struct req *rq, struct json_object *items,
			    bool more, int64_t after, int64_t after_id);
enum http_status reply_empty(struct req *rq); /* 204 */
enum http_status reply_bytes(struct req *rq, const char *mime,
			     const char *bytes, size_t len);

enum http_status reply_html(struct req *rq, enum http_status status,
			    const char *html, size_t len);

/* The status for rq->err, whose field is among rq->errors from then on. */
enum http_status req_status(struct req *rq);

/* rq->err as RFC 9457 problem; a status of its own for what no enum err_kind
 * says.  Both are a page where pages are (web/page.h). */
enum http_status reply_err(struct req *rq);
enum http_status reply_problem(struct req *rq, enum http_status status,
			       const char *detail);

/* rq->err as a problem of a type of its own, with more members (NULL: none). */
enum http_status reply_problem_with(struct req *rq, enum http_status status,
				    const char *type, struct json_object *more);

/* One header line; the value must not come from outside unchecked. */
void reply_header(struct req *rq, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
