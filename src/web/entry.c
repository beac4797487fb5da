/*
 * entry.c - what all ways in have in common.
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "core/throttle.h"
#include "web/cookie.h"
#include "web/csrf.h"
#include "web/entry.h"
#include "web/page.h"

/* Browsers keep none longer; when a session ends is for the server to say. */
#define COOKIE_AGE_S (400 * 86400)

/* It has to fit into a header. */
#define CODE_PATH_MAX 1000

struct visitor req_visitor(const struct req *rq, bool browser)
{
	return (struct visitor){
		.user_agent = req_param(rq, "HTTP_USER_AGENT"),
		.address = req_param(rq, "REMOTE_ADDR"),
		.request_id = rq->request_id,
		.windows = rq->windows,
		.browser = browser,
		.now = rq->now,
	};
}

bool req_may_try(struct req *rq)
{
	return sign_in_allowed(rq->windows, rq->a, rq->settings,
			       req_param(rq, "REMOTE_ADDR"), 0, NULL, rq->now,
			       &rq->err);
}

bool req_recognise(struct req *rq)
{
	const char *cookie = session_cookie(rq);
	struct credentials c = {
		.bearer = "",
		.cookie = cookie ? cookie : "",
		.address = req_param(rq, "REMOTE_ADDR"),
	};
	struct err err = { 0 };
	bool ok;

	if (!cookie)
		return true;
	ok = session_begin(rq->db, rq->a, rq->settings, &c, rq->now,
			   &rq->session, &err);
	if (db_finish(rq->db, ok, &err))
		return true;
	rq->session = (struct session){ 0 };
	if (err.kind == ERR_AUTH)
		return true;
	rq->err = err;
	return false;
}

struct json_object *person_json(struct req *rq, const struct session_user *u)
{
	struct json_object *o = json_new(rq->a);

	json_put_i64(o, "id", u->id);
	json_put_str(o, "role", u->role);
	json_put(o, "client_id",
		 u->client_id ? json_object_new_int64(u->client_id) : NULL);
	json_put_str(o, "name", u->name);
	json_put_str(o, "login", u->login);
	json_put_str(o, "email", u->email);
	json_put_str(o, "language", u->language);
	json_put_bool(o, "assigned_only", u->assigned_only);
	json_put_bool(o, "must_change_password", u->must_change_password);
	json_put_bool(o, "second_factor", u->second_factor);
	return o;
}

static void tell(struct req *rq, const struct entry *e)
{
	if (e->audited)
		audit_tell(rq->a, e->audited);
}

enum http_status reply_entry(struct req *rq, const struct entry *e,
			     struct json_object *more)
{
	struct json_object *o = json_new(rq->a);

	tell(rq, e);
	if (e->challenge) {
		err_set(&rq->err, ERR_AUTH,
			"a code of the second factor is needed besides");
		json_put_str(o, "challenge", e->challenge);
		return reply_problem_with(rq, HTTP_UNAUTHORIZED,
					  PROBLEM_SECOND_FACTOR, o);
	}
	json_put_str(o, "access_token", e->grant.access_token);
	json_put_str(o, "token_type", "Bearer");
	json_put_i64(o, "expires_in", e->grant.expires_in_s);
	json_put_str(o, "refresh_token", e->grant.refresh_token);
	json_put(o, "user", json_object_get(person_json(rq, &e->user)));
	if (more) {
		json_object_object_foreach(more, key, value)
			json_put(o, key, json_object_get(value));
	}
	return reply_json(rq, HTTP_OK, o);
}

void entry_set_cookies(struct req *rq, const struct entry *e)
{
	tell(rq, e);
	if (e->challenge) {
		cookie_set(rq, CHALLENGE_COOKIE, e->challenge, AUTH_PENDING_S);
		return;
	}
	cookie_set(rq, SESSION_COOKIE, e->cookie, COOKIE_AGE_S);
	if (cookie_find(rq, CHALLENGE_COOKIE))
		cookie_clear(rq, CHALLENGE_COOKIE);
}

static const char *code_page(struct req *rq, const char *next)
{
	struct buf b;

	buf_init(&b, rq->a, CODE_PATH_MAX);
	buf_add_str(&b, "/login/code");
	if (next) {
		buf_add_str(&b, "?next=");
		buf_add_url(&b, next);
	}
	return b.overflow ? "/login/code" : b.s;
}

enum http_status reply_entry_page(struct req *rq, const struct entry *e,
				  const char *next)
{
	if (next && !page_is_local(next))
		next = NULL;
	entry_set_cookies(rq, e);
	if (e->challenge)
		return reply_see_other(rq, code_page(rq, next));
	return reply_see_other(
		rq, next ? next : page_landing(role_read(e->user.role)));
}
