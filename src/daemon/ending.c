/*
 * ending.c - how a delivery's step, part or whole way ends, and how that is
 * written down: ledger, copies, lane and what it causes in one transaction.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "daemon/job.h"
#include "daemon/limits.h"
#include "store/complaint.h"
#include "store/message.h"
#include "store/task.h"

enum ending_kind {
	END_PART,   /* goes on afterwards */
	END_STEP,   /* goes on afterwards */
	END_SETTLE, /* goes on afterwards */
	END_DONE,
	END_WAIT,
	END_DEAD,
	END_HOLD,
};

/* An outcome, kept until it is written. */
struct ending {
	enum ending_kind kind;
	const char *outcome; /* word of the ledger */
	int status;
	const char *reason; /* also the ledger's detail; NULL: none */
	const char *external_id;
	const struct attempt *attempt;
	bool (*also)(struct job *j, struct err *err);
	const char *state; /* of a waiting delivery */
	int64_t due_at;
	bool counts, looked;
	const char *held_by;
};

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

/* What the end of a delivery causes. */
static bool aftermath(struct job *j, const struct ending *e, struct err *err)
{
	struct daemon *dm = j->dm;

	if (job_is_team(j))
		return e->kind != END_DONE ||
		       strcmp(j->d.author, "buyer") != 0 ||
		       add_task(j, "avito.mark_read", j->d.dialog_id, NULL,
				NULL, err);
	if (!messages_unpark(dm->db, &j->a, j->d.client_id, j->d.dialog_id,
			     clock_now_us(), err))
		return false;
	if (!from_topic(j))
		return true;
	if (e->kind != END_DONE)
		return complain(j, err);
	complaint_queue_show(dm->db, &j->a, j->d.id, clock_now_us(),
			     j->d.request_id);
	return react(j, err);
}

/* The part's id, and its echo if that came first. */
static bool write_copy(struct job *j, int part, const char *external_id,
		       struct err *err)
{
	int64_t place_id;
	const char *place = job_place(j, &place_id);

	if (part < 0)
		return true;
	return copy_add(j->dm->db, &j->a, &j->d, place, place_id, part,
			external_id, clock_now_us(), err) &&
	       (job_is_team(j) ||
		message_absorb(j->dm->db, &j->a, j->d.client_id,
			       j->d.account_id, external_id, err));
}

static bool write_ledger(struct job *j, const struct ending *e, struct err *err)
{
	int64_t now = clock_now_us();

	if (e->attempt && e->kind == END_SETTLE)
		return attempt_settled(j->dm->db, &j->a, j->d.client_id,
				       e->attempt->id, now, err);
	return !j->attempt_id ||
	       attempt_end(j->dm->db, &j->a, j->d.client_id, j->attempt_id,
			   e->outcome, e->status, e->reason ? e->reason : "",
			   now, err);
}

static bool write_state(struct job *j, const struct ending *e, struct err *err)
{
	struct db *db = j->dm->db;
	int64_t now = clock_now_us();

	switch (e->kind) {
	case END_PART:
		return write_copy(j, j->part, e->external_id, err);
	case END_SETTLE:
		return write_copy(j, e->attempt->part, e->external_id, err);
	case END_STEP:
		return !e->also || e->also(j, err);
	case END_DONE:
		return delivery_end(db, &j->a, &j->d, "done", NULL, now, err) &&
		       aftermath(j, e, err);
	case END_DEAD:
		return delivery_end(db, &j->a, &j->d, "dead", e->reason, now,
				    err) &&
		       aftermath(j, e, err);
	case END_HOLD:
		return lane_hold(db, &j->a, &j->d, e->held_by, e->state,
				 e->reason, now, err);
	case END_WAIT:
		break;
	}
	if (e->looked)
		return delivery_settle_read(db, &j->a, &j->d, e->due_at, now,
					    err);
	return delivery_wait(db, &j->a, &j->d, e->state, e->due_at, e->counts,
			     e->reason, now, err);
}

/* With the last part the delivery ends in the same transaction. */
static bool completes(const struct job *j, const struct ending *e)
{
	return e->kind == END_PART && j->part >= 0 &&
	       job_next_part(j) == (int)j->n_parts;
}

static bool write_all(struct job *j, struct ending *e, struct err *err)
{
	struct ending done = { .kind = END_DONE };
	bool ok = db_begin(j->dm->db, err) && write_ledger(j, e, err) &&
		  write_state(j, e, err) &&
		  (!completes(j, e) || write_state(j, &done, err));

	return db_finish(j->dm->db, ok, err);
}

static void log_ending(const struct job *j, const struct ending *e)
{
	static const char *const words[] = {
		[END_PART] = "part",      [END_STEP] = "step",
		[END_SETTLE] = "settled", [END_DONE] = "done",
		[END_WAIT] = "later",     [END_DEAD] = "dead",
		[END_HOLD] = "held",
	};
	const struct http_reply *r = &j->call.reply;

	if (strcmp(j->chan->name, "avito") == 0)
		r = &j->ask.call.reply;
	log_info("delivery.outcome", lf_int("delivery", j->d.id),
		 lf_str("direction", j->d.direction),
		 lf_str("outcome",
			e->outcome && e->kind == END_WAIT
				? e->outcome
				: words[completes(j, e) ? END_DONE : e->kind]),
		 lf_int("part", j->part), lf_int("status", e->status),
		 lf_int("queued_ms", (clock_now_us() - j->d.created_at) / 1000),
		 lf_int("connect_ms", r->connect_ms),
		 lf_int("remote_ms", r->total_ms), lf_str("reason", e->reason));
}

static void fire_write(struct timer *t);

static void write_ending(struct job *j)
{
	const struct delivery before = j->d;
	struct ending *e = j->ending;
	struct err err = { 0 };
	bool last;

	if (!write_all(j, e, &err)) {
		/* What a step noted of itself was not saved either. */
		j->d = before;
		if (err.kind == ERR_DOWN || err.kind == ERR_UNSURE) {
			/* Writing it twice is harmless: the lease's token
			 * and the open attempt are gone after the first. */
			j->timer.fire = fire_write;
			loop_arm(j->dm->loop, &j->timer, DB_RETRY_MS);
		} else {
			job_drop(j, &err);
		}
		return;
	}
	fault("delivery.written");
	log_ending(j, e);
	last = e->kind > END_SETTLE || completes(j, e);
	j->ending = NULL;
	j->attempt_id = 0;
	if (last)
		job_free(j);
	else
		j->drain(j);
}

static void fire_write(struct timer *t)
{
	struct job *j = container_of(t, struct job, timer);

	log_set_id(j->d.request_id);
	write_ending(j);
	log_set_id(NULL);
}

static void end(struct job *j, struct ending e)
{
	const struct http_reply *r =
		job_is_team(j) ? &j->call.reply : &j->ask.call.reply;

	fault("delivery.answered");
	if (j->attempt_id && !e.status)
		e.status = r->status;
	j->ending = arena_alloc(&j->a, sizeof(e));
	*j->ending = e;
	write_ending(j);
}

void job_part_done(struct job *j, const char *external_id)
{
	j->sent[j->part] = external_id;
	end(j, (struct ending){ .kind = END_PART,
				.outcome = "done",
				.external_id = external_id });
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

void job_settle(struct job *j, const struct attempt *at,
		const char *external_id)
{
	if (at->part >= 0 && at->part < (int)j->n_parts)
		j->sent[at->part] = external_id;
	end(j, (struct ending){ .kind = END_SETTLE,
				.attempt = at,
				.external_id = external_id });
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
				.counts = counts,
				.reason = arena_str(&j->a, reason) });
}

void job_dead(struct job *j, const char *reason)
{
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

void job_hold(struct job *j, const char *held_by, const char *reason)
{
	end(j, (struct ending){ .kind = END_HOLD,
				.outcome = "later",
				.state = waiting_state(j),
				.held_by = held_by,
				.reason = arena_str(&j->a, reason) });
}

void job_unsure(struct job *j, const char *reason)
{
	log_warn("delivery.unsure", lf_int("delivery", j->d.id),
		 lf_str("direction", j->d.direction), lf_str("reason", reason));
	end(j, (struct ending){ .kind = END_WAIT,
				.outcome = "unsure",
				.state = "unsure",
				.due_at = clock_now_us() + SETTLE_WAIT_US,
				.counts = j->attempt_id != 0,
				.reason = arena_str(&j->a, reason) });
}

void job_looked(struct job *j)
{
	end(j, (struct ending){ .kind = END_WAIT,
				.looked = true,
				.due_at = clock_now_us() + SETTLE_PAUSE_US });
}
