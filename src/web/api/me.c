/*
 * me.c - what people see and change of their own account: who they are, their
 * password, where they are signed in, and the tokens of their programs.
 */
#include "config.h"

#include "web/api/api.h"
#include "web/api/object.h"
#include "web/entry.h"
#include "web/own.h"

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
	struct session_user u;

	return own_change(rq, &u) ? reply_json(rq, HTTP_OK, person_json(rq, &u))
				  : reply_err(rq);
}

enum http_status api_me_password(struct req *rq)
{
	return own_password(rq) ? reply_empty(rq) : reply_err(rq);
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
	return own_session_end(rq) ? reply_empty(rq) : reply_err(rq);
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
	struct api_token t = { 0 };
	struct json_object *o;
	struct secret token;

	if (!own_token_make(rq, &t, &token))
		return reply_err(rq);
	o = token_json(rq, &t);
	json_put_str(o, "token", token.bytes);
	return reply_json(rq, HTTP_CREATED, o);
}

enum http_status api_token_remove(struct req *rq)
{
	return own_token_revoke(rq) ? reply_empty(rq) : reply_err(rq);
}
