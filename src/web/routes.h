/*
 * routes.h - the whole URL space, one row per path and method.
 *
 * A row says what a request must bring before its handler runs, so a review
 * of who may do what reads one file.  Patterns are matched segment by
 * segment; {name} stands for one segment that is not empty.
 */
#ifndef WEB_ROUTES_H
#define WEB_ROUTES_H

#include <stdio.h>

#include "web/req.h"

enum route_needs {
	NEED_NONE, /* anybody; no transaction is begun */
	NEED_SELF, /* a person in a session of their own, for their own account:
		      no API token, and also while there is a duty to do */
	NEED_PERSON, /* the same without a duty: for what would be a way in after
			it has been done */
	NEED_FACTOR, /* as NEED_PERSON, also while the duty is a second factor */
	NEED_USER,   /* signed in */
	NEED_OWNER,  /* owner or administrator */
	NEED_KEEPER, /* as NEED_OWNER, but in a session: what lets people in */
	NEED_ADMIN,  /* administrator */
	NEED_ADMIN_IF_HIDDEN, /* as NEED_NONE with API_DOCS=on, else 404 to all
				 but administrators */
};

/* Which pools serve it. */
enum route_pools {
	IN_WEB = 1 << 0,
	IN_WEBHOOK = 1 << 1,
	IN_BOTH = IN_WEB | IN_WEBHOOK,
};

enum route_body {
	BODY_NONE, /* is ignored */
	BODY_JSON, /* a JSON object; in rq->body */
	BODY_FORM, /* an HTML form's fields; in rq->body, as texts */
	BODY_RAW,  /* rq->in->body, whatever it is */
	BODY_FILE, /* multipart, read by the handler bit by bit: web/upload.h */
};

struct route {
	enum http_method method;
	const char *path;
	enum route_needs needs;
	enum route_body body;
	enum route_pools pools;
	enum http_status (*run)(struct req *rq);
};

extern const struct route routes[];
extern const size_t n_routes;

/*
 * Fill rq->route and rq->params from rq->method and rq->path.  NULL: none;
 * *allowed then has the methods that the path knows, 0 when it is unknown.
 */
const struct route *route_find(struct req *rq, enum route_pools pool,
			       unsigned *allowed);

/* "GET, HEAD, POST" for Allow. */
const char *method_list(struct arena *a, unsigned methods);

/* `METHOD path needs body`, a line each: tuberry-web --list-routes.  Tests
 * derive from it what each caller must be told. */
void routes_print(FILE *f);

#endif
