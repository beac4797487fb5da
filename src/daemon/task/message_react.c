/*
 * message_react.c - shows on the other side how people reacted to a message.
 *
 * The key names the side that reacted.  A bot sets one reaction only: the
 * newest of that side.  On an operator's message it takes the place of the
 * sign that it has arrived, which comes back with the reaction's end.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "chan/telegram.h"
#include "daemon/limits.h"
#include "daemon/place.h"
#include "daemon/task/telegram_small.h"
#include "daemon/tasks.h"
#include "store/change.h"
#include "store/shown.h"

#define ARRIVED       "👌"
#define LOOK_AGAIN_US (2 * SECOND_US)

struct reaction {
	struct shown s;
	const char *emoji; /* NULL: none any more */
	bool of_buyer;
};

static bool is_in_group(const char *place, int64_t place_id)
{
	return strcmp(place, "telegram") == 0 && place_id < 0;
}

/* Where it was written, or the first of its copies: NULL for none there. */
static const char *id_at(const struct shown *s, const char *place,
			 int64_t place_id)
{
	if (strcmp(s->d.origin, place) == 0 && s->d.origin_id == place_id)
		return s->d.external_id;
	for (size_t i = 0; i < s->n_copies; i++)
		if (strcmp(s->copies[i].place, place) == 0 &&
		    s->copies[i].place_id == place_id)
			return s->copies[i].external_id;
	return NULL;
}

static bool has_arrived(const struct shown *s)
{
	for (size_t i = 0; i < s->n_copies; i++)
		if (!is_in_group(s->copies[i].place, s->copies[i].place_id))
			return true;
	return false;
}

static void on_reacted(struct call *call)
{
	struct run *r = container_of(call, struct run, call);
	struct reaction *x = r->state;
	const struct delivery *d = &x->s.d;
	enum chan_trouble trouble = CHAN_FINE;
	struct err err = { 0 };

	/* What is gone, or does not take this sign, needs none. */
	if (chan_telegram.done_read(&r->a, &call->reply, &trouble, &err) ||
	    err.kind == ERR_MISSING || err.kind == ERR_INPUT) {
		run_done(r);
		return;
	}
	if (err.kind == ERR_LIMIT && !x->of_buyer)
		place_told(place_of(r->dm, PLACE_SOURCE, d->source_id),
			   err.retry_s, clock_now_us());
	if (x->of_buyer)
		small_failed(r, d->topic_bot_id, &err);
	else
		run_error(r, &err);
}

/* The buyer's, in the topic.  The sign of arrival that is still to be set must
 * not come behind it. */
static void show_to_team(struct run *r)
{
	struct reaction *x = r->state;
	const struct delivery *d = &x->s.d;
	bool is_answer = is_in_group(d->origin, d->origin_id);
	const char *id = id_at(&x->s, "telegram", d->topic_group_id);
	struct err err = { 0 };
	bool waits = false;

	if (!id || !d->topic_bot_id) {
		run_done(r);
		return;
	}
	if (is_answer &&
	    !task_is_there(
		    r->dm->db, &r->a, "telegram.react", d->topic_bot_id,
		    arena_printf(&r->a, "message:%" PRId64, d->message_id),
		    &waits, &err)) {
		run_error(r, &err);
		return;
	}
	if (waits) {
		run_again(r, clock_now_us() + LOOK_AGAIN_US, NULL);
		return;
	}
	if (!x->emoji && is_answer && has_arrived(&x->s))
		x->emoji = ARRIVED;
	if (!small_is_open(r, d->topic_bot_id, 0) ||
	    !run_bot_of(r, d->topic_bot_id))
		return;
	chan_telegram.react_write(
		&r->a, &r->end,
		arena_printf(&r->a, "%" PRId64, d->topic_group_id), id,
		x->emoji, &r->call.rq);
	run_call(r, on_reacted);
}

/* The team's, at the buyer's.  Where there are none nothing is said: nobody
 * expects it there. */
static void show_to_buyer(struct run *r)
{
	struct reaction *x = r->state;
	const struct delivery *d = &x->s.d;
	const struct chan *chan =
		chan_of(d->source, tg_place_owner(d->chat) != 0);
	const char *id = id_at(&x->s, d->source, d->source_id);
	struct place *place;
	int64_t now = clock_now_us(), until;

	if (!(chan->can & CHAN_CAN_REACT) || !id) {
		run_done(r);
		return;
	}
	place = place_of(r->dm, PLACE_SOURCE, d->source_id);
	until = place_closed_until(place, now);
	if (until || !place_take_small(r->dm, place, now, &until)) {
		run_again(r, until, NULL);
		return;
	}
	if (!run_bot_of(r, d->source_bot_id))
		return;
	chan->react_write(&r->a, &r->end, d->chat, id, x->emoji, &r->call.rq);
	run_call(r, on_reacted);
}

static void start(struct run *r)
{
	struct reaction *x = arena_alloc(&r->a, sizeof(*x));
	struct err err = { 0 };

	r->state = x;
	x->of_buyer = strcmp(r->t.key, "buyer") == 0;
	if (!shown_find(r->dm->db, &r->a, r->t.subject_id, &x->s, &err) ||
	    !message_reaction_find(r->dm->db, &r->a, x->s.d.client_id,
				   r->t.subject_id, r->t.key, &x->emoji,
				   &err)) {
		if (err.kind == ERR_MISSING)
			run_done(r);
		else
			run_error(r, &err);
		return;
	}
	if (!*x->emoji)
		x->emoji = NULL;
	if (x->s.is_moving)
		run_again(r, clock_now_us() + LOOK_AGAIN_US, NULL);
	else if (x->of_buyer)
		show_to_team(r);
	else
		show_to_buyer(r);
}

const struct task_type task_message_react = {
	.kind = "message.react",
	.start = start,
	.room = ROOM_SMALL,
};
