/*
 * users.c - the pages of people: owners see those of their client,
 * administrators all.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "core/tenant.h"
#include "web/cursor.h"
#include "web/language.h"
#include "web/page.h"
#include "web/page/people.h"
#include "web/user.h"

#define MADE_UP_BYTES 15 /* 20 characters */

const char *people_path(const struct req *rq)
{
	return req_client(rq) ? "/client/users" : "/admin/users";
}

struct json_object *people_line(struct req *rq, const struct user *u)
{
	struct json_object *roles =
		json_object_at(language_texts(language_of(rq)), "roles");
	struct json_object *o = json_object_new_object();

	json_put_i64(o, "id", u->id);
	json_put_str(o, "login", u->login);
	json_put_str(o, "name", u->name);
	json_put_str(o, "role_name", json_str(roles, u->role, u->role));
	json_put_bool(o, "is_assigned_only", u->assigned_only);
	json_put_i64(o, "client_id", u->client_id);
	/* Whoever has a client of their own sees nobody of another. */
	json_put_str(o, "client_name",
		     u->client_id && !req_client(rq) ? u->client_name : NULL);
	json_put_bool(o, "has_second_factor", u->second_factor);
	json_put_str(o, "signed_in_at",
		     u->signed_in_at ? clock_text(rq->a, u->signed_in_at)
				     : NULL);
	json_put_str(o, "signed_in",
		     u->signed_in_at ? page_when(rq, u->signed_in_at) : NULL);
	json_put_bool(o, "is_disabled", u->disabled_at != 0);
	json_put_bool(o, "must_change_password", u->must_change_password);
	return o;
}

struct secret people_password(struct req *rq)
{
	return secret_random(rq->a, MADE_UP_BYTES);
}

enum http_status people_show_password(struct req *rq, enum http_status status,
				      const struct user *u,
				      struct secret password)
{
	struct json_object *o = json_new(rq->a);

	json_put(o, "person", people_line(rq, u));
	json_put_str(o, "password", password.bytes);
	json_put_str(o, "base", people_path(rq));
	return reply_page(rq, status, "user_password", o);
}

/* NULL when this is the last page. */
static const char *next_path(struct req *rq, int64_t client_id,
			     const struct user *last)
{
	const char *path = arena_printf(rq->a, "%s?cursor=%s", people_path(rq),
					cursor_text(rq->a, last->id, 0));

	if (client_id && !req_client(rq))
		path = arena_printf(rq->a, "%s&client_id=%" PRId64, path,
				    client_id);
	return path;
}

/* Whose people an administrator looks at; null: everybody's. */
static bool put_client(struct req *rq, struct json_object *o, int64_t client_id)
{
	struct json_object *c = NULL;
	struct tenant t;

	if (client_id && !req_client(rq)) {
		if (!tenant_find(rq->db, rq->a, client_id, &t, &rq->err))
			return false;
		c = json_object_new_object();
		json_put_i64(c, "id", t.id);
		json_put_str(c, "name", t.name);
	}
	json_put(o, "client", c);
	json_put_bool(o, "is_members", client_id != 0);
	return true;
}

/* An administrator may name a client; others see their own. */
static int64_t asked_client(struct req *rq)
{
	int64_t client_id = req_client(rq);

	if (!client_id)
		form_id(&rq->query, "client_id", &client_id, FORM_OPTIONAL);
	return client_id;
}

enum http_status page_users(struct req *rq)
{
	struct json_object *items, *o = json_new(rq->a);
	int64_t client_id = asked_client(rq);
	struct page page = req_page(rq);
	struct user *list;
	size_t n, shown;

	if (!req_client(rq) && strcmp(rq->path, people_path(rq)) != 0)
		return reply_see_other(rq, people_path(rq));
	json_put(o, "people", items = json_object_new_array());
	page_put_done(rq, o);
	if (req_bad(rq) || !put_client(rq, o, client_id) ||
	    !users_list(rq->db, rq->a, client_id, page.after, page.limit + 1,
			&list, &n, &rq->err))
		return reply_err(rq);
	shown = n > (size_t)page.limit ? (size_t)page.limit : n;
	for (size_t i = 0; i < shown; i++)
		json_object_array_add(items, people_line(rq, &list[i]));
	json_put_bool(o, "has_people", shown > 0);
	json_put_str(o, "next",
		     n > shown ? next_path(rq, client_id, &list[shown - 1])
			       : NULL);
	json_put_str(o, "base", people_path(rq));
	return reply_page(rq, HTTP_OK, "users", o);
}

/* body NULL: what stands there at first. */
static void put_typed(struct json_object *o, struct json_object *body)
{
	struct json_object *f = json_object_new_object();
	const char *role = json_str(body, "role", "manager");

	json_put_str(f, "login", json_str(body, "login", ""));
	json_put_str(f, "name", json_str(body, "name", ""));
	json_put_str(f, "email", json_str(body, "email", ""));
	json_put_bool(f, "is_owner", strcmp(role, "owner") == 0);
	json_put_bool(f, "is_assigned_only",
		      json_member(body, "assigned_only"));
	json_put_bool(f, "must_change",
		      !body || json_member(body, "must_change_password"));
	json_put_i64(f, "login_min", LOGIN_MIN);
	json_put_i64(f, "login_max", LOGIN_MAX);
	json_put_i64(f, "name_max", USER_NAME_MAX);
	json_put_i64(f, "email_max", EMAIL_MAX);
	json_put(o, "form", f);
}

enum http_status page_user_new(struct req *rq)
{
	struct json_object *o = json_new(rq->a);
	int64_t client_id = asked_client(rq);

	if (req_bad(rq) || !put_client(rq, o, client_id))
		return reply_err(rq);
	put_typed(o, NULL);
	json_put_str(o, "base", people_path(rq));
	return reply_page(rq, HTTP_OK, "user_new", o);
}

/* All that the form shows is read before: after a login that is taken the
 * database answers nothing more in this transaction. */
enum http_status page_user_create(struct req *rq)
{
	struct user u = { .client_id = req_user_client(rq), .email = "" };
	struct secret password = people_password(rq);
	struct json_object *o = json_new(rq->a);

	if (rq->err.kind || !put_client(rq, o, u.client_id))
		return reply_err(rq);
	if (req_user_make(rq, &u, &password))
		return people_show_password(rq, HTTP_CREATED, &u, password);
	put_typed(o, rq->body.o);
	json_put_str(o, "base", people_path(rq));
	return reply_page(rq, page_refused(rq, o), "user_new", o);
}
