/*
 * tenant.h - what the API and the pages of clients have in common.
 *
 * The functions note what they did for the audit.  False: rq->err and the bad
 * fields say why.
 */
#ifndef WEB_TENANT_H
#define WEB_TENANT_H

#include "core/tenant.h"
#include "web/req.h"

/* What everybody who may see the client is shown. */
struct json_object *tenant_json(struct req *rq, const struct tenant *t);

/* Reads the body and makes the client. */
bool req_tenant_make(struct req *rq, struct tenant *t);

/* Reads the body over *t; `before` is what tenant_lock() gave. */
bool req_tenant_change(struct req *rq, const struct tenant *before,
		       struct tenant *t);
bool req_tenant_remove(struct req *rq, const struct tenant *t);

#endif
