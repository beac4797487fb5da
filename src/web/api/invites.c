/*
 * invites.c - invitations to a client.
 */
#include "config.h"

#include "core/invite.h"
#include "core/master.h"
#include "web/api/api.h"
#include "web/api/object.h"

static struct json_object *invite_json(struct req *rq, const struct invite *i)
{
	struct json_object *o = json_new(rq->a);

	json_put_i64(o, "id", i->id);
	json_put_i64(o, "client_id", i->client_id);
	json_put_str(o, "code_tail", i->code_tail);
	json_put_str(o, "role", i->role);
	json_put_bool(o, "assigned_only", i->assigned_only);
	json_put_i64(o, "uses_max", i->uses_max);
	json_put_i64(o, "uses", i->uses);
	json_put_str(o, "status", invite_status(i, rq->now));
	json_put_id(o, "created_by", i->created_by);
	json_put_time(rq, o, "expires_at", i->expires_at);
	json_put_time(rq, o, "created_at", i->created_at);
	json_put_time(rq, o, "revoked_at", i->revoked_at);
	return o;
}

static void read_form(struct req *rq, struct invite_wish *w)
{
	form_word(&rq->body, "role", &w->role, invite_roles, FORM_REQUIRED);
	form_bool(&rq->body, "assigned_only", &w->assigned_only, FORM_OPTIONAL);
	form_i64(&rq->body, "uses_max", &w->uses, 1, INVITE_USES_MAX,
		 FORM_OPTIONAL);
	form_i64(&rq->body, "days", &w->days, 1, INVITE_DAYS_MAX,
		 FORM_OPTIONAL);
}

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
	struct problems problems = { .a = rq->a };
	struct invite_wish w = {
		.client_id = req_new_client(rq),
		.uses = INVITE_USES_DEFAULT,
		.days = INVITE_DAYS_DEFAULT,
		.maker_id = rq->session.user_id,
		.maker = rq->session.role,
	};
	struct json_object *o;
	struct secret code;
	struct invite i;
	struct master m;

	read_form(rq, &w);
	if (req_bad(rq))
		return reply_err(rq);
	if (!invite_create(rq->db, rq->a, &w, rq->now, &i, &code, &problems,
			   &rq->err) ||
	    !master_find(rq->db, rq->a, rq->settings, &m, &rq->err))
		return reply_refused(rq, &problems);
	req_audit(rq, "invite.create", req_object(rq, "invite", i.id), NULL,
		  invite_json(rq, &i));
	o = invite_json(rq, &i);
	json_put_str(o, "code", code.bytes);
	json_put_str(o, "link", invite_link(rq->a, m.name, code));
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
	int64_t id = req_path_i64(rq, "id");
	struct invite before, i;

	if (req_bad(rq) ||
	    !invite_find(rq->db, rq->a, req_client(rq), id, &before,
			 &rq->err) ||
	    !invite_revoke(rq->db, rq->a, req_client(rq), id, rq->now, &i,
			   &rq->err))
		return reply_err(rq);
	req_audit(rq, "invite.revoke", req_object(rq, "invite", id),
		  invite_json(rq, &before), invite_json(rq, &i));
	return reply_empty(rq);
}
