/*
 * me.c - what people see and change of their own account: who they are, their
 * password, where they are signed in, and the tokens of their programs.
 */
#include "config.h"

#include <string.h>

#include "core/person.h"
#include "core/user.h"
#include "web/api/api.h"
#include "web/api/object.h"
#include "web/entry.h"

enum http_status api_me(struct req *rq)
{
	struct session_user u;

	if (req_bad(rq) ||
	    !session_user(rq->db, rq->a, rq->session.user_id, &u, &rq->err))
		return reply_err(rq);
	return reply_json(rq, HTTP_OK, person_json(rq, &u));
}

enum http_status api_me_change(struct req *rq)
{
	struct problems problems = { .a = rq->a };
	struct session_user u, before;

	if (!session_user(rq->db, rq->a, rq->session.user_id, &u, &rq->err))
		return reply_err(rq);
	before = u;
	form_text(&rq->body, "name", &u.name, USER_NAME_MAX, FORM_OPTIONAL);
	form_text(&rq->body, "language", &u.language, LANGUAGE_MAX, FORM_BLANK);
	if (req_bad(rq))
		return reply_err(rq);
	if (!person_change(rq->db, rq->a, &u, &problems, &rq->err))
		return reply_refused(rq, &problems);
	req_audit(rq, "user.change", req_object(rq, "user", u.id),
		  person_json(rq, &before), person_json(rq, &u));
	return reply_json(rq, HTTP_OK, person_json(rq, &u));
}

enum http_status api_me_password(struct req *rq)
{
	struct secret old = { 0 }, password = { 0 };

	form_secret(&rq->body, "old_password", &old, PASSWORD_MAX,
		    FORM_OPTIONAL);
	form_secret(&rq->body, "password", &password, PASSWORD_MAX,
		    FORM_REQUIRED);
	if (req_bad(rq) ||
	    !person_set_password(rq->db, rq->a, rq->windows, &rq->session, old,
				 password, rq->now, &rq->err))
		return reply_err(rq);
	req_audit_act(rq, "user.password",
		      req_object(rq, "user", rq->session.user_id),
		      req_client(rq));
	return reply_empty(rq);
}

static struct json_object *session_json(struct req *rq,
					const struct session_info *s)
{
	struct json_object *o = json_new(rq->a);

	json_put_i64(o, "id", s->id);
	json_put_str(o, "method", s->method);
	json_put_bool(o, "browser", s->browser);
	json_put_str(o, "user_agent", s->user_agent);
	json_put_str(o, "address", s->address);
	json_put_time(rq, o, "created_at", s->created_at);
	json_put_time(rq, o, "seen_at", s->seen_at);
	json_put_time(rq, o, "expires_at", s->expires_at);
	json_put_bool(o, "current", s->id == rq->session.id);
	return o;
}

enum http_status api_session_list(struct req *rq)
{
	struct json_object *items = json_object_new_array();
	struct session_info *list;
	size_t n;

	if (req_bad(rq) || !sessions_list(rq->db, rq->a, rq->session.user_id,
					  rq->now, &list, &n, &rq->err)) {
		json_object_put(items);
		return reply_err(rq);
	}
	for (size_t i = 0; i < n; i++)
		json_object_array_add(
			items, json_object_get(session_json(rq, &list[i])));
	return reply_list(rq, items, false, 0, 0);
}

enum http_status api_session_end(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");

	if (req_bad(rq) || !session_end_of(rq->db, rq->a, rq->session.user_id,
					   id, rq->now, &rq->err))
		return reply_err(rq);
	req_audit_act(rq, "session.end", req_object(rq, "session", id),
		      req_client(rq));
	return reply_empty(rq);
}

static struct json_object *token_json(struct req *rq, const struct api_token *t)
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

enum http_status api_token_list(struct req *rq)
{
	struct json_object *items = json_object_new_array();
	struct api_token *list;
	size_t n;

	if (req_bad(rq) || !api_tokens_list(rq->db, rq->a, rq->session.user_id,
					    &list, &n, &rq->err)) {
		json_object_put(items);
		return reply_err(rq);
	}
	for (size_t i = 0; i < n; i++)
		json_object_array_add(
			items, json_object_get(token_json(rq, &list[i])));
	return reply_list(rq, items, false, 0, 0);
}

enum http_status api_token_create(struct req *rq)
{
	struct problems problems = { .a = rq->a };
	struct api_token t = { 0 };
	struct json_object *o;
	struct secret token;

	form_text(&rq->body, "name", &t.name, TOKEN_NAME_MAX, FORM_REQUIRED);
	form_word(&rq->body, "scope", &t.scope, token_scopes, FORM_REQUIRED);
	if (req_bad(rq))
		return reply_err(rq);
	if (!person_add_token(rq->db, rq->a, &rq->session, &t, &token,
			      &problems, rq->now, &rq->err))
		return reply_refused(rq, &problems);
	o = token_json(rq, &t);
	req_audit(rq, "api_token.create", req_object(rq, "api_token", t.id),
		  NULL, token_json(rq, &t));
	json_put_str(o, "token", token.bytes);
	return reply_json(rq, HTTP_CREATED, o);
}

enum http_status api_token_remove(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	struct api_token t;

	if (req_bad(rq) || !api_token_revoke(rq->db, rq->a, rq->session.user_id,
					     id, rq->now, &t, &rq->err))
		return reply_err(rq);
	req_audit(rq, "api_token.revoke", req_object(rq, "api_token", id),
		  token_json(rq, &t), NULL);
	return reply_empty(rq);
}
