/*
 * clients.c - clients: made and removed by administrators, seen and changed
 * by their owners, too.
 */
#include "config.h"

#include "core/tenant.h"
#include "web/api/api.h"
#include "web/api/object.h"

static struct json_object *client_json(struct req *rq, const struct tenant *t)
{
	struct json_object *o = json_new(rq->a);

	json_put_i64(o, "id", t->id);
	json_put_str(o, "name", t->name);
	json_put_stored(rq, o, "defaults", t->defaults);
	json_put_time(rq, o, "created_at", t->created_at);
	return o;
}

static void read_form(struct req *rq, struct tenant *t, bool creating)
{
	struct form defaults;

	form_text(&rq->body, "name", &t->name, TENANT_NAME_MAX,
		  FORM_REQUIRED_IF(creating));
	/* Core knows what belongs into it. */
	if (form_object(&rq->body, "defaults", &defaults, FORM_OPTIONAL))
		t->defaults = json_text(defaults.o);
}

/* Another client is missing, like all that is another client's. */
static bool is_visible(struct req *rq, int64_t id)
{
	if (!req_client(rq) || req_client(rq) == id)
		return true;
	return err_set(&rq->err, ERR_MISSING, "there is no such client");
}

enum http_status api_client_list(struct req *rq)
{
	struct page page = req_page(rq);
	struct json_object *items;
	struct tenant *list;
	size_t n, shown;

	if (req_bad(rq) || !tenants_list(rq->db, rq->a, page.after,
					 page.limit + 1, &list, &n, &rq->err))
		return reply_err(rq);
	shown = n > (size_t)page.limit ? (size_t)page.limit : n;
	items = json_object_new_array();
	for (size_t i = 0; i < shown; i++)
		json_object_array_add(
			items, json_object_get(client_json(rq, &list[i])));
	return reply_list(rq, items, n > shown, shown ? list[shown - 1].id : 0,
			  0);
}

enum http_status api_client_create(struct req *rq)
{
	struct problems problems = { .a = rq->a };
	struct tenant t = { 0 };

	read_form(rq, &t, true);
	if (req_bad(rq))
		return reply_err(rq);
	if (!tenant_add(rq->db, rq->a, &t, rq->now, &problems, &rq->err))
		return reply_refused(rq, &problems);
	req_audit(rq, "client.create", req_object(rq, "client", t.id), NULL,
		  client_json(rq, &t));
	return reply_json(rq, HTTP_CREATED, client_json(rq, &t));
}

enum http_status api_client_get(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	struct tenant t;

	if (req_bad(rq) || !is_visible(rq, id) ||
	    !tenant_find(rq->db, rq->a, id, &t, &rq->err))
		return reply_err(rq);
	return reply_json(rq, HTTP_OK, client_json(rq, &t));
}

enum http_status api_client_change(struct req *rq)
{
	struct problems problems = { .a = rq->a };
	int64_t id = req_path_i64(rq, "id");
	struct tenant before, t;

	if (rq->err.kind || !is_visible(rq, id) ||
	    !tenant_lock(rq->db, rq->a, id, &before, &rq->err))
		return reply_err(rq);
	t = before;
	read_form(rq, &t, false);
	if (req_bad(rq))
		return reply_err(rq);
	if (!tenant_change(rq->db, rq->a, &t, &problems, &rq->err))
		return reply_refused(rq, &problems);
	req_audit(rq, "client.change", req_object(rq, "client", id),
		  client_json(rq, &before), client_json(rq, &t));
	return reply_json(rq, HTTP_OK, client_json(rq, &t));
}

enum http_status api_client_remove(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	struct tenant t;

	if (req_bad(rq) || !tenant_lock(rq->db, rq->a, id, &t, &rq->err) ||
	    !tenant_remove(rq->db, rq->a, id, &rq->err))
		return reply_err(rq);
	req_audit(rq, "client.delete", req_object(rq, "client", id),
		  client_json(rq, &t), NULL);
	return reply_empty(rq);
}
