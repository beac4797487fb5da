/*
 * users.c - the people who sign in.
 */
#include "config.h"

#include "web/api/api.h"
#include "web/api/object.h"
#include "web/user.h"

enum http_status api_user_list(struct req *rq)
{
	int64_t client_id = req_list_client(rq);
	struct page page = req_page(rq);
	struct json_object *items;
	struct user *list;
	size_t n, shown;

	if (req_bad(rq) || !users_list(rq->db, rq->a, client_id, page.after,
				       page.limit + 1, &list, &n, &rq->err))
		return reply_err(rq);
	shown = n > (size_t)page.limit ? (size_t)page.limit : n;
	items = json_object_new_array();
	for (size_t i = 0; i < shown; i++)
		json_object_array_add(items,
				      json_object_get(user_json(rq, &list[i])));
	return reply_list(rq, items, n > shown, shown ? list[shown - 1].id : 0,
			  0);
}

enum http_status api_user_create(struct req *rq)
{
	struct user u = { .client_id = req_user_client(rq), .email = "" };
	struct secret password = { 0 };

	return req_user_make(rq, &u, &password)
		       ? reply_json(rq, HTTP_CREATED, user_json(rq, &u))
		       : reply_err(rq);
}

enum http_status api_user_get(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	struct user u;

	if (req_bad(rq) ||
	    !user_find(rq->db, rq->a, req_client(rq), id, &u, &rq->err))
		return reply_err(rq);
	return reply_json(rq, HTTP_OK, user_json(rq, &u));
}

enum http_status api_user_change(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	struct user before, u;

	if (rq->err.kind ||
	    !user_lock(rq->db, rq->a, req_client(rq), id, &before, &rq->err))
		return reply_err(rq);
	u = before;
	if (!req_user_change(rq, &before, &u))
		return reply_err(rq);
	return reply_json(rq, HTTP_OK, user_json(rq, &u));
}

enum http_status api_user_remove(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	struct user u;

	if (req_bad(rq) ||
	    !user_lock(rq->db, rq->a, req_client(rq), id, &u, &rq->err) ||
	    !req_user_remove(rq, &u))
		return reply_err(rq);
	return reply_empty(rq);
}
