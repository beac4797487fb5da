/*
 * test_counter.c - what /metrics counts, and what it finds waiting.
 */
#include "config.h"

#include "base/clock.h"
#include "harness/pg.h"
#include "harness/relay.h"
#include "harness/unit.h"
#include "store/counter.h"
#include "store/gauges.h"

static struct db *db;

static void counter_adds_up_inside_and_outside_of_transactions(void)
{
	struct counter *list;
	struct err err = { 0 };
	size_t n;

	pg_reset();
	CU_ASSERT_TRUE(counter_add(db, &unit_arena, "b_total", 2, &err));
	CU_ASSERT_TRUE(db_begin(db, &err));
	counter_queue(db, &unit_arena, "a_total", 1);
	CU_ASSERT_TRUE(counter_add(db, &unit_arena, "b_total", 3, &err));
	CU_ASSERT_TRUE(db_finish(db, true, &err));
	CU_ASSERT_TRUE(db_begin(db, &err));
	counter_queue(db, &unit_arena, "a_total", 7);
	CU_ASSERT_FALSE(db_finish(db, false, &err));
	CU_ASSERT_TRUE(counters_read(db, &unit_arena, &list, &n, &err));
	UNIT_ASSERT_INT((int)n, 2);
	UNIT_ASSERT_STR(list[0].name, "a_total");
	UNIT_ASSERT_INT(list[0].value, 1);
	UNIT_ASSERT_STR(list[1].name, "b_total");
	UNIT_ASSERT_INT(list[1].value, 5);
}

static struct gauges look(void)
{
	struct gauges g = { 0 };
	struct err err = { 0 };

	CU_ASSERT_TRUE(gauges_read(db, &unit_arena, RELAY_NOW,
				   RELAY_NOW - CLOCK_SECOND_US, &g, &err));
	return g;
}

static void empty_database_has_nothing_waiting(void)
{
	struct gauges g;

	pg_reset();
	g = look();
	UNIT_ASSERT_INT(g.queued + g.sending + g.unsure + g.dead, 0);
	UNIT_ASSERT_INT(g.oldest_at, 0);
	UNIT_ASSERT_INT(g.tasks_due + g.tasks_failed + g.daemons, 0);
}

static void tasks_are_due_when_nobody_has_them(void)
{
	const char *now = clock_text(&unit_arena, RELAY_NOW);
	struct gauges g;

	pg_reset();
	pg_run(arena_printf(
		&unit_arena,
		"INSERT INTO tasks (kind, subject_id, due_at, created_at)"
		" SELECT 'x', n, CASE n WHEN 1 THEN NULL WHEN 2 THEN"
		"  '%s'::timestamptz ELSE '%s'::timestamptz + '1 s' END, '%s'"
		" FROM generate_series(1, 4) n",
		now, now, now));
	g = look();
	UNIT_ASSERT_INT(g.tasks_due, 1);
	UNIT_ASSERT_INT(g.tasks_failed, 1);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(counter_adds_up_inside_and_outside_of_transactions),
		UNIT_TEST(empty_database_has_nothing_waiting),
		UNIT_TEST(tasks_are_due_when_nobody_has_them),
	};
	int status;

	pg_start();
	db = db_new(pg_url(PG_DAEMON), "test", 5000);
	status = unit_main("counter", tests, ARRAY_LEN(tests), argc, argv);
	db_free(db);
	return status;
}
