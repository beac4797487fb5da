/*
 * notices.c - what a person must know.
 */
#include "config.h"

#include "base/clock.h"
#include "store/notice.h"
#include "web/api/api.h"
#include "web/api/object.h"

static const char *const states[] = { "open", "acknowledged", "closed", NULL };

static struct json_object *put_notice(struct req *rq, struct json_object *o,
				      const struct notice *n)
{
	const char *title = notice_title(n->kind);

	json_put_i64(o, "id", n->id);
	json_put_id(o, "client_id", n->client_id);
	json_put_str(o, "kind", n->kind);
	json_put_str(o, "object", n->object);
	json_put_str(o, "state", notice_state(n));
	/* A kind of a newer version has no title here. */
	json_put_str(o, "title", title ? title : n->kind);
	json_put_str(o, "text", n->text);
	json_put_i64(o, "count", n->count);
	json_put_str(o, "first_at", clock_text(rq->a, n->first_at));
	json_put_str(o, "last_at", clock_text(rq->a, n->last_at));
	json_put_time(rq, o, "acknowledged_at", n->acknowledged_at);
	json_put_id(o, "acknowledged_by", n->acknowledged_by);
	json_put_time(rq, o, "closed_at", n->closed_at);
	return o;
}

enum http_status api_notices(struct req *rq)
{
	struct page page = req_page(rq);
	struct notice_filter f = {
		.client_id = req_list_client(rq),
		.before = page.after_id,
		.limit = page.limit + 1,
	};
	struct json_object *items;
	struct notice *list;
	bool more;
	size_t n;

	form_word(&rq->query, "state", &f.state, states, FORM_OPTIONAL);
	if (req_bad(rq) ||
	    !notices_list(rq->db, rq->a, &f, &list, &n, &rq->err))
		return reply_err(rq);
	more = n > (size_t)page.limit;
	if (more)
		n--;
	items = json_object_new_array();
	for (size_t i = 0; i < n; i++)
		json_object_array_add(
			items,
			put_notice(rq, json_object_new_object(), &list[i]));
	return reply_list(rq, items, more, 0, n ? list[n - 1].id : 0);
}

/* Somebody may have been faster: only the first one's counts. */
static void audit(struct req *rq, const struct notice *n)
{
	struct notice before = *n;

	if (n->acknowledged_at != rq->now)
		return;
	before.acknowledged_at = 0;
	before.acknowledged_by = 0;
	req_audit(rq, "notice.acknowledge", req_object(rq, "notice", n->id),
		  put_notice(rq, json_new(rq->a), &before),
		  put_notice(rq, json_new(rq->a), n));
}

enum http_status api_notice_acknowledge(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	struct notice n;

	if (req_bad(rq) ||
	    !notice_acknowledge(rq->db, rq->a, req_client(rq), id,
				rq->session.user_id, rq->now, &n, &rq->err))
		return reply_err(rq);
	audit(rq, &n);
	return reply_json(rq, HTTP_OK, put_notice(rq, json_new(rq->a), &n));
}
