/*
 * tg_chat.c - methods about chats and bots, and how bots get their updates.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "sandbox/settings.h"
#include "sandbox/tg_business.h"

#define TIMEOUT_MAX_S 50
#define SECRET_MAX    256

void tg_run_me(struct tg_call *c)
{
	struct json_object *o = json_object_new_object();

	json_object_object_foreach(c->bot->user->json, name, v)
		json_put(o, name, json_object_get(v));
	json_put_bool(o, "can_join_groups", c->bot->can_join_groups);
	json_put_bool(o, "can_read_all_group_messages", !c->bot->privacy);
	json_put_bool(o, "supports_inline_queries", false);
	json_put_bool(o, "can_connect_to_business", c->bot->business);
	json_put_bool(o, "has_main_web_app", false);
	tg_ok(c, o);
}

void tg_run_get_chat(struct tg_call *c)
{
	const struct tg_chat *chat = tg_param_chat(c);
	struct json_object *o;

	if (!chat)
		return;
	o = tg_chat_json(chat);
	json_put_i64(o, "accent_color_id", 0);
	json_put_i64(o, "max_reaction_count", 11);
	if (!chat->bot)
		json_put(o, "permissions", tg_rights_json(TG_SEND));
	if (chat->pinned.n)
		json_put(o, "pinned_message",
			 tg_message_json(chat->pinned.at[chat->pinned.n - 1],
					 c->bot));
	tg_ok(c, o);
}

void tg_run_get_member(struct tg_call *c)
{
	const struct tg_chat *chat = tg_param_chat(c);
	int64_t id = json_i64(c->params, "user_id", 0);
	struct tg_user *user = map_find_i64(&tg.users, id);
	struct tg_member *m, stranger = { 0 };

	if (!chat)
		return;
	if (!user) {
		tg_fail(c, 400, "PARTICIPANT_ID_INVALID");
		return;
	}
	m = tg_member_find(chat, id);
	stranger.user = user;
	stranger.status = chat->bot ? "member" : "left";
	tg_ok(c, tg_member_json(m ? m : &stranger));
}

void tg_run_get_admins(struct tg_call *c)
{
	const struct tg_chat *chat = tg_param_chat(c);
	bool bots = json_flag(c->params, "return_bots", false);
	struct json_object *list;
	struct lh_entry *e;

	if (!chat)
		return;
	if (chat->bot) {
		tg_fail(c, 400,
			"there are no administrators in the private chat");
		return;
	}
	list = json_object_new_array();
	for (e = map_first(&chat->members); e; e = e->next) {
		const struct tg_member *m = map_value(e);
		bool is_bot = json_flag(m->user->json, "is_bot", false);

		if (tg_member_is_admin(m) &&
		    (!is_bot || bots || m->user == c->bot->user))
			json_object_array_add(list, tg_member_json(m));
	}
	tg_ok(c, list);
}

void tg_run_answer_callback(struct tg_call *c)
{
	struct tg_callback *cb = map_find(
		&tg.callbacks, json_str(c->params, "callback_query_id", ""));
	const char *text = json_str(c->params, "text", "");
	int64_t life_us = set.telegram_callback_life_s * CLOCK_SECOND_US;

	if (text_units(text) > 200) {
		tg_violation(c, "text of %zu UTF-16 units", text_units(text));
		tg_fail(c, 400, "MESSAGE_TOO_LONG");
		return;
	}
	if (!cb || cb->bot != c->bot || clock_now_us() > cb->at_us + life_us ||
	    (cb->answered && set.telegram_answer_twice_fails)) {
		tg_fail(c, 400,
			"query is too old and response timeout expired or "
			"query ID is invalid");
		return;
	}
	cb->answered = true;
	cb->text = arena_str(&world.a, text);
	cb->alert = json_flag(c->params, "show_alert", false);
	world_touch();
	tg_true(c);
}

void tg_run_chat_action(struct tg_call *c)
{
	static const char known[] =
		" typing upload_photo record_video upload_video record_voice"
		" upload_voice upload_document choose_sticker find_location"
		" record_video_note upload_video_note ";
	const char *action = json_str(c->params, "action", "");
	const struct tg_chat *chat;

	if (!strstr(known, arena_printf(c->a, " %s ", action))) {
		tg_violation(c, "action %s", action);
		tg_fail(c, 400, "wrong parameter action in request");
	} else if ((chat = tg_param_chat(c)) &&
		   (!chat->owner || tg_business_may(c, TG_B_REPLY))) {
		tg_true(c);
	}
}

void tg_run_menu_button(struct tg_call *c)
{
	tg_true(c);
}

/* --- getting updates --- */

static void answer_updates(struct tg_call *c)
{
	struct json_object *list = json_object_new_array();
	int64_t limit = json_i64(c->params, "limit", 100);

	for (struct tg_update *u = c->bot->first; u && limit > 0; u = u->next) {
		json_object_array_add(list, json_object_get(u->json));
		limit--;
	}
	tg_ok(c, list);
}

static void poller_end(struct req *rq)
{
	struct tg_call *c = rq->waits;

	timer_stop(&rq->timer);
	rq->gone = NULL;
	rq->waits = NULL;
	c->bot->poller = NULL;
	tg_answer(c);
}

static void poller_gone(struct req *rq)
{
	struct tg_call *c = rq->waits;

	c->bot->poller = NULL;
}

static void on_poll_timeout(struct timer *t)
{
	struct req *rq = container_of(t, struct req, timer);

	answer_updates(rq->waits);
	poller_end(rq);
}

void tg_wake_poller(struct tg_bot *bot)
{
	if (!bot->poller)
		return;
	answer_updates(bot->poller->waits);
	poller_end(bot->poller);
}

void tg_end_poller(struct tg_bot *bot, const char *why)
{
	if (!bot->poller)
		return;
	tg_fail(bot->poller->waits, 409, "%s", why);
	poller_end(bot->poller);
}

/* Only texts are kept: what else the list holds names no update. */
static void set_allowed(struct tg_call *c)
{
	struct json_object *list = json_array_at(c->params, "allowed_updates");
	struct json_object *kept;

	if (!list)
		return;
	kept = json_object_new_array();
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *v = json_object_array_get_idx(list, i);

		if (json_object_is_type(v, json_type_string))
			json_object_array_add(kept, json_object_get(v));
		else
			tg_violation(c, "allowed_updates[%zu] is no text", i);
	}
	c->bot->allowed = world_keep(kept);
	json_object_put(kept);
}

/* A negative offset keeps the last n and forgets the rest.  One of a future
 * that never comes, from before the numbers began anew, confirms nothing. */
static void confirm(struct tg_bot *bot, int64_t offset)
{
	if (offset > 0 && offset <= bot->next_update + 1)
		tg_updates_confirm(bot, offset);
	while (offset < 0 && bot->n_updates > -offset)
		tg_updates_confirm(bot, bot->first->id + 1);
}

void tg_run_get_updates(struct tg_call *c)
{
	struct tg_bot *bot = c->bot;
	int64_t timeout = json_i64(c->params, "timeout", 0);
	int64_t limit = json_i64(c->params, "limit", 100);

	if (*bot->url) {
		tg_fail(c, 409,
			"can't use getUpdates method while webhook is active; "
			"use deleteWebhook to delete the webhook first");
		return;
	}
	if (limit < 1 || limit > 100)
		tg_violation(c, "limit %" PRId64, limit);
	tg_end_poller(bot, "terminated by other getUpdates request; make sure "
			   "that only one bot instance is running");
	set_allowed(c);
	confirm(bot, json_i64(c->params, "offset", 0));
	if (bot->first || timeout <= 0) {
		answer_updates(c);
		return;
	}
	c->waits = true;
	bot->poller = c->rq;
	c->rq->gone = poller_gone;
	timer_start(&c->rq->timer,
		    (timeout < TIMEOUT_MAX_S ? timeout : TIMEOUT_MAX_S) * 1000,
		    on_poll_timeout);
}

static bool secret_fits(struct tg_call *c, const char *s)
{
	size_t len = strlen(s);

	if (strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		      "0123456789_-") == len &&
	    len <= SECRET_MAX)
		return true;
	tg_violation(c, "secret_token with characters that are not allowed");
	return tg_fail(c, 400, "secret token contains unallowed characters");
}

/* https, and one of four ports. */
static bool url_fits(struct tg_call *c, const char *url)
{
	static const char *const ports[] = { "443", "80", "88", "8443" };
	const char *host = strstr(url, "://"), *port;
	size_t len;

	if (!host)
		return tg_fail(c, 400, "bad webhook: invalid URL");
	if (!set.telegram_https_only)
		return true;
	if (strncmp(url, "https://", 8) != 0)
		return tg_fail(c, 400,
			       "bad webhook: An HTTPS URL must be provided for "
			       "webhook");
	host += 3;
	port = memchr(host, ':', strcspn(host, "/"));
	if (!port)
		return true;
	len = strcspn(++port, "/");
	for (size_t i = 0; i < ARRAY_LEN(ports); i++) {
		if (strlen(ports[i]) == len &&
		    strncmp(ports[i], port, len) == 0)
			return true;
	}
	return tg_fail(c, 400,
		       "bad webhook: Webhook can be set up only on ports 80, "
		       "88, 443 or 8443");
}

void tg_run_set_webhook(struct tg_call *c)
{
	struct tg_bot *bot = c->bot;
	const char *url = json_str(c->params, "url", "");
	const char *secret = json_str(c->params, "secret_token", "");
	int64_t max = json_i64(c->params, "max_connections", 40);
	int64_t now = clock_now_us();
	bool same =
		strcmp(url, bot->url) == 0 && strcmp(secret, bot->secret) == 0;

	if (*url && !json_array_at(c->params, "allowed_updates"))
		tg_violation(c, "no allowed_updates: the former list stays");
	if (max < 1 || max > 100)
		tg_violation(c, "max_connections %" PRId64, max);
	if (*url && (!url_fits(c, url) || !secret_fits(c, secret)))
		return;
	if (!same && bot->set_at_us && now - bot->set_at_us < CLOCK_SECOND_US &&
	    set.telegram_rate_limits) {
		c->retry_after = 1;
		tg_fail(c, 429, "retry after 1");
		return;
	}
	bot->set_at_us = now;
	bot->max_connections = max >= 1 && max <= 100 ? max : 40;
	set_allowed(c);
	if (json_flag(c->params, "drop_pending_updates", false))
		tg_updates_drop(bot);
	if (!same)
		tg_webhook_set(bot, url, secret);
	tg_true(c);
}

void tg_run_delete_webhook(struct tg_call *c)
{
	if (json_flag(c->params, "drop_pending_updates", false))
		tg_updates_drop(c->bot);
	tg_webhook_set(c->bot, "", "");
	tg_true(c);
}

void tg_run_webhook_info(struct tg_call *c)
{
	const struct tg_bot *bot = c->bot;
	struct json_object *o = json_object_new_object();

	json_put_str(o, "url", bot->url);
	json_put_bool(o, "has_custom_certificate", false);
	json_put_i64(o, "pending_update_count", bot->n_updates);
	if (*bot->url) {
		json_put_i64(o, "max_connections", bot->max_connections);
		json_put_str(o, "ip_address", "127.0.0.1");
	}
	if (bot->error) {
		json_put_i64(o, "last_error_date", bot->error_at);
		json_put_str(o, "last_error_message", bot->error);
	}
	if (bot->allowed && json_object_array_length(bot->allowed))
		json_put(o, "allowed_updates", json_object_get(bot->allowed));
	tg_ok(c, o);
}
