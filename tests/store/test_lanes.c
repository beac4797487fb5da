/*
 * test_lanes.c - two daemons over one table, in any order of events: what the
 * store does is what lane_model.c says, after every step.
 *
 * A play is drawn from its seed, which is printed; TUBERRY_SEED=N plays that
 * one alone.  The first difference ends the play.  Holders die and come late
 * as they do in life: their lease ends by the clock, the other daemon claims
 * the lane, and what they still write must change nothing.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "harness/pg.h"
#include "harness/relay.h"
#include "harness/unit.h"
#include "store/lane.h"
#include "store/lane_play.h"

#define PLAYS      4
#define FIRST_SEED 20260101
#define STEPS      350
#define DRAINS_MAX 1000 /* claims at the end of a play */

static const char *const daemons[N_DAEMONS] = { "A", "B" };
const char *const play_rooms[N_ROOMS] = { "room:bot:1", "room:avito:1" };
const char *const play_objects[N_OBJECTS] = { "bot:1", "avito:1" };

struct db *play_dbs[N_DAEMONS];
static struct relay relay;

struct play play;

/* ---- chance ---- */

/* SplitMix64, by Sebastiano Vigna. */
static uint64_t next_random(void)
{
	uint64_t z = play.random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

int pick(int n)
{
	return (int)(next_random() % (uint64_t)n);
}

bool perhaps(int percent)
{
	return pick(100) < percent;
}

/* ---- agreement ---- */

void expect(bool holds, const char *what)
{
	CU_ASSERT_TRUE(holds);
	if (holds || play.has_failed)
		return;
	play.has_failed = true;
	printf("\n    seed %lld, step %d (%s): not so: %s\n", play.seed,
	       play.step, play.what, what);
}

void expect_ok(bool ok, const struct err *err)
{
	expect(ok, ok ? "it worked" : err->text);
}

static void compare(void)
{
	struct arena a = { 0 };
	const char *wanted = lanes_words(&a, play.lanes, LANES);
	const char *actual = pg_text(lanes_sql);

	if (strcmp(wanted, actual) != 0)
		printf("\n  expected:%s  found:%s", wanted, actual);
	expect(strcmp(wanted, actual) == 0, "the database is as expected");
	arena_release(&a);
}

/* ---- messages ---- */

static struct item *new_item(struct lane *l, const char *text)
{
	struct item *x = arena_alloc(&unit_arena, sizeof(*x));

	x->text = text;
	lane_add(l, x, play.now);
	return x;
}

static const char *new_text(void)
{
	return arena_printf(&unit_arena, "m%d", ++play.messages);
}

static void buyer_writes(int dialog)
{
	struct lane *l = &play.lanes[2 * dialog];
	const char *text = new_text();
	struct message_in m = relay_text(&relay, text, text);

	play.what = "the buyer writes";
	m.chat = l->chat;
	m.now = play.now;
	relay_take(play_dbs[0], &m, message_take_buyer);
	new_item(l, text);
}

/* To the buyer, and to the topic for colleagues. */
static void web_writes(int dialog)
{
	const char *text = new_text();
	struct web_row m = {
		.client_id = relay.client_id,
		.dialog_id = play.lanes[2 * dialog].dialog_id,
		.user_id = 1,
		.user_name = "Ольга",
		.client_ref = text,
		.text = text,
		.now = play.now,
	};
	struct err err = { 0 };
	int64_t id;

	play.what = "the web inbox writes";
	expect_ok(message_take_web(play_dbs[1], &unit_arena, &m, &id, &err),
		  &err);
	new_item(&play.lanes[2 * dialog], text);
	new_item(&play.lanes[2 * dialog + 1], text);
}

/* ---- what people do ---- */

static int64_t delivery_of(const struct lane *l, const struct item *x)
{
	return pg_count(arena_printf(
		&unit_arena,
		"SELECT d.id FROM deliveries d JOIN messages m"
		" ON m.id = d.message_id WHERE d.dialog_id = %" PRId64
		" AND d.direction = '%s' AND m.text = '%s'",
		l->dialog_id, l->direction, x->text));
}

static void somebody_decides(void)
{
	struct lane *l = &play.lanes[pick(LANES)];
	struct db *db = play_dbs[pick(N_DAEMONS)];
	struct arena a = { 0 };
	struct err err = { 0 };
	bool ok, wanted;
	struct item *x;
	int64_t id;
	int which = pick(3);

	if (!l->n)
		return;
	/* Of the newest, which are most likely to be unfinished. */
	x = l->items[l->n - 1 - pick(l->n < 6 ? l->n : 6)];
	id = delivery_of(l, x);
	ok = db_begin(db, &err);
	if (which == 0) {
		play.what = "a person retries";
		wanted = lane_retry(l, x, play.now);
		ok = ok && delivery_retry(db, &a, 0, id, play.now, &err);
	} else if (which == 1) {
		play.what = "a person discards";
		wanted = lane_discard(l, x);
		ok = ok && delivery_discard(db, &a, 0, id, play.now, &err);
	} else {
		play.what = "a person confirms";
		wanted = lane_confirm(l, x, play.now);
		ok = ok && delivery_confirm(db, &a, 0, id, "Ольга", play.now,
					    NULL, &err);
	}
	ok = db_finish(db, ok, &err);
	expect(ok == wanted, "a person may do it when the state allows it");
	expect(ok || err.kind == ERR_CONFLICT, "or is told why not");
	arena_release(&a);
}

static void wake(const char *object)
{
	struct arena a = { 0 };
	struct err err = { 0 };

	play.what = "what an object held is woken";
	expect_ok(lanes_wake(play_dbs[0], &a, object, play.now, &err), &err);
	for (int i = 0; i < LANES; i++) {
		struct lane *l = &play.lanes[i];

		if (!l->held_by || strcmp(l->held_by, object) != 0)
			continue;
		l->held_by = NULL;
		l->due_at = play.now;
	}
	arena_release(&a);
}

/* ---- plays ---- */

static void step(void)
{
	int what = pick(100);

	play.now += 1 + pick(3);
	if (what < 14)
		buyer_writes(pick(LANE_DIALOGS));
	else if (what < 20)
		web_writes(pick(LANE_DIALOGS));
	else if (what < 45)
		holders_claim_some();
	else if (what < 80)
		holders_act();
	else if (what < 90)
		somebody_decides();
	else if (what < 91)
		holders_die_with(pick(N_DAEMONS));
	else if (what < 94)
		wake(play_objects[pick(N_OBJECTS)]);
	else
		play.now += (perhaps(70) ? pick(20) : 61) * SECOND;
	compare();
}

static bool all_finished(void)
{
	for (int i = 0; i < LANES; i++)
		if (lane_head(&play.lanes[i]))
			return false;
	return true;
}

/* One of them works on until nothing is left; the other's leases end. */
static void drain(void)
{
	struct room all[N_ROOMS];

	holders_die();
	for (size_t i = 0; i < N_OBJECTS; i++)
		wake(play_objects[i]);
	for (size_t i = 0; i < N_ROOMS; i++)
		all[i] = (struct room){ play_rooms[i], LANES };
	for (int i = 0; i < DRAINS_MAX && !all_finished(); i++) {
		struct claim c = { .due = LANES,
				   .rooms = all,
				   .n_rooms = N_ROOMS };

		play.now += 91 * SECOND;
		play.what = "all is drained";
		holder_claim(i % N_DAEMONS, &c);
		holders_finish();
		compare();
		if (play.has_failed)
			return;
	}
	expect(all_finished(), "all came to an end");
	expect(pg_count("SELECT count(*) FROM lanes WHERE due_at IS NOT NULL"
			" AND lease_token IS NOT NULL") == 0,
	       "nothing is leased");
}

static void set_up(long long seed)
{
	pg_reset();
	relay = relay_seed(1);
	play = (struct play){ .seed = seed,
			      .random = (uint64_t)seed,
			      .now = RELAY_NOW };
	for (int i = 0; i < LANE_DIALOGS; i++) {
		struct lane *team = &play.lanes[2 * i];

		team->chat = arena_printf(&unit_arena, "chat-%d", i);
		team->direction = "team";
		buyer_writes(i);
		team->dialog_id = pg_count("SELECT max(id) FROM dialogs");
		team[1] = *team;
		team[1].direction = "buyer";
		team[1].n = 0;
		team[1].last_turn = 0;
		team[1].due_at = 0;
	}
	compare();
}

static void run(long long seed)
{
	printf("\n    seed %lld", seed);
	fflush(stdout);
	set_up(seed);
	for (play.step = 0; play.step < STEPS && !play.has_failed; play.step++)
		step();
	if (!play.has_failed)
		drain();
	holders_die();
}

static void two_daemons_do_what_the_model_says(void)
{
	const char *told = getenv("TUBERRY_SEED");
	long long seed;

	if (told && text_read_i64(told, 0, INT64_MAX, &seed)) {
		run(seed);
		return;
	}
	for (int i = 0; i < PLAYS; i++)
		run(FIRST_SEED + i);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(two_daemons_do_what_the_model_says),
	};
	int status;

	pg_start();
	for (size_t i = 0; i < N_DAEMONS; i++)
		play_dbs[i] = db_new(pg_url(PG_DAEMON), daemons[i], 5000);
	status = unit_main("lanes", tests, ARRAY_LEN(tests), argc, argv);
	for (size_t i = 0; i < N_DAEMONS; i++)
		db_free(play_dbs[i]);
	return status;
}
