/*
 * audit.c - who did what: for owners of their client, for administrators.
 */
#include "config.h"

#include "base/clock.h"
#include "store/audit.h"
#include "web/api/api.h"
#include "web/api/object.h"

/* Characters; what is longer was never written. */
#define WORD_MAX 200

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
	struct page page = req_page(rq);
	struct audit_filter f = {
		.client_id = req_list_client(rq),
		.before = page.after_id,
		.limit = page.limit + 1,
	};
	struct json_object *items;
	struct audit_row *list;
	bool more;
	size_t n;

	form_id(&rq->query, "user_id", &f.user_id, FORM_OPTIONAL);
	form_text(&rq->query, "object", &f.object, WORD_MAX, FORM_OPTIONAL);
	form_text(&rq->query, "action", &f.action, WORD_MAX, FORM_OPTIONAL);
	if (req_bad(rq) || !audit_list(rq->db, rq->a, &f, &list, &n, &rq->err))
		return reply_err(rq);
	more = n > (size_t)page.limit;
	if (more)
		n--;
	items = json_object_new_array();
	for (size_t i = 0; i < n; i++)
		json_object_array_add(items, entry_json(rq, &list[i]));
	return reply_list(rq, items, more, 0, n ? list[n - 1].id : 0);
}
