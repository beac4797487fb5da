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
#include "core/hook.h"
#include "daemon/limits.h"
#include "daemon/tasks.h"

/* A refusal is for people to mend; it is tried again without being asked. */
static void refused(struct run *r, const struct err *why)
{
	const char *text =
		arena_printf(&r->a, "Вебхук не установлен: %s", why->text);
	struct err err = { 0 };

	log_error("bot.webhook_refused", lf_int("bot", r->t.subject_id),
		  lf_str("reason", why->text));
	if (bot_webhook_failed(r->dm->db, &r->a, r->t.subject_id, text, &err))
		run_again(r, clock_now_us() + RECHECK_US, why->text);
	else
		run_error(r, &err);
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
	} else if (!bot_webhook_confirmed(r->dm->db, &r->a, r->t.subject_id,
					  r->bot->webhook_secret_hash,
					  clock_now_us(), &err)) {
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
	    !bot_webhook_confirmed(r->dm->db, &r->a, r->t.subject_id,
				   r->bot->webhook_secret_hash, 0, &err))
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
	url = arena_printf(&r->a, "%s/api/webhooks/telegram/%" PRId64 "/%s",
			   r->dm->s->webhook_base_url, r->bot->id,
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
