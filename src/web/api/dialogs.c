/*
 * dialogs.c - buyers' chats and what is written in them.
 */
#include "config.h"

#include "base/clock.h"
#include "chan/telegram.h"
#include "core/dialog.h"
#include "core/send.h"
#include "store/message_list.h"
#include "store/user.h"
#include "web/api/api.h"
#include "web/api/object.h"

#define QUERY_MAX 100

static struct json_object *buyer_json(const struct dialog *d)
{
	struct json_object *o = json_object_new_object();

	json_put_str(o, "external_id", d->buyer_external_id);
	json_put_str(o, "name", d->buyer_name);
	json_put_str(o, "url", d->buyer_url);
	json_put_str(o, "language", d->buyer_language);
	return o;
}

static struct json_object *item_json(const struct dialog *d)
{
	struct json_object *o;

	if (!d->item_id)
		return NULL;
	o = json_object_new_object();
	json_put_i64(o, "id", d->item_id);
	json_put_str(o, "title", d->item_title);
	json_put_str(o, "price", d->item_price);
	json_put_str(o, "url", d->item_url);
	return o;
}

static struct json_object *topic_json(struct req *rq, const struct dialog *d)
{
	struct json_object *o;

	if (!d->topic_id)
		return NULL;
	o = json_object_new_object();
	json_put_i64(o, "bot_id", d->bot_id);
	json_put_i64(o, "chat_id", d->group_chat_id);
	json_put_i64(o, "topic_id", d->topic_id);
	json_put_str(o, "url",
		     tg_topic_link(rq->a, d->group_chat_id, d->topic_id));
	return o;
}

static struct json_object *put_dialog(struct req *rq, struct json_object *o,
				      const struct dialog *d)
{
	json_put_i64(o, "id", d->id);
	json_put_i64(o, "client_id", d->client_id);
	json_put_i64(o, "project_id", d->project_id);
	json_put_str(o, "type", d->source);
	json_put_i64(o, "source_id", d->source_id);
	json_put_str(o, "external_chat_id", d->external_chat_id);
	json_put_id(o, "connection_id", d->connection_id);
	json_put(o, "buyer", buyer_json(d));
	json_put_str(o, "origin", d->origin);
	json_put_time(rq, o, "blocked_at", d->blocked_at);
	json_put(o, "item", item_json(d));
	json_put(o, "topic", topic_json(rq, d));
	json_put_str(o, "status", d->status);
	json_put_id(o, "assignee_id", d->assignee_id);
	json_put_stored(rq, o, "labels", d->labels);
	json_put_i64(o, "unread_count", d->unread_count);
	json_put_time(rq, o, "last_message_at", d->last_message_at);
	json_put_time(rq, o, "waiting_since", d->waiting_since);
	json_put_time(rq, o, "auto_reply_last_sent_at",
		      d->auto_reply_last_sent_at);
	json_put_time(rq, o, "created_at", d->created_at);
	return o;
}

static enum http_status reply_dialog(struct req *rq, const struct dialog *d)
{
	return reply_json(rq, HTTP_OK, put_dialog(rq, json_new(rq->a), d));
}

enum http_status api_dialogs(struct req *rq)
{
	struct page page = req_page(rq);
	struct dialog_filter f = {
		.client_id = req_list_client(rq),
		.assignee_id = req_own_dialogs(rq),
		.before_at = page.after,
		.before_id = page.after_id,
		.limit = page.limit + 1,
	};
	struct json_object *items;
	struct dialog *list;
	bool more;
	size_t n;

	form_id(&rq->query, "project_id", &f.project_id, FORM_OPTIONAL);
	form_word(&rq->query, "status", &f.status, dialog_statuses,
		  FORM_OPTIONAL);
	if (form_has(&rq->query, "assignee_id") && !f.assignee_id)
		form_id(&rq->query, "assignee_id", &f.assignee_id,
			FORM_OPTIONAL);
	else
		form_id(&rq->query, "assignee_id", &(int64_t){ 0 },
			FORM_OPTIONAL);
	f.by_unread = form_has(&rq->query, "unread");
	form_bool(&rq->query, "unread", &f.unread, FORM_OPTIONAL);
	form_text(&rq->query, "q", &f.q, QUERY_MAX, FORM_OPTIONAL);
	form_text(&rq->query, "label", &f.label, DIALOG_LABEL_MAX,
		  FORM_OPTIONAL);
	if (req_bad(rq) ||
	    !dialogs_list(rq->db, rq->a, &f, &list, &n, &rq->err))
		return reply_err(rq);
	more = n > (size_t)page.limit;
	if (more)
		n--;
	items = json_object_new_array();
	for (size_t i = 0; i < n; i++)
		json_object_array_add(
			items,
			put_dialog(rq, json_object_new_object(), &list[i]));
	return reply_list(rq, items, more, n ? list[n - 1].last_message_at : 0,
			  n ? list[n - 1].id : 0);
}

enum http_status api_dialog(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	struct dialog d;

	if (req_bad(rq) || !dialog_find(rq->db, rq->a, req_client(rq),
					req_own_dialogs(rq), id, &d, &rq->err))
		return reply_err(rq);
	return reply_dialog(rq, &d);
}

enum http_status api_dialog_change(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	struct problems problems = { .a = rq->a };
	struct json_object *labels;
	struct dialog d;

	if (rq->err.kind || !dialog_lock(rq->db, rq->a, req_client(rq),
					 req_own_dialogs(rq), id, &d, &rq->err))
		return reply_err(rq);
	form_word(&rq->body, "status", &d.status, dialog_decisions,
		  FORM_OPTIONAL);
	form_id(&rq->body, "assignee_id", &d.assignee_id, FORM_NULL);
	labels = form_array(&rq->body, "labels", DIALOG_LABELS_MAX,
			    FORM_OPTIONAL);
	if (labels)
		d.labels = json_text(labels);
	if (req_bad(rq))
		return reply_err(rq);
	if (!dialog_change(rq->db, rq->a, &d, clock_now_us(), &problems,
			   &rq->err))
		return reply_refused(rq, &problems);
	rq->ring = true;
	return reply_dialog(rq, &d);
}

enum http_status api_dialog_read(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	struct dialog d;

	if (req_bad(rq) ||
	    !dialog_lock(rq->db, rq->a, req_client(rq), req_own_dialogs(rq), id,
			 &d, &rq->err) ||
	    !dialog_set_read(rq->db, rq->a, &d, &rq->err))
		return reply_err(rq);
	d.unread_count = 0;
	return reply_dialog(rq, &d);
}

/* ---- messages ---- */

enum http_status api_messages(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id"), before = 0;
	struct page page = req_page(rq);
	struct message_line *list;
	struct json_object *items;
	struct dialog d;
	bool more;
	size_t n;

	form_id(&rq->query, "before", &before, FORM_OPTIONAL);
	/* A cursor is the same thing by another name. */
	if (page.after_id)
		before = page.after_id;
	if (req_bad(rq) ||
	    !dialog_find(rq->db, rq->a, req_client(rq), req_own_dialogs(rq), id,
			 &d, &rq->err) ||
	    !messages_list(rq->db, rq->a, d.client_id, d.id, before,
			   page.limit + 1, &list, &n, &rq->err))
		return reply_err(rq);
	/* Oldest first; the one too many is the oldest. */
	more = n > (size_t)page.limit;
	items = json_object_new_array();
	for (size_t i = more ? 1 : 0; i < n; i++)
		json_object_array_add(
			items, api_message_put(rq, json_object_new_object(),
					       &list[i]));
	return reply_list(rq, items, more, 0, more ? list[1].id : 0);
}

/* How many ids stand in attachments. */
static size_t read_uploads(struct req *rq, int64_t ids[SEND_FILES_MAX])
{
	struct json_object *list = form_array(&rq->body, "attachments",
					      SEND_FILES_MAX, FORM_OPTIONAL);
	size_t n = list ? json_object_array_length(list) : 0;

	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_object_array_get_idx(list, i);

		ids[i] = json_object_is_type(o, json_type_int)
				 ? json_object_get_int64(o)
				 : 0;
		if (ids[i] <= 0 || ids[i] == INT64_MAX) {
			req_bad_field(rq, "attachments",
				      "must be ids of uploads");
			break;
		}
	}
	return n;
}

/* 201: stored and promised; its delivery comes later. */
enum http_status api_message_send(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id"), message_id;
	int64_t uploads[SEND_FILES_MAX];
	size_t n_uploads = read_uploads(rq, uploads);
	struct web_row row = {
		.user_id = rq->session.user_id,
		.now = rq->now,
		.request_id = rq->request_id,
		.text = "",
	};
	struct message_line m;
	struct user author;
	struct dialog d;

	form_text(&rq->body, "text", &row.text, SEND_TEXT_MAX,
		  n_uploads ? FORM_BLANK : FORM_REQUIRED);
	form_text(&rq->body, "client_ref", &row.client_ref, SEND_CLIENT_REF_MAX,
		  FORM_NULL);
	if (req_bad(rq) || !dialog_find(rq->db, rq->a, req_client(rq),
					req_own_dialogs(rq), id, &d, &rq->err))
		return reply_err(rq);
	row.client_id = d.client_id;
	row.dialog_id = d.id;
	if (!user_find(rq->db, rq->a, req_client(rq), row.user_id, &author,
		       &rq->err))
		return reply_err(rq);
	row.user_name = author.name;
	if (!send_from_web(rq->db, rq->a, &row, uploads, n_uploads, &message_id,
			   &rq->err) ||
	    !message_find(rq->db, rq->a, d.client_id, message_id, &m, &rq->err))
		return reply_err(rq);
	rq->ring = true;
	return reply_json(rq, HTTP_CREATED,
			  api_message_put(rq, json_new(rq->a), &m));
}
