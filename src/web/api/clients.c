/*
 * clients.c - clients: made and removed by administrators, seen and changed
 * by their owners, too.
 */
#include "config.h"

#include "web/api/api.h"
#include "web/api/object.h"
#include "web/tenant.h"

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
			items, json_object_get(tenant_json(rq, &list[i])));
	return reply_list(rq, items, n > shown, shown ? list[shown - 1].id : 0,
			  0);
}

enum http_status api_client_create(struct req *rq)
{
	struct tenant t = { 0 };

	return req_tenant_make(rq, &t)
		       ? reply_json(rq, HTTP_CREATED, tenant_json(rq, &t))
		       : reply_err(rq);
}

enum http_status api_client_get(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	struct tenant t;

	if (req_bad(rq) || !is_visible(rq, id) ||
	    !tenant_find(rq->db, rq->a, id, &t, &rq->err))
		return reply_err(rq);
	return reply_json(rq, HTTP_OK, tenant_json(rq, &t));
}

enum http_status api_client_change(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	struct tenant before, t;

	if (rq->err.kind || !is_visible(rq, id) ||
	    !tenant_lock(rq->db, rq->a, id, &before, &rq->err))
		return reply_err(rq);
	t = before;
	if (!req_tenant_change(rq, &before, &t))
		return reply_err(rq);
	return reply_json(rq, HTTP_OK, tenant_json(rq, &t));
}

enum http_status api_client_remove(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	struct tenant t;

	if (req_bad(rq) || !tenant_lock(rq->db, rq->a, id, &t, &rq->err) ||
	    !req_tenant_remove(rq, &t))
		return reply_err(rq);
	return reply_empty(rq);
}
