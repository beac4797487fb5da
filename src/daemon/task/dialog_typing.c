/*
 * dialog_typing.c - shows the buyer that somebody is writing an answer.
 *
 * Where the source shows such a thing.  It lasts five seconds; what comes
 * later than that would be a lie, and nothing is repeated.
 */
#include "config.h"

#include "base/clock.h"
#include "chan/telegram.h"
#include "daemon/limits.h"
#include "daemon/place.h"
#include "daemon/tasks.h"
#include "store/shown.h"

#define TRUE_FOR_US (5 * SECOND_US)

static void on_typing(struct call *c)
{
	run_done(container_of(c, struct run, call));
}

static void start(struct run *r)
{
	struct shown_chat *x = arena_alloc(&r->a, sizeof(*x));
	const struct chan *chan;
	struct place *place;
	int64_t now = clock_now_us(), until;
	struct err err = { 0 };

	if (json_i64(r->args, "at", 0) + TRUE_FOR_US < now ||
	    !shown_chat(r->dm->db, &r->a, r->t.subject_id, x, &err)) {
		run_done(r);
		return;
	}
	chan = chan_of(x->source, tg_place_owner(x->chat) != 0);
	place = place_of(r->dm, PLACE_SOURCE, x->source_id);
	if (!(chan->can & CHAN_CAN_TYPING) || !x->bot_id ||
	    (tg_place_owner(x->chat) && !*x->connection) ||
	    place_closed_until(place, now) ||
	    !place_take_small(r->dm, place, now, &until)) {
		run_done(r);
		return;
	}
	if (!run_bot_of(r, x->bot_id))
		return;
	r->end.connection = x->connection;
	chan->typing_write(&r->a, &r->end, x->chat, &r->call.rq);
	run_call(r, on_typing);
}

const struct task_type task_dialog_typing = {
	.kind = "dialog.typing",
	.start = start,
	.room = ROOM_SMALL,
};
