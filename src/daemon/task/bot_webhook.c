/*
 * bot_webhook.c - the webhook of a bot: set, set anew, taken away.
 *
 * The former secret stays good until Telegram has confirmed the new one.
 */
#include "config.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/log.h"
#include "chan/telegram.h"
#include "core/bot.h"
#include "core/broken.h"
#include "core/hook.h"
#include "daemon/limits.h"
#include "daemon/tasks.h"
#include "store/notice.h"

/* A token that is refused is the bot's trouble, and noticed as such. */
static bool notice_refused(struct run *r, const struct err *why,
			   const char *text, struct err *err)
{
	int64_t now = clock_now_us();
	struct broken b = {
		.client_id = r->bot->client_id,
		.bot_id = r->bot->id,
		.trouble = CHAN_TOKEN_REFUSED,
		.why = why->text,
	};
	struct notice n = {
		.client_id = r->bot->client_id,
		.kind = NOTICE_BOT_WEBHOOK,
		.object = broken_object(&r->a, &b),
		.text = text,
	};

	if (why->kind == ERR_AUTH)
		return broken_notice(r->dm->db, &r->a, &b, now, err);
	return notice_raise(r->dm->db, &r->a, &n, now, err);
}

/* A refusal is for people to mend; it is tried again without being asked. */
static void refused(struct run *r, const struct err *why)
{
	const char *text =
		arena_printf(&r->a, "Вебхук не установлен: %s", why->text);
	struct err err = { 0 };
	bool ok;

	log_error("bot.webhook_refused", lf_int("bot", r->t.subject_id),
		  lf_str("reason", why->text));
	ok = db_begin(r->dm->db, &err) &&
	     bot_webhook_failed(r->dm->db, &r->a, r->bot->id, text, &err) &&
	     notice_refused(r, why, text, &err);
	if (db_finish(r->dm->db, ok, &err))
		run_again(r, clock_now_us() + RECHECK_US, why->text);
	else
		run_error(r, &err);
}

/* set_at 0: it was taken away, as asked. */
static bool write_confirmed(struct run *r, int64_t set_at, struct err *err)
{
	struct db *db = r->dm->db;
	const char *object = arena_printf(&r->a, "bot:%" PRId64, r->bot->id);
	bool ok;

	ok = db_begin(db, err) &&
	     bot_webhook_confirmed(db, &r->a, r->bot->id,
				   r->bot->webhook_secret_hash, set_at, err) &&
	     notice_close(db, &r->a, r->bot->client_id, NOTICE_BOT_WEBHOOK,
			  object, clock_now_us(), err);
	return db_finish(db, ok, err);
}

static void on_set(struct call *c)
{
	struct run *r = container_of(c, struct run, call);
	enum chan_trouble trouble = CHAN_FINE;
	struct json_object *result;
	struct err err = { 0 };

	if (!tg_read(&r->a, &c->reply, &result, &trouble, NULL, &err)) {
		if (err.kind == ERR_INPUT || err.kind == ERR_AUTH ||
		    err.kind == ERR_DENIED || err.kind == ERR_MISSING)
			refused(r, &err);
		else
			run_error(r, &err);
	} else if (!write_confirmed(r, clock_now_us(), &err)) {
		run_error(r, &err);
	} else {
		log_info("bot.webhook_set", lf_int("bot", r->t.subject_id));
		run_done(r);
	}
}

static void on_dropped(struct call *c)
{
	struct run *r = container_of(c, struct run, call);
	enum chan_trouble trouble = CHAN_FINE;
	struct json_object *result;
	struct err err = { 0 };

	if (!tg_read(&r->a, &c->reply, &result, &trouble, NULL, &err) ||
	    !write_confirmed(r, 0, &err))
		run_error(r, &err);
	else
		run_done(r);
}

static void start_set(struct run *r)
{
	struct err err = { 0 };
	struct secret secret;
	const char *url;

	if (!run_bot(r))
		return;
	if (json_flag(r->args, "drop", false)) {
		tg_delete_webhook_write(&r->a, &r->end, &r->call.rq);
		run_call(r, on_dropped);
		return;
	}
	if (!unseal(&r->a, "bots.webhook_secret", r->bot->webhook_secret_sealed,
		    &secret, &err)) {
		run_error(r, &err);
		return;
	}
	url = arena_printf(&r->a, "%s%s",
			   bot_hook_address(&r->a, r->dm->s->webhook_base_url,
					    r->bot->id, r->bot->group_chat_id,
					    r->bot->source_id),
			   secret.bytes);
	tg_set_webhook_write(&r->a, &r->end, url,
			     hook_header_secret(&r->a, secret), &r->call.rq);
	run_call(r, on_set);
}

static void on_taken(struct call *c)
{
	struct run *r = container_of(c, struct run, call);
	enum chan_trouble trouble = CHAN_FINE;
	struct json_object *result;
	struct err err = { 0 };

	/* A token that is refused has no webhook to be taken away. */
	if (tg_read(&r->a, &c->reply, &result, &trouble, NULL, &err) ||
	    err.kind == ERR_AUTH)
		run_done(r);
	else
		run_error(r, &err);
}

static void start_unhook(struct run *r)
{
	struct err err = { 0 };

	r->end.api_base = r->dm->s->telegram_api_base;
	if (!unseal(&r->a, "bots.token", json_str(r->args, "token_sealed", ""),
		    &r->end.token, &err)) {
		run_error(r, &err);
		return;
	}
	tg_delete_webhook_write(&r->a, &r->end, &r->call.rq);
	run_call(r, on_taken);
}

const struct task_type task_bot_webhook = {
	.kind = "bot.webhook",
	.start = start_set,
};

const struct task_type task_bot_unhook = {
	.kind = "bot.unhook",
	.start = start_unhook,
};
