/*
 * clients.c - the administrators' pages of clients.
 */
#include "config.h"

#include <inttypes.h>

#include "base/clock.h"
#include "web/cursor.h"
#include "web/page.h"
#include "web/page/pages.h"
#include "web/tenant.h"

#define PATH "/admin/clients"

static struct json_object *client_json(struct req *rq, const struct tenant *t)
{
	struct json_object *o = json_object_new_object();

	json_put_i64(o, "id", t->id);
	json_put_str(o, "name", t->name);
	json_put_str(o, "created_at", clock_text(rq->a, t->created_at));
	json_put_str(o, "created", page_when(rq, t->created_at));
	return o;
}

static void put_form(struct json_object *o, const char *name)
{
	struct json_object *f = json_object_new_object();

	json_put_str(f, "name", name);
	json_put_i64(f, "name_max", TENANT_NAME_MAX);
	json_put(o, "form", f);
}

static enum http_status show_list(struct req *rq, enum http_status status,
				  struct json_object *o, struct page page)
{
	struct json_object *items = json_object_new_array();
	struct tenant *list;
	size_t n, shown;

	json_put(o, "clients", items);
	if (!tenants_list(rq->db, rq->a, page.after, page.limit + 1, &list, &n,
			  &rq->err))
		return reply_err(rq);
	shown = n > (size_t)page.limit ? (size_t)page.limit : n;
	for (size_t i = 0; i < shown; i++)
		json_object_array_add(items, client_json(rq, &list[i]));
	json_put_bool(o, "has_clients", shown > 0);
	json_put_str(o, "next",
		     n > shown
			     ? arena_printf(rq->a, PATH "?cursor=%s",
					    cursor_text(rq->a,
							list[shown - 1].id, 0))
			     : NULL);
	return reply_page(rq, status, "clients", o);
}

static const char *client_path(struct req *rq, int64_t id)
{
	return arena_printf(rq->a, PATH "/%" PRId64, id);
}

enum http_status page_clients(struct req *rq)
{
	struct json_object *o = json_new(rq->a);
	struct page page = req_page(rq);

	page_put_done(rq, o);
	if (req_bad(rq))
		return reply_err(rq);
	put_form(o, "");
	return show_list(rq, HTTP_OK, o, page);
}

enum http_status page_client_create(struct req *rq)
{
	struct page first = { .limit = PAGE_DEFAULT };
	struct json_object *o = json_new(rq->a);
	enum http_status status;
	struct tenant t = { 0 };

	if (req_tenant_make(rq, &t))
		return reply_done(rq, client_path(rq, t.id), "client_made");
	put_form(o, json_str(rq->body.o, "name", ""));
	status = page_refused(rq, o);
	/* What was wrong has been told; the list is another matter. */
	rq->err = (struct err){ 0 };
	return show_list(rq, status, o, first);
}

/* Held as it is if something is to be changed; ERR_MISSING. */
static bool find_client(struct req *rq, struct tenant *t)
{
	int64_t id = req_path_i64(rq, "id");

	if (rq->err.kind)
		return false;
	if (rq->method == GET)
		return tenant_find(rq->db, rq->a, id, t, &rq->err);
	return tenant_lock(rq->db, rq->a, id, t, &rq->err);
}

static enum http_status show_one(struct req *rq, enum http_status status,
				 const char *template, struct json_object *o,
				 const struct tenant *t)
{
	json_put(o, "client", client_json(rq, t));
	json_put_str(o, "base", client_path(rq, t->id));
	return reply_page(rq, status, template, o);
}

enum http_status page_client_one(struct req *rq)
{
	struct json_object *o = json_new(rq->a);
	struct tenant t;

	page_put_done(rq, o);
	if (req_bad(rq) || !find_client(rq, &t))
		return reply_err(rq);
	put_form(o, t.name);
	json_put_str(o, "title", t.name);
	return show_one(rq, HTTP_OK, "client_one", o, &t);
}

enum http_status page_client_change(struct req *rq)
{
	struct json_object *o = json_new(rq->a);
	struct tenant before, t;

	if (!find_client(rq, &before))
		return reply_err(rq);
	t = before;
	if (req_tenant_change(rq, &before, &t))
		return reply_done(rq, client_path(rq, t.id), "saved");
	put_form(o, json_str(rq->body.o, "name", ""));
	json_put_str(o, "title", before.name);
	return show_one(rq, page_refused(rq, o), "client_one", o, &before);
}

enum http_status page_client_ask_remove(struct req *rq)
{
	struct tenant t;

	if (req_bad(rq) || !find_client(rq, &t))
		return reply_err(rq);
	return show_one(rq, HTTP_OK, "client_delete", json_new(rq->a), &t);
}

enum http_status page_client_remove(struct req *rq)
{
	struct json_object *o = json_new(rq->a);
	struct tenant t;

	if (req_bad(rq) || !find_client(rq, &t))
		return reply_err(rq);
	if (req_tenant_remove(rq, &t))
		return reply_done(rq, PATH, "client_deleted");
	return show_one(rq, page_refused(rq, o), "client_delete", o, &t);
}
