/*
 * bots.c - Telegram bots.  What needs Telegram is left to the daemon.
 */
#include "config.h"

#include "chan/telegram.h"
#include "core/bot.h"
#include "web/api/api.h"
#include "web/api/object.h"

/* Whoever knows the URL can speak as Telegram: owners and administrators
 * only. */
static void put_webhook_url(struct req *rq, struct json_object *o,
			    const struct bot *b)
{
	const char *url = NULL;
	struct err err = { 0 };

	/* A secret that no key opens any more is shown as none. */
	if (rq->session.role >= ROLE_OWNER)
		bot_webhook_url(rq->a, rq->settings->webhook_base_url, b, &url,
				&err);
	json_put_str(o, "webhook_url", url);
}

static void put_seen_group(struct json_object *o, const struct bot *b)
{
	struct json_object *group = NULL;

	if (b->seen_chat_id) {
		group = json_object_new_object();
		json_put_i64(group, "chat_id", b->seen_chat_id);
		json_put_str(group, "title", b->seen_chat_title);
	}
	json_put(o, "seen_group", group);
}

static struct json_object *bot_json(struct req *rq, const struct bot *b)
{
	struct json_object *o = json_new(rq->a);

	json_put_i64(o, "id", b->id);
	json_put_i64(o, "client_id", b->client_id);
	json_put_i64(o, "telegram_id", b->telegram_id);
	json_put_str(o, "token_tail", b->token_tail);
	json_put_str(o, "bot_username", b->username);
	json_put_str(o, "name", b->name);
	json_put_id(o, "group_chat_id", b->group_chat_id);
	json_put_str(o, "group_title", b->group_title);
	put_seen_group(o, b);
	json_put_bool(o, "topic_mode", b->topic_mode);
	json_put_id(o, "source_id", b->source_id);
	json_put_str(o, "status", b->status);
	json_put_str(o, "last_error", b->last_error);
	json_put_str(o, "warning", b->warning);
	json_put_time(rq, o, "checked_at", b->checked_at);
	put_webhook_url(rq, o, b);
	json_put_time(rq, o, "webhook_set_at", b->webhook_set_at);
	json_put_time(rq, o, "created_at", b->created_at);
	json_put_time(rq, o, "updated_at", b->updated_at);
	return o;
}

static void read_form(struct req *rq, struct bot *b, struct secret *token,
		      bool creating)
{
	form_secret(&rq->body, "token", token, TG_TOKEN_MAX,
		    FORM_REQUIRED_IF(creating));
	form_i64(&rq->body, "group_chat_id", &b->group_chat_id, INT64_MIN + 1,
		 -1, FORM_NULL);
	form_bool(&rq->body, "topic_mode", &b->topic_mode, FORM_OPTIONAL);
}

/* As stored: the daemon's findings have defaults in the table. */
static enum http_status reply_bot(struct req *rq, enum http_status status,
				  int64_t id)
{
	struct bot b;

	if (!bot_find(rq->db, rq->a, req_client(rq), id, &b, &rq->err))
		return reply_err(rq);
	return reply_json(rq, status, bot_json(rq, &b));
}

/* Made or changed: as stored, with its entry in the audit.  A token is never
 * shown; that it was set is. */
static enum http_status reply_change(struct req *rq, enum http_status status,
				     int64_t id, const struct bot *before,
				     struct secret token)
{
	struct json_object *after;
	struct bot b;

	if (!bot_find(rq->db, rq->a, req_client(rq), id, &b, &rq->err))
		return reply_err(rq);
	after = bot_json(rq, &b);
	if (token.len)
		json_put_str(after, "token", "***");
	req_audit(rq, before ? "bot.change" : "bot.create",
		  req_object(rq, "bot", id),
		  before ? bot_json(rq, before) : NULL, after);
	return reply_json(rq, status, bot_json(rq, &b));
}

enum http_status api_bot_list(struct req *rq)
{
	int64_t client_id = req_list_client(rq);
	struct page page = req_page(rq);
	struct json_object *items;
	struct bot *list;
	size_t n, shown;

	if (req_bad(rq) || !bots_list(rq->db, rq->a, client_id, page.after,
				      page.limit + 1, &list, &n, &rq->err))
		return reply_err(rq);
	shown = n > (size_t)page.limit ? (size_t)page.limit : n;
	items = json_object_new_array();
	for (size_t i = 0; i < shown; i++)
		json_object_array_add(items,
				      json_object_get(bot_json(rq, &list[i])));
	return reply_list(rq, items, n > shown, shown ? list[shown - 1].id : 0,
			  0);
}

enum http_status api_bot_create(struct req *rq)
{
	struct problems problems = { .a = rq->a };
	struct secret token = { 0 };
	struct bot b = {
		.client_id = req_new_client(rq),
		.topic_mode = true,
	};

	read_form(rq, &b, &token, true);
	if (req_bad(rq))
		return reply_err(rq);
	if (!bot_add(rq->db, rq->a, &b, token, rq->now, &problems, &rq->err))
		return reply_refused(rq, &problems);
	rq->ring = true;
	return reply_change(rq, HTTP_CREATED, b.id, NULL, token);
}

enum http_status api_bot_get(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");

	if (req_bad(rq))
		return reply_err(rq);
	return reply_bot(rq, HTTP_OK, id);
}

enum http_status api_bot_change(struct req *rq)
{
	struct problems problems = { .a = rq->a };
	int64_t id = req_path_i64(rq, "id");
	struct secret token = { 0 };
	struct bot before, b;

	if (rq->err.kind ||
	    !bot_lock(rq->db, rq->a, req_client(rq), id, &before, &rq->err))
		return reply_err(rq);
	b = before;
	read_form(rq, &b, &token, false);
	if (req_bad(rq))
		return reply_err(rq);
	if (!bot_change(rq->db, rq->a, &before, &b, token, rq->now, &problems,
			&rq->err))
		return reply_refused(rq, &problems);
	rq->ring = true;
	return reply_change(rq, HTTP_OK, id, &before, token);
}

enum http_status api_bot_webhook(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	struct bot b;

	if (req_bad(rq) ||
	    !bot_lock(rq->db, rq->a, req_client(rq), id, &b, &rq->err) ||
	    !bot_renew_webhook(rq->db, rq->a, &b, rq->now, &rq->err))
		return reply_err(rq);
	req_audit_act(rq, "bot.webhook_renew", req_object(rq, "bot", id),
		      b.client_id);
	rq->ring = true;
	return reply_bot(rq, HTTP_ACCEPTED, id);
}

enum http_status api_bot_webhook_drop(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	struct bot b;

	if (req_bad(rq) ||
	    !bot_lock(rq->db, rq->a, req_client(rq), id, &b, &rq->err) ||
	    !bot_drop_webhook(rq->db, rq->a, &b, rq->now, &rq->err))
		return reply_err(rq);
	req_audit_act(rq, "bot.webhook_drop", req_object(rq, "bot", id),
		      b.client_id);
	rq->ring = true;
	return reply_bot(rq, HTTP_ACCEPTED, id);
}

enum http_status api_bot_remove(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	struct bot b;

	if (req_bad(rq) ||
	    !bot_lock(rq->db, rq->a, req_client(rq), id, &b, &rq->err) ||
	    !bot_remove(rq->db, rq->a, &b, rq->now, &rq->err))
		return reply_err(rq);
	req_audit(rq, "bot.delete", req_object(rq, "bot", id), bot_json(rq, &b),
		  NULL);
	rq->ring = true;
	return reply_empty(rq);
}
