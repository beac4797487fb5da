/*
 * message_show.c - makes the copies of a message look as it does now.
 *
 * Asked for by an edit or a deletion (store/change.h); whatever has happened
 * since, it is the message as it stands that is shown.  While a delivery is at
 * work on it the task waits: only then it is known what was shown.  First the
 * buyer's side, because the team is told what came of that.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/text.h"
#include "chan/rich.h"
#include "chan/telegram.h"
#include "core/show.h"
#include "daemon/limits.h"
#include "daemon/place.h"
#include "daemon/task/telegram_small.h"
#include "daemon/tasks.h"
#include "store/change.h"

/* How often a message on its way is looked at again: as seldom as it has
 * waited long. */
#define LOOK_AGAIN_US     SECOND_US
#define LOOK_AGAIN_MAX_US (60 * SECOND_US)

struct show {
	struct shown s;
	struct show_step *steps; /* of the side that is being shown */
	size_t n, next;
	bool of_team;
	const char *refusal; /* the buyer's side; NULL: it has not refused */
	struct show_step *notes;
	size_t n_notes;
};

static struct show *show_of(struct run *r)
{
	return r->state;
}

static struct show_step *step_of(struct show *w)
{
	return &w->steps[w->next];
}

static void drain(struct run *r);

/* ---- what the team is told ---- */

static bool say(struct run *r, const struct shown_copy *to, const char *text,
		int number, struct err *err)
{
	const struct delivery *d = &show_of(r)->s.d;
	struct json_object *args = json_new(&r->a);
	long long reply_to = 0;
	struct task t = {
		.client_id = d->client_id,
		.kind = "telegram.say",
		.subject_id = d->topic_bot_id,
		.key = arena_printf(&r->a, "show:%" PRId64 ":%d", d->message_id,
				    number),
		/* Pieces of one text stay in order. */
		.due_at = clock_now_us() + number,
		.request_id = r->t.request_id,
	};

	text_read_i64(to->external_id, 1, INT64_MAX, &reply_to);
	json_put_i64(args, "chat", d->topic_group_id);
	json_put_i64(args, "topic", d->bot_topics ? d->topic_id : 0);
	json_put_i64(args, "reply_to", reply_to);
	json_put_str(args, "text", text);
	t.args = json_text(args);
	return task_add(r->dm->db, &r->a, &t, err);
}

/* Where the team sees it: as it was written in the group, or its copy. */
static struct shown_copy seen_by_team(const struct show *w)
{
	const struct delivery *d = &w->s.d;

	if (strcmp(d->origin, "telegram") == 0 &&
	    d->origin_id == d->topic_group_id)
		return (struct shown_copy){ .external_id = d->external_id };
	for (size_t i = 0; i < w->s.n_copies; i++)
		if (strcmp(w->s.copies[i].place, "telegram") == 0 &&
		    w->s.copies[i].place_id == d->topic_group_id)
			return w->s.copies[i];
	return (struct shown_copy){ .external_id = "" };
}

static bool say_notes(struct run *r, struct err *err)
{
	struct show *w = show_of(r);
	int number = 0;

	for (size_t i = 0; i < w->n_notes; i++) {
		struct rich text = { .text = w->notes[i].part.text };
		size_t n;
		struct rich *pieces = rich_split(&r->a, &text, TG_TEXT_MAX,
						 true, RICH_MARKS_MAX, &n);

		for (size_t k = 0; k < n; k++)
			if (!say(r, &w->notes[i].copy, pieces[k].text, number++,
				 err))
				return false;
	}
	return true;
}

static bool write_end(struct run *r, struct err *err)
{
	struct show *w = show_of(r);

	if (w->refusal && show_is_deleted(&w->s) &&
	    !message_undelete(r->dm->db, &r->a, w->s.d.client_id,
			      w->s.d.message_id, err))
		return false;
	return !w->s.d.topic_bot_id || say_notes(r, err);
}

static void note(struct run *r, const struct shown_copy *to, const char *text)
{
	struct show *w = show_of(r);

	w->notes[w->n_notes++] =
		(struct show_step){ .copy = *to, .part = { .text = text } };
}

static void finish(struct run *r)
{
	struct show *w = show_of(r);
	struct shown_copy seen = seen_by_team(w);

	if (w->refusal)
		note(r, &seen, show_refusal(&r->a, &w->s, w->refusal));
	else if (show_success(&w->s))
		note(r, &seen, show_success(&w->s));
	run_done_with(r, write_end);
}

/* ---- one step ---- */

static void step_done(struct run *r)
{
	struct show *w = show_of(r);

	fault("message.shown");
	w->next++;
	if (run_renew(r))
		drain(r);
}

static bool is_final(const struct err *err)
{
	return err->kind == ERR_INPUT || err->kind == ERR_MISSING ||
	       err->kind == ERR_AUTH || err->kind == ERR_DENIED;
}

static void wait_or_fail(struct run *r, const struct err *err)
{
	struct show *w = show_of(r);
	const struct delivery *d = &w->s.d;

	if (w->of_team) {
		small_failed(r, d->topic_bot_id, err);
		return;
	}
	if (err->kind == ERR_LIMIT && d->source_bot_id)
		place_told(place_of(r->dm, PLACE_SOURCE, d->source_id),
			   err->retry_s, clock_now_us());
	run_error(r, err);
}

/* What is gone need not be deleted; else the team gets a word instead. */
static void step_failed(struct run *r, const struct err *err)
{
	struct show *w = show_of(r);
	const struct show_step *step = step_of(w);

	if (step->act == SHOW_DELETE && err->kind == ERR_MISSING) {
		step_done(r);
	} else if (!is_final(err) || (w->of_team && err->kind != ERR_INPUT &&
				      err->kind != ERR_MISSING)) {
		wait_or_fail(r, err);
	} else if (!w->of_team) {
		w->refusal = arena_str(&r->a, err->text);
		finish(r);
	} else {
		if (step->act == SHOW_EDIT)
			note(r, &step->copy,
			     show_note(&r->a, &w->s, &step->part));
		step_done(r);
	}
}

static bool forget(struct run *r, struct err *err)
{
	struct show *w = show_of(r);
	const struct show_step *step = step_of(w);

	return step->act != SHOW_DELETE || !step->forgets ||
	       shown_copy_drop(r->dm->db, &r->a, &w->s, &step->copy, err);
}

static bool keep_sent(struct run *r, const struct chan_sent *sent,
		      struct err *err)
{
	struct show *w = show_of(r);
	struct shown_copy copy = step_of(w)->copy;

	copy.external_id = sent->id;
	copy.created_at = clock_now_us();
	return shown_copy_put(r->dm->db, &r->a, &w->s, &copy, err);
}

static void on_reply(struct run *r, const struct chan *chan,
		     const struct http_reply *reply)
{
	struct show *w = show_of(r);
	enum chan_trouble trouble = CHAN_FINE;
	struct chan_sent sent = { 0 };
	struct err err = { 0 };
	bool ok;

	if (step_of(w)->act == SHOW_SEND)
		ok = chan->send_read(&r->a, reply, &sent, &err) &&
		     keep_sent(r, &sent, &err);
	else
		ok = chan->done_read(&r->a, reply, &trouble, &err) &&
		     forget(r, &err);
	if (ok)
		step_done(r);
	else
		step_failed(r, &err);
}

static const struct chan *chan_of_step(const struct show *w)
{
	const struct delivery *d = &w->s.d;

	return w->of_team ? &chan_telegram
			  : chan_of(d->source, tg_place_owner(d->chat) != 0);
}

static void write_step(struct run *r, const struct chan_end *end,
		       struct http_request *rq)
{
	struct show *w = show_of(r);
	const struct delivery *d = &w->s.d;
	const struct show_step *step = step_of(w);
	const struct chan *chan = chan_of_step(w);
	struct chan_out out = {
		.kind = step->part.kind,
		.chat = w->of_team ? arena_printf(&r->a, "%" PRId64,
						  d->topic_group_id)
				   : d->chat,
		.topic = w->of_team && d->bot_topics ? d->topic_id : 0,
		.text = step->part.text,
		.entities = step->part.entities,
	};

	switch (step->act) {
	case SHOW_EDIT:
		chan->edit_write(&r->a, end, &out, step->copy.external_id, rq);
		break;
	case SHOW_DELETE:
		chan->delete_write(&r->a, end, out.chat, step->copy.external_id,
				   rq);
		break;
	case SHOW_SEND:
		chan->send_write(&r->a, end, &out, rq);
		break;
	case SHOW_SAY:
		break;
	}
}

/* ---- Avito ---- */

static void write_asked(struct avito_ask *q, const struct chan_end *end)
{
	write_step(container_of(q, struct run, ask), end, &q->call.rq);
}

static void on_asked(struct avito_ask *q)
{
	struct run *r = container_of(q, struct run, ask);

	if (q->err.kind)
		step_failed(r, &q->err);
	else
		on_reply(r, chan_of_step(show_of(r)), &q->call.reply);
}

static void ask_avito(struct run *r)
{
	struct err err = { 0 };

	if (!r->avito) {
		r->avito = arena_alloc(&r->a, sizeof(*r->avito));
		if (!avito_link_find(r->dm->db, &r->a,
				     show_of(r)->s.d.source_id, r->avito,
				     &err)) {
			step_failed(r, &err);
			return;
		}
		r->ask.pass = avito_pass_of(r->avito);
	}
	run_ask(r, write_asked, on_asked);
}

/* ---- Telegram ---- */

static void on_called(struct call *c)
{
	struct run *r = container_of(c, struct run, call);

	on_reply(r, chan_of_step(show_of(r)), &c->reply);
}

static bool source_is_open(struct run *r)
{
	struct place *p =
		place_of(r->dm, PLACE_SOURCE, show_of(r)->s.d.source_id);
	int64_t now = clock_now_us();
	int64_t until = place_closed_until(p, now);

	if (!until && place_take_small(r->dm, p, now, &until))
		return true;
	run_again(r, until, NULL);
	return false;
}

static void call_telegram(struct run *r)
{
	struct show *w = show_of(r);
	const struct delivery *d = &w->s.d;
	bool sends = step_of(w)->act == SHOW_SEND;
	bool open = w->of_team ? small_is_open(r, d->topic_bot_id,
					       sends ? d->topic_group_id : 0)
			       : source_is_open(r);

	if (!open ||
	    !run_bot_of(r, w->of_team ? d->topic_bot_id : d->source_bot_id))
		return;
	if (!w->of_team)
		r->end.connection = d->connection;
	r->call.rq = (struct http_request){ 0 };
	write_step(r, &r->end, &r->call.rq);
	run_call(r, on_called);
}

/* ---- the whole ---- */

static bool is_cut_off(const struct delivery *d)
{
	return tg_place_owner(d->chat) != 0 && !*d->connection;
}

static bool plan_team(struct run *r, struct err *err)
{
	struct show *w = show_of(r);
	struct delivery *company = NULL;
	int64_t *ids = NULL;
	size_t n = 0;

	for (size_t i = 0;
	     i < w->s.n_copies && n == 0 && !show_is_written_there(&w->s); i++)
		if (w->s.copies[i].place_id == w->s.d.topic_group_id &&
		    !shown_company(r->dm->db, &r->a, w->s.d.client_id,
				   &w->s.copies[i], &ids, &n, err))
			return false;
	company = arena_array(&r->a, n, sizeof(*company));
	for (size_t i = 0; i < n; i++) {
		struct shown other;

		if (!shown_find(r->dm->db, &r->a, ids[i], &other, err))
			return false;
		company[i] = other.d;
	}
	w->of_team = true;
	w->next = 0;
	show_plan_team(&r->a, &w->s, company, n, &w->steps, &w->n);
	w->notes = arena_array(&r->a, w->n + 1, sizeof(*w->notes));
	return true;
}

static void drain(struct run *r)
{
	struct show *w = show_of(r);
	const struct delivery *d = &w->s.d;
	struct err err = { 0 };

	while (w->next < w->n && step_of(w)->act == SHOW_SAY) {
		note(r, &step_of(w)->copy, step_of(w)->part.text);
		w->next++;
	}
	if (w->next < w->n && !w->of_team && is_cut_off(d)) {
		w->refusal = "владелец аккаунта отключил бота";
		finish(r);
	} else if (w->next < w->n &&
		   chan_of_step(w) == chan_of("avito", false)) {
		ask_avito(r);
	} else if (w->next < w->n) {
		call_telegram(r);
	} else if (w->of_team || !d->topic_bot_id) {
		finish(r);
	} else if (plan_team(r, &err)) {
		drain(r);
	} else {
		run_error(r, &err);
	}
}

static int64_t look_again_at(const struct shown *s, int64_t now)
{
	int64_t wait = (now - s->changed_at) / 4;

	if (wait < LOOK_AGAIN_US)
		wait = LOOK_AGAIN_US;
	return now + (wait < LOOK_AGAIN_MAX_US ? wait : LOOK_AGAIN_MAX_US);
}

static void start(struct run *r)
{
	struct show *w = arena_alloc(&r->a, sizeof(*w));
	struct err err = { 0 };

	r->state = w;
	w->notes = arena_array(&r->a, 1, sizeof(*w->notes));
	if (!shown_find(r->dm->db, &r->a, r->t.subject_id, &w->s, &err)) {
		if (err.kind == ERR_MISSING)
			run_done(r);
		else
			run_error(r, &err);
	} else if (!w->s.changed_at) {
		run_done(r);
	} else if (w->s.is_moving) {
		run_again(r, look_again_at(&w->s, clock_now_us()), NULL);
	} else {
		show_plan_buyer(&r->a, &w->s, &w->steps, &w->n);
		drain(r);
	}
}

const struct task_type task_message_show = {
	.kind = "message.show",
	.start = start,
	.room = ROOM_SMALL,
};
