/*
 * job.c - one delivery in work: how it begins, what it needs on its way, and
 * what a failure means for it.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "chan/telegram.h"
#include "core/backoff.h"
#include "daemon/journal.h"
#include "daemon/limits.h"
#include "store/lane.h"
#include "store/link.h"
#include "store/quote.h"
#include "store/task.h"

bool job_is_team(const struct job *j)
{
	return strcmp(j->d.direction, "team") == 0;
}

static void unlist(const struct job *j)
{
	struct job **at = &j->dm->all_jobs;

	while (*at != j)
		at = &(*at)->next;
	*at = j->next;
}

void job_free(struct job *j)
{
	struct daemon *dm = j->dm;
	struct batch *batch = j->batch;

	loop_disarm(dm->loop, &j->timer);
	journal_forget(j);
	cargo_release(j);
	avito_ask_cancel(&j->ask);
	if (j->call.busy)
		call_cancel(dm->loop, &j->call);
	if (j->inside)
		place_leave(j->place);
	unlist(j);
	arena_release(&j->a);
	free(j);
	if (--batch->jobs == 0) {
		arena_release(&batch->a);
		free(batch);
	}
	dm->jobs--;
	daemon_look(dm);
}

static void fire_drain(struct timer *t)
{
	struct job *j = container_of(t, struct job, timer);

	log_set_id(j->d.request_id);
	j->drain(j);
	log_set_id(NULL);
}

int64_t job_place_of(const struct delivery *d, enum place_kind *kind)
{
	if (strcmp(d->direction, "team") == 0) {
		*kind = PLACE_BOT;
		return d->bot_id;
	}
	*kind = d->source_bot_id ? PLACE_SOURCE : PLACE_AVITO;
	return d->source_id;
}

/* Where it goes, and what the database remembers of that place. */
static void find_place(struct job *j)
{
	const struct delivery *d = &j->d;
	enum place_kind kind;
	int64_t id = job_place_of(d, &kind);
	int64_t until = kind == PLACE_BOT      ? d->bot_paused_until
			: kind == PLACE_SOURCE ? d->source_bot_paused_until
					       : d->account_paused_until;

	if (!id)
		return;
	j->place = place_of(j->dm, kind, id);
	if (kind == PLACE_SOURCE)
		j->place->bot_id = d->source_bot_id;
	if (j->place->closed_until < until)
		j->place->closed_until = until;
}

/* What has nowhere to go needs no room: drain() says what it waits for. */
static void fire_start(struct timer *t)
{
	struct job *j = container_of(t, struct job, timer);

	j->timer.fire = fire_drain;
	if (j->d.not_before > clock_now_us()) {
		job_later(j, j->d.not_before, false, NULL);
		return;
	}
	j->inside = j->place &&
		    place_enter(j->place, j->d.queued_at, clock_now_us());
	if (j->place && !j->inside) {
		job_queue(j);
		return;
	}
	fault("delivery.claimed");
	fire_drain(t);
}

/* Two jobs of one lane would send twice.  Where somebody else had the lane
 * meanwhile the job knows too little to go on: its next write ends it, and
 * the new lease runs out unused. */
static bool keep_working(struct daemon *dm, const struct delivery *d)
{
	struct job *j = dm->all_jobs;

	while (j && (j->d.dialog_id != d->dialog_id ||
		     strcmp(j->d.direction, d->direction) != 0))
		j = j->next;
	if (!j)
		return false;
	log_warn("delivery.lease_overrun", lf_int("delivery", j->d.id));
	if (strcmp(d->former_token, j->d.lease_token) == 0)
		j->d.lease_token = arena_str(&j->a, d->lease_token);
	return true;
}

void job_start(struct daemon *dm, struct batch *batch, const struct delivery *d)
{
	struct job *j;

	if (keep_working(dm, d))
		return;
	j = mem_new(sizeof(*j));
	j->next = dm->all_jobs;
	dm->all_jobs = j;
	j->dm = dm;
	j->batch = batch;
	j->d = *d;
	j->chan = job_is_team(j) ? &chan_telegram
				 : chan_of(d->source, *d->connection != '\0');
	j->drain = job_is_team(j)     ? team_drain
		   : d->source_bot_id ? buyer_telegram_drain
				      : buyer_drain;
	batch->jobs++;
	dm->jobs++;
	find_place(j);
	j->timer.fire = fire_start;
	loop_arm(dm->loop, &j->timer, 0);
}

const char *job_place(const struct job *j, int64_t *place_id)
{
	*place_id = job_is_team(j) ? j->d.bot_group_id : j->d.source_id;
	return job_is_team(j) ? "telegram" : j->d.source;
}

void job_drop(struct job *j, const struct err *err)
{
	if (err->kind == ERR_DOWN || err->kind == ERR_UNSURE) {
		j->timer.fire = fire_drain;
		loop_arm(j->dm->loop, &j->timer, DB_RETRY_MS);
		return;
	}
	log_warn("delivery.dropped", lf_int("delivery", j->d.id),
		 lf_str("reason", err->text));
	job_free(j);
}

void job_load_copies(struct job *j)
{
	const char *place;
	int64_t place_id;
	struct err err = { 0 };

	/* Without it the message loses its quote, and nothing else. */
	if (!quote_learn(j->dm->db, &j->a, &j->d, &err))
		log_warn("delivery.quote_unknown", lf_int("delivery", j->d.id),
			 lf_str("reason", err.text));
	j->sent = arena_array(&j->a, j->n_parts, sizeof(*j->sent));
	j->ready = arena_array(&j->a, j->n_parts, sizeof(*j->ready));
	j->refused = arena_array(&j->a, j->n_parts, sizeof(*j->refused));
	place = job_place(j, &place_id);
	delivery_copies(&j->a, &j->d, place, place_id, (int)j->n_parts,
			j->sent);
}

int job_next_part(const struct job *j)
{
	size_t i = 0;

	while (i < j->n_parts && (j->sent[i] || j->refused[i]))
		i++;
	return (int)i;
}

bool job_has_room(struct job *j, size_t n)
{
	if (j->room_left < n)
		return false;
	j->room_left -= n;
	return true;
}

bool job_renew(struct job *j)
{
	struct err err = { 0 };

	if (lane_renew(j->dm->db, &j->a, &j->d, clock_now_us() + FILE_LEASE_US,
		       &err))
		return true;
	job_drop(j, &err);
	return false;
}

void job_attempt(struct job *j, int part, const char *action,
		 const char *content, void (*begun)(struct job *j))
{
	bool with_file = part >= 0 && j->parts[part].has_file;

	j->part = part;
	j->begun = begun;
	j->begin = (struct attempt_new){
		.d = &j->d,
		.joined = j->joined,
		.n_joined = j->n_joined,
		.part = part,
		.action = action,
		.content = content,
		.lease_until =
			clock_now_us() + (with_file ? FILE_LEASE_US : LEASE_US),
	};
	journal_begin(j);
}

/* Later than that the call would outlive the lease. */
static int64_t start_by(const struct job *j)
{
	bool with_file = j->part >= 0 && j->parts[j->part].has_file;

	return j->begin.lease_until -
	       (with_file ? FILE_TIMEOUT_MS : CALL_TIMEOUT_MS) * 1000LL;
}

/* Between the decision and the disk the place may have been closed, or the
 * database may have taken its time. */
void job_begun(struct job *j)
{
	j->began_at = clock_now_us();
	if (place_closed_until(j->place, j->began_at)) {
		job_queue(j);
		return;
	}
	if (j->began_at > start_by(j)) {
		job_later(j, j->began_at, false,
			  "База данных отвечала слишком долго; повторим.");
		return;
	}
	j->settled = true;
	j->unsure_again = j->topic_again = 0;
	j->begun(j);
	fault("delivery.sent");
}

void job_ask(struct job *j,
	     void (*write)(struct avito_ask *q, const struct chan_end *end),
	     void (*done)(struct avito_ask *q))
{
	struct avito_pass pass = j->ask.pass;

	/* A token that was renewed on the way is kept for the next call. */
	if (!pass.account_id)
		pass = avito_pass_for(&j->d);
	j->ask =
		(struct avito_ask){ .dm = j->dm,
				    .a = &j->a,
				    .pass = pass,
				    .start_by = j->attempt_id ? start_by(j) : 0,
				    .write = write,
				    .done = done };
	avito_ask(&j->ask);
}

void job_failed(struct job *j, const struct err *err)
{
	int64_t now = clock_now_us();
	int64_t told_us = err->retry_s * SECOND_US;

	if (j->attempt_id && (err->kind == ERR_UNSURE || err->kind == ERR_DOWN))
		place_failed(j->place, j->began_at, now);
	switch (err->kind) {
	case ERR_LIMIT:
		if (j->attempt_id)
			job_told(j, err);
		else
			job_later(j,
				  now + (told_us ? told_us
						 : backoff_us(j->d.attempts)),
				  false, err->text);
		return;
	case ERR_UNSURE:
		/* To a person nothing goes a second time by itself. */
		if (j->d.attempts + 1 >= BACKOFF_ATTEMPTS_MAX ||
		    j->place->kind == PLACE_SOURCE)
			job_dead_unsure(j, err->text);
		else
			job_unsure(j, err);
		return;
	case ERR_AUTH:
	case ERR_DENIED:
		job_broken(j, err);
		return;
	case ERR_DOWN:
	case ERR_CONFLICT:
		if (j->d.attempts + 1 >= BACKOFF_ATTEMPTS_MAX)
			job_dead(j, err->text);
		else
			job_later(j, now + told_us + backoff_us(j->d.attempts),
				  true, err->text);
		return;
	case ERR_NONE:
	case ERR_INPUT:
	case ERR_MISSING:
		job_dead(j, err->text);
		return;
	}
}
