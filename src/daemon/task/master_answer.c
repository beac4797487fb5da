/*
 * master_answer.c - answers one who wrote to the master bot.
 *
 * When nobody knows whether the answer arrived it is sent once more, with a
 * new link: the person opens the newest one.
 */
#include "config.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "chan/telegram.h"
#include "core/master.h"
#include "core/master_answer.h"
#include "daemon/limits.h"
#include "daemon/tasks.h"
#include "store/window.h"

struct answer {
	struct tg_private m;
	const char *what; /* for the log */
};

static void on_sent(struct call *c)
{
	struct run *r = container_of(c, struct run, call);
	const struct answer *x = r->state;
	struct chan_sent sent = { 0 };
	struct err err = { 0 };

	fault("master.sent");
	if (chan_telegram.send_read(&r->a, &c->reply, &sent, &err)) {
		log_info("master.answered", lf_str("what", x->what));
		run_done(r);
	} else if (sent.trouble == CHAN_BLOCKED ||
		   sent.trouble == CHAN_KICKED) {
		/* Whoever does not want to be answered is not. */
		log_info("master.answered", lf_str("what", "nobody"));
		run_done(r);
	} else if (sent.trouble == CHAN_TOKEN_REFUSED) {
		/* The poll says so; the answer waits for a better one. */
		run_again(r, clock_now_us() + RECHECK_US, NULL);
	} else {
		run_error(r, &err);
	}
}

/* As often as a bot may speak, all daemons together. */
static bool has_room(struct run *r, int64_t now)
{
	struct window w = {
		.key = "master",
		.limit = (int)r->dm->s->telegram_bot_per_second,
		.span_us = SECOND_US,
	};
	int64_t free_at;

	if (windows_take(r->dm->windows, &w, 1, 1, now, &free_at) == 1)
		return true;
	run_again(r, free_at, NULL);
	return false;
}

static void start(struct run *r)
{
	struct db *db = r->dm->db;
	int64_t now = clock_now_us();
	struct answer *x = arena_alloc(&r->a, sizeof(*x));
	struct err err = { 0 };
	bool ok;

	fault("master.taken");
	if (!master_token(db, &r->a, r->dm->s, &r->end.token, &err)) {
		run_error(r, &err);
		return;
	}
	/* Another bot cannot answer for the one that was asked. */
	if (tg_token_id(r->end.token) != master_asked(r->args)) {
		run_done(r);
		return;
	}
	if (!has_room(r, now))
		return;
	ok = db_begin(db, &err) && master_answer(db, &r->a, r->dm->s, r->args,
						 now, &x->m, &x->what, &err);
	if (!db_finish(db, ok, &err)) {
		run_error(r, &err);
		return;
	}
	fault("master.linked");
	r->state = x;
	r->end.api_base = r->dm->s->telegram_api_base;
	tg_private_write(&r->a, &r->end, &x->m, &r->call.rq);
	run_call(r, on_sent);
}

const struct task_type task_master_answer = {
	.kind = "master.answer",
	.start = start,
};
