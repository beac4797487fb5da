/*
 * test_lanes_race.c - several daemons over one table at full speed, each in a
 * process of its own, while messages come in.
 *
 * What is in flight stands in a table whose primary key is the lane, so two in
 * flight at once are refused by the database and end the race.  What has ended
 * stands in another, in the order in which it ended.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"
#include "harness/pg.h"
#include "harness/relay.h"
#include "harness/unit.h"
#include "store/attempt.h"
#include "store/lane.h"
#include "store/outcome.h"

#define SEED        20260101
#define DIALOGS     40
#define MESSAGES    1000 /* every fourth is the web inbox's, to both lanes */
#define DELIVERIES  (DIALOGS + MESSAGES + MESSAGES / 4)
#define WORKERS_MAX 4
#define DEADLINE_MS 60000

#define BATCH_MAX  12
#define JOINED_MAX 3
#define PLACE      "room:bot:1"
#define LEASE      (600 * INT64_C(1000000)) /* nobody's ends in a race */

struct flight {
	struct delivery *d, *joined;
	size_t n_joined;
	int64_t attempt;
};

static struct relay relay;
static long long seed;
static bool *is_lost; /* shared by all: one of them has failed */

/* In a child, which was forked with its own. */
static struct db *db;
static uint64_t chance;
static int64_t n_turns;

/* SplitMix64, by Sebastiano Vigna. */
static int pick(int n)
{
	uint64_t z = chance += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (int)((z ^ (z >> 31)) % (uint64_t)n);
}

/* ---- who writes ---- */

static bool write_buyer(struct arena *a, int i)
{
	const char *text = arena_printf(a, "m%d", i);
	struct message_in m = relay_text(&relay, text, text);
	struct err err = { 0 };
	int64_t id;
	bool ok = db_begin(db, &err);

	m.chat = arena_printf(a, "chat-%d", pick(DIALOGS));
	ok = ok && message_take_buyer(db, a, &m, &id, &err);
	ok = db_finish(db, ok, &err);
	if (!ok)
		fprintf(stderr, "a message: %s\n", err.text);
	return ok;
}

static bool write_web(struct arena *a, int i)
{
	const char *text = arena_printf(a, "m%d", i);
	struct web_row m = {
		.client_id = relay.client_id,
		.dialog_id = 1 + pick(DIALOGS),
		.user_id = 1,
		.user_name = "Ольга",
		.client_ref = text,
		.text = text,
		.now = RELAY_NOW,
	};
	struct err err = { 0 };
	int64_t id;
	bool ok = message_take_web(db, a, &m, &id, &err);

	if (!ok)
		fprintf(stderr, "a web message: %s\n", err.text);
	return ok;
}

static bool write_all(void)
{
	struct arena a = { 0 };
	bool ok = true;

	for (int i = 0; ok && i < MESSAGES; i++) {
		ok = i % 4 == 3 ? write_web(&a, i) : write_buyer(&a, i);
		arena_reset(&a);
	}
	arena_release(&a);
	return ok;
}

/* ---- who delivers ---- */

static const struct stmt take_off = {
	"race_take_off",
	"INSERT INTO race_flying (dialog_id, direction) VALUES ($1, $2)",
};

static const struct stmt land = {
	"race_land",
	"DELETE FROM race_flying WHERE dialog_id = $1 AND direction = $2",
};

static const struct stmt note = {
	"race_note",
	"INSERT INTO race_ended (dialog_id, direction, seq)"
	" VALUES ($1, $2, $3)",
};

static const struct stmt count_ended = {
	"race_count_ended",
	"SELECT count(*) FROM race_ended",
};

static bool all_ended(struct arena *a, bool *done, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &count_ended, DB_NO_ARGS, &r, err))
		return false;
	*done = rows_i64(&r, 0, 0) >= DELIVERIES;
	return true;
}

static void queue_lane(struct arena *a, const struct stmt *s,
		       const struct delivery *d)
{
	db_queue(db, s, DB_ARGS(arg_i64(a, d->dialog_id), d->direction));
}

static void lock_lanes(struct arena *a, const struct flight *list, size_t n)
{
	const struct delivery **all = arena_array(a, n, sizeof(*all));

	for (size_t i = 0; i < n; i++)
		all[i] = list[i].d;
	lanes_queue_lock(db, a, all, n);
}

static bool gather(struct arena *a, struct flight *f, struct err *err)
{
	f->n_joined = 0;
	return f->d->direction[0] != 't' || pick(2) ||
	       lane_behind(db, a, f->d, JOINED_MAX, &f->joined, &f->n_joined,
			   err);
}

/* All of a claim together, as the daemon's journal does. */
static bool begin_all(struct arena *a, struct flight *list, size_t n,
		      struct err *err)
{
	struct attempt_new *begins = arena_array(a, n, sizeof(*begins));
	bool ok = true;

	for (size_t i = 0; ok && i < n; i++) {
		ok = gather(a, &list[i], err);
		begins[i] = (struct attempt_new){
			.d = list[i].d,
			.joined = list[i].joined,
			.n_joined = list[i].n_joined,
			.action = "x",
			.content = "x",
			.lease_until = RELAY_NOW + LEASE,
		};
	}
	ok = ok && db_begin(db, err);
	if (ok)
		lock_lanes(a, list, n);
	for (size_t i = 0; ok && i < n; i++)
		queue_lane(a, &take_off, list[i].d);
	ok = ok && attempts_begin(db, a, begins, n, RELAY_NOW, err);
	if (!db_finish(db, ok, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		list[i].attempt = begins[i].id;
		if (!begins[i].id)
			return err_set(err, ERR_CONFLICT,
				       "a lease was lost before it ended");
	}
	return true;
}

/* Done, dead, or once more: now, or when it has its turn. */
static struct outcome some_outcome(const struct flight *f)
{
	int which = pick(10);
	struct outcome o = {
		.d = f->d,
		.joined = f->joined,
		.n_joined = f->n_joined,
		.lane = which < 7 ? LANE_FREE : LANE_WAIT,
		.state = which < 6   ? "done"
			 : which < 7 ? "dead"
				     : "queued",
		.attempt_id = f->attempt,
		.outcome = "done",
		.parts_company = which >= 7,
		.due_at = RELAY_NOW,
	};

	if (which == 9) {
		o.held_by = PLACE;
		o.queued_at = f->d->queued_at ? f->d->queued_at
					      : RELAY_NOW + ++n_turns;
	}
	return o;
}

static void note_end(struct arena *a, const struct flight *f)
{
	const struct delivery *d = f->d;

	for (size_t i = 0; i <= f->n_joined; i++) {
		db_queue(db, &note,
			 DB_ARGS(arg_i64(a, d->dialog_id), d->direction,
				 arg_i64(a, d->seq)));
		d = &f->joined[i];
	}
}

static bool end_all(struct arena *a, const struct flight *list, size_t n,
		    struct outcome *ends, struct err *err)
{
	bool ok = db_begin(db, err);

	if (ok)
		lock_lanes(a, list, n);
	for (size_t i = 0; ok && i < n; i++) {
		ends[i] = some_outcome(&list[i]);
		queue_lane(a, &land, list[i].d);
		if (ends[i].lane == LANE_FREE)
			note_end(a, &list[i]);
	}
	ok = ok && outcomes_write(db, a, ends, n, RELAY_NOW, err);
	if (!db_finish(db, ok, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!ends[i].is_owned)
			return err_set(err, ERR_CONFLICT,
				       "a lease was lost before its end");
	return true;
}

/* As when it is not known whether the commit went through. */
static bool end_again(struct arena *a, struct outcome *ends, size_t n,
		      struct err *err)
{
	bool ok = db_begin(db, err) &&
		  outcomes_write(db, a, ends, n, RELAY_NOW, err);

	if (!db_finish(db, ok, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (ends[i].is_owned)
			return err_set(err, ERR_CONFLICT,
				       "a lease was used twice");
	return true;
}

static bool work_once(struct arena *a, size_t *n, struct err *err)
{
	struct room room = { PLACE, 1 + pick(4) };
	struct claim c = { .due = 1 + pick(BATCH_MAX),
			   .rooms = &room,
			   .n_rooms = 1,
			   .now = RELAY_NOW + 1,
			   .lease_until = RELAY_NOW + LEASE };
	struct delivery *list;
	struct flight *flights;
	struct outcome *ends;

	if (!lanes_claim(db, a, &c, &list, n, err))
		return false;
	if (*n == 0)
		return true;
	flights = arena_array(a, *n, sizeof(*flights));
	ends = arena_array(a, *n, sizeof(*ends));
	for (size_t i = 0; i < *n; i++)
		flights[i].d = &list[i];
	return begin_all(a, flights, *n, err) &&
	       end_all(a, flights, *n, ends, err) &&
	       (pick(3) || end_again(a, ends, *n, err));
}

static bool deliver_all(void)
{
	int64_t until_ms = clock_mono_ms() + DEADLINE_MS;
	struct arena a = { 0 };
	struct err err = { 0 };
	bool ok = true, done = false;

	while (ok && !done && !*is_lost) {
		size_t n;

		ok = work_once(&a, &n, &err);
		if (ok && n == 0) {
			ok = all_ended(&a, &done, &err);
			poll(NULL, 0, 1);
		}
		if (ok && clock_mono_ms() > until_ms)
			ok = err_set(&err, ERR_DOWN, "the race does not end");
		arena_reset(&a);
	}
	if (!ok)
		fprintf(stderr, "a daemon: %s\n", err.text);
	arena_release(&a);
	return ok;
}

/* ---- the race ---- */

static pid_t start(int number, bool (*run)(void))
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		bool ok;

		log_set_sink(NULL);
		chance = (uint64_t)(seed + 1000 * number);
		db = db_new(pg_url(PG_DAEMON), "race", 20000);
		ok = run();
		db_free(db);
		*is_lost = *is_lost || !ok;
		_exit(ok ? 0 : 1);
	}
	return pid;
}

static void set_up(void)
{
	const char *told = getenv("TUBERRY_SEED");

	seed = SEED;
	if (told)
		text_read_i64(told, 0, INT64_MAX, &seed);
	printf("\n    seed %lld", seed);
	pg_reset();
	relay = relay_seed(1);
	pg_run("CREATE TABLE race_flying (dialog_id bigint, direction text,"
	       "  PRIMARY KEY (dialog_id, direction));"
	       "CREATE TABLE race_ended ("
	       "  n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
	       "  dialog_id bigint, direction text, seq bigint);"
	       "GRANT ALL ON race_flying, race_ended TO tuberry_daemon");
	db = db_new(pg_url(PG_DAEMON), "race", 20000);
	for (int i = 0; i < DIALOGS; i++) {
		struct message_in m = relay_text(
			&relay, arena_printf(&unit_arena, "first%d", i), "x");

		m.chat = arena_printf(&unit_arena, "chat-%d", i);
		relay_take(db, &m, message_take_buyer);
	}
	db_free(db);
}

static void race(int workers)
{
	pid_t pids[1 + WORKERS_MAX];
	int n = 0;

	set_up();
	*is_lost = false;
	pids[n++] = start(0, write_all);
	while (n <= workers) {
		pids[n] = start(n, deliver_all);
		n++;
	}
	for (int i = 0; i < n; i++) {
		int status;

		CU_ASSERT_EQUAL(waitpid(pids[i], &status, 0), pids[i]);
		CU_ASSERT_EQUAL(status, 0);
	}
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM race_ended"),
			DELIVERIES);
	/* None is missing, none comes twice, none overtakes. */
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM (SELECT seq, lag(seq)"
				 "  OVER (PARTITION BY dialog_id, direction"
				 "   ORDER BY n) AS before FROM race_ended) e"
				 " WHERE seq <> coalesce(before, 0) + 1"),
			0);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM deliveries"
				 " WHERE state IN ('done', 'dead')"),
			DELIVERIES);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM lanes"
				 " WHERE head_seq <> last_seq + 1"
				 "  OR due_at IS NOT NULL"
				 "  OR held_by IS NOT NULL"
				 "  OR lease_token IS NOT NULL"),
			0);
}

static void two_daemons_keep_every_order(void)
{
	race(2);
}

static void four_daemons_keep_every_order(void)
{
	race(WORKERS_MAX);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(two_daemons_keep_every_order),
		UNIT_TEST(four_daemons_keep_every_order),
	};

	is_lost = mmap(NULL, sizeof(*is_lost), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (is_lost == MAP_FAILED)
		die("mmap: %s", strerror(errno));
	pg_start();
	return unit_main("lanes_race", tests, ARRAY_LEN(tests), argc, argv);
}
