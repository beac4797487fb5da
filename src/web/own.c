/*
 * own.c - what people change of their own account, by API or page.
 */
#include "config.h"

#include "core/user.h"
#include "web/api/object.h"
#include "web/entry.h"
#include "web/own.h"

struct json_object *token_json(struct req *rq, const struct api_token *t)
{
	struct json_object *o = json_new(rq->a);

	json_put_i64(o, "id", t->id);
	json_put_str(o, "name", t->name);
	json_put_str(o, "scope", t->scope);
	json_put_str(o, "tail", t->tail);
	json_put_time(rq, o, "created_at", t->created_at);
	json_put_time(rq, o, "last_used_at", t->last_used_at);
	json_put_str(o, "last_used_address", t->last_used_address);
	return o;
}

bool own_change(struct req *rq, struct session_user *u)
{
	struct problems problems = { .a = rq->a };
	struct session_user before;

	if (!session_user(rq->db, rq->a, rq->session.user_id, u, &rq->err))
		return false;
	before = *u;
	form_text(&rq->body, "name", &u->name, USER_NAME_MAX,
		  FORM_REQUIRED_IF(rq->body.inputs));
	form_text(&rq->body, "language", &u->language, LANGUAGE_MAX,
		  FORM_BLANK);
	if (req_bad(rq))
		return false;
	if (!person_change(rq->db, rq->a, u, &problems, &rq->err)) {
		req_refused(rq, &problems);
		return false;
	}
	req_audit(rq, "user.change", req_object(rq, "user", u->id),
		  person_json(rq, &before), person_json(rq, u));
	return true;
}

bool own_password(struct req *rq)
{
	struct secret old = { 0 }, password = { 0 };

	form_secret(&rq->body, "old_password", &old, PASSWORD_MAX,
		    FORM_OPTIONAL);
	form_secret(&rq->body, "password", &password, PASSWORD_MAX,
		    FORM_REQUIRED);
	if (req_bad(rq) ||
	    !person_set_password(rq->db, rq->a, rq->windows, &rq->session, old,
				 password, rq->now, &rq->err))
		return false;
	req_audit_act(rq, "user.password",
		      req_object(rq, "user", rq->session.user_id),
		      req_client(rq));
	return true;
}

bool own_session_end(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");

	if (req_bad(rq) || !session_end_of(rq->db, rq->a, rq->session.user_id,
					   id, rq->now, &rq->err))
		return false;
	req_audit_act(rq, "session.end", req_object(rq, "session", id),
		      req_client(rq));
	return true;
}

bool own_sessions_end_others(struct req *rq)
{
	int64_t user_id = rq->session.user_id;

	if (req_bad(rq) ||
	    !sessions_end_others(rq->db, rq->a, user_id, rq->session.id,
				 rq->now, &rq->err))
		return false;
	req_audit_act(rq, "session.end_others", req_object(rq, "user", user_id),
		      req_client(rq));
	return true;
}

bool own_token_make(struct req *rq, struct api_token *t, struct secret *token)
{
	struct problems problems = { .a = rq->a };

	form_text(&rq->body, "name", &t->name, TOKEN_NAME_MAX, FORM_REQUIRED);
	form_word(&rq->body, "scope", &t->scope, token_scopes, FORM_REQUIRED);
	if (req_bad(rq))
		return false;
	if (!person_add_token(rq->db, rq->a, &rq->session, t, token, &problems,
			      rq->now, &rq->err)) {
		req_refused(rq, &problems);
		return false;
	}
	req_audit(rq, "api_token.create", req_object(rq, "api_token", t->id),
		  NULL, token_json(rq, t));
	return true;
}

bool own_token_revoke(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	struct api_token t;

	if (req_bad(rq) || !api_token_revoke(rq->db, rq->a, rq->session.user_id,
					     id, rq->now, &t, &rq->err))
		return false;
	req_audit(rq, "api_token.revoke", req_object(rq, "api_token", id),
		  token_json(rq, &t), NULL);
	return true;
}
