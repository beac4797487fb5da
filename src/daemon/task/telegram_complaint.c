/*
 * telegram_complaint.c - a failed message's complaint shows how it stands.
 *
 * Said when its delivery has failed, edited afterwards.  If the message that
 * was said is gone, a failure is said anew, and anything else is let be.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "core/complaint.h"
#include "daemon/limits.h"
#include "daemon/task/telegram_small.h"
#include "daemon/tasks.h"

/* What went by itself may fail before the dialog has a topic. */
#define TOPIC_LOOK_US (5 * SECOND_US)
#define TOPIC_WAIT_US (3600 * SECOND_US)

static struct complaint *complaint_of(struct run *r)
{
	return r->state;
}

static bool write_said(struct run *r, struct err *err)
{
	return complaint_said(r->dm->db, &r->a, complaint_of(r), err);
}

static void on_said(struct call *call)
{
	struct run *r = container_of(call, struct run, call);
	struct complaint *c = complaint_of(r);
	struct chan_sent sent = { 0 };
	struct err err = { 0 };

	if (!chan_telegram.send_read(&r->a, &call->reply, &sent, &err)) {
		small_failed(r, c->topic_bot_id, &err);
		return;
	}
	c->bot_id = c->topic_bot_id;
	c->chat_id = c->group_id;
	c->message_id = strtoll(sent.id, NULL, 10);
	run_done_with(r, write_said);
}

static void say(struct run *r)
{
	struct complaint *c = complaint_of(r);
	struct complaint_words words;
	struct chan_out out = {
		.chat = arena_printf(&r->a, "%" PRId64, c->group_id),
		.topic = c->topic_id,
	};

	/* The buyer's message is making the topic. */
	if (complaint_is_open(c) && !c->topic_bot_id && *c->robots_text &&
	    clock_now_us() < c->changed_at + TOPIC_WAIT_US) {
		run_again(r, clock_now_us() + TOPIC_LOOK_US, NULL);
		return;
	}
	/* Nothing to complain of any more, or nowhere to say it. */
	if (!complaint_is_open(c) || !c->topic_bot_id) {
		run_done(r);
		return;
	}
	if (!small_is_open(r, c->topic_bot_id, c->group_id) ||
	    !run_bot_of(r, c->topic_bot_id))
		return;
	complaint_compose(&r->a, c, &words);
	out.text = words.text;
	if (c->reply_to)
		out.reply_to = arena_printf(&r->a, "%" PRId64, c->reply_to);
	tg_ask_write(&r->a, &r->end, &out, words.buttons, words.n_buttons,
		     &r->call.rq);
	run_call(r, on_said);
}

/* Deleted by somebody, too old, or left behind in a group's former self. */
static bool is_gone(const struct err *err, enum chan_trouble trouble)
{
	return err->kind == ERR_MISSING || err->kind == ERR_INPUT ||
	       trouble == CHAN_MIGRATED;
}

static void on_edited(struct call *call)
{
	struct run *r = container_of(call, struct run, call);
	struct complaint *c = complaint_of(r);
	enum chan_trouble trouble = CHAN_FINE;
	struct json_object *result;
	struct err err = { 0 };

	if (tg_read(&r->a, &call->reply, &result, &trouble, NULL, &err))
		run_done(r);
	else if (is_gone(&err, trouble))
		say(r);
	else
		small_failed(r, c->bot_id, &err);
}

static void edit(struct run *r)
{
	struct complaint *c = complaint_of(r);
	struct complaint_words words;

	if (!small_is_open(r, c->bot_id, 0) || !run_bot_of(r, c->bot_id))
		return;
	complaint_compose(&r->a, c, &words);
	tg_edit_write(&r->a, &r->end, c->chat_id, c->message_id, words.text,
		      words.buttons, words.n_buttons, &r->call.rq);
	run_call(r, on_edited);
}

static void start(struct run *r)
{
	struct complaint *c = arena_alloc(&r->a, sizeof(*c));
	struct err err = { 0 };

	r->state = c;
	if (!complaint_find(r->dm->db, &r->a, r->t.subject_id, c, &err)) {
		if (err.kind == ERR_MISSING)
			run_done(r);
		else
			run_error(r, &err);
	} else if (c->message_id) {
		edit(r);
	} else {
		say(r);
	}
}

const struct task_type task_telegram_complaint = {
	.kind = "telegram.complaint",
	.start = start,
	.room = ROOM_SMALL,
};
