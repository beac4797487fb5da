/*
 * telegram_small.c - reactions, pins and short answers of a group's bot.
 *
 * They go when there is time, never before messages; one that is refused for
 * good changes nothing else.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "chan/telegram.h"
#include "daemon/limits.h"
#include "daemon/place.h"
#include "daemon/task/telegram_small.h"
#include "daemon/tasks.h"

bool small_is_open(struct run *r, int64_t bot_id, int64_t message_to)
{
	struct place *p = place_of(r->dm, PLACE_BOT, bot_id);
	int64_t now = clock_now_us();
	int64_t until = place_closed_until(p, now);
	bool ok = false;

	if (!until)
		ok = message_to
			     ? place_take(r->dm, p, message_to, 1, now, &until)
			     : place_take_small(r->dm, p, now, &until);
	if (!ok)
		run_again(r, until, NULL);
	return ok;
}

void small_failed(struct run *r, int64_t bot_id, const struct err *err)
{
	if (err->kind == ERR_LIMIT)
		place_told(place_of(r->dm, PLACE_BOT, bot_id), err->retry_s,
			   clock_now_us());
	run_error(r, err);
}

static bool is_open(struct run *r, bool is_message)
{
	return small_is_open(r, r->t.subject_id,
			     is_message ? json_i64(r->args, "chat", 0) : 0);
}

static void failed(struct run *r, const struct err *err)
{
	small_failed(r, r->t.subject_id, err);
}

static void on_answer(struct call *c)
{
	struct run *r = container_of(c, struct run, call);
	enum chan_trouble trouble = CHAN_FINE;
	struct json_object *result;
	struct err err = { 0 };

	/* What is gone needs neither pin nor reaction. */
	if (tg_read(&r->a, &c->reply, &result, &trouble, NULL, &err) ||
	    err.kind == ERR_MISSING)
		run_done(r);
	else
		failed(r, &err);
}

static void start_react(struct run *r)
{
	if (!is_open(r, false) || !run_bot(r))
		return;
	tg_react_write(&r->a, &r->end, json_i64(r->args, "chat", 0),
		       strtoll(json_str(r->args, "message", "0"), NULL, 10),
		       json_str(r->args, "emoji", NULL), &r->call.rq);
	run_call(r, on_answer);
}

static void start_pin(struct run *r)
{
	if (!is_open(r, false) || !run_bot(r))
		return;
	tg_pin_write(&r->a, &r->end, json_i64(r->args, "chat", 0),
		     json_i64(r->args, "message", 0), &r->call.rq);
	run_call(r, on_answer);
}

static void on_said(struct call *c)
{
	struct run *r = container_of(c, struct run, call);
	struct chan_sent sent = { 0 };
	struct err err = { 0 };

	/* Where a topic is gone or closed nobody waits for an answer. */
	if (chan_telegram.send_read(&r->a, &c->reply, &sent, &err) ||
	    sent.trouble == CHAN_TOPIC_GONE ||
	    sent.trouble == CHAN_TOPIC_CLOSED)
		run_done(r);
	else
		failed(r, &err);
}

static void start_say(struct run *r)
{
	int64_t reply_to = json_i64(r->args, "reply_to", 0);
	struct chan_out out = {
		.kind = CHAN_TEXT,
		.chat = arena_printf(&r->a, "%" PRId64,
				     json_i64(r->args, "chat", 0)),
		.topic = json_i64(r->args, "topic", 0),
		.text = json_str(r->args, "text", ""),
		.reply_to = reply_to ? arena_printf(&r->a, "%" PRId64, reply_to)
				     : NULL,
	};

	if (!is_open(r, true) || !run_bot(r))
		return;
	chan_telegram.send_write(&r->a, &r->end, &out, &r->call.rq);
	run_call(r, on_said);
}

const struct task_type task_telegram_react = {
	.kind = "telegram.react",
	.start = start_react,
	.room = ROOM_SMALL,
};

const struct task_type task_telegram_pin = {
	.kind = "telegram.pin",
	.start = start_pin,
	.room = ROOM_SMALL,
};

const struct task_type task_telegram_say = {
	.kind = "telegram.say",
	.start = start_say,
	.room = ROOM_SMALL,
};
