/*
 * auth.c - signing in, staying signed in, signing out.
 */
#include "config.h"

#include "core/auth.h"
#include "web/api/api.h"

#define LOGIN_MAX    254
#define PASSWORD_MAX 1024
#define TOKEN_MAX    1024

static struct json_object *user_json(struct req *rq,
				     const struct session_user *u)
{
	struct json_object *o = json_new(rq->a);

	json_put_i64(o, "id", u->id);
	json_put_str(o, "role", u->role);
	json_put(o, "client_id",
		 u->client_id ? json_object_new_int64(u->client_id) : NULL);
	json_put_str(o, "name", u->name);
	json_put_str(o, "login", u->login);
	json_put_bool(o, "assigned_only", u->assigned_only);
	return o;
}

static enum http_status reply_grant(struct req *rq, const struct grant *g)
{
	struct json_object *o = json_new(rq->a);

	json_put_str(o, "access_token", g->access_token);
	json_put_str(o, "token_type", "Bearer");
	json_put_i64(o, "expires_in", g->expires_in_s);
	json_put_str(o, "refresh_token", g->refresh_token);
	json_put(o, "user", json_object_get(user_json(rq, &g->user)));
	return reply_json(rq, HTTP_OK, o);
}

enum http_status api_login(struct req *rq)
{
	struct visitor v = {
		.user_agent = req_param(rq, "HTTP_USER_AGENT"),
		.address = req_param(rq, "REMOTE_ADDR"),
		.now = rq->now,
	};
	struct secret password = { 0 };
	const char *login = NULL;
	struct grant g;

	form_text(&rq->body, "login", &login, LOGIN_MAX, FORM_REQUIRED);
	form_secret(&rq->body, "password", &password, PASSWORD_MAX,
		    FORM_REQUIRED);
	if (req_bad(rq) || !auth_login(rq->db, rq->a, rq->settings, login,
				       password, &v, &g, &rq->err))
		return reply_err(rq);
	return reply_grant(rq, &g);
}

enum http_status api_refresh(struct req *rq)
{
	const char *token = NULL;
	struct grant g;

	form_text(&rq->body, "refresh_token", &token, TOKEN_MAX, FORM_REQUIRED);
	if (req_bad(rq) || !auth_refresh(rq->db, rq->a, rq->settings, token,
					 rq->now, &g, &rq->err))
		return reply_err(rq);
	return reply_grant(rq, &g);
}

enum http_status api_logout(struct req *rq)
{
	if (req_bad(rq) ||
	    !session_end(rq->db, rq->a, rq->session.id, rq->now, &rq->err))
		return reply_err(rq);
	req_audit_act(rq, "sign_out", req_object(rq, "session", rq->session.id),
		      req_client(rq));
	return reply_empty(rq);
}

enum http_status api_me(struct req *rq)
{
	struct session_user u;

	if (req_bad(rq) ||
	    !session_user(rq->db, rq->a, rq->session.user_id, &u, &rq->err))
		return reply_err(rq);
	return reply_json(rq, HTTP_OK, user_json(rq, &u));
}
