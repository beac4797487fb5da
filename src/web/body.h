/*
 * body.h - a request's body turned into what forms read.
 */
#ifndef WEB_BODY_H
#define WEB_BODY_H

#include "web/req.h"

/* What it says of its length, -1: nothing that is true; no body has 0. */
int64_t body_length(const struct req *rq);

/* The whole body into rq->in->body, but for routes that take a file.  0: it is
 * there; otherwise the refusal has been filled in. */
enum http_status body_take(struct req *rq);

/*
 * What the route's row in the table demands, into rq->body.  0: it is there,
 * or none is wanted; otherwise the refusal has been filled in.
 *
 * A browser ends the lines of a text with CR LF; in a form's field they end
 * with LF, so that a text has the length that its author saw.
 */
enum http_status body_read(struct req *rq);

#endif
