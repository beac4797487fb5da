/*
 * invite.h - what the API and the page of invites have in common.
 */
#ifndef WEB_INVITE_H
#define WEB_INVITE_H

#include "core/invite.h"
#include "web/req.h"

/* What everybody who may see it is shown: never the code. */
struct json_object *invite_json(struct req *rq, const struct invite *i);

/* Shown to its maker, this once. */
struct invite_made {
	struct invite invite;
	struct secret code;
	const char *link; /* NULL: the master bot's name is not known */
};

/* Reads the body, makes the invite, notes it for the audit.  False: rq->err
 * and the bad fields say why. */
bool req_invite_make(struct req *rq, int64_t client_id,
		     struct invite_made *made);

/* The one that the path names can be used no more; client_id 0: whosever it
 * is. */
bool req_invite_revoke(struct req *rq, int64_t client_id);

#endif
