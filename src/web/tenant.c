/*
 * tenant.c - what the API and the pages of clients have in common.
 */
#include "config.h"

#include "web/api/object.h"
#include "web/tenant.h"

struct json_object *tenant_json(struct req *rq, const struct tenant *t)
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
		  FORM_REQUIRED_IF(creating || rq->body.inputs));
	/* Core knows what belongs into it. */
	if (form_object(&rq->body, "defaults", &defaults, FORM_OPTIONAL))
		t->defaults = json_text(defaults.o);
}

bool req_tenant_make(struct req *rq, struct tenant *t)
{
	struct problems problems = { .a = rq->a };

	read_form(rq, t, true);
	if (req_bad(rq))
		return false;
	if (!tenant_add(rq->db, rq->a, t, rq->now, &problems, &rq->err)) {
		req_refused(rq, &problems);
		return false;
	}
	req_audit(rq, "client.create", req_object(rq, "client", t->id), NULL,
		  tenant_json(rq, t));
	return true;
}

bool req_tenant_change(struct req *rq, const struct tenant *before,
		       struct tenant *t)
{
	struct problems problems = { .a = rq->a };

	read_form(rq, t, false);
	if (req_bad(rq))
		return false;
	if (!tenant_change(rq->db, rq->a, t, &problems, &rq->err)) {
		req_refused(rq, &problems);
		return false;
	}
	req_audit(rq, "client.change", req_object(rq, "client", t->id),
		  tenant_json(rq, before), tenant_json(rq, t));
	return true;
}

bool req_tenant_remove(struct req *rq, const struct tenant *t)
{
	if (!tenant_remove(rq->db, rq->a, t->id, &rq->err))
		return false;
	req_audit(rq, "client.delete", req_object(rq, "client", t->id),
		  tenant_json(rq, t), NULL);
	return true;
}
