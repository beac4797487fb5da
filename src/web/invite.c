/*
 * invite.c - what the API and the page of invites have in common.
 */
#include "config.h"

#include "core/master.h"
#include "web/api/object.h"
#include "web/invite.h"

struct json_object *invite_json(struct req *rq, const struct invite *i)
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

bool req_invite_make(struct req *rq, int64_t client_id,
		     struct invite_made *made)
{
	struct problems problems = { .a = rq->a };
	struct invite_wish w = {
		.client_id = client_id,
		.uses = INVITE_USES_DEFAULT,
		.days = INVITE_DAYS_DEFAULT,
		.maker_id = rq->session.user_id,
		.maker = rq->session.role,
	};
	struct master m;

	read_form(rq, &w);
	if (req_bad(rq))
		return false;
	if (!invite_create(rq->db, rq->a, &w, rq->now, &made->invite,
			   &made->code, &problems, &rq->err) ||
	    !master_find(rq->db, rq->a, rq->settings, &m, &rq->err)) {
		req_refused(rq, &problems);
		return false;
	}
	made->link = invite_link(rq->a, m.name, made->code);
	req_audit(rq, "invite.create",
		  req_object(rq, "invite", made->invite.id), NULL,
		  invite_json(rq, &made->invite));
	return true;
}

bool req_invite_revoke(struct req *rq, int64_t client_id)
{
	int64_t id = req_path_i64(rq, "id");
	struct invite before, i;

	if (req_bad(rq) ||
	    !invite_find(rq->db, rq->a, client_id, id, &before, &rq->err) ||
	    !invite_revoke(rq->db, rq->a, client_id, id, rq->now, &i, &rq->err))
		return false;
	req_audit(rq, "invite.revoke", req_object(rq, "invite", id),
		  invite_json(rq, &before), invite_json(rq, &i));
	return true;
}
