/*
 * user.h - what the API and the pages of people have in common.
 *
 * The functions note what they did for the audit.  False: rq->err and the bad
 * fields say why.
 */
#ifndef WEB_USER_H
#define WEB_USER_H

#include "core/user.h"
#include "web/req.h"

/* What everybody who may see the person is shown. */
struct json_object *user_json(struct req *rq, const struct user *u);

/* client_id of the body's new person; 0: an administrator is wished for. */
int64_t req_user_client(struct req *rq);

/* Reads the body over *u and *password, where what it leaves out stands
 * already, and makes the person. */
bool req_user_make(struct req *rq, struct user *u, struct secret *password);

/* The same for one whom user_lock() gave. */
bool req_user_change(struct req *rq, const struct user *before, struct user *u);

/* Without a body; a password without bytes stays as it is. */
bool req_user_put(struct req *rq, const struct user *before, struct user *u,
		  struct secret password);
bool req_user_remove(struct req *rq, const struct user *u);

#endif
