/*
 * tg_update.c - updates to bots, by webhook or getUpdates.
 *
 * An update stays in its bot's list until the webhook took it, getUpdates
 * confirmed it, or it is too old.  While the bot has a webhook each update has
 * a post in the outbox.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "sandbox/settings.h"
#include "sandbox/tg_api.h"

#define RETRY_AFTER_MAX_S 3600

static void drop(struct tg_update *u)
{
	struct tg_bot *bot = u->bot;

	if (u->prev)
		u->prev->next = u->next;
	else
		bot->first = u->next;
	if (u->next)
		u->next->prev = u->prev;
	else
		bot->last = u->prev;
	bot->n_updates--;
	u->bot = NULL;
	world_touch();
}

static bool prepare(struct outbox_post *p)
{
	struct tg_update *u = p->owner;

	/* Confirmed or dropped meanwhile. */
	if (!u->bot)
		return false;
	if (clock_now_us() > u->dies_us) {
		drop(u);
		return false;
	}
	if (!u->text)
		u->text = json_text(u->json);
	p->url = u->bot->url;
	p->body = u->text;
	p->len = strlen(u->text);
	p->gzip = true;
	p->timeout_ms = set.telegram_webhook_timeout_ms;
	if (*u->bot->secret)
		outbox_header(p, "X-Telegram-Bot-Api-Secret-Token",
			      u->bot->secret);
	return true;
}

static void note_error(struct tg_bot *bot, const struct outbox_result *r)
{
	bot->error_at = now_s();
	if (r->status)
		bot->error = arena_printf(&world.a,
					  "Wrong response from the webhook: %d",
					  r->status);
	else
		bot->error = arena_str(&world.a, r->error);
}

/* The first repeat comes at once, then the pause doubles. */
static int64_t pause_ms(int attempt, const struct outbox_result *r)
{
	int64_t ms = set.telegram_webhook_backoff_ms;

	if (r->retry_after_s > 0)
		return (r->retry_after_s < RETRY_AFTER_MAX_S
				? r->retry_after_s
				: RETRY_AFTER_MAX_S) *
		       1000;
	if (attempt <= 1)
		return 0;
	for (int i = 2; i < attempt && ms < set.telegram_webhook_backoff_max_ms;
	     i++)
		ms *= 2;
	return ms < set.telegram_webhook_backoff_max_ms
		       ? ms
		       : set.telegram_webhook_backoff_max_ms;
}

static int64_t done(struct outbox_post *p, const struct outbox_result *r)
{
	struct tg_update *u = p->owner;
	struct tg_bot *bot = u->bot;

	if (!bot)
		return OUTBOX_DONE;
	if (r->status >= 200 && r->status <= 299) {
		drop(u);
		if (r->len > 0)
			tg_run_answer(bot, r->body, r->len);
		return OUTBOX_DONE;
	}
	note_error(bot, r);
	return pause_ms(p->attempt, r);
}

static void post(struct tg_update *u);

/* The outbox let go of it.  When the webhook was taken away and set again
 * while this one was on its way, it starts anew. */
static void gone(struct outbox_post *p)
{
	struct tg_update *u = p->owner;

	u->post = NULL;
	if (u->bot && *u->bot->url)
		post(u);
}

static void post(struct tg_update *u)
{
	struct outbox_post *p = outbox_new();

	u->post = p;
	p->owner = u;
	p->service = "telegram";
	p->account = arena_printf(&p->a, "%" PRId64, u->bot->user->id);
	p->prepare = prepare;
	p->done = done;
	p->gone = gone;
	u->bot->hooks.width = (int)u->bot->max_connections;
	outbox_add(&u->bot->hooks, u->queue, false, 0, p);
}

bool tg_update_wanted(const struct tg_bot *bot, const char *kind)
{
	if (!bot->allowed || json_object_array_length(bot->allowed) == 0)
		return strcmp(kind, "chat_member") != 0 &&
		       strcmp(kind, "message_reaction") != 0 &&
		       strcmp(kind, "message_reaction_count") != 0;
	for (size_t i = 0; i < json_object_array_length(bot->allowed); i++) {
		struct json_object *v =
			json_object_array_get_idx(bot->allowed, i);

		if (strcmp(json_object_get_string(v), kind) == 0)
			return true;
	}
	return false;
}

static void queue_update(struct tg_bot *bot, struct json_object *json,
			 const char *queue, int64_t life_s)
{
	struct tg_update *u = arena_alloc(&world.a, sizeof(*u));

	u->bot = bot;
	u->id = json_i64(json, "update_id", 0);
	u->json = world_keep(json);
	u->dies_us = clock_now_us() + life_s * CLOCK_SECOND_US;
	u->queue =
		arena_printf(&world.a, "%" PRId64 "/%s", bot->user->id, queue);
	u->prev = bot->last;
	if (bot->last)
		bot->last->next = u;
	else
		bot->first = u;
	bot->last = u;
	bot->n_updates++;
	world_touch();
	if (*bot->url)
		post(u);
	else
		tg_wake_poller(bot);
}

void tg_update_send(struct tg_bot *bot, const char *kind,
		    struct json_object *payload, const char *queue,
		    int64_t life_s)
{
	struct json_object *o;

	if (!tg_update_wanted(bot, kind))
		return;
	o = json_object_new_object();
	json_put_i64(o, "update_id", ++bot->next_update);
	json_put(o, kind, json_object_get(payload));
	queue_update(bot, o, queue, life_s);
	json_object_put(o);
}

/* A raw post is tried once, and its body is set already. */
static bool prepare_raw(struct outbox_post *p)
{
	const char *secret = p->owner;

	p->timeout_ms = set.telegram_webhook_timeout_ms;
	if (*secret)
		outbox_header(p, "X-Telegram-Bot-Api-Secret-Token", secret);
	return true;
}

static int64_t done_raw(struct outbox_post *p UNUSED,
			const struct outbox_result *r UNUSED)
{
	return OUTBOX_DONE;
}

void tg_update_raw(struct tg_bot *bot, struct json_object *update,
		   const char *secret)
{
	struct outbox_post *p = outbox_new();

	if (!json_member(update, "update_id"))
		json_put_i64(update, "update_id", ++bot->next_update);
	p->service = "telegram";
	p->account = arena_printf(&p->a, "%" PRId64, bot->user->id);
	p->owner = arena_str(&p->a, secret ? secret : bot->secret);
	p->url = arena_str(&p->a, bot->url);
	p->body = arena_str(&p->a, json_text(update));
	p->len = strlen(p->body);
	p->prepare = prepare_raw;
	p->done = done_raw;
	bot->hooks.width = (int)bot->max_connections;
	outbox_add(&bot->hooks,
		   arena_printf(&p->a, "%" PRId64 "/raw", bot->user->id), false,
		   0, p);
}

void tg_webhook_set(struct tg_bot *bot, const char *url, const char *secret)
{
	bool had = *bot->url;

	bot->url = arena_str(&world.a, url);
	bot->secret = arena_str(&world.a, secret);
	bot->error = NULL;
	bot->error_at = 0;
	world_touch();
	if (!*url) {
		if (had)
			outbox_forget(&bot->hooks);
		return;
	}
	tg_end_poller(bot, "terminated by setWebhook request");
	/* To the new address at once, whatever the old one answered. */
	outbox_wake(&bot->hooks);
	for (struct tg_update *u = bot->first; u; u = u->next) {
		if (!u->post)
			post(u);
	}
}

void tg_updates_drop(struct tg_bot *bot)
{
	while (bot->first)
		drop(bot->first);
}

void tg_updates_confirm(struct tg_bot *bot, int64_t before)
{
	while (bot->first && bot->first->id < before)
		drop(bot->first);
}
