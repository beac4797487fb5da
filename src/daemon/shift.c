/*
 * shift.c - tasks are taken up and written off in groups.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/limits.h"
#include "daemon/run.h"
#include "daemon/shift.h"
#include "daemon/tasks.h"

/* A kind's rooms: of those that went well, and of those that failed. */
#define ROOMS_MAX (2 * TASK_TYPES_MAX)

struct shift {
	struct daemon *dm;
	struct timer timer;
	int64_t last_ms;       /* monotonic; the last one */
	int64_t paid_until_ms; /* monotonic: what the shifts so far have cost */
	int64_t away_until_ms; /* the database is asked again */
	int64_t done_at;       /* the last one, wall clock */
	int64_t awake_at;
	struct run *ended; /* and not written yet, newest first */
	/* In work, by type. */
	int good[TASK_TYPES_MAX], failed[TASK_TYPES_MAX];
	bool is_over;
};

/* ---- room ---- */

static bool has_failed(const struct run *r)
{
	return r->t.attempts > 0 && r->type->room_failed;
}

static int *count_of(struct shift *s, const struct run *r)
{
	size_t i = task_type_index(r->type);

	return has_failed(r) ? &s->failed[i] : &s->good[i];
}

static size_t rooms_left(const struct shift *s, struct task_room *rooms)
{
	const struct task_type *type;
	size_t n = 0;

	for (size_t i = 0; (type = task_type_at(i)); i++) {
		struct task_room room = {
			.kind = type->kind,
			.which = type->room_failed ? TASKS_GOOD : TASKS_ANY,
			.room = (type->room ? type->room : ROOM_KIND) -
				s->good[i],
		};

		if (room.room > 0)
			rooms[n++] = room;
		room.which = TASKS_FAILED;
		room.room = type->room_failed - s->failed[i];
		if (room.room > 0)
			rooms[n++] = room;
	}
	return n;
}

/* What was claimed takes its room. */
static size_t rooms_take(const struct task *tasks, size_t n_tasks,
			 struct task_room *rooms, size_t n)
{
	size_t left = 0;

	for (size_t i = 0; i < n_tasks; i++)
		for (size_t k = 0; k < n; k++)
			if (strcmp(rooms[k].kind, tasks[i].kind) == 0 &&
			    (rooms[k].which == TASKS_ANY ||
			     (rooms[k].which == TASKS_FAILED) ==
				     (tasks[i].attempts > 0)))
				rooms[k].room--;
	for (size_t k = 0; k < n; k++)
		if (rooms[k].room > 0)
			rooms[left++] = rooms[k];
	return left;
}

/* ---- writing ---- */

static struct task_end end_of(const struct run *r)
{
	return (struct task_end){
		.t = &r->t,
		.how = r->ending,
		.due_at = r->again_at,
		.reason = r->reason,
	};
}

static bool write_ends(struct shift *s, struct arena *a,
		       struct run *const *runs, size_t n, int64_t now,
		       struct err *err)
{
	struct task_end *ends = arena_array(a, n, sizeof(*ends));

	for (size_t i = 0; i < n; i++) {
		ends[i] = end_of(runs[i]);
		if (runs[i]->also && !runs[i]->also(runs[i], err))
			return false;
	}
	return n == 0 || tasks_end(s->dm->db, a, ends, n, now, err);
}

/* One of them that the database refuses must not take the others with it:
 * alone, it is dropped, and its lease brings it back. */
static void write_one_by_one(struct shift *s, struct run *const *runs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct err err = { 0 };
		bool ok = db_begin(s->dm->db, &err) &&
			  write_ends(s, &runs[i]->a, &runs[i], 1,
				     clock_now_us(), &err);

		if (!db_finish(s->dm->db, ok, &err))
			log_warn("task.dropped",
				 lf_str("kind", runs[i]->t.kind),
				 lf_int("subject", runs[i]->t.subject_id),
				 lf_str("reason", err.text));
	}
}

/* ---- a shift ---- */

/* What one of them works with. */
struct round {
	struct arena a;
	int64_t now;
	struct run **ended;
	size_t n_ended;
	struct task_room rooms[ROOMS_MAX];
	size_t n_rooms;
	struct task *tasks;
	size_t n_tasks;
	struct avito_link *links; /* of their accounts */
	size_t n_links;
	int64_t next_at; /* when the next one is due; 0: none */
};

static void take_ended(struct shift *s, struct round *rd)
{
	struct run *r;

	for (r = s->ended; r; r = r->next)
		rd->n_ended++;
	rd->ended = arena_array(&rd->a, rd->n_ended, sizeof(struct run *));
	rd->n_ended = 0;
	for (r = s->ended; r; r = r->next)
		rd->ended[rd->n_ended++] = r;
}

static bool find_links(struct shift *s, struct round *rd, struct err *err)
{
	int64_t *ids = arena_array(&rd->a, rd->n_tasks, sizeof(*ids));
	size_t n = 0;

	for (size_t i = 0; i < rd->n_tasks; i++)
		if (task_type_find(rd->tasks[i].kind)->of_avito)
			ids[n++] = rd->tasks[i].subject_id;
	return n == 0 || avito_links_find(s->dm->db, &rd->a, ids, n, &rd->links,
					  &rd->n_links, err);
}

static bool claim(struct shift *s, struct round *rd, struct err *err)
{
	struct db *db = s->dm->db;

	rd->n_rooms = rooms_left(s, rd->rooms);
	if (!tasks_claim(db, &rd->a, s->dm->id, rd->rooms, rd->n_rooms, rd->now,
			 rd->now + LEASE_US, &rd->tasks, &rd->n_tasks, err) ||
	    !find_links(s, rd, err))
		return false;
	rd->n_rooms =
		rooms_take(rd->tasks, rd->n_tasks, rd->rooms, rd->n_rooms);
	return tasks_next_due(db, &rd->a, rd->rooms, rd->n_rooms, &rd->next_at,
			      err);
}

static bool write_round(struct shift *s, struct round *rd, struct err *err)
{
	struct db *db = s->dm->db;
	bool ok = db_begin(db, err) &&
		  write_ends(s, &rd->a, rd->ended, rd->n_ended, rd->now, err) &&
		  (s->is_over || claim(s, rd, err));

	if (db_finish(db, ok, err))
		return true;
	rd->n_tasks = 0; /* claimed by nobody */
	return false;
}

static const struct avito_link *link_of(const struct round *rd, int64_t id)
{
	for (size_t i = 0; i < rd->n_links; i++)
		if (rd->links[i].id == id)
			return &rd->links[i];
	return NULL;
}

static void start_runs(struct shift *s, struct round *rd)
{
	for (size_t i = 0; i < rd->n_tasks; i++) {
		struct run *r = run_start(s->dm, &rd->tasks[i]);

		if (r->type->of_avito)
			run_give_avito(r, link_of(rd, r->t.subject_id));
		s->dm->tasks++;
		++*count_of(s, r);
	}
}

static void end_runs(struct shift *s, struct round *rd)
{
	s->ended = NULL;
	for (size_t i = 0; i < rd->n_ended; i++) {
		run_log(rd->ended[i]);
		run_free(rd->ended[i]);
		s->dm->tasks--;
	}
}

/* Each shift costs SHIFT_MS, and a few may be owed: so the first ones after a
 * quiet time come at once, and many of them no closer than that. */
static void pay(struct shift *s, int64_t now_ms)
{
	int64_t most_ms = now_ms + SHIFTS_OWED * SHIFT_MS;

	if (s->paid_until_ms < now_ms)
		s->paid_until_ms = now_ms;
	if (s->paid_until_ms > most_ms)
		s->paid_until_ms = most_ms;
	s->paid_until_ms += SHIFT_MS;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* An earlier time stands. */
static void arm(struct shift *s, int64_t at_ms)
{
	int64_t now_ms = clock_mono_ms();

	at_ms = later(at_ms, s->away_until_ms);
	if (!s->timer.due_ms || s->timer.due_ms > at_ms)
		loop_arm(s->dm->loop, &s->timer, at_ms - now_ms);
}

/* When tasks may be taken up again. */
static int64_t rested_ms(const struct shift *s)
{
	return s->paid_until_ms - SHIFTS_OWED * SHIFT_MS;
}

static int64_t next_ms(const struct shift *s, const struct round *rd)
{
	int64_t ms = (rd->next_at - clock_now_us()) / 1000 + 1;

	if (!rd->next_at || ms > IDLE_MS)
		ms = IDLE_MS;
	return later(clock_mono_ms() + ms, rested_ms(s));
}

/* After a break everything is due at once. */
static void note_done(struct shift *s, int64_t now)
{
	if (now > s->done_at + 2 * IDLE_MS * 1000LL || now < s->done_at)
		s->awake_at = now;
	s->done_at = now;
}

static void fire(struct timer *t)
{
	struct shift *s = container_of(t, struct shift, timer);
	struct round rd = { .now = clock_now_us() };
	struct err err = { 0 };
	bool ok;

	s->last_ms = clock_mono_ms();
	pay(s, s->last_ms);
	take_ended(s, &rd);
	ok = write_round(s, &rd, &err);
	if (!ok && rd.n_ended && err.kind != ERR_DOWN &&
	    err.kind != ERR_UNSURE) {
		write_one_by_one(s, rd.ended, rd.n_ended);
		rd.next_at = rd.now;
		ok = true;
	}
	s->away_until_ms = ok ? 0 : clock_mono_ms() + DB_RETRY_MS;
	if (ok) {
		note_done(s, rd.now);
		end_runs(s, &rd);
		start_runs(s, &rd);
	}
	if (s->ended || (!ok && !s->is_over))
		arm(s, 0);
	else if (!s->is_over)
		arm(s, next_ms(s, &rd));
	arena_release(&rd.a);
}

struct shift *shift_new(struct daemon *dm)
{
	struct shift *s = mem_new(sizeof(*s));

	s->dm = dm;
	s->timer.fire = fire;
	loop_arm(dm->loop, &s->timer, 0);
	return s;
}

int64_t shift_awake_at(const struct shift *s)
{
	return s->awake_at;
}

void shift_look(struct shift *s)
{
	if (!s->is_over)
		arm(s, rested_ms(s));
}

void shift_end(struct shift *s, struct run *r)
{
	--*count_of(s, r);
	r->next = s->ended;
	s->ended = r;
	/* Somebody may wait for what it did; nobody waits for routine. */
	arm(s, r->type->routine ? rested_ms(s) : s->last_ms + ENDING_MS);
}

void shift_drop(struct shift *s, struct run *r)
{
	--*count_of(s, r);
	s->dm->tasks--;
	run_free(r);
	shift_look(s);
}

void shift_wind_down(struct shift *s)
{
	s->is_over = true;
	if (s->ended)
		arm(s, 0);
}
