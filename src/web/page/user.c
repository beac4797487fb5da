/*
 * user.c - the page of one person, and what is done to them.
 *
 * What cannot be taken back, or shows a secret, is asked about on a page of
 * its own first.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "core/second_factor.h"
#include "web/language.h"
#include "web/page.h"
#include "web/page/people.h"
#include "web/user.h"

static const char *person_path(struct req *rq, const struct user *u)
{
	return arena_printf(rq->a, "%s/%" PRId64, people_path(rq), u->id);
}

/* One of those whom the visitor may manage, held as they are if something is
 * to be changed; ERR_MISSING. */
static bool find_person(struct req *rq, struct user *u)
{
	int64_t id = req_path_i64(rq, "id");

	if (rq->err.kind)
		return false;
	if (rq->method == GET)
		return user_find(rq->db, rq->a, req_client(rq), id, u,
				 &rq->err);
	return user_lock(rq->db, rq->a, req_client(rq), id, u, &rq->err);
}

static struct json_object *person_json(struct req *rq, const struct user *u)
{
	struct json_object *o = people_line(rq, u);

	json_put_str(o, "email", u->email);
	json_put_bool(o, "is_email_confirmed", u->email_confirmed_at != 0);
	json_put(o, "telegram",
		 u->telegram_user_id
			 ? json_object_new_int64(u->telegram_user_id)
			 : NULL);
	json_put_bool(o, "is_telegram_confirmed",
		      u->telegram_confirmed_at != 0);
	json_put_bool(o, "is_self", u->id == rq->session.user_id);
	return o;
}

static void put_form(struct json_object *o, const struct user *u)
{
	struct json_object *f = json_object_new_object();

	json_put_str(f, "name", u->name);
	json_put_str(f, "email", u->email);
	json_put_bool(f, "has_role", u->client_id != 0);
	json_put_bool(f, "is_owner", strcmp(u->role, "owner") == 0);
	json_put_bool(f, "is_assigned_only", u->assigned_only);
	json_put_i64(f, "name_max", USER_NAME_MAX);
	json_put_i64(f, "email_max", EMAIL_MAX);
	json_put(o, "form", f);
}

static enum http_status show(struct req *rq, enum http_status status,
			     struct json_object *o, const struct user *u)
{
	json_put(o, "person", person_json(rq, u));
	json_put_str(o, "title", u->name);
	json_put_str(o, "base", people_path(rq));
	json_put_str(o, "here_path", person_path(rq, u));
	return reply_page(rq, status, "user", o);
}

enum http_status page_user(struct req *rq)
{
	struct json_object *o = json_new(rq->a);
	struct user u;

	page_put_done(rq, o);
	if (req_bad(rq) || !find_person(rq, &u))
		return reply_err(rq);
	put_form(o, &u);
	return show(rq, HTTP_OK, o, &u);
}

/* Nothing is read behind a refusal: the database may have refused. */
enum http_status page_user_change(struct req *rq)
{
	struct json_object *o = json_new(rq->a);
	struct user before, u;

	if (!find_person(rq, &before))
		return reply_err(rq);
	u = before;
	u.assigned_only = false;
	if (req_user_change(rq, &before, &u))
		return reply_done(rq, person_path(rq, &u), "saved");
	u.name = json_str(rq->body.o, "name", u.name);
	u.email = json_str(rq->body.o, "email", u.email);
	u.role = json_str(rq->body.o, "role", u.role);
	u.assigned_only = json_member(rq->body.o, "assigned_only");
	put_form(o, &u);
	return show(rq, page_refused(rq, o), o, &before);
}

static enum http_status give_password(struct req *rq, const struct user *before)
{
	struct secret password = people_password(rq);
	struct user u = *before;

	u.must_change_password = true;
	if (!req_user_put(rq, before, &u, password))
		return reply_err(rq);
	return people_show_password(rq, HTTP_OK, &u, password);
}

static enum http_status reset_factor(struct req *rq, const struct user *u)
{
	if (!second_factor_reset(rq->db, rq->a, u->id, &rq->err))
		return reply_err(rq);
	req_audit_act(rq, "user.second_factor_reset",
		      req_object(rq, "user", u->id), u->client_id);
	return reply_done(rq, person_path(rq, u), "second_factor_reset");
}

static enum http_status disable(struct req *rq, const struct user *before)
{
	struct secret none = { 0 };
	struct user u = *before;

	if (!u.disabled_at)
		u.disabled_at = rq->now;
	return req_user_put(rq, before, &u, none)
		       ? reply_done(rq, person_path(rq, &u), "user_disabled")
		       : reply_err(rq);
}

static enum http_status enable(struct req *rq, const struct user *before)
{
	struct secret none = { 0 };
	struct user u = *before;

	u.disabled_at = 0;
	return req_user_put(rq, before, &u, none)
		       ? reply_done(rq, person_path(rq, &u), "user_enabled")
		       : reply_err(rq);
}

static enum http_status remove_person(struct req *rq, const struct user *u)
{
	return req_user_remove(rq, u)
		       ? reply_done(rq, people_path(rq), "user_deleted")
		       : reply_err(rq);
}

/* `word` is the end of the path, `text` its texts' name below t.user_act. */
static const struct act {
	const char *word, *text;
	bool is_danger;
	enum http_status (*run)(struct req *rq, const struct user *u);
} acts[] = {
	{ "password", "password", false, give_password },
	{ "second-factor", "second_factor", true, reset_factor },
	{ "disable", "disable", true, disable },
	{ "enable", "enable", false, enable },
	{ "delete", "delete", true, remove_person },
};

/* Whoever took over a browser shall not get by with it what the profile asks
 * the present password or a code for. */
static const struct act *find_act(struct req *rq, struct user *u)
{
	const char *word = req_path_str(rq, "act");

	if (req_bad(rq) || !find_person(rq, u))
		return NULL;
	if (u->id == rq->session.user_id) {
		err_set(&rq->err, ERR_DENIED,
			"this is your own account; see your profile");
		return NULL;
	}
	for (size_t i = 0; i < ARRAY_LEN(acts); i++)
		if (strcmp(acts[i].word, word) == 0)
			return &acts[i];
	err_set(&rq->err, ERR_MISSING, "there is nothing at this address");
	return NULL;
}

enum http_status page_user_ask(struct req *rq)
{
	struct json_object *o = json_new(rq->a), *t;
	const struct act *act;
	struct user u;

	act = find_act(rq, &u);
	if (!act)
		return reply_err(rq);
	t = json_object_at(
		json_object_at(language_texts(language_of(rq)), "user_act"),
		act->text);
	json_put(o, "person", person_json(rq, &u));
	json_put_str(o, "title", json_str(t, "title", ""));
	json_put_str(o, "warning", json_str(t, "warning", ""));
	json_put_str(o, "button", json_str(t, "button", ""));
	json_put_bool(o, "is_danger", act->is_danger);
	json_put_str(o, "back", person_path(rq, &u));
	return reply_page(rq, HTTP_OK, "user_act", o);
}

enum http_status page_user_act(struct req *rq)
{
	const struct act *act;
	struct user u;

	act = find_act(rq, &u);
	return act ? act->run(rq, &u) : reply_err(rq);
}
