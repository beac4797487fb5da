/*
 * avito_accounts.c - Avito accounts.  What needs Avito is left to the daemon.
 */
#include "config.h"

#include "core/auto_reply.h"
#include "core/avito_account.h"
#include "web/api/api.h"
#include "web/api/object.h"

static struct json_object *account_json(struct req *rq,
					const struct avito_account *x)
{
	struct json_object *o = json_new(rq->a);

	json_put_i64(o, "id", x->id);
	json_put_i64(o, "client_id", x->client_id);
	json_put_i64(o, "project_id", x->project_id);
	json_put_id(o, "bot_id", x->bot_id);
	json_put_str(o, "api_client_id", x->api_client_id);
	json_put_str(o, "api_client_secret_tail", x->secret_tail);
	json_put_id(o, "avito_user_id", x->avito_user_id);
	json_put_str(o, "name", x->name);
	json_put_str(o, "profile_url", x->profile_url);
	json_put_bool(o, "monitoring", x->monitoring);
	json_put_bool(o, "webhook", x->webhook);
	if (x->auto_reply)
		json_put_stored(rq, o, "auto_reply", x->auto_reply);
	else
		json_put(o, "auto_reply", NULL);
	json_put_str(o, "status", x->status);
	json_put_str(o, "last_error", x->last_error);
	json_put_time(rq, o, "checked_at", x->checked_at);
	json_put_time(rq, o, "webhook_subscribed_at", x->webhook_subscribed_at);
	json_put_time(rq, o, "last_polled_at", x->last_polled_at);
	json_put_time(rq, o, "created_at", x->created_at);
	json_put_time(rq, o, "updated_at", x->updated_at);
	return o;
}

static void read_form(struct req *rq, struct avito_account *x,
		      struct secret *secret, bool creating)
{
	unsigned required = FORM_REQUIRED_IF(creating);
	struct form auto_reply;

	form_id(&rq->body, "project_id", &x->project_id, required);
	form_id(&rq->body, "bot_id", &x->bot_id, FORM_NULL);
	form_text(&rq->body, "api_client_id", &x->api_client_id,
		  AVITO_CLIENT_ID_MAX, required);
	form_secret(&rq->body, "api_client_secret", secret, AVITO_SECRET_MAX,
		    required);
	form_bool(&rq->body, "monitoring", &x->monitoring, FORM_OPTIONAL);
	form_bool(&rq->body, "webhook", &x->webhook, FORM_OPTIONAL);
	/* Core knows what belongs into it. */
	if (form_object(&rq->body, "auto_reply", &auto_reply, FORM_NULL))
		x->auto_reply = auto_reply_merge(
			rq->a, x->auto_reply ? x->auto_reply : "{}",
			auto_reply.o);
	else if (form_has(&rq->body, "auto_reply"))
		x->auto_reply = NULL;
}

/* As stored: the daemon's findings have defaults in the table. */
static enum http_status reply_account(struct req *rq, enum http_status status,
				      int64_t id)
{
	struct avito_account x;

	if (!avito_account_find(rq->db, rq->a, req_client(rq), id, &x,
				&rq->err))
		return reply_err(rq);
	return reply_json(rq, status, account_json(rq, &x));
}

/* Made or changed: as stored, with its entry in the audit.  A secret is never
 * shown; that it was set is. */
static enum http_status reply_change(struct req *rq, enum http_status status,
				     int64_t id,
				     const struct avito_account *before,
				     struct secret secret)
{
	struct json_object *after;
	struct avito_account x;

	if (!avito_account_find(rq->db, rq->a, req_client(rq), id, &x,
				&rq->err))
		return reply_err(rq);
	after = account_json(rq, &x);
	if (secret.len)
		json_put_str(after, "api_client_secret", "***");
	req_audit(rq, before ? "avito_account.change" : "avito_account.create",
		  req_object(rq, "avito", id),
		  before ? account_json(rq, before) : NULL, after);
	return reply_json(rq, status, account_json(rq, &x));
}

enum http_status api_avito_account_list(struct req *rq)
{
	int64_t client_id = req_list_client(rq), project_id = 0;
	struct page page = req_page(rq);
	struct json_object *items;
	struct avito_account *list;
	size_t n, shown;

	form_id(&rq->query, "project_id", &project_id, FORM_OPTIONAL);
	if (req_bad(rq) ||
	    !avito_accounts_list(rq->db, rq->a, client_id, project_id,
				 page.after, page.limit + 1, &list, &n,
				 &rq->err))
		return reply_err(rq);
	shown = n > (size_t)page.limit ? (size_t)page.limit : n;
	items = json_object_new_array();
	for (size_t i = 0; i < shown; i++)
		json_object_array_add(
			items, json_object_get(account_json(rq, &list[i])));
	return reply_list(rq, items, n > shown, shown ? list[shown - 1].id : 0,
			  0);
}

enum http_status api_avito_account_create(struct req *rq)
{
	struct problems problems = { .a = rq->a };
	struct secret secret = { 0 };
	struct avito_account x = {
		.client_id = req_client(rq), /* 0: the project's */
		.monitoring = true,
	};

	read_form(rq, &x, &secret, true);
	if (req_bad(rq))
		return reply_err(rq);
	if (!avito_account_add(rq->db, rq->a, &x, secret, rq->now, &problems,
			       &rq->err))
		return reply_refused(rq, &problems);
	rq->ring = true;
	return reply_change(rq, HTTP_CREATED, x.id, NULL, secret);
}

enum http_status api_avito_account_get(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");

	if (req_bad(rq))
		return reply_err(rq);
	return reply_account(rq, HTTP_OK, id);
}

enum http_status api_avito_account_change(struct req *rq)
{
	struct problems problems = { .a = rq->a };
	int64_t id = req_path_i64(rq, "id");
	struct secret secret = { 0 };
	struct avito_account before, x;

	if (rq->err.kind || !avito_account_lock(rq->db, rq->a, req_client(rq),
						id, &before, &rq->err))
		return reply_err(rq);
	x = before;
	read_form(rq, &x, &secret, false);
	if (req_bad(rq))
		return reply_err(rq);
	if (!avito_account_change(rq->db, rq->a, &before, &x, secret, rq->now,
				  &problems, &rq->err))
		return reply_refused(rq, &problems);
	rq->ring = true;
	return reply_change(rq, HTTP_OK, id, &before, secret);
}

enum http_status api_avito_account_check(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	struct avito_account x;

	if (req_bad(rq) ||
	    !avito_account_lock(rq->db, rq->a, req_client(rq), id, &x,
				&rq->err) ||
	    !avito_account_check(rq->db, rq->a, &x, rq->now, &rq->err))
		return reply_err(rq);
	req_audit_act(rq, "avito_account.check", req_object(rq, "avito", id),
		      x.client_id);
	rq->ring = true;
	return reply_account(rq, HTTP_ACCEPTED, id);
}

enum http_status api_avito_account_remove(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	bool with_dialogs = false;
	struct avito_account x;

	form_bool(&rq->query, "with_dialogs", &with_dialogs, FORM_OPTIONAL);
	if (req_bad(rq) ||
	    !avito_account_lock(rq->db, rq->a, req_client(rq), id, &x,
				&rq->err) ||
	    !avito_account_remove(rq->db, rq->a, &x, with_dialogs,
				  rq->settings->webhook_base_url, rq->now,
				  &rq->err))
		return reply_err(rq);
	req_audit(rq, "avito_account.delete", req_object(rq, "avito", id),
		  account_json(rq, &x), NULL);
	rq->ring = true;
	return reply_empty(rq);
}
