/*
 * audit.c - who did what: for owners of their client, for administrators.
 */
#include "config.h"

#include "base/clock.h"
#include "web/api/api.h"
#include "web/api/object.h"
#include "web/audit.h"

static struct json_object *entry_json(struct req *rq, const struct audit_row *e)
{
	struct json_object *o = json_object_new_object();

	json_put_i64(o, "id", e->id);
	json_put_str(o, "at", clock_text(rq->a, e->at));
	json_put_id(o, "client_id", e->client_id);
	json_put_str(o, "actor", e->actor);
	json_put_id(o, "user_id", e->user_id);
	json_put_str(o, "login", e->login);
	json_put_str(o, "action", e->action);
	json_put_str(o, "object", e->object);
	json_put_str(o, "address", e->address);
	json_put_str(o, "user_agent", e->user_agent);
	json_put_str(o, "request_id", e->request_id);
	json_put_stored(rq, o, "before", e->before ? e->before : "null");
	json_put_stored(rq, o, "after", e->after ? e->after : "null");
	return o;
}

enum http_status api_audit(struct req *rq)
{
	struct json_object *items;
	struct audit_found found;

	if (!req_audit_find(rq, &found))
		return reply_err(rq);
	items = json_object_new_array();
	for (size_t i = 0; i < found.n; i++)
		json_object_array_add(items, entry_json(rq, &found.list[i]));
	return reply_list(rq, items, found.more, 0,
			  found.n ? found.list[found.n - 1].id : 0);
}
