/*
 * profile.c - people's own page: who they are, where they are signed in, and
 * the tokens of their programs.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "core/user.h"
#include "web/language.h"
#include "web/own.h"
#include "web/page.h"
#include "web/page/pages.h"
#include "web/user_agent.h"

#define PATH "/profile"

static struct json_object *texts(struct req *rq)
{
	return json_object_at(language_texts(language_of(rq)), "profile");
}

static void put_time(struct req *rq, struct json_object *o, const char *key,
		     const char *key_at, int64_t at)
{
	json_put_str(o, key_at, at ? clock_text(rq->a, at) : NULL);
	json_put_str(o, key, at ? page_when(rq, at) : NULL);
}

static struct json_object *account_json(const struct user *u)
{
	struct json_object *o = json_object_new_object();

	json_put_str(o, "login", u->login);
	json_put_str(o, "email", *u->email ? u->email : NULL);
	json_put_bool(o, "is_email_confirmed", u->email_confirmed_at != 0);
	json_put(o, "telegram",
		 u->telegram_user_id
			 ? json_object_new_int64(u->telegram_user_id)
			 : NULL);
	json_put_bool(o, "is_telegram_confirmed",
		      u->telegram_confirmed_at != 0);
	json_put_bool(o, "has_second_factor", u->second_factor);
	return o;
}

static struct json_object *form_new(void)
{
	struct json_object *o = json_object_new_object();

	json_put(o, "problem", NULL);
	json_put(o, "errors", json_object_new_object());
	return o;
}

static void put_person(struct json_object *o, const char *name,
		       const char *language)
{
	json_put_str(o, "name", name);
	json_put_i64(o, "name_max", USER_NAME_MAX);
	json_put_bool(o, "is_ru", strcmp(language, "ru") == 0);
	json_put_bool(o, "is_en", strcmp(language, "en") == 0);
}

static void put_token(struct json_object *o, const char *name,
		      const char *scope)
{
	json_put_str(o, "name", name);
	json_put_i64(o, "name_max", TOKEN_NAME_MAX);
	json_put_bool(o, "is_write", strcmp(scope, "write") == 0);
}

static struct json_object *session_line(struct req *rq,
					const struct session_info *s)
{
	struct json_object *methods = json_object_at(texts(rq), "methods");
	struct json_object *o = json_object_new_object();

	json_put_i64(o, "id", s->id);
	json_put_str(o, "device", user_agent_words(rq->a, s->user_agent));
	json_put_bool(o, "is_program", !s->browser);
	json_put_str(o, "method", json_str(methods, s->method, s->method));
	json_put_str(o, "address", s->address);
	put_time(rq, o, "seen", "seen_at", s->seen_at);
	json_put_bool(o, "is_this", s->id == rq->session.id);
	return o;
}

static bool put_sessions(struct req *rq, struct json_object *o)
{
	struct json_object *items = json_object_new_array();
	struct session_info *list;
	size_t n;

	json_put(o, "sessions", items);
	if (!sessions_list(rq->db, rq->a, rq->session.user_id, rq->now, &list,
			   &n, &rq->err))
		return false;
	for (size_t i = 0; i < n; i++)
		json_object_array_add(items, session_line(rq, &list[i]));
	json_put_bool(o, "has_others", n > 1);
	return true;
}

static struct json_object *token_line(struct req *rq, const struct api_token *t)
{
	struct json_object *scopes = json_object_at(texts(rq), "scopes");
	struct json_object *o = json_object_new_object();

	json_put_i64(o, "id", t->id);
	json_put_str(o, "name", t->name);
	json_put_str(o, "scope", json_str(scopes, t->scope, t->scope));
	json_put_str(o, "tail", t->tail);
	put_time(rq, o, "created", "created_at", t->created_at);
	put_time(rq, o, "used", "used_at", t->last_used_at);
	json_put_str(o, "address", t->last_used_address);
	return o;
}

static bool put_tokens(struct req *rq, struct json_object *o)
{
	struct json_object *items = json_object_new_array();
	struct api_token *list;
	size_t n;

	json_put(o, "tokens", items);
	if (!api_tokens_list(rq->db, rq->a, rq->session.user_id, &list, &n,
			     &rq->err))
		return false;
	for (size_t i = 0; i < n; i++)
		json_object_array_add(items, token_line(rq, &list[i]));
	json_put_bool(o, "has_tokens", n > 0);
	return true;
}

/* What the page shows besides what happened: each form that is not in the
 * object yet stands there as it is at first. */
static enum http_status show(struct req *rq, enum http_status status,
			     struct json_object *o)
{
	struct session_user me;
	struct json_object *form;
	struct user u;

	if (!session_user(rq->db, rq->a, rq->session.user_id, &me, &rq->err) ||
	    !user_find(rq->db, rq->a, req_client(rq), rq->session.user_id, &u,
		       &rq->err) ||
	    !put_sessions(rq, o) || !put_tokens(rq, o))
		return reply_err(rq);
	json_put(o, "account", account_json(&u));
	if (!json_member(o, "person")) {
		json_put(o, "person", form = form_new());
		put_person(form, me.name, me.language);
	}
	if (!json_member(o, "token_form")) {
		json_put(o, "token_form", form = form_new());
		put_token(form, "", "read");
	}
	if (!json_member(o, "made"))
		json_put(o, "made", NULL);
	return reply_page(rq, status, "profile", o);
}

enum http_status page_profile(struct req *rq)
{
	struct json_object *o = json_new(rq->a);

	page_put_done(rq, o);
	return req_bad(rq) ? reply_err(rq) : show(rq, HTTP_OK, o);
}

/* What was wrong has been told; the lists are another matter. */
static enum http_status show_refused(struct req *rq, struct json_object *o,
				     enum http_status status)
{
	rq->err = (struct err){ 0 };
	return show(rq, status, o);
}

enum http_status page_profile_change(struct req *rq)
{
	struct json_object *o = json_new(rq->a), *form;
	enum http_status status;
	struct session_user u;

	if (own_change(rq, &u))
		return reply_done(rq, PATH, "saved");
	json_put(o, "person", form = form_new());
	put_person(form, json_str(rq->body.o, "name", ""),
		   json_str(rq->body.o, "language", ""));
	status = page_refused(rq, form);
	return show_refused(rq, o, status);
}

enum http_status page_session_end(struct req *rq)
{
	return own_session_end(rq) ? reply_done(rq, PATH, "session_ended")
				   : reply_err(rq);
}

enum http_status page_sessions_end(struct req *rq)
{
	return own_sessions_end_others(rq)
		       ? reply_done(rq, PATH, "sessions_ended")
		       : reply_err(rq);
}

enum http_status page_token_create(struct req *rq)
{
	struct json_object *o = json_new(rq->a), *form;
	struct api_token t = { 0 };
	enum http_status status;
	struct secret token;

	if (own_token_make(rq, &t, &token)) {
		struct json_object *made = json_object_new_object();

		json_put_str(made, "name", t.name);
		json_put_str(made, "token", token.bytes);
		json_put(o, "made", made);
		return show(rq, HTTP_CREATED, o);
	}
	json_put(o, "token_form", form = form_new());
	put_token(form, json_str(rq->body.o, "name", ""),
		  json_str(rq->body.o, "scope", ""));
	status = page_refused(rq, form);
	return show_refused(rq, o, status);
}

enum http_status page_token_revoke(struct req *rq)
{
	return own_token_revoke(rq) ? reply_done(rq, PATH, "token_revoked")
				    : reply_err(rq);
}
