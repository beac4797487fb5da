/*
 * team_topic.c - where a dialog lives in the team's group: topic, card,
 * introduction.
 *
 * Each is a step of its own in the ledger and is written down when it has
 * happened.  Of one whose outcome got lost a second one is made.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/fault.h"
#include "chan/telegram.h"
#include "core/auto_reply.h"
#include "core/topic_intro.h"
#include "daemon/team_impl.h"
#include "store/hook.h"
#include "store/task.h"
#include "store/topic.h"
#include "store/topic_state.h"

static bool ask_state(struct job *j, struct err *err)
{
	return topic_state_ask(j->dm->db, &j->a, j->d.client_id, j->d.dialog_id,
			       clock_now_us(), j->d.request_id, err);
}

/* ---- the topic ---- */

static bool store_home(struct job *j, int64_t topic, const char *title,
		       struct err *err)
{
	struct delivery *d = &j->d;

	if (!dialog_set_topic(j->dm->db, &j->a, d, d->bot_id, d->bot_group_id,
			      topic, title, clock_now_us(), &d->topic_continues,
			      err))
		return false;
	d->topic_id = topic;
	d->topic_bot_id = d->bot_id;
	d->topic_group_id = d->bot_group_id;
	d->card_id = 0;
	return true;
}

static bool store_topic(struct job *j, struct err *err)
{
	return store_home(j, strtoll(j->made, NULL, 10),
			  compose_topic(&j->a, &j->d), err);
}

static void on_topic(struct call *c)
{
	struct job *j = container_of(c, struct job, call);
	struct chan_sent failure = { 0 };
	struct err err = { 0 };
	int64_t topic;

	if (!tg_create_topic_read(&j->a, &c->reply, &topic, &failure, &err)) {
		team_refused(j, &failure, &err);
		return;
	}
	j->made = arena_printf(&j->a, "%" PRId64, topic);
	job_step_done(j, store_topic);
}

static void make_topic(struct job *j)
{
	const char *name = compose_topic(&j->a, &j->d);
	struct chan_end end;

	if (!team_end(j, &end) || !team_may_call(j))
		return;
	j->topic_made = true;
	j->call.rq = (struct http_request){ 0 };
	tg_create_topic_write(&j->a, &end, j->d.bot_group_id, name,
			      &j->call.rq);
	team_attempt(j, STEP_TOPIC, "telegram.create_topic", name, on_topic);
}

/* In a group without topics the dialog lives among the others. */
static bool settle_down(struct job *j)
{
	struct err err = { 0 };

	if (store_home(j, 0, "", &err))
		return true;
	job_drop(j, &err);
	return false;
}

/* ---- the card ---- */

static bool store_card(struct job *j, struct err *err)
{
	struct json_object *args = json_new(&j->a);
	int64_t card = strtoll(j->made, NULL, 10);
	struct task pin = {
		.client_id = j->d.client_id,
		.kind = "telegram.pin",
		.subject_id = j->d.bot_id,
		.key = arena_printf(&j->a, "dialog:%" PRId64, j->d.dialog_id),
		.due_at = clock_now_us(),
		.request_id = j->d.request_id,
	};

	json_put_i64(args, "chat", j->d.bot_group_id);
	json_put_i64(args, "message", card);
	pin.args = json_text(args);
	if (!dialog_set_card(j->dm->db, &j->a, &j->d, card, err) ||
	    !task_add(j->dm->db, &j->a, &pin, err) || !ask_state(j, err))
		return false;
	j->d.card_id = card;
	return true;
}

static void on_card(struct call *c)
{
	struct job *j = container_of(c, struct job, call);
	struct chan_sent sent = { 0 };
	struct err err = { 0 };

	if (!j->chan->send_read(&j->a, &c->reply, &sent, &err)) {
		team_refused(j, &sent, &err);
		return;
	}
	j->made = sent.id;
	job_step_done(j, store_card);
}

static void send_card(struct job *j)
{
	struct chan_out out = { .kind = CHAN_TEXT,
				.text = compose_card(&j->a, &j->d),
				.silent = true };

	team_send(j, &out, 1, STEP_CARD, "telegram.send_message", on_card);
}

/* ---- the introduction ---- */

static bool store_intro(struct job *j, struct err *err)
{
	if (!dialog_set_introduced(j->dm->db, &j->a, &j->d, err))
		return false;
	j->d.topic_continues = false;
	return true;
}

static void on_intro(struct call *c)
{
	struct job *j = container_of(c, struct job, call);
	struct chan_sent sent = { 0 };
	struct err err = { 0 };

	fault("topic.introduced");
	if (j->chan->send_read(&j->a, &c->reply, &sent, &err))
		job_step_done(j, store_intro);
	else
		team_refused(j, &sent, &err);
}

static void send_intro(struct job *j)
{
	struct chan_out out = { .kind = CHAN_TEXT, .silent = true };
	struct topic_line *lines;
	struct err err = { 0 };
	size_t n;

	if (!topic_lines(j->dm->db, &j->a, &j->d, AUTO_REPLY_TIMEZONE,
			 TOPIC_INTRO_LINES, &lines, &n, &err)) {
		job_drop(j, &err);
		return;
	}
	out.text = topic_intro(&j->a, j->d.buyer_name, lines, n);
	team_send(j, &out, 1, STEP_INTRO, "telegram.send_message", on_intro);
}

/* ---- mending ---- */

static bool forget_topic(struct job *j, struct err *err)
{
	if (!dialog_drop_topic(j->dm->db, &j->a, &j->d, err))
		return false;
	j->d.topic_id = 0;
	j->d.card_id = 0;
	return true;
}

/* The dialog may be closed all the same. */
static bool store_reopened(struct job *j, struct err *err)
{
	return dialog_set_reopened(j->dm->db, &j->a, &j->d, err) &&
	       ask_state(j, err);
}

static void on_reopened(struct call *c)
{
	struct job *j = container_of(c, struct job, call);
	enum chan_trouble trouble = CHAN_FINE;
	struct json_object *result;
	struct err err = { 0 };

	if (tg_read(&j->a, &c->reply, &result, &trouble, NULL, &err))
		job_step_done(j, store_reopened);
	else if (trouble == CHAN_TOPIC_GONE)
		job_step_failed(j, forget_topic);
	else
		team_refused(j, &(struct chan_sent){ .trouble = trouble },
			     &err);
}

static void reopen_topic(struct job *j)
{
	struct chan_end end;

	if (!team_end(j, &end) || !team_may_call(j))
		return;
	j->topic_closed = false;
	j->topic_reopened = true;
	j->call.rq = (struct http_request){ 0 };
	tg_reopen_topic_write(&j->a, &end, j->d.bot_group_id, j->d.topic_id,
			      &j->call.rq);
	team_attempt(j, STEP_REOPEN, "telegram.reopen_topic", "", on_reopened);
}

static bool follow_group(struct job *j, struct err *err)
{
	int64_t to = strtoll(j->made, NULL, 10);

	if (!group_migrated(j->dm->db, &j->a, j->d.client_id, j->d.bot_group_id,
			    to, err))
		return false;
	j->d.bot_group_id = to;
	j->d.topic_id = 0;
	j->d.card_id = 0;
	return true;
}

bool team_mend(struct job *j, const struct chan_sent *sent)
{
	switch (sent->trouble) {
	case CHAN_TOPIC_GONE:
		if (j->topic_made)
			return false;
		job_step_failed(j, forget_topic);
		return true;
	case CHAN_TOPIC_CLOSED:
		if (j->topic_reopened)
			return false;
		j->topic_closed = true;
		job_step_failed(j, NULL);
		return true;
	case CHAN_MIGRATED:
		if (!sent->migrate_to)
			return false;
		j->made = arena_printf(&j->a, "%" PRId64, sent->migrate_to);
		job_step_failed(j, follow_group);
		return true;
	default:
		return false;
	}
}

bool team_is_home(struct job *j)
{
	const struct delivery *d = &j->d;
	bool here = d->topic_bot_id == d->bot_id &&
		    d->topic_group_id == d->bot_group_id;

	if (!d->bot_topics)
		return here || settle_down(j);
	if (!d->topic_id || !here)
		make_topic(j);
	else if (j->topic_closed)
		reopen_topic(j);
	else if (!d->card_id)
		send_card(j);
	else if (d->topic_continues)
		send_intro(j);
	else
		return true;
	return false;
}
