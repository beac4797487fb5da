/*
 * look.c - claims due lanes, while there is room.
 */
#include "config.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/job.h"
#include "daemon/limits.h"
#include "daemon/look.h"
#include "daemon/shift.h"

struct look {
	struct daemon *dm;
	struct timer timer;
	int64_t places_ms;     /* when places are asked for again */
	int64_t down_since_ms; /* the database; 0: it is there */
	int64_t retry_ms;
	bool turn; /* of what is due */
};

static void fire_look(struct timer *t);

void look_start(struct daemon *dm)
{
	struct look *k = mem_new(sizeof(*k));

	k->dm = dm;
	k->timer.fire = fire_look;
	dm->look = k;
	daemon_look(dm);
}

void look_stop(struct daemon *dm)
{
	loop_disarm(dm->loop, &dm->look->timer);
	dm->stopping = true;
}

void daemon_look(struct daemon *dm)
{
	if (dm->stopping)
		return;
	if (!dm->look->down_since_ms)
		loop_arm(dm->loop, &dm->look->timer, 0);
	shift_look(dm->shift);
}

/* ---- lanes ---- */

static bool came_from(const struct place *p, const struct delivery *list,
		      size_t n)
{
	for (size_t i = 0; i < n; i++) {
		enum place_kind kind;
		int64_t id = job_place_of(&list[i], &kind);

		if (list[i].queued_at && kind == p->kind && id == p->id)
			return true;
	}
	return false;
}

/* Where nobody came, does nobody wait any more?  *passed_over: somebody does,
 * and is asked again in a moment. */
static bool count_lines(struct daemon *dm, const struct claim *c,
			struct place **of, const struct delivery *list,
			size_t n, bool *passed_over, struct err *err)
{
	struct arena a = { 0 };
	bool ok = true;

	for (size_t i = 0; ok && i < c->n_rooms; i++) {
		if (came_from(of[i], list, n))
			continue;
		ok = lanes_wait_at(dm->db, &a, of[i]->room_key,
				   &of[i]->has_waiting, err);
		*passed_over |= ok && of[i]->has_waiting;
	}
	arena_release(&a);
	return ok;
}

static void start_jobs(struct daemon *dm, struct batch *batch,
		       struct delivery *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		job_start(dm, batch, &list[i]);
}

/* Those that wait for room at a place come first, but never take all: what is
 * due at other places must not wait for them.  Of little each has it in
 * turn. */
static int share_of_waiting(struct look *k, int room)
{
	k->turn = !k->turn;
	return room < 4 && k->turn ? 0 : room - room / 4;
}

static bool claim_lanes(struct daemon *dm, bool *full, bool *passed_over,
			struct err *err)
{
	struct batch *batch = mem_new(sizeof(*batch));
	struct arena a = { 0 };
	int room = JOBS_MAX - dm->jobs;
	struct claim c = { .now = clock_now_us(), .owner = dm->id };
	struct delivery *list;
	struct room *rooms;
	struct place **of;
	size_t n = 0;
	bool ok = true;

	c.lease_until = c.now + LEASE_US;
	c.n_rooms = places_rooms(dm, &a, share_of_waiting(dm->look, room),
				 c.now, &rooms, &of);
	c.rooms = rooms;
	c.due = room;
	for (size_t i = 0; i < c.n_rooms; i++)
		c.due -= rooms[i].places;
	if (c.due > 0 || c.n_rooms)
		ok = lanes_claim(dm->db, &batch->a, &c, &list, &n, err);
	*full = room <= 0 || (int)n >= room;
	if (ok && n + c.n_rooms > 0) {
		start_jobs(dm, batch, list, n);
		ok = count_lines(dm, &c, of, list, n, passed_over, err);
	}
	if (batch->jobs == 0) {
		arena_release(&batch->a);
		free(batch);
	}
	arena_release(&a);
	return ok;
}

/* What nobody tells: where lanes wait that another daemon, or this one before
 * it ended, has put in line; and which are held by what works by now. */
static bool look_around(struct look *k, struct err *err)
{
	struct arena a = { 0 };
	const char **keys;
	size_t n;
	bool ok;

	if (k->places_ms > clock_mono_ms())
		return true;
	ok = lanes_wake_mended(k->dm->db, &a, clock_now_us(), err) &&
	     lanes_places(k->dm->db, &a, &keys, &n, err);
	if (ok) {
		places_learn(k->dm, keys, n);
		k->places_ms = clock_mono_ms() + PLACES_EVERY_MS;
	}
	arena_release(&a);
	return ok;
}

/* ---- when again ---- */

static int64_t sooner(int64_t ms, int64_t at, int64_t now)
{
	int64_t until_ms = (at - now) / 1000 + 1;

	if (!at || until_ms >= ms)
		return ms;
	return until_ms < 1 ? 1 : until_ms;
}

/* How long nothing can fall due.  What is full is looked at again when
 * something ends. */
static int64_t pause_ms(struct daemon *dm, bool full)
{
	int64_t at = 0, ms = IDLE_MS, now = clock_now_us();
	struct arena a = { 0 };
	struct err err = { 0 };

	if (!full && lanes_next_due(dm->db, &a, &at, &err))
		ms = sooner(ms, at, now);
	arena_release(&a);
	return sooner(ms, places_open_at(dm, now), now);
}

static void database_is_away(struct look *k, const struct err *err)
{
	if (!k->down_since_ms) {
		k->down_since_ms = clock_mono_ms();
		k->retry_ms = DB_RETRY_MS;
		log_error("db.away", lf_str("reason", err->text));
	}
	loop_arm(k->dm->loop, &k->timer, k->retry_ms);
	k->retry_ms *= 2;
	if (k->retry_ms > DB_RETRY_MAX_MS)
		k->retry_ms = DB_RETRY_MAX_MS;
}

static void database_is_there(struct look *k)
{
	if (k->down_since_ms)
		log_info("db.back",
			 lf_int("away_ms", clock_mono_ms() - k->down_since_ms));
	k->down_since_ms = 0;
}

static void fire_look(struct timer *t)
{
	struct look *k = container_of(t, struct look, timer);
	struct err err = { 0 };
	bool full, passed_over = false;

	if (!look_around(k, &err) ||
	    !claim_lanes(k->dm, &full, &passed_over, &err)) {
		database_is_away(k, &err);
		return;
	}
	database_is_there(k);
	loop_arm(k->dm->loop, &k->timer,
		 passed_over ? PASSED_OVER_MS : pause_ms(k->dm, full));
}
