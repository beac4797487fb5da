/*
 * telegram_sources.c - bots whose private chats are dialogs.  What needs
 * Telegram is left to the daemon.
 */
#include "config.h"

#include "chan/telegram.h"
#include "core/auto_reply.h"
#include "core/bot.h"
#include "core/telegram_source.h"
#include "store/business.h"
#include "web/api/api.h"
#include "web/api/object.h"

static struct json_object *connection_json(struct req *rq,
					   const struct business *c)
{
	struct json_object *o = json_object_new_object();

	json_put_i64(o, "id", c->id);
	json_put_i64(o, "user_id", c->user_id);
	json_put_str(o, "name", c->user_name);
	json_put_str(o, "username", c->username);
	json_put_bool(o, "is_enabled", c->is_enabled);
	json_put_bool(o, "can_reply", c->can_reply);
	json_put_bool(o, "can_read", c->can_read);
	json_put_bool(o, "can_delete", c->can_delete);
	json_put_time(rq, o, "told_at", c->told_at);
	return o;
}

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

/* Of the list, which holds those of other sources as well. */
static struct json_object *source_json(struct req *rq,
				       const struct telegram_source *s,
				       const struct business *list, size_t n)
{
	struct json_object *o = json_new(rq->a), *connections;

	json_put_i64(o, "id", s->id);
	json_put_i64(o, "client_id", s->client_id);
	json_put_i64(o, "project_id", s->project_id);
	json_put_i64(o, "bot_id", s->bot_id);
	json_put_i64(o, "telegram_id", s->bot.telegram_id);
	json_put_str(o, "token_tail", s->bot.token_tail);
	json_put_str(o, "bot_username", s->bot.username);
	json_put_str(o, "name", s->bot.name);
	json_put_bool(o, "monitoring", s->monitoring);
	if (s->auto_reply)
		json_put_stored(rq, o, "auto_reply", s->auto_reply);
	else
		json_put(o, "auto_reply", NULL);
	json_put_str(o, "status", s->status);
	json_put_str(o, "last_error", s->last_error);
	json_put_time(rq, o, "checked_at", s->bot.checked_at);
	put_webhook_url(rq, o, &s->bot);
	json_put_time(rq, o, "webhook_set_at", s->bot.webhook_set_at);
	connections = json_object_new_array();
	for (size_t i = 0; i < n; i++)
		if (list[i].source_id == s->id)
			json_object_array_add(connections,
					      connection_json(rq, &list[i]));
	json_put(o, "connections", connections);
	json_put_time(rq, o, "created_at", s->created_at);
	json_put_time(rq, o, "updated_at", s->updated_at);
	return o;
}

static bool one_json(struct req *rq, const struct telegram_source *s,
		     struct json_object **o)
{
	struct business *list;
	size_t n;

	if (!businesses_list(rq->db, rq->a, &s->id, 1, &list, &n, &rq->err))
		return false;
	*o = source_json(rq, s, list, n);
	return true;
}

static void read_form(struct req *rq, struct telegram_source *s,
		      struct secret *token, bool creating)
{
	struct form *f = &rq->body, auto_reply;

	form_id(f, "project_id", &s->project_id, FORM_REQUIRED_IF(creating));
	form_secret(f, "token", token, TG_TOKEN_MAX, FORM_OPTIONAL);
	if (creating)
		form_id(f, "bot_id", &s->bot_id, FORM_OPTIONAL);
	form_bool(f, "monitoring", &s->monitoring, FORM_OPTIONAL);
	/* Core knows what belongs into it. */
	if (form_object(f, "auto_reply", &auto_reply, FORM_NULL))
		s->auto_reply = auto_reply_merge(
			rq->a, s->auto_reply ? s->auto_reply : "{}",
			auto_reply.o);
	else if (form_has(f, "auto_reply"))
		s->auto_reply = NULL;
}

static enum http_status reply_source(struct req *rq, enum http_status status,
				     int64_t id)
{
	struct telegram_source s;
	struct json_object *o;

	if (!telegram_source_find(rq->db, rq->a, req_client(rq), id, &s,
				  &rq->err) ||
	    !one_json(rq, &s, &o))
		return reply_err(rq);
	return reply_json(rq, status, o);
}

/* Made or changed: as stored, with its entry in the audit.  A token is never
 * shown; that it was set is. */
static enum http_status reply_change(struct req *rq, enum http_status status,
				     int64_t id,
				     const struct telegram_source *before,
				     struct secret token)
{
	struct json_object *was = NULL, *after, *o;
	struct telegram_source s;

	if (!telegram_source_find(rq->db, rq->a, req_client(rq), id, &s,
				  &rq->err) ||
	    (before && !one_json(rq, before, &was)) ||
	    !one_json(rq, &s, &after) || !one_json(rq, &s, &o))
		return reply_err(rq);
	if (token.len)
		json_put_str(after, "token", "***");
	req_audit(rq,
		  before ? "telegram_source.change" : "telegram_source.create",
		  req_object(rq, "source", id), was, after);
	rq->ring = true;
	return reply_json(rq, status, o);
}

/* The connections of all that are shown, at once. */
static bool list_json(struct req *rq, const struct telegram_source *list,
		      size_t n, struct json_object **items)
{
	int64_t *ids = arena_array(rq->a, n, sizeof(*ids));
	struct business *connections;
	size_t n_connections;

	for (size_t i = 0; i < n; i++)
		ids[i] = list[i].id;
	if (!businesses_list(rq->db, rq->a, ids, n, &connections,
			     &n_connections, &rq->err))
		return false;
	*items = json_object_new_array();
	for (size_t i = 0; i < n; i++)
		json_object_array_add(*items, json_object_get(source_json(
						      rq, &list[i], connections,
						      n_connections)));
	return true;
}

enum http_status api_telegram_source_list(struct req *rq)
{
	int64_t client_id = req_list_client(rq), project_id = 0;
	struct page page = req_page(rq);
	struct telegram_source *list;
	struct json_object *items;
	size_t n, shown;

	form_id(&rq->query, "project_id", &project_id, FORM_OPTIONAL);
	if (req_bad(rq) ||
	    !telegram_sources_list(rq->db, rq->a, client_id, project_id,
				   page.after, page.limit + 1, &list, &n,
				   &rq->err))
		return reply_err(rq);
	shown = n > (size_t)page.limit ? (size_t)page.limit : n;
	if (!list_json(rq, list, shown, &items))
		return reply_err(rq);
	return reply_list(rq, items, n > shown, shown ? list[shown - 1].id : 0,
			  0);
}

enum http_status api_telegram_source_create(struct req *rq)
{
	struct problems problems = { .a = rq->a };
	struct secret token = { 0 };
	struct telegram_source s = {
		.client_id = req_client(rq), /* 0: the project's */
		.monitoring = true,
	};

	read_form(rq, &s, &token, true);
	if (req_bad(rq))
		return reply_err(rq);
	if (!telegram_source_add(rq->db, rq->a, &s, token, rq->now, &problems,
				 &rq->err))
		return reply_refused(rq, &problems);
	return reply_change(rq, HTTP_CREATED, s.id, NULL, token);
}

enum http_status api_telegram_source_get(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");

	if (req_bad(rq))
		return reply_err(rq);
	return reply_source(rq, HTTP_OK, id);
}

enum http_status api_telegram_source_change(struct req *rq)
{
	struct problems problems = { .a = rq->a };
	int64_t id = req_path_i64(rq, "id");
	struct telegram_source before, s;
	struct secret token = { 0 };

	if (rq->err.kind || !telegram_source_lock(rq->db, rq->a, req_client(rq),
						  id, &before, &rq->err))
		return reply_err(rq);
	s = before;
	read_form(rq, &s, &token, false);
	if (req_bad(rq))
		return reply_err(rq);
	if (!telegram_source_change(rq->db, rq->a, &before, &s, token, rq->now,
				    &problems, &rq->err))
		return reply_refused(rq, &problems);
	return reply_change(rq, HTTP_OK, id, &before, token);
}

/* What is done to a source's bot at the source's address. */
typedef bool bot_act(struct db *db, struct arena *a, struct bot *b, int64_t now,
		     struct err *err);

static enum http_status act(struct req *rq, bot_act *run, const char *action)
{
	int64_t id = req_path_i64(rq, "id");
	struct telegram_source s;
	struct bot b;

	if (req_bad(rq) ||
	    !telegram_source_lock(rq->db, rq->a, req_client(rq), id, &s,
				  &rq->err) ||
	    !bot_lock(rq->db, rq->a, s.client_id, s.bot_id, &b, &rq->err) ||
	    !run(rq->db, rq->a, &b, rq->now, &rq->err))
		return reply_err(rq);
	req_audit_act(rq, action, req_object(rq, "source", id), s.client_id);
	rq->ring = true;
	return reply_source(rq, HTTP_ACCEPTED, id);
}

enum http_status api_telegram_source_webhook(struct req *rq)
{
	return act(rq, bot_renew_webhook, "telegram_source.webhook_renew");
}

enum http_status api_telegram_source_check(struct req *rq)
{
	return act(rq, bot_check, "telegram_source.check");
}

enum http_status api_telegram_source_remove(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	bool with_dialogs = false;
	struct telegram_source s;
	struct json_object *was;

	form_bool(&rq->query, "with_dialogs", &with_dialogs, FORM_OPTIONAL);
	if (req_bad(rq) ||
	    !telegram_source_lock(rq->db, rq->a, req_client(rq), id, &s,
				  &rq->err) ||
	    !one_json(rq, &s, &was) ||
	    !telegram_source_remove(rq->db, rq->a, &s, with_dialogs, rq->now,
				    &rq->err))
		return reply_err(rq);
	req_audit(rq, "telegram_source.delete", req_object(rq, "source", id),
		  was, NULL);
	rq->ring = true;
	return reply_empty(rq);
}
