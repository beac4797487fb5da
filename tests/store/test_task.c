/*
 * test_task.c - tasks are claimed where there is room, and end as told.
 */
#include "config.h"

#include "base/clock.h"
#include "harness/pg.h"
#include "harness/relay.h"
#include "harness/unit.h"
#include "store/task.h"

#define SECOND CLOCK_SECOND_US

static struct db *db;
static const char *owner; /* of what is claimed; NULL: nobody in particular */

static void add(const char *kind, int64_t subject_id, int64_t due_at)
{
	struct task t = { .kind = kind,
			  .subject_id = subject_id,
			  .due_at = due_at };
	struct err err = { 0 };

	CU_ASSERT_TRUE(task_add(db, &unit_arena, &t, &err));
}

static size_t claim_in(const struct task_room *rooms, size_t n_rooms,
		       int64_t now, struct task **list)
{
	struct err err = { 0 };
	size_t n = 99;

	CU_ASSERT_TRUE(tasks_claim(db, &unit_arena, owner, rooms, n_rooms, now,
				   now + 60 * SECOND, list, &n, &err));
	return n;
}

static size_t claim(int64_t now, struct task **list)
{
	const struct task_room rooms[] = {
		{ .kind = "bot.check", .room = 10 },
		{ .kind = "avito.check", .room = 10 },
	};

	return claim_in(rooms, ARRAY_LEN(rooms), now, list);
}

static void end(const struct task *t, int how, int64_t due_at,
		const char *reason)
{
	struct task_end e = { .t = t, .due_at = due_at, .reason = reason };
	struct err err = { 0 };

	e.how = how;
	CU_ASSERT_TRUE(tasks_end(db, &unit_arena, &e, 1, RELAY_NOW, &err));
}

static void asked_twice_is_one_and_gone_when_done(void)
{
	struct task *list, *none;

	pg_reset();
	add("bot.check", 1, RELAY_NOW - SECOND);
	add("bot.check", 1, RELAY_NOW);
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 1);
	UNIT_ASSERT_INT(list[0].due_at, RELAY_NOW - SECOND);
	UNIT_ASSERT_INT(claim(RELAY_NOW, &none), 0);
	end(&list[0], TASK_DONE, 0, NULL);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM tasks"), 0);
}

static void asked_for_while_it_runs_runs_once_more(void)
{
	struct task *list;

	pg_reset();
	add("bot.check", 1, RELAY_NOW);
	claim(RELAY_NOW, &list);
	add("bot.check", 1, RELAY_NOW);
	end(&list[0], TASK_DONE, 0, NULL);
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 1);
	add("bot.check", 1, RELAY_NOW);
	end(&list[0], TASK_AGAIN, RELAY_NOW + 999 * SECOND, NULL);
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 1);
	add("bot.check", 1, RELAY_NOW);
	end(&list[0], TASK_FAILED, 0, "refused");
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 1);
}

static void failed_stays_with_its_reason(void)
{
	struct task *list;

	pg_reset();
	add("bot.check", 1, RELAY_NOW);
	claim(RELAY_NOW, &list);
	end(&list[0], TASK_FAILED, 0, "refused");
	UNIT_ASSERT_INT(claim(RELAY_NOW + 9999 * SECOND, &list), 0);
	UNIT_ASSERT_STR(pg_text("SELECT last_error FROM tasks"), "refused");
}

static void retries_are_counted_until_it_goes_well(void)
{
	struct task *list;

	pg_reset();
	add("bot.check", 1, RELAY_NOW);
	for (int i = 0; i < 3; i++) {
		UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 1);
		UNIT_ASSERT_INT(list[0].attempts, i);
		end(&list[0], TASK_AGAIN, RELAY_NOW, "away");
	}
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 1);
	end(&list[0], TASK_AGAIN, RELAY_NOW, NULL);
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 1);
	UNIT_ASSERT_INT(list[0].attempts, 0);
	UNIT_ASSERT_STR(pg_text("SELECT last_error FROM tasks"), "");
}

static void lost_lease_changes_nothing(void)
{
	struct task *first, *second;
	struct err err = { 0 };

	pg_reset();
	add("bot.check", 1, RELAY_NOW);
	claim(RELAY_NOW, &first);
	UNIT_ASSERT_INT(claim(RELAY_NOW + 61 * SECOND, &second), 1);
	end(&first[0], TASK_DONE, 0, NULL);
	end(&first[0], TASK_FAILED, 0, "refused");
	CU_ASSERT_FALSE(
		task_renew(db, &unit_arena, &first[0], RELAY_NOW, &err));
	CU_ASSERT_EQUAL(err.kind, ERR_CONFLICT);
	UNIT_ASSERT_STR(pg_text("SELECT lease_token FROM tasks"),
			second[0].lease_token);
}

static void several_end_together_each_in_its_way(void)
{
	struct task_end ends[3] = { 0 };
	struct err err = { 0 };
	struct task *list;

	pg_reset();
	for (int i = 0; i < 3; i++)
		add("bot.check", i, RELAY_NOW - 3 + i);
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 3);
	for (int i = 0; i < 3; i++)
		ends[i].t = &list[i];
	ends[1].how = TASK_AGAIN;
	ends[1].due_at = RELAY_NOW + SECOND;
	ends[2].how = TASK_FAILED;
	ends[2].reason = "refused \"so\"";
	CU_ASSERT_TRUE(tasks_end(db, &unit_arena, ends, 3, RELAY_NOW, &err));
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM tasks"), 2);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM tasks"
				 " WHERE due_at IS NOT NULL"
				 " AND last_error IS NULL"),
			1);
	UNIT_ASSERT_STR(pg_text("SELECT last_error FROM tasks"
				" WHERE due_at IS NULL"),
			"refused \"so\"");
}

static void kinds_have_rooms_of_their_own(void)
{
	const struct task_room rooms[] = {
		{ .kind = "avito.poll", .which = TASKS_GOOD, .room = 2 },
		{ .kind = "avito.poll", .which = TASKS_FAILED, .room = 1 },
		{ .kind = "bot.check", .room = 5 },
		{ .kind = "avito.check", .room = 0 },
	};
	struct err err = { 0 };
	struct task *list;
	int polls = 0;
	int64_t at;

	pg_reset();
	for (int i = 0; i < 8; i++)
		add("avito.poll", i, RELAY_NOW - 10);
	pg_run("UPDATE tasks SET attempts = 3 WHERE subject_id >= 4");
	add("bot.check", 1, RELAY_NOW);
	add("avito.check", 1, RELAY_NOW - 20);
	add("of.a.newer.version", 1, RELAY_NOW - 20);
	UNIT_ASSERT_INT(claim_in(rooms, ARRAY_LEN(rooms), RELAY_NOW, &list), 4);
	for (int i = 0; i < 4; i++)
		polls += strcmp(list[i].kind, "avito.poll") == 0;
	UNIT_ASSERT_INT(polls, 3);
	/* What has no room does not count. */
	CU_ASSERT_TRUE(
		tasks_next_due(db, &unit_arena, rooms + 2, 2, &at, &err));
	UNIT_ASSERT_INT(at, RELAY_NOW + 60 * SECOND);
	CU_ASSERT_TRUE(tasks_next_due(db, &unit_arena, rooms, 4, &at, &err));
	UNIT_ASSERT_INT(at, RELAY_NOW - 10);
}

static void leases_of_the_dead_end_sooner_and_of_nobody_else(void)
{
	struct task *dead, *living, *list;
	struct err err = { 0 };
	int64_t n;

	pg_reset();
	owner = "0123456789abcdef0123456789abcdef";
	add("bot.check", 1, RELAY_NOW);
	UNIT_ASSERT_INT(claim(RELAY_NOW, &dead), 1);
	/* Given back, and due later than the leases of the dead. */
	add("bot.check", 2, RELAY_NOW);
	UNIT_ASSERT_INT(claim(RELAY_NOW, &list), 1);
	end(&list[0], TASK_AGAIN, RELAY_NOW + 50 * SECOND, NULL);
	owner = "1123456789abcdef0123456789abcdef";
	add("bot.check", 3, RELAY_NOW);
	UNIT_ASSERT_INT(claim(RELAY_NOW, &living), 1);
	CU_ASSERT_TRUE(tasks_orphaned(db, &unit_arena,
				      "0123456789abcdef0123456789abcdef",
				      RELAY_NOW + 5 * SECOND, &n, &err));
	UNIT_ASSERT_INT(n, 1);
	UNIT_ASSERT_INT(claim(RELAY_NOW + 4 * SECOND, &list), 0);
	UNIT_ASSERT_INT(claim(RELAY_NOW + 6 * SECOND, &list), 1);
	UNIT_ASSERT_INT(list[0].subject_id, 1);
	/* Back from the dead after all: it has lost the lease. */
	CU_ASSERT_FALSE(task_renew(db, &unit_arena, &dead[0],
				   RELAY_NOW + 90 * SECOND, &err));
	UNIT_ASSERT_INT(err.kind, ERR_CONFLICT);
	owner = NULL;
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(asked_twice_is_one_and_gone_when_done),
		UNIT_TEST(asked_for_while_it_runs_runs_once_more),
		UNIT_TEST(failed_stays_with_its_reason),
		UNIT_TEST(retries_are_counted_until_it_goes_well),
		UNIT_TEST(lost_lease_changes_nothing),
		UNIT_TEST(several_end_together_each_in_its_way),
		UNIT_TEST(kinds_have_rooms_of_their_own),
		UNIT_TEST(leases_of_the_dead_end_sooner_and_of_nobody_else),
	};
	int status;

	pg_start();
	db = db_new(pg_url(PG_DAEMON), "test", 5000);
	status = unit_main("task", tests, ARRAY_LEN(tests), argc, argv);
	db_free(db);
	return status;
}
