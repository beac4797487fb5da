/*
 * deliveries.c - messages on their way, and those that did not arrive.
 */
#include "config.h"

#include "base/clock.h"
#include "core/decision.h"
#include "store/delivery_list.h"
#include "store/session.h"
#include "web/api/api.h"
#include "web/api/object.h"

static const char *const states[] = { "queued", "sending",   "unsure", "done",
				      "dead",   "discarded", NULL };

static const char *or_null(const char *s)
{
	return *s ? s : NULL;
}

/* The same rule as of the message itself. */
static const char *text_of(const struct req *rq, const struct delivery_line *d)
{
	return d->is_deleted && rq->session.role == ROLE_MANAGER ? "" : d->text;
}

static struct json_object *put_delivery(struct req *rq, struct json_object *o,
					const struct delivery_line *d)
{
	json_put_i64(o, "id", d->id);
	json_put_i64(o, "client_id", d->client_id);
	json_put_i64(o, "dialog_id", d->dialog_id);
	json_put_i64(o, "message_id", d->message_id);
	json_put_str(o, "direction", d->direction);
	json_put_str(o, "state", d->state);
	json_put_i64(o, "attempts", d->attempts);
	json_put_str(o, "last_error", or_null(d->last_error));
	json_put_str(o, "held_by", or_null(d->held_by));
	json_put_str(o, "buyer_name", d->buyer_name);
	json_put_str(o, "item_title", d->item_title);
	json_put_str(o, "kind", d->kind);
	json_put_str(o, "text", text_of(rq, d));
	json_put_str(o, "created_at", clock_text(rq->a, d->created_at));
	json_put_str(o, "updated_at", clock_text(rq->a, d->updated_at));
	return o;
}

enum http_status api_deliveries(struct req *rq)
{
	struct page page = req_page(rq);
	struct delivery_filter f = {
		.client_id = req_list_client(rq),
		.assignee_id = req_own_dialogs(rq),
		.before = page.after_id,
		.limit = page.limit + 1,
	};
	struct delivery_line *list;
	struct json_object *items;
	bool more;
	size_t n;

	form_word(&rq->query, "state", &f.state, states, FORM_OPTIONAL);
	form_id(&rq->query, "dialog_id", &f.dialog_id, FORM_OPTIONAL);
	if (req_bad(rq) ||
	    !deliveries_list(rq->db, rq->a, &f, &list, &n, &rq->err))
		return reply_err(rq);
	more = n > (size_t)page.limit;
	if (more)
		n--;
	items = json_object_new_array();
	for (size_t i = 0; i < n; i++)
		json_object_array_add(
			items,
			put_delivery(rq, json_object_new_object(), &list[i]));
	return reply_list(rq, items, more, 0, n ? list[n - 1].id : 0);
}

static struct json_object *attempt_json(struct req *rq,
					const struct attempt_line *at)
{
	struct json_object *o = json_object_new_object();

	json_put_i64(o, "id", at->id);
	json_put_i64(o, "part", at->part);
	json_put_str(o, "action", at->action);
	json_put_str(o, "started_at", clock_text(rq->a, at->started_at));
	json_put_time(rq, o, "finished_at", at->finished_at);
	json_put_str(o, "outcome", or_null(at->outcome));
	json_put(o, "status",
		 at->status ? json_object_new_int(at->status) : NULL);
	json_put_str(o, "detail", at->detail);
	json_put_str(o, "request_id", at->request_id);
	return o;
}

/* With its ledger.  `action` has been done to it; NULL: it is only looked at. */
static enum http_status reply_delivery(struct req *rq, int64_t id,
				       const char *action,
				       const struct delivery_line *before)
{
	struct json_object *o, *attempts;
	struct attempt_line *list;
	struct delivery_line d;
	size_t n;

	if (!delivery_find(rq->db, rq->a, req_client(rq), req_own_dialogs(rq),
			   id, &d, &rq->err) ||
	    !delivery_attempts(rq->db, rq->a, &d, &list, &n, &rq->err))
		return reply_err(rq);
	if (action)
		req_audit(rq, action, req_object(rq, "delivery", id),
			  put_delivery(rq, json_new(rq->a), before),
			  put_delivery(rq, json_new(rq->a), &d));
	attempts = json_object_new_array();
	for (size_t i = 0; i < n; i++)
		json_object_array_add(attempts, attempt_json(rq, &list[i]));
	o = put_delivery(rq, json_new(rq->a), &d);
	json_put(o, "ledger", attempts);
	return reply_json(rq, HTTP_OK, o);
}

enum http_status api_delivery(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");

	return req_bad(rq) ? reply_err(rq) : reply_delivery(rq, id, NULL, NULL);
}

static enum http_status act(struct req *rq, const char *action,
			    bool (*decide)(struct db *db, struct arena *a,
					   const struct decision *d,
					   struct err *err))
{
	int64_t id = req_path_i64(rq, "id");
	struct session_user who;
	struct delivery_line d;
	struct decision decision;

	/* Found first: a manager acts in their own dialogs only. */
	if (req_bad(rq) ||
	    !delivery_find(rq->db, rq->a, req_client(rq), req_own_dialogs(rq),
			   id, &d, &rq->err) ||
	    !session_user(rq->db, rq->a, rq->session.user_id, &who, &rq->err))
		return reply_err(rq);
	decision = (struct decision){
		.client_id = d.client_id,
		.delivery_id = id,
		.who = who.name,
		.now = rq->now,
		.request_id = rq->request_id,
	};
	if (!decide(rq->db, rq->a, &decision, &rq->err))
		return reply_err(rq);
	rq->ring = true;
	return reply_delivery(rq, id, action, &d);
}

enum http_status api_delivery_retry(struct req *rq)
{
	return act(rq, "delivery.retry", decision_retry);
}

enum http_status api_delivery_discard(struct req *rq)
{
	return act(rq, "delivery.discard", decision_discard);
}

enum http_status api_delivery_confirm(struct req *rq)
{
	return act(rq, "delivery.confirm", decision_confirm);
}
