/*
 * invites.c - the page where owners invite people to their client, and
 * administrators to any.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "core/tenant.h"
#include "web/cursor.h"
#include "web/invite.h"
#include "web/language.h"
#include "web/page.h"
#include "web/page/pages.h"

/* Whose invites a page is about. */
struct place {
	const char *path;
	int64_t client_id;
	struct tenant client; /* for administrators */
};

static struct json_object *line_json(struct req *rq, struct json_object *t,
				     const struct invite *i)
{
	const char *status = invite_status(i, rq->now);
	struct json_object *statuses =
		json_object_at(json_object_at(t, "invites"), "statuses");
	struct json_object *o = invite_json(rq, i);

	json_put_str(o, "role_name",
		     json_str(json_object_at(t, "roles"), i->role, i->role));
	json_put_str(o, "status_name", json_str(statuses, status, status));
	json_put_bool(o, "is_active", strcmp(status, "active") == 0);
	json_put_str(o, "expires", page_when(rq, i->expires_at));
	return json_object_get(o);
}

static bool put_list(struct req *rq, struct json_object *o,
		     const struct place *p)
{
	struct json_object *t = language_texts(language_of(rq));
	struct json_object *items = json_object_new_array();
	struct page page = req_page(rq);
	struct invite *list;
	size_t n, shown;

	json_put(o, "invites", items);
	if (req_bad(rq) ||
	    !invites_list(rq->db, rq->a, p->client_id, page.after,
			  page.limit + 1, &list, &n, &rq->err))
		return false;
	shown = n > (size_t)page.limit ? (size_t)page.limit : n;
	for (size_t i = 0; i < shown; i++)
		json_object_array_add(items, line_json(rq, t, &list[i]));
	json_put_bool(o, "is_any", shown > 0);
	json_put_str(o, "next",
		     n > shown
			     ? arena_printf(rq->a, "%s?cursor=%s", p->path,
					    cursor_text(rq->a,
							list[shown - 1].id, 0))
			     : NULL);
	return true;
}

/* What was typed; body NULL: what stands there at first. */
static void put_typed(struct req *rq, struct json_object *o,
		      struct json_object *body)
{
	const char *role = json_str(body, "role", "manager");

	json_put_bool(o, "is_role_owner", strcmp(role, "owner") == 0);
	json_put_bool(o, "is_assigned_only",
		      json_member(body, "assigned_only"));
	json_put_str(o, "uses_max",
		     json_str(body, "uses_max",
			      arena_printf(rq->a, "%d", INVITE_USES_DEFAULT)));
	json_put_str(o, "days",
		     json_str(body, "days",
			      arena_printf(rq->a, "%d", INVITE_DAYS_DEFAULT)));
	json_put_i64(o, "uses_limit", INVITE_USES_MAX);
	json_put_i64(o, "days_limit", INVITE_DAYS_MAX);
}

/* `status` unless the list cannot be read. */
static enum http_status show(struct req *rq, enum http_status status,
			     struct json_object *o, const struct place *p)
{
	struct json_object *client = NULL;

	if (p->client.id) {
		client = json_object_new_object();
		json_put_i64(client, "id", p->client.id);
		json_put_str(client, "name", p->client.name);
	}
	json_put(o, "client", client);
	if (!put_list(rq, o, p))
		return reply_err(rq);
	return reply_page(rq, status, "invites", o);
}

static void put_made(struct json_object *o, const struct invite_made *made)
{
	struct json_object *m = NULL;

	if (made) {
		m = json_object_new_object();
		json_put_str(m, "code", made->code.bytes);
		json_put_str(m, "link", made->link);
	}
	json_put(o, "made", m);
}

/* An administrator's page names its client in the path; false: rq->err. */
static bool find_place(struct req *rq, struct place *p)
{
	*p = (struct place){ .path = "/client/invites",
			     .client_id = req_client(rq) };
	if (p->client_id)
		return true;
	p->client_id = req_path_i64(rq, "client");
	p->path = arena_printf(rq->a, "/admin/clients/%" PRId64 "/invites",
			       p->client_id);
	return rq->err.kind == ERR_NONE &&
	       tenant_find(rq->db, rq->a, p->client_id, &p->client, &rq->err);
}

/* Administrators have no client of their own. */
static bool is_nobodys(const struct req *rq)
{
	return !req_client(rq) && strncmp(rq->path, "/client/", 8) == 0;
}

enum http_status page_invites(struct req *rq)
{
	struct json_object *o = json_new(rq->a);
	struct place p;

	if (is_nobodys(rq))
		return reply_see_other(rq, page_landing(rq->session.role));
	if (!find_place(rq, &p))
		return reply_err(rq);
	page_put_done(rq, o);
	put_made(o, NULL);
	put_typed(rq, o, NULL);
	return show(rq, HTTP_OK, o, &p);
}

/* The code cannot wait for another request: it is kept nowhere. */
enum http_status page_invite_create(struct req *rq)
{
	struct json_object *o = json_new(rq->a);
	enum http_status status = HTTP_CREATED;
	struct invite_made made;
	struct place p;

	if (is_nobodys(rq))
		return reply_see_other(rq, page_landing(rq->session.role));
	if (!find_place(rq, &p))
		return reply_err(rq);
	if (req_invite_make(rq, p.client_id, &made)) {
		put_made(o, &made);
		put_typed(rq, o, NULL);
	} else {
		put_made(o, NULL);
		put_typed(rq, o, rq->body.o);
		status = page_refused(rq, o);
	}
	/* What was wrong has been told; the list is another matter. */
	rq->body = (struct form){ .rq = rq };
	rq->err = (struct err){ 0 };
	return show(rq, status, o, &p);
}

enum http_status page_invite_revoke(struct req *rq)
{
	struct place p;

	if (is_nobodys(rq))
		return reply_see_other(rq, page_landing(rq->session.role));
	if (!find_place(rq, &p) || !req_invite_revoke(rq, p.client_id))
		return reply_err(rq);
	return reply_done(rq, p.path, "invite_revoked");
}
