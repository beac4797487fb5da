/*
 * test_db.c - every promise of store/db.h, on a real server.
 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "harness/pg.h"
#include "harness/unit.h"
#include "store/db.h"

#define TIMEOUT_MS 20000

static struct db *db;
static struct err err;

/* One connection and one empty table for each test. */
static void begin_test(void)
{
	pg_run("DROP TABLE IF EXISTS thing;"
	       "CREATE TABLE thing (id bigint PRIMARY KEY, label text"
	       "  CONSTRAINT thing_label CHECK (label <> 'bad'),"
	       "  during int4range,"
	       "  CONSTRAINT thing_during EXCLUDE USING gist (during WITH &&));"
	       "GRANT ALL ON thing TO tuberry_daemon");
	err = (struct err){ 0 };
	db = db_new(pg_url(PG_DAEMON), "test_db", TIMEOUT_MS);
}

static void end_test(void)
{
	db_free(db);
	db = NULL;
}

static const struct stmt add = {
	"thing_add",
	"INSERT INTO thing (id, label) VALUES ($1, $2)",
};
static const struct stmt add_range = {
	"thing_add_range",
	"INSERT INTO thing (id, during) VALUES ($1, int4range($2, $3))",
};
static const struct stmt how_many = {
	"thing_count",
	"SELECT count(*) FROM thing",
};
static const struct stmt divide = {
	"divide",
	"SELECT 1 / $1::int",
};
static const struct stmt series = {
	"series",
	"SELECT n FROM generate_series(1, $1::int) AS n",
};
static const struct stmt one = { "one", "SELECT 1" };
static const struct stmt broken = { "broken", "SELECT FROM WHERE" };
static const struct stmt slow = { "slow", "SELECT pg_sleep(30)" };

static int64_t stored(void)
{
	return pg_count("SELECT count(*) FROM thing");
}

static bool works(void)
{
	struct err e = { 0 };

	return db_exec(db, &one, DB_NO_ARGS, &e);
}

/* Waits until they are gone. */
static void kill_connections(void)
{
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FILTER (WHERE"
				 " pg_terminate_backend(pid, 10000))"
				 " FROM pg_stat_activity"
				 " WHERE application_name = 'test_db'"),
			1);
}

static const char *server_state(void)
{
	return pg_text("SELECT state FROM pg_stat_activity"
		       " WHERE application_name = 'test_db'");
}

static void queued_statements_leave_with_the_next_question(void)
{
	struct rows r;

	begin_test();
	CU_ASSERT_TRUE(db_ready(db, &err));
	CU_ASSERT_TRUE(db_begin(db, &err));
	db_queue(db, &add, DB_ARGS("1", "a"));
	db_queue(db, &add, DB_ARGS("2", NULL));
	UNIT_ASSERT_STR(server_state(), "idle");
	CU_ASSERT_TRUE(
		db_one(db, &unit_arena, &how_many, DB_NO_ARGS, &r, &err));
	UNIT_ASSERT_INT(rows_i64(&r, 0, 0), 2);
	UNIT_ASSERT_STR(server_state(), "idle in transaction");
	CU_ASSERT_TRUE(db_finish(db, true, &err));
	UNIT_ASSERT_INT(stored(), 2);
	end_test();
}

static void a_transaction_of_queued_statements_only_commits(void)
{
	begin_test();
	CU_ASSERT_TRUE(db_begin(db, &err));
	db_queue(db, &add, DB_ARGS("1", "a"));
	CU_ASSERT_TRUE(db_finish(db, true, &err));
	UNIT_ASSERT_INT(stored(), 1);
	end_test();
}

static void any_number_of_statements_can_be_queued(void)
{
	begin_test();
	CU_ASSERT_TRUE(db_begin(db, &err));
	for (int i = 1; i <= 500; i++)
		db_queue(db, &add, DB_ARGS(arg_i64(&unit_arena, i), "x"));
	CU_ASSERT_TRUE(db_finish(db, true, &err));
	UNIT_ASSERT_INT(stored(), 500);
	end_test();
}

static void a_failure_far_back_in_a_long_queue_is_told(void)
{
	begin_test();
	CU_ASSERT_TRUE(db_begin(db, &err));
	db_queue(db, &add, DB_ARGS("1", "bad"));
	for (int i = 1; i <= 500; i++)
		db_queue(db, &add, DB_ARGS(arg_i64(&unit_arena, i), "x"));
	CU_ASSERT_FALSE(db_exec(db, &one, DB_NO_ARGS, &err));
	UNIT_ASSERT_INT(err.kind, ERR_INPUT);
	err = (struct err){ 0 };
	CU_ASSERT_FALSE(db_finish(db, true, &err));
	UNIT_ASSERT_INT(err.kind, ERR_INPUT);
	CU_ASSERT_TRUE(works());
	UNIT_ASSERT_INT(stored(), 0);
	end_test();
}

static void rollback_keeps_the_callers_error(void)
{
	begin_test();
	CU_ASSERT_TRUE(db_begin(db, &err));
	CU_ASSERT_TRUE(db_exec(db, &add, DB_ARGS("1", "a"), &err));
	err_set(&err, ERR_LIMIT, "not now");
	CU_ASSERT_FALSE(db_finish(db, false, &err));
	UNIT_ASSERT_INT(err.kind, ERR_LIMIT);
	UNIT_ASSERT_STR(err.text, "not now");
	UNIT_ASSERT_INT(stored(), 0);
	end_test();
}

static void a_second_unique_value_is_a_conflict_with_its_name(void)
{
	begin_test();
	CU_ASSERT_TRUE(db_exec(db, &add, DB_ARGS("1", "a"), &err));
	CU_ASSERT_FALSE(db_exec(db, &add, DB_ARGS("1", "b"), &err));
	UNIT_ASSERT_INT(err.kind, ERR_CONFLICT);
	UNIT_ASSERT_STR(err.field, "thing_pkey");
	CU_ASSERT_TRUE(db_exec(db, &add_range, DB_ARGS("2", "1", "5"), &err));
	CU_ASSERT_FALSE(db_exec(db, &add_range, DB_ARGS("3", "4", "9"), &err));
	UNIT_ASSERT_INT(err.kind, ERR_CONFLICT);
	UNIT_ASSERT_STR(err.field, "thing_during");
	end_test();
}

static void a_refused_value_is_input(void)
{
	begin_test();
	CU_ASSERT_FALSE(db_exec(db, &add, DB_ARGS("1", "bad"), &err));
	UNIT_ASSERT_INT(err.kind, ERR_INPUT);
	UNIT_ASSERT_STR(err.field, "thing_label");
	CU_ASSERT_FALSE(db_exec(db, &add, DB_ARGS("many", "a"), &err));
	UNIT_ASSERT_INT(err.kind, ERR_INPUT);
	CU_ASSERT_FALSE(
		db_exec(db, &add, DB_ARGS("9999999999999999999", "a"), &err));
	UNIT_ASSERT_INT(err.kind, ERR_INPUT);
	CU_ASSERT_FALSE(db_exec(db, &add, DB_ARGS("1", "\xff"), &err));
	UNIT_ASSERT_INT(err.kind, ERR_INPUT);
	CU_ASSERT_FALSE(db_exec(db, &divide, DB_ARGS("0"), &err));
	UNIT_ASSERT_INT(err.kind, ERR_INPUT);
	CU_ASSERT_TRUE(works());
	end_test();
}

static void a_failed_transaction_rolls_back_and_the_connection_lives(void)
{
	begin_test();
	CU_ASSERT_TRUE(db_begin(db, &err));
	CU_ASSERT_TRUE(db_exec(db, &add, DB_ARGS("1", "a"), &err));
	CU_ASSERT_FALSE(db_exec(db, &add, DB_ARGS("1", "b"), &err));
	/* Every later call gives the same answer. */
	err = (struct err){ 0 };
	CU_ASSERT_FALSE(db_exec(db, &one, DB_NO_ARGS, &err));
	UNIT_ASSERT_INT(err.kind, ERR_CONFLICT);
	db_queue(db, &add, DB_ARGS("2", "a"));
	CU_ASSERT_FALSE(db_finish(db, true, &err));
	UNIT_ASSERT_INT(err.kind, ERR_CONFLICT);
	UNIT_ASSERT_STR(server_state(), "idle");
	UNIT_ASSERT_INT(stored(), 0);
	CU_ASSERT_TRUE(works());
	end_test();
}

static void a_queued_failure_does_not_leave_the_transaction_open(void)
{
	begin_test();
	for (int ok = 0; ok <= 1; ok++) {
		err = (struct err){ 0 };
		CU_ASSERT_TRUE(db_begin(db, &err));
		db_queue(db, &add, DB_ARGS("1", "bad"));
		CU_ASSERT_FALSE(db_finish(db, ok, &err));
		UNIT_ASSERT_INT(err.kind, ok ? ERR_INPUT : ERR_NONE);
		UNIT_ASSERT_STR(server_state(), "idle");
		CU_ASSERT_TRUE(db_begin(db, &err));
		CU_ASSERT_TRUE(db_finish(db, true, &err));
	}
	end_test();
}

static void a_statement_whose_preparing_was_skipped_works_later(void)
{
	struct rows r;

	begin_test();
	CU_ASSERT_TRUE(db_begin(db, &err));
	db_queue(db, &divide, DB_ARGS("0"));
	CU_ASSERT_FALSE(
		db_all(db, &unit_arena, &series, DB_ARGS("3"), &r, &err));
	CU_ASSERT_FALSE(db_finish(db, false, &err));
	CU_ASSERT_TRUE(
		db_all(db, &unit_arena, &series, DB_ARGS("3"), &r, &err));
	UNIT_ASSERT_INT(r.n, 3);
	CU_ASSERT_TRUE(
		db_one(db, &unit_arena, &divide, DB_ARGS("1"), &r, &err));
	end_test();
}

static void a_wrong_statement_is_an_error_in_the_log_and_no_more(void)
{
	begin_test();
	for (int i = 0; i < 2; i++) {
		unit_expect_log(LOG_ERROR, "db.refused");
		CU_ASSERT_FALSE(db_exec(db, &broken, DB_NO_ARGS, &err));
		UNIT_ASSERT_INT(err.kind, ERR_DOWN);
	}
	CU_ASSERT_TRUE(works());
	end_test();
}

static void a_slow_statement_is_ended_by_the_server(void)
{
	begin_test();
	db_free(db);
	db = db_new(pg_url(PG_DAEMON), "test_db", 50);
	unit_expect_log(LOG_ERROR, "db.refused");
	CU_ASSERT_FALSE(db_exec(db, &slow, DB_NO_ARGS, &err));
	UNIT_ASSERT_INT(err.kind, ERR_DOWN);
	CU_ASSERT_TRUE(works());
	end_test();
}

static void a_server_that_is_away_is_down_with_a_time_to_retry(void)
{
	begin_test();
	db_free(db);
	db = db_new("postgresql:///x?host=/nonexistent", "test_db", 0);
	unit_expect_log(LOG_WARN, "db.connect_failed");
	CU_ASSERT_FALSE(db_begin(db, &err));
	UNIT_ASSERT_INT(err.kind, ERR_DOWN);
	CU_ASSERT_TRUE(err.retry_s > 0);
	CU_ASSERT_FALSE(db_finish(db, false, &err));
	UNIT_ASSERT_INT(err.kind, ERR_DOWN);
	UNIT_ASSERT_INT(db_fd(db), -1);
	end_test();
}

static void a_connection_that_died_idle_is_replaced_unnoticed(void)
{
	begin_test();
	CU_ASSERT_TRUE(works());
	kill_connections();
	CU_ASSERT_TRUE(db_begin(db, &err));
	CU_ASSERT_TRUE(db_exec(db, &add, DB_ARGS("1", "a"), &err));
	CU_ASSERT_TRUE(db_finish(db, true, &err));
	kill_connections();
	CU_ASSERT_TRUE(works());
	end_test();
}

static void a_connection_lost_inside_a_transaction_is_down(void)
{
	begin_test();
	CU_ASSERT_TRUE(db_begin(db, &err));
	CU_ASSERT_TRUE(db_exec(db, &add, DB_ARGS("1", "a"), &err));
	kill_connections();
	CU_ASSERT_FALSE(db_exec(db, &add, DB_ARGS("2", "b"), &err));
	UNIT_ASSERT_INT(err.kind, ERR_DOWN);
	/* What follows must not slip into a new connection. */
	CU_ASSERT_FALSE(db_exec(db, &add, DB_ARGS("3", "c"), &err));
	CU_ASSERT_FALSE(db_finish(db, true, &err));
	UNIT_ASSERT_INT(err.kind, ERR_DOWN);
	UNIT_ASSERT_INT(stored(), 0);
	CU_ASSERT_TRUE(db_begin(db, &err));
	CU_ASSERT_TRUE(db_exec(db, &add, DB_ARGS("1", "a"), &err));
	CU_ASSERT_TRUE(db_finish(db, true, &err));
	UNIT_ASSERT_INT(stored(), 1);
	end_test();
}

/* The trigger runs inside COMMIT and ends the session that commits. */
static void a_connection_lost_during_commit_is_unsure(void)
{
	begin_test();
	pg_run("CREATE OR REPLACE FUNCTION die() RETURNS trigger LANGUAGE"
	       " plpgsql SECURITY DEFINER AS $$ BEGIN"
	       "  PERFORM pg_terminate_backend(pg_backend_pid());"
	       "  RETURN NULL; END $$;"
	       "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON thing"
	       " DEFERRABLE INITIALLY DEFERRED"
	       " FOR EACH ROW EXECUTE FUNCTION die()");
	CU_ASSERT_TRUE(db_begin(db, &err));
	CU_ASSERT_TRUE(db_exec(db, &add, DB_ARGS("1", "a"), &err));
	CU_ASSERT_FALSE(db_finish(db, true, &err));
	UNIT_ASSERT_INT(err.kind, ERR_UNSURE);
	CU_ASSERT_TRUE(err.retry_s > 0);
	pg_run("DROP TRIGGER die ON thing");
	CU_ASSERT_TRUE(works());
	UNIT_ASSERT_INT(stored(), 0);
	end_test();
}

static void a_constraint_that_fails_at_commit_is_no_unsure(void)
{
	begin_test();
	pg_run("ALTER TABLE thing ADD CONSTRAINT late UNIQUE (label)"
	       " DEFERRABLE INITIALLY DEFERRED");
	CU_ASSERT_TRUE(db_begin(db, &err));
	CU_ASSERT_TRUE(db_exec(db, &add, DB_ARGS("1", "a"), &err));
	CU_ASSERT_TRUE(db_exec(db, &add, DB_ARGS("2", "a"), &err));
	CU_ASSERT_FALSE(db_finish(db, true, &err));
	UNIT_ASSERT_INT(err.kind, ERR_CONFLICT);
	UNIT_ASSERT_STR(err.field, "late");
	UNIT_ASSERT_STR(server_state(), "idle");
	end_test();
}

static void one_row_wanted_and_none_there_is_missing(void)
{
	struct rows r;

	begin_test();
	CU_ASSERT_FALSE(
		db_one(db, &unit_arena, &series, DB_ARGS("0"), &r, &err));
	UNIT_ASSERT_INT(err.kind, ERR_MISSING);
	err = (struct err){ 0 };
	CU_ASSERT_TRUE(
		db_maybe(db, &unit_arena, &series, DB_ARGS("0"), &r, &err));
	UNIT_ASSERT_INT(r.n, 0);
	CU_ASSERT_TRUE(
		db_maybe(db, &unit_arena, &series, DB_ARGS("1"), &r, &err));
	UNIT_ASSERT_INT(r.n, 1);
	CU_ASSERT_TRUE(
		db_all(db, &unit_arena, &series, DB_ARGS("1000"), &r, &err));
	UNIT_ASSERT_INT(r.n, 1000);
	UNIT_ASSERT_INT(rows_i64(&r, 999, 0), 1000);
	end_test();
}

/* A mistake of ours ends the process. */
static int status_of_child(void (*run)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(98);
		log_set_sink(NULL);
		run();
		_exit(0);
	}
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void ask_for_one_of_two(void)
{
	struct rows r;

	db_one(db, &unit_arena, &series, DB_ARGS("2"), &r, &err);
}

static void queue_alone(void)
{
	db_queue(db, &one, DB_NO_ARGS);
}

static void begin_twice(void)
{
	db_begin(db, &err);
	db_begin(db, &err);
}

static void mistakes_of_ours_end_the_process(void)
{
	begin_test();
	UNIT_ASSERT_INT(status_of_child(ask_for_one_of_two), SIGABRT);
	UNIT_ASSERT_INT(status_of_child(queue_alone), SIGABRT);
	UNIT_ASSERT_INT(status_of_child(begin_twice), SIGABRT);
	end_test();
}

static void values_come_back_as_they_were(void)
{
	static const struct stmt echo = {
		"echo",
		"SELECT $1::bigint, $2::boolean, $3::timestamptz, $4::text,"
		"  $5::bigint, $6::timestamptz,"
		"  (SELECT string_agg(x, '|') FROM"
		"   jsonb_array_elements_text($7::jsonb) AS x)",
	};
	static const char *const texts[] = { "a\"b", "ж", "" };
	struct arena *a = &unit_arena;
	int64_t at = INT64_C(1790000000123456);
	struct rows r;

	begin_test();
	CU_ASSERT_TRUE(
		db_one(db, a, &echo,
		       DB_ARGS(arg_i64(a, INT64_MIN), arg_bool(true),
			       arg_time(a, at), "it's \\ ж", arg_id(a, 0),
			       arg_time(a, 0), arg_array(a, texts, 3)),
		       &r, &err));
	CU_ASSERT_EQUAL(rows_i64(&r, 0, 0), INT64_MIN);
	CU_ASSERT_TRUE(rows_bool(&r, 0, 1));
	CU_ASSERT_EQUAL(rows_time(&r, 0, 2), at);
	UNIT_ASSERT_STR(rows_str(&r, 0, 3), "it's \\ ж");
	CU_ASSERT_TRUE(rows_null(&r, 0, 4));
	UNIT_ASSERT_INT(rows_i64(&r, 0, 4), 0);
	UNIT_ASSERT_STR(rows_str(&r, 0, 4), "");
	UNIT_ASSERT_INT(rows_time(&r, 0, 5), 0);
	UNIT_ASSERT_STR(rows_str(&r, 0, 6), "a\"b|ж|");
	end_test();
}

static void touched_counts_the_rows_of_the_last_statement(void)
{
	static const struct stmt clear = { "clear", "DELETE FROM thing" };

	begin_test();
	CU_ASSERT_TRUE(db_exec(db, &add, DB_ARGS("1", "a"), &err));
	UNIT_ASSERT_INT(db_touched(db), 1);
	CU_ASSERT_TRUE(db_exec(db, &add, DB_ARGS("2", "b"), &err));
	CU_ASSERT_TRUE(db_exec(db, &clear, DB_NO_ARGS, &err));
	UNIT_ASSERT_INT(db_touched(db), 2);
	CU_ASSERT_TRUE(db_exec(db, &clear, DB_NO_ARGS, &err));
	UNIT_ASSERT_INT(db_touched(db), 0);
	end_test();
}

static void a_script_is_part_of_the_transaction_around_it(void)
{
	begin_test();
	CU_ASSERT_TRUE(db_begin(db, &err));
	db_queue(db, &add, DB_ARGS("1", "a"));
	CU_ASSERT_TRUE(db_script(db,
				 "INSERT INTO thing (id) VALUES (2);"
				 "INSERT INTO thing (id) VALUES (3)",
				 &err));
	CU_ASSERT_FALSE(db_finish(db, false, &err));
	UNIT_ASSERT_INT(stored(), 0);
	CU_ASSERT_TRUE(
		db_script(db, "INSERT INTO thing (id) VALUES (2)", &err));
	UNIT_ASSERT_INT(stored(), 1);
	CU_ASSERT_TRUE(works());
	end_test();
}

static void a_script_that_fails_leaves_nothing_and_no_detail(void)
{
	begin_test();
	CU_ASSERT_FALSE(db_script(db,
				  "INSERT INTO thing (id) VALUES (2);"
				  "INSERT INTO thing (id) VALUES (2)",
				  &err));
	UNIT_ASSERT_INT(err.kind, ERR_INPUT);
	CU_ASSERT_PTR_NULL(strstr(err.text, "(id)=(2)"));
	UNIT_ASSERT_INT(stored(), 0);
	err = (struct err){ 0 };
	CU_ASSERT_TRUE(db_begin(db, &err));
	CU_ASSERT_FALSE(db_script(db, "SELECT nonsense", &err));
	CU_ASSERT_FALSE(db_exec(db, &one, DB_NO_ARGS, &err));
	CU_ASSERT_FALSE(db_finish(db, true, &err));
	UNIT_ASSERT_INT(err.kind, ERR_INPUT);
	UNIT_ASSERT_STR(server_state(), "idle");
	end_test();
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(queued_statements_leave_with_the_next_question),
		UNIT_TEST(a_transaction_of_queued_statements_only_commits),
		UNIT_TEST(any_number_of_statements_can_be_queued),
		UNIT_TEST(a_failure_far_back_in_a_long_queue_is_told),
		UNIT_TEST(rollback_keeps_the_callers_error),
		UNIT_TEST(a_second_unique_value_is_a_conflict_with_its_name),
		UNIT_TEST(a_refused_value_is_input),
		UNIT_TEST(
			a_failed_transaction_rolls_back_and_the_connection_lives),
		UNIT_TEST(a_queued_failure_does_not_leave_the_transaction_open),
		UNIT_TEST(a_statement_whose_preparing_was_skipped_works_later),
		UNIT_TEST(a_wrong_statement_is_an_error_in_the_log_and_no_more),
		UNIT_TEST(a_slow_statement_is_ended_by_the_server),
		UNIT_TEST(a_server_that_is_away_is_down_with_a_time_to_retry),
		UNIT_TEST(a_connection_that_died_idle_is_replaced_unnoticed),
		UNIT_TEST(a_connection_lost_inside_a_transaction_is_down),
		UNIT_TEST(a_connection_lost_during_commit_is_unsure),
		UNIT_TEST(a_constraint_that_fails_at_commit_is_no_unsure),
		UNIT_TEST(one_row_wanted_and_none_there_is_missing),
		UNIT_TEST(mistakes_of_ours_end_the_process),
		UNIT_TEST(values_come_back_as_they_were),
		UNIT_TEST(touched_counts_the_rows_of_the_last_statement),
		UNIT_TEST(a_script_is_part_of_the_transaction_around_it),
		UNIT_TEST(a_script_that_fails_leaves_nothing_and_no_detail),
	};

	pg_start();
	return unit_main("db", tests, ARRAY_LEN(tests), argc, argv);
}
