/*
 * topic_unrouted.c - what the bot says of a message outside of every topic.
 *
 * Said as a reply to it, edited afterwards; if the bot's own message is gone,
 * nothing is said anew.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/route.h"
#include "daemon/limits.h"
#include "daemon/task/telegram_small.h"
#include "daemon/tasks.h"

/* What is said of what. */
struct telling {
	struct unrouted u;
	struct route_words words;
};

static bool write_said(struct run *r, struct err *err)
{
	struct telling *t = r->state;

	return unrouted_said(r->dm->db, &r->a, &t->u, err);
}

static void on_said(struct call *call)
{
	struct run *r = container_of(call, struct run, call);
	struct telling *t = r->state;
	struct chan_sent sent = { 0 };
	struct err err = { 0 };

	if (chan_telegram.send_read(&r->a, &call->reply, &sent, &err)) {
		t->u.answer_id = strtoll(sent.id, NULL, 10);
		run_done_with(r, write_said);
	} else if (sent.trouble == CHAN_TOPIC_GONE ||
		   sent.trouble == CHAN_TOPIC_CLOSED) {
		run_done(r); /* nobody is there to be told */
	} else {
		small_failed(r, t->u.bot_id, &err);
	}
}

static void say(struct run *r)
{
	struct telling *t = r->state;
	struct chan_out out = {
		.chat = arena_printf(&r->a, "%" PRId64, t->u.chat_id),
		.topic = route_topic(&r->a, &t->u),
		.text = t->words.text,
		.reply_to = arena_printf(&r->a, "%" PRId64, t->u.message_id),
	};

	if (!small_is_open(r, t->u.bot_id, t->u.chat_id) ||
	    !run_bot_of(r, t->u.bot_id))
		return;
	tg_ask_write(&r->a, &r->end, &out, t->words.buttons, t->words.n_buttons,
		     &r->call.rq);
	run_call(r, on_said);
}

static void on_edited(struct call *call)
{
	struct run *r = container_of(call, struct run, call);
	struct telling *t = r->state;
	enum chan_trouble trouble = CHAN_FINE;
	struct json_object *result;
	struct err err = { 0 };

	if (tg_read(&r->a, &call->reply, &result, &trouble, NULL, &err) ||
	    err.kind == ERR_MISSING || err.kind == ERR_INPUT)
		run_done(r);
	else
		small_failed(r, t->u.bot_id, &err);
}

static void edit(struct run *r)
{
	struct telling *t = r->state;

	if (!small_is_open(r, t->u.bot_id, 0) || !run_bot_of(r, t->u.bot_id))
		return;
	tg_edit_write(&r->a, &r->end, t->u.chat_id, t->u.answer_id,
		      t->words.text, t->words.buttons, t->words.n_buttons,
		      &r->call.rq);
	run_call(r, on_edited);
}

static bool look(struct run *r, struct err *err)
{
	struct telling *t = r->state;
	struct route_choice *choices = NULL;
	size_t n = 0;

	if (!unrouted_find(r->dm->db, &r->a, r->t.subject_id, &t->u, err) ||
	    (!t->u.settled_at &&
	     !route_choices(r->dm->db, &r->a, t->u.client_id, t->u.bot_id,
			    t->u.chat_id, ROUTE_CHOICES, &choices, &n, err)))
		return false;
	route_compose(&r->a, &t->u, choices, n, &t->words);
	return true;
}

static void start(struct run *r)
{
	struct telling *t = arena_alloc(&r->a, sizeof(*t));
	struct err err = { 0 };

	r->state = t;
	if (!look(r, &err)) {
		if (err.kind == ERR_MISSING)
			run_done(r);
		else
			run_error(r, &err);
	} else if (!t->words.text) {
		run_done(r);
	} else if (t->u.answer_id) {
		edit(r);
	} else {
		say(r);
	}
}

const struct task_type task_topic_unrouted = {
	.kind = "topic.unrouted",
	.start = start,
	.room = ROOM_SMALL,
};
