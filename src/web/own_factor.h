/*
 * own_factor.h - the caller's own second factor, changed by API or page.
 *
 * Each reads what the request says, asks req_bad(), counts the try, works and
 * leaves an entry in the audit.  False: rq->err says why.
 */
#ifndef WEB_OWN_FACTOR_H
#define WEB_OWN_FACTOR_H

#include "core/second_factor.h"
#include "web/req.h"

bool own_factor_find(struct req *rq, struct second_factor *f);
bool own_factor_start(struct req *rq, struct secret *secret);

/* `codes`: the recovery codes, shown this once; owned by the caller. */
bool own_factor_confirm(struct req *rq, struct json_object **codes);
bool own_factor_renew(struct req *rq, struct json_object **codes);
bool own_factor_drop(struct req *rq);

/* What an app reads from the QR code. */
struct secret own_factor_uri(struct req *rq, struct secret secret);

/* Nobody of the caller's role gets in without one. */
bool own_factor_required(const struct req *rq);

#endif
