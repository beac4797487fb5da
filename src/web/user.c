/*
 * user.c - what the API and the pages of people have in common.
 */
#include "config.h"

#include "web/api/object.h"
#include "web/user.h"

struct json_object *user_json(struct req *rq, const struct user *u)
{
	struct json_object *o = json_new(rq->a);

	json_put_i64(o, "id", u->id);
	json_put_id(o, "client_id", u->client_id);
	json_put_str(o, "login", u->login);
	json_put_str(o, "name", u->name);
	json_put_str(o, "role", u->role);
	json_put_str(o, "email", u->email);
	json_put_bool(o, "email_confirmed", u->email_confirmed_at != 0);
	json_put_id(o, "telegram_user_id", u->telegram_user_id);
	json_put_bool(o, "telegram_confirmed", u->telegram_confirmed_at != 0);
	json_put_bool(o, "assigned_only", u->assigned_only);
	json_put_bool(o, "must_change_password", u->must_change_password);
	json_put_bool(o, "second_factor", u->second_factor);
	json_put_time(rq, o, "signed_in_at", u->signed_in_at);
	json_put_bool(o, "disabled", u->disabled_at != 0);
	json_put_time(rq, o, "created_at", u->created_at);
	return o;
}

/* A password is never shown; that it was set is. */
static void audit(struct req *rq, const char *action, int64_t id,
		  const struct user *before, const struct user *after,
		  struct secret password)
{
	struct json_object *o = after ? user_json(rq, after) : NULL;

	if (o && password.len)
		json_put_str(o, "password", "***");
	req_audit(rq, action, req_object(rq, "user", id),
		  before ? user_json(rq, before) : NULL, o);
}

/* `before` is NULL when somebody is created. */
static void read_form(struct req *rq, const struct user *before, struct user *u,
		      struct secret *password)
{
	/* Without "admin": nobody but an administrator makes one. */
	const char *const *roles = req_client(rq) ? user_roles + 1 : user_roles;
	unsigned required = FORM_REQUIRED_IF(!before);
	bool disabled = u->disabled_at != 0;

	form_text(&rq->body, "login", &u->login, LOGIN_MAX, required);
	form_secret(&rq->body, "password", password, PASSWORD_MAX,
		    FORM_OPTIONAL);
	form_text(&rq->body, "name", &u->name, USER_NAME_MAX,
		  required | FORM_REQUIRED_IF(rq->body.inputs));
	form_word(&rq->body, "role", &u->role, roles, required);
	form_text(&rq->body, "email", &u->email, EMAIL_MAX, FORM_BLANK);
	form_id(&rq->body, "telegram_user_id", &u->telegram_user_id, FORM_NULL);
	form_bool(&rq->body, "must_change_password", &u->must_change_password,
		  FORM_OPTIONAL);
	form_bool(&rq->body, "assigned_only", &u->assigned_only, FORM_OPTIONAL);
	form_bool(&rq->body, "disabled", &disabled, FORM_OPTIONAL);
	if (disabled != (u->disabled_at != 0))
		u->disabled_at = disabled ? rq->now : 0;
}

/* An administrator belongs to no client, so client_id is not always named;
 * core demands it with the other roles. */
int64_t req_user_client(struct req *rq)
{
	int64_t none = 0;

	if (!req_client(rq) && (!form_has(&rq->body, "client_id") ||
				!json_member(rq->body.o, "client_id"))) {
		form_id(&rq->body, "client_id", &none, FORM_NULL);
		return 0;
	}
	return req_new_client(rq);
}

bool req_user_make(struct req *rq, struct user *u, struct secret *password)
{
	struct problems problems = { .a = rq->a };

	read_form(rq, NULL, u, password);
	if (req_bad(rq))
		return false;
	user_check(u, *password, &problems);
	if (!problems_none(&problems, &rq->err) ||
	    !user_add(rq->db, rq->a, req_client(rq), u, *password, rq->now,
		      &rq->err)) {
		req_refused(rq, &problems);
		return false;
	}
	audit(rq, "user.create", u->id, NULL, u, *password);
	return true;
}

bool req_user_put(struct req *rq, const struct user *before, struct user *u,
		  struct secret password)
{
	struct problems problems = { .a = rq->a };

	/* Else a stolen session, or a token of a program, were the account. */
	if (password.len && before->id == rq->session.user_id)
		req_bad_field(rq, "password",
			      "is your own: change it in your profile, with "
			      "the present one");
	if (req_bad(rq))
		return false;
	if (!user_change(rq->db, rq->a, req_client(rq), before, u, password,
			 rq->now, &problems, &rq->err)) {
		req_refused(rq, &problems);
		return false;
	}
	audit(rq, "user.change", u->id, before, u, password);
	return true;
}

bool req_user_change(struct req *rq, const struct user *before, struct user *u)
{
	struct secret password = { 0 };

	read_form(rq, before, u, &password);
	return req_user_put(rq, before, u, password);
}

bool req_user_remove(struct req *rq, const struct user *u)
{
	struct secret none = { 0 };

	/* First, as whoever does it may be who is removed. */
	audit(rq, "user.delete", u->id, u, NULL, none);
	return user_remove(rq->db, rq->a, req_client(rq), u, rq->now, &rq->err);
}
