/*
 * telegram_mark_read.c - shows a customer of a connected account that the team
 * has what was written.
 *
 * Up to the newest message that the team has seen; where the account's owner
 * does not let the bot read, nothing is said.
 */
#include "config.h"

#include "base/clock.h"
#include "chan/telegram.h"
#include "daemon/limits.h"
#include "daemon/place.h"
#include "daemon/tasks.h"
#include "store/shown.h"

static void on_read(struct call *c)
{
	struct run *r = container_of(c, struct run, call);
	enum chan_trouble trouble = CHAN_FINE;
	struct err err = { 0 };

	/* What is gone has been read; a right that has ended is no fault. */
	if (chan_telegram_business.done_read(&r->a, &c->reply, &trouble,
					     &err) ||
	    err.kind == ERR_MISSING || err.kind == ERR_INPUT ||
	    err.kind == ERR_DENIED)
		run_done(r);
	else
		run_error(r, &err);
}

static void start(struct run *r)
{
	struct shown_newest *m = arena_alloc(&r->a, sizeof(*m));
	struct err err = { 0 };
	struct place *place;
	int64_t now = clock_now_us(), until;

	if (!shown_newest(r->dm->db, &r->a, r->t.subject_id, m, &err)) {
		run_error(r, &err);
		return;
	}
	if (!*m->external_id) {
		run_done(r);
		return;
	}
	place = place_of(r->dm, PLACE_SOURCE, m->source_id);
	until = place_closed_until(place, now);
	if (until || !place_take_small(r->dm, place, now, &until)) {
		run_again(r, until, NULL);
		return;
	}
	if (!run_bot_of(r, m->bot_id))
		return;
	r->end.connection = m->connection;
	chan_telegram_business.read_write(&r->a, &r->end, m->chat,
					  m->external_id, &r->call.rq);
	run_call(r, on_read);
}

const struct task_type task_telegram_mark_read = {
	.kind = "telegram.mark_read",
	.start = start,
	.room = ROOM_SMALL,
};
