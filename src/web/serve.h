/*
 * serve.h - one request, from its parameters to its answer.
 *
 * Knows nothing of FastCGI: worker.c moves the bytes, tests call it directly.
 */
#ifndef WEB_SERVE_H
#define WEB_SERVE_H

#include "web/req.h"
#include "web/routes.h"

/* Fills *rq and rq->reply; both live as long as `a`. */
void serve(struct web *w, enum route_pools pool, struct arena *a,
	   struct req_input *in, struct req *rq);

#endif
