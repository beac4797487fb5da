/*
 * run.c - one task in work.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "core/backoff.h"
#include "daemon/limits.h"
#include "daemon/run.h"
#include "daemon/shift.h"

void run_free(struct run *r)
{
	struct daemon *dm = r->dm;

	loop_disarm(dm->loop, &r->timer);
	avito_ask_cancel(&r->ask);
	if (r->call.busy)
		call_cancel(dm->loop, &r->call);
	arena_release(&r->a);
	free(r);
}

static void fire_start(struct timer *t)
{
	struct run *r = container_of(t, struct run, timer);

	log_set_id(r->t.request_id);
	r->type->start(r);
	log_set_id(NULL);
}

struct run *run_start(struct daemon *dm, const struct task *t)
{
	struct run *r = mem_new(sizeof(*r));
	struct err err = { 0 };

	r->dm = dm;
	r->t = *t;
	r->t.kind = arena_str(&r->a, t->kind);
	r->t.key = arena_str(&r->a, t->key);
	r->t.args = arena_str(&r->a, t->args);
	r->t.request_id = arena_str(&r->a, t->request_id);
	r->t.lease_token = arena_str(&r->a, t->lease_token);
	r->type = task_type_find(t->kind);
	r->leased_until = clock_now_us() + LEASE_US;
	if (!json_read(&r->a, r->t.args, strlen(r->t.args), &r->args, &err))
		r->args = json_new(&r->a);
	r->timer.fire = fire_start;
	loop_arm(dm->loop, &r->timer, 0);
	return r;
}

void run_give_avito(struct run *r, const struct avito_link *l)
{
	if (!l)
		return;
	r->avito = arena_alloc(&r->a, sizeof(*r->avito));
	*r->avito = avito_link_copy(&r->a, l);
	r->ask.pass = avito_pass_of(r->avito);
}

/* What was deleted meanwhile needs nothing more. */
static bool gone(struct run *r, const struct err *err)
{
	if (err->kind == ERR_MISSING)
		run_done(r);
	else
		run_error(r, err);
	return false;
}

bool run_bot(struct run *r)
{
	return run_bot_of(r, r->t.subject_id);
}

bool run_bot_of(struct run *r, int64_t bot_id)
{
	struct err err = { 0 };

	r->bot = arena_alloc(&r->a, sizeof(*r->bot));
	if (!bot_link_find(r->dm->db, &r->a, bot_id, r->bot, &err))
		return gone(r, &err);
	r->end = (struct chan_end){ .api_base = r->dm->s->telegram_api_base };
	if (unseal(&r->a, "bots.token", r->bot->token_sealed, &r->end.token,
		   &err))
		return true;
	run_error(r, &err);
	return false;
}

bool run_avito(struct run *r)
{
	if (!r->avito)
		run_done(r); /* deleted meanwhile */
	return r->avito != NULL;
}

void run_call(struct run *r, void (*done)(struct call *c))
{
	run_call_for(r, CALL_TIMEOUT_MS, done);
}

void run_call_for(struct run *r, int timeout_ms, void (*done)(struct call *c))
{
	r->call.a = &r->a;
	r->call.done = done;
	r->call.rq.timeout_ms = timeout_ms;
	call_start(r->dm->loop, &r->call);
}

void run_ask(struct run *r,
	     void (*write)(struct avito_ask *q, const struct chan_end *end),
	     void (*done)(struct avito_ask *q))
{
	/* A token renewed by the call before is kept. */
	r->ask = (struct avito_ask){
		.dm = r->dm,
		.a = &r->a,
		.pass = r->ask.pass,
		.write = write,
		.done = done,
	};
	avito_ask(&r->ask);
}

bool run_renew(struct run *r)
{
	return run_renew_for(r, CALL_TIMEOUT_MS);
}

bool run_renew_for(struct run *r, int timeout_ms)
{
	int64_t ends_at = clock_now_us() + timeout_ms * 1000LL;
	struct err err = { 0 };

	if (ends_at < r->leased_until)
		return true;
	ends_at += LEASE_SPARE_US;
	if (task_renew(r->dm->db, &r->a, &r->t, ends_at, &err)) {
		r->leased_until = ends_at;
		return true;
	}
	log_warn("task.dropped", lf_str("kind", r->t.kind),
		 lf_int("subject", r->t.subject_id),
		 lf_str("reason", err.text));
	shift_drop(r->dm->shift, r);
	return false;
}

void run_log(const struct run *r)
{
	static const char *const words[] = {
		[TASK_DONE] = "done",
		[TASK_AGAIN] = "later",
		[TASK_FAILED] = "failed",
	};

	log_set_id(r->t.request_id);
	if (r->reason)
		log_warn("task.outcome", lf_str("kind", r->t.kind),
			 lf_int("subject", r->t.subject_id),
			 lf_str("outcome", words[r->ending]),
			 lf_str("reason", r->reason));
	else
		log_debug("task.outcome", lf_str("kind", r->t.kind),
			  lf_int("subject", r->t.subject_id),
			  lf_str("outcome", words[r->ending]));
	log_set_id(NULL);
}

static void end(struct run *r)
{
	struct daemon *dm = r->dm;

	fault("task.ended");
	if (!r->type->routine)
		daemon_look(dm);
	shift_end(dm->shift, r);
}

void run_give_back(struct run *r)
{
	call_cancel(r->dm->loop, &r->call);
	run_again(r, clock_now_us(), NULL);
}

void run_done(struct run *r)
{
	r->ending = TASK_DONE;
	end(r);
}

void run_done_with(struct run *r, bool (*also)(struct run *r, struct err *err))
{
	r->also = also;
	run_done(r);
}

void run_again(struct run *r, int64_t due_at, const char *failed)
{
	r->ending = TASK_AGAIN;
	r->again_at = due_at;
	r->reason = arena_str(&r->a, failed);
	end(r);
}

void run_failed(struct run *r, const char *reason)
{
	r->ending = TASK_FAILED;
	r->reason = arena_str(&r->a, reason);
	end(r);
}

void run_error(struct run *r, const struct err *err)
{
	int64_t told_us = err->retry_s * SECOND_US;
	bool passes = err->kind == ERR_DOWN || err->kind == ERR_LIMIT ||
		      err->kind == ERR_UNSURE || err->kind == ERR_CONFLICT;

	if (passes)
		run_again(r,
			  clock_now_us() + told_us + backoff_us(r->t.attempts),
			  err->text);
	else
		run_failed(r, err->text);
}
