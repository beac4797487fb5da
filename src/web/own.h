/*
 * own.h - what people change of their own account, by API or page.
 *
 * Each reads path and body, does it, and notes it for the audit.  False:
 * rq->err and the bad fields say why.
 */
#ifndef WEB_OWN_H
#define WEB_OWN_H

#include "core/person.h"
#include "web/req.h"

/* What its owner is shown: never the token itself. */
struct json_object *token_json(struct req *rq, const struct api_token *t);

/* Name and language; *u is what the person is then. */
bool own_change(struct req *rq, struct session_user *u);

bool own_password(struct req *rq);

/* The one that the path names; all but this one. */
bool own_session_end(struct req *rq);
bool own_sessions_end_others(struct req *rq);

/* *token is shown in this one answer and nowhere else. */
bool own_token_make(struct req *rq, struct api_token *t, struct secret *token);
bool own_token_revoke(struct req *rq);

#endif
