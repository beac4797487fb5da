/*
 * ending.c - how a step, a part or a whole delivery ends, and what that
 * causes.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "core/backoff.h"
#include "core/broken.h"
#include "daemon/ending.h"
#include "daemon/journal.h"
#include "daemon/limits.h"
#include "store/auto_reply.h"
#include "store/complaint.h"
#include "store/echo.h"
#include "store/link.h"
#include "store/message.h"
#include "store/task.h"

static bool add_task(struct job *j, const char *kind, int64_t subject_id,
		     const char *key, struct json_object *args, struct err *err)
{
	struct task t = {
		.client_id = j->d.client_id,
		.kind = kind,
		.subject_id = subject_id,
		.key = key,
		.args = args ? json_text(args) : NULL,
		.due_at = clock_now_us(),
		.request_id = j->d.request_id,
	};

	return task_add(j->dm->db, &j->a, &t, err);
}

/* The operator sees that it arrived. */
static bool react(struct job *j, struct err *err)
{
	struct json_object *args = json_new(&j->a);

	json_put_i64(args, "chat", j->d.origin_id);
	json_put_str(args, "message", j->d.external_id);
	json_put_str(args, "emoji", "👌");
	return add_task(
		j, "telegram.react", j->d.topic_bot_id,
		arena_printf(&j->a, "message:%" PRId64, j->d.message_id), args,
		err);
}

/* The operator sees that it did not, and why. */
static bool complain(struct job *j, struct err *err)
{
	return complaint_raise(j->dm->db, &j->a, j->d.client_id, j->d.id,
			       clock_now_us(), j->d.request_id, err);
}

static bool from_topic(const struct job *j)
{
	return strcmp(j->d.origin, "telegram") == 0;
}

/* Itself, or one that travelled with it. */
static bool brought_buyers_words(const struct job *j)
{
	size_t i = 0;

	while (i < j->n_joined && strcmp(j->joined[i].author, "buyer") != 0)
		i++;
	return i < j->n_joined || strcmp(j->d.author, "buyer") == 0;
}

static const char *robots_end(const struct job *j)
{
	const struct ending *e = j->ending;

	if (e->kind == END_DISCARDED)
		return strcmp(e->unwanted, "expired") == 0 ? "expired"
							   : "dropped";
	if (e->kind == END_DEAD)
		return strcmp(e->outcome, "unsure") == 0 ? "unsure" : "failed";
	return "sent";
}

/* A text that went by itself: the team hears of it when it has arrived, and
 * when it has not. */
static bool on_robots_end(struct job *j, struct err *err)
{
	const struct ending *e = j->ending;
	const char *end = robots_end(j);

	fault("auto_reply.ending");
	auto_reply_queue_end(j->dm->db, &j->a, j->d.message_id, end,
			     e->unwanted           ? e->unwanted
			     : e->kind == END_DEAD ? "failed"
						   : "",
			     clock_now_us(), j->d.request_id);
	if (e->kind == END_DEAD)
		return complain(j, err);
	complaint_queue_show(j->dm->db, &j->a, j->d.id, clock_now_us(),
			     j->d.request_id);
	return true;
}

/* The buyer sees that it has been read, where the source shows that. */
static bool mark_read(struct job *j, struct err *err)
{
	const char *kind = NULL;

	if (strcmp(j->d.source, "avito") == 0)
		kind = "avito.mark_read";
	else if (*j->d.connection)
		kind = "telegram.mark_read";
	return !kind || add_task(j, kind, j->d.dialog_id, NULL, NULL, err);
}

/* Without knowing whether it has arrived. */
static bool is_given_up(const struct job *j)
{
	const char *outcome = j->ending->outcome;

	return j->ending->kind == END_DEAD && outcome &&
	       strcmp(outcome, "unsure") == 0;
}

/* What the end of a delivery causes. */
static bool on_end(struct job *j, const struct outcome *o, struct err *err)
{
	bool done = strcmp(o->state, "done") == 0;

	if (job_is_team(j))
		return !done || !brought_buyers_words(j) || mark_read(j, err);
	if (o->has_parked && j->d.connection_id && is_given_up(j) &&
	    !echo_settle_parked(j->dm->db, &j->a, &j->d, clock_now_us(), err))
		return false;
	if (o->has_parked &&
	    !messages_unpark(j->dm->db, &j->a, j->d.client_id, j->d.dialog_id,
			     clock_now_us(), err))
		return false;
	if (j->d.is_auto_reply)
		return on_robots_end(j, err);
	if (!from_topic(j))
		return true;
	if (!done)
		return complain(j, err);
	complaint_queue_show(j->dm->db, &j->a, j->d.id, clock_now_us(),
			     j->d.request_id);
	return react(j, err);
}

/* Shown at the object, noticed, and looked at again by itself. */
static bool report_broken(struct job *j, struct err *err)
{
	int64_t now = clock_now_us();
	struct broken b = {
		.client_id = j->d.client_id,
		.bot_id = j->place->bot_id,
		.account_id = j->place->bot_id ? 0 : j->place->id,
		.trouble = j->trouble,
		.kind = j->ending->broken,
		.why = j->ending->reason,
		.check_at = now + RECHECK_US,
		.request_id = j->d.request_id,
	};

	return broken_report(j->dm->db, &j->a, &b, now, err);
}

bool ending_aftermath(struct job *j, const struct outcome *o, struct err *err)
{
	const struct ending *e = j->ending;

	if (e->broken && !report_broken(j, err))
		return false;
	if (e->paused_until &&
	    !link_pause(j->dm->db, &j->a, j->place->kind == PLACE_BOT,
			j->place->id, e->paused_until, err))
		return false;
	if (e->also)
		return e->also(j, err);
	return o->lane != LANE_FREE || on_end(j, o, err);
}

/* With the last part the delivery ends in the same transaction. */
static bool completes(const struct job *j)
{
	size_t i = 0;

	while (i < j->n_parts && j->sent[i])
		i++;
	return j->ending->kind == END_PART && i == j->n_parts;
}

static bool is_last(const struct job *j)
{
	return j->ending->kind > END_SETTLE || completes(j);
}

static void put_copy(const struct job *j, struct outcome *o, int part)
{
	if (part < 0)
		return;
	o->copies = j->ending->ids;
	o->n_copies = j->ending->n_ids;
	o->part = part;
	o->place = job_place(j, &o->place_id);
}

struct outcome ending_outcome(const struct job *j)
{
	const struct ending *e = j->ending;
	struct outcome o = {
		.d = &j->d,
		.joined = j->joined,
		.n_joined = j->n_joined,
		.attempt_id = j->attempt_id,
		.outcome = e->outcome,
		.status = e->status,
		.detail = e->reason,
	};

	switch (e->kind) {
	case END_PART:
		put_copy(j, &o, j->part);
		if (completes(j)) {
			o.lane = LANE_FREE;
			o.state = "done";
		}
		return o;
	case END_SETTLE:
		o.attempt_id = e->attempt->id;
		put_copy(j, &o, e->attempt->part);
		return o;
	case END_STEP:
		return o;
	case END_DONE:
	case END_DISCARDED:
	case END_DEAD:
		o.lane = LANE_FREE;
		o.state = e->kind == END_DONE   ? "done"
			  : e->kind == END_DEAD ? "dead"
						: "discarded";
		o.reason = e->reason;
		return o;
	case END_WAIT:
	case END_HOLD:
		break;
	}
	o.lane = LANE_WAIT;
	o.state = e->state;
	o.reason = e->reason;
	o.due_at = e->due_at;
	o.held_by = e->held_by;
	o.queued_at = e->queued_at;
	o.attempts = e->attempts;
	o.reads = e->looks;
	o.is_alone = e->is_alone;
	/* Frozen while it is not known whether they arrived. */
	o.parts_company = strcmp(e->state, "unsure") != 0;
	return o;
}

static const struct http_reply *reply_of(const struct job *j)
{
	return j->place && j->place->kind == PLACE_AVITO ? &j->ask.call.reply
							 : &j->call.reply;
}

static void log_ending(const struct job *j)
{
	static const char *const words[] = {
		[END_PART] = "part",           [END_STEP] = "step",
		[END_SETTLE] = "settled",      [END_DONE] = "done",
		[END_DISCARDED] = "discarded", [END_WAIT] = "later",
		[END_DEAD] = "dead",           [END_HOLD] = "held",
	};
	const struct ending *e = j->ending;
	const struct http_reply *r = reply_of(j);

	log_info("delivery.outcome", lf_int("delivery", j->d.id),
		 lf_str("direction", j->d.direction),
		 lf_str("outcome",
			e->outcome && e->kind == END_WAIT
				? e->outcome
				: words[completes(j) ? END_DONE : e->kind]),
		 lf_int("part", j->part),
		 lf_int("joined", (int64_t)j->n_joined),
		 lf_int("status", e->status),
		 lf_int("queued_ms", (clock_now_us() - j->d.created_at) / 1000),
		 lf_int("connect_ms", r->connect_ms),
		 lf_int("remote_ms", r->total_ms), lf_str("reason", e->reason));
}

static void end(struct job *j, struct ending e)
{
	fault("delivery.answered");
	if (j->attempt_id && !e.status)
		e.status = reply_of(j)->status;
	if (j->attempt_id && strcmp(e.outcome, "done") == 0)
		place_worked(j->place);
	j->ending = arena_alloc(&j->a, sizeof(e));
	*j->ending = e;
	journal_end(j);
}

void job_parts_done(struct job *j, const struct chan_sent *sent)
{
	for (size_t i = 0; i < j->in_call; i++)
		j->sent[j->part + (int)i] = sent[i].id;
	end(j, (struct ending){ .kind = END_PART,
				.outcome = "done",
				.ids = j->sent + j->part,
				.n_ids = j->in_call });
}

void job_step_done(struct job *j, bool (*also)(struct job *j, struct err *err))
{
	end(j, (struct ending){
		       .kind = END_STEP, .outcome = "done", .also = also });
}

void job_step_failed(struct job *j,
		     bool (*also)(struct job *j, struct err *err))
{
	end(j, (struct ending){
		       .kind = END_STEP, .outcome = "failed", .also = also });
}

void job_other_way(struct job *j, const char *reason)
{
	j->room_left += j->in_call;
	end(j, (struct ending){ .kind = END_STEP,
				.outcome = "failed",
				.reason = arena_str(&j->a, reason) });
}

void job_settle(struct job *j, const struct attempt *at,
		const char *external_id)
{
	const char **id = arena_array(&j->a, 1, sizeof(*id));

	*id = external_id;
	if (at->part >= 0 && at->part < (int)j->n_parts)
		j->sent[at->part] = external_id;
	end(j, (struct ending){ .kind = END_SETTLE,
				.outcome = "settled",
				.attempt = at,
				.ids = id,
				.n_ids = 1 });
}

void job_done(struct job *j)
{
	end(j, (struct ending){ .kind = END_DONE, .outcome = "done" });
}

/* What came in unsure stays so until it has been settled, whatever it waits
 * for meanwhile: as "queued" it would be sent without a look. */
static const char *waiting_state(const struct job *j)
{
	bool known = strcmp(j->d.state, "queued") == 0 || j->settled ||
		     j->attempt_id;

	return known ? "queued" : "unsure";
}

void job_later(struct job *j, int64_t due_at, bool counts, const char *reason)
{
	end(j, (struct ending){ .kind = END_WAIT,
				.outcome = "later",
				.state = waiting_state(j),
				.due_at = due_at,
				.attempts = counts,
				.reason = arena_str(&j->a, reason) });
}

static int64_t turn_of(struct job *j, int64_t now)
{
	if (!j->d.queued_at)
		return place_turn(j->place, now);
	j->place->has_waiting = true;
	return j->d.queued_at;
}

void job_queue(struct job *j)
{
	end(j, (struct ending){
		       .kind = END_WAIT,
		       .outcome = "later",
		       .state = waiting_state(j),
		       .held_by = j->place->room_key,
		       .queued_at = turn_of(j, clock_now_us()),
		       .reason = "Ждёт своей очереди: сервис ограничивает, "
				 "сколько можно отправлять.",
	       });
}

void job_told(struct job *j, const struct err *limit)
{
	int64_t now = clock_now_us();

	/* One person's chat is limited, not the bot. */
	if (j->place->kind == PLACE_SOURCE) {
		job_later(j,
			  now + (limit->retry_s ? limit->retry_s * SECOND_US
						: backoff_us(j->d.attempts)),
			  false, limit->text);
		return;
	}
	/* avito_ask() has told the place of Avito's. */
	if (j->place->kind == PLACE_BOT)
		place_told(j->place, limit->retry_s, now);
	end(j, (struct ending){
		       .kind = END_WAIT,
		       .outcome = "later",
		       .state = waiting_state(j),
		       .held_by = j->place->room_key,
		       .queued_at = turn_of(j, now),
		       .paused_until = j->place->closed_until,
		       .reason = arena_str(&j->a, limit->text),
	       });
}

void job_part_company(struct job *j, const char *reason)
{
	end(j, (struct ending){ .kind = END_WAIT,
				.outcome = "failed",
				.state = "queued",
				.due_at = clock_now_us(),
				.is_alone = true,
				.reason = arena_str(&j->a, reason) });
}

void job_dead(struct job *j, const char *reason)
{
	/* One of them may be at fault; the others go by themselves. */
	if (j->n_joined) {
		job_part_company(j, reason);
		return;
	}
	end(j, (struct ending){ .kind = END_DEAD,
				.outcome = "failed",
				.reason = arena_str(&j->a, reason) });
}

void job_dead_unsure(struct job *j, const char *reason)
{
	end(j, (struct ending){ .kind = END_DEAD,
				.outcome = "unsure",
				.reason = arena_str(&j->a, reason) });
}

static const char *unwanted_text(const char *why)
{
	if (strcmp(why, "answered") == 0)
		return "Не отправлено: человек уже ответил.";
	if (strcmp(why, "disabled") == 0)
		return "Не отправлено: автоответы выключены.";
	if (strcmp(why, "expired") == 0)
		return "Не отправлено: прошло слишком много времени.";
	return "Не отправлено: уже есть другой автоответ.";
}

void job_unwanted(struct job *j, const char *why)
{
	log_set_id(j->d.request_id);
	end(j, (struct ending){ .kind = END_DISCARDED,
				.outcome = "discarded",
				.unwanted = arena_str(&j->a, why),
				.reason = unwanted_text(why) });
	log_set_id(NULL);
}

void job_hold(struct job *j, const char *held_by, const char *reason)
{
	job_hold_also(j, held_by, reason, NULL);
}

void job_hold_also(struct job *j, const char *held_by, const char *reason,
		   bool (*also)(struct job *j, struct err *err))
{
	end(j, (struct ending){ .kind = END_HOLD,
				.outcome = "later",
				.state = waiting_state(j),
				.also = also,
				.held_by = held_by,
				.reason = arena_str(&j->a, reason) });
}

void job_broken(struct job *j, const struct err *why)
{
	const char *object = place_object(j->place);

	log_error("link.broken", lf_str("object", object),
		  lf_str("reason", why->text));
	end(j, (struct ending){ .kind = END_HOLD,
				.outcome = "later",
				.state = waiting_state(j),
				.held_by = object,
				.broken = why->kind,
				.reason = arena_str(&j->a, why->text) });
}

void job_unsure(struct job *j, const struct err *err)
{
	int64_t wait_us = SETTLE_WAIT_US + err->retry_s * SECOND_US;

	/* What comes to nothing again and again comes more seldom. */
	if (j->attempt_id)
		wait_us += backoff_us(j->d.attempts);
	log_warn("delivery.unsure", lf_int("delivery", j->d.id),
		 lf_str("direction", j->d.direction),
		 lf_str("reason", err->text));
	end(j, (struct ending){ .kind = END_WAIT,
				.outcome = "unsure",
				.state = "unsure",
				.due_at = clock_now_us() + wait_us,
				.attempts = j->attempt_id != 0,
				.reason = arena_str(&j->a, err->text) });
}

void job_looked(struct job *j)
{
	end(j, (struct ending){ .kind = END_WAIT,
				.state = "unsure",
				.looks = 1,
				.due_at = clock_now_us() + SETTLE_PAUSE_US });
}

void job_written(struct job *j)
{
	bool last = is_last(j);

	/* Only now a claim finds it; one that came before found nobody. */
	if (j->place && j->ending->held_by == j->place->room_key)
		j->place->has_waiting = true;
	log_ending(j);
	j->ending = NULL;
	j->attempt_id = 0;
	if (last)
		job_free(j);
	else
		j->drain(j);
}
