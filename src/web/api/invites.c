/*
 * invites.c - invitations to a client.
 */
#include "config.h"

#include "web/api/api.h"
#include "web/api/object.h"
#include "web/invite.h"

enum http_status api_invite_list(struct req *rq)
{
	int64_t client_id = req_list_client(rq);
	struct page page = req_page(rq);
	struct json_object *items;
	struct invite *list;
	size_t n, shown;

	if (req_bad(rq) || !invites_list(rq->db, rq->a, client_id, page.after,
					 page.limit + 1, &list, &n, &rq->err))
		return reply_err(rq);
	shown = n > (size_t)page.limit ? (size_t)page.limit : n;
	items = json_object_new_array();
	for (size_t i = 0; i < shown; i++)
		json_object_array_add(
			items, json_object_get(invite_json(rq, &list[i])));
	return reply_list(rq, items, n > shown, shown ? list[shown - 1].id : 0,
			  0);
}

/* Code and link stand in this one answer and nowhere else. */
enum http_status api_invite_create(struct req *rq)
{
	struct invite_made made;
	struct json_object *o;

	if (!req_invite_make(rq, req_new_client(rq), &made))
		return reply_err(rq);
	o = invite_json(rq, &made.invite);
	json_put_str(o, "code", made.code.bytes);
	json_put_str(o, "link", made.link);
	return reply_json(rq, HTTP_CREATED, o);
}

enum http_status api_invite_get(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	struct invite i;

	if (req_bad(rq) ||
	    !invite_find(rq->db, rq->a, req_client(rq), id, &i, &rq->err))
		return reply_err(rq);
	return reply_json(rq, HTTP_OK, invite_json(rq, &i));
}

enum http_status api_invite_revoke(struct req *rq)
{
	if (!req_invite_revoke(rq, req_client(rq)))
		return reply_err(rq);
	return reply_empty(rq);
}
