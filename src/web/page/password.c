/*
 * password.c - where people choose a password of their own.
 */
#include "config.h"

#include "core/user.h"
#include "web/own.h"
#include "web/page.h"
#include "web/page/pages.h"

/* Nothing of what was typed comes back. */
static enum http_status show(struct req *rq, enum http_status status,
			     struct json_object *o,
			     const struct session_user *u)
{
	json_put_bool(o, "has_password", *u->password_hash);
	json_put_bool(o, "must", u->must_change_password);
	json_put_i64(o, "min", PASSWORD_MIN);
	json_put_i64(o, "max", PASSWORD_MAX);
	return reply_page(rq, status, "password", o);
}

static bool find_self(struct req *rq, struct session_user *u)
{
	return session_user(rq->db, rq->a, rq->session.user_id, u, &rq->err);
}

enum http_status page_password(struct req *rq)
{
	struct session_user u;

	if (req_bad(rq) || !find_self(rq, &u))
		return reply_err(rq);
	return show(rq, HTTP_OK, json_new(rq->a), &u);
}

enum http_status page_password_change(struct req *rq)
{
	struct json_object *o = json_new(rq->a);
	struct session_user u;

	if (!find_self(rq, &u))
		return reply_err(rq);
	if (own_password(rq))
		return reply_done(rq,
				  u.must_change_password
					  ? page_landing(rq->session.role)
					  : "/profile",
				  "password");
	return show(rq, page_refused(rq, o), o, &u);
}
