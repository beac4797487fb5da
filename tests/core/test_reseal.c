/*
 * test_reseal.c - stored secrets, sealed anew under the first key.
 */
#include "config.h"

#include "base/secret.h"
#include "core/reseal.h"
#include "harness/pg.h"
#include "harness/unit.h"

#define OLD_KEY   "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
#define NEW_KEY   "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXowMTIzNDU="
#define OTHER_KEY "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="

static struct db *db;
static struct err err;
static int n_closed;

static struct secret text_secret(const char *s)
{
	return (struct secret){ s, strlen(s) };
}

static void use_keys(const char *key, const char *old)
{
	CU_ASSERT_TRUE_FATAL(
		seal_init(text_secret(key), text_secret(old), &err));
}

static void on_closed(const struct sealed_place *p UNUSED,
		      const char *key UNUSED, const char *why)
{
	n_closed++;
	CU_ASSERT_TRUE(strlen(why) > 0);
}

/* In all rows. */
static void put(const struct sealed_place *p, const char *sealed)
{
	if (strcmp(p->table, "tasks") == 0)
		pg_run(arena_printf(&unit_arena,
				    "UPDATE tasks SET args = args ||"
				    " jsonb_build_object('%s', '%s')",
				    p->column, sealed));
	else
		pg_run(arena_printf(&unit_arena, "UPDATE %s SET %s = '%s'",
				    p->table, p->column, sealed));
}

static const char *sealed_for(const struct sealed_place *p)
{
	return seal(&unit_arena, p->bound_to,
		    text_secret(arena_printf(&unit_arena, "open %s %s",
					     p->table, p->column)));
}

/* Two clients' rows of every kind; all their secrets under the old key, and
 * the program has both. */
static void begin_test(void)
{
	pg_reset();
	pg_run(unit_file("store/rls_rows.sql", NULL));
	pg_run("SELECT fill(1), fill(2);"
	       "INSERT INTO settings (name, value_sealed, updated_at)"
	       " VALUES ('a', '', now()), ('b', '', now())");
	use_keys(OLD_KEY, "");
	for (size_t i = 0; i < n_sealed_places; i++)
		put(&sealed_places[i], sealed_for(&sealed_places[i]));
	use_keys(NEW_KEY, OLD_KEY);
	err = (struct err){ 0 };
	n_closed = 0;
	if (!db)
		db = db_new(pg_url(PG_DAEMON), "test_reseal", 20000);
}

static struct sealed_value *values_of(const struct sealed_place *p, size_t *n)
{
	struct sealed_value *list;

	CU_ASSERT_TRUE_FATAL(sealed_list(db, &unit_arena, p, p->start, 1000,
					 &list, n, &err));
	return list;
}

static struct reseal_count pass(bool dry_run)
{
	const struct reseal r = { db, dry_run, on_closed };
	struct reseal_count n = { 0 };

	for (size_t i = 0; i < n_sealed_places; i++)
		CU_ASSERT_TRUE(reseal_place(&r, &sealed_places[i], &n, &err));
	UNIT_ASSERT_STR(err.text, "");
	return n;
}

/* With the keys that the program has now. */
static void all_are_open(void)
{
	for (size_t i = 0; i < n_sealed_places; i++) {
		const struct sealed_place *p = &sealed_places[i];
		size_t n;
		struct sealed_value *list = values_of(p, &n);
		struct secret open;

		CU_ASSERT_TRUE(n > 0);
		for (size_t j = 0; j < n; j++) {
			if (!unseal(&unit_arena, p->bound_to, list[j].sealed,
				    &open, &err))
				UNIT_ASSERT_STR(err.text, "");
			else
				UNIT_ASSERT_STR(
					open.bytes,
					arena_printf(&unit_arena, "open %s %s",
						     p->table, p->column));
		}
	}
}

static void afterwards_the_former_key_is_not_needed(void)
{
	struct reseal_count n;

	begin_test();
	n = pass(false);
	CU_ASSERT_TRUE(n.done >= (int64_t)n_sealed_places);
	UNIT_ASSERT_INT(n.first + n.moved + n.closed, 0);
	use_keys(NEW_KEY, "");
	all_are_open();
}

static void a_second_time_there_is_nothing_to_do(void)
{
	int64_t done;
	struct reseal_count n;

	begin_test();
	done = pass(false).done;
	n = pass(false);
	UNIT_ASSERT_INT(n.done, 0);
	UNIT_ASSERT_INT(n.first, done);
}

static void what_was_done_before_being_killed_is_not_done_again(void)
{
	struct reseal r = { .closed = on_closed };
	struct reseal_count n = { 0 }, rest;

	begin_test();
	r.db = db;
	CU_ASSERT_TRUE(reseal_place(&r, &sealed_places[0], &n, &err));
	rest = pass(false);
	UNIT_ASSERT_INT(rest.first, n.done);
	use_keys(NEW_KEY, "");
	all_are_open();
}

static void a_dry_run_counts_and_changes_nothing(void)
{
	struct reseal_count would, n;

	begin_test();
	would = pass(true);
	use_keys(OLD_KEY, "");
	all_are_open();
	use_keys(NEW_KEY, OLD_KEY);
	n = pass(false);
	UNIT_ASSERT_INT(n.done, would.done);
}

static void more_than_a_batch_is_sealed_anew(void)
{
	const struct sealed_place *p = &sealed_places[0];
	struct sealed_value *list;
	size_t n;

	begin_test();
	pg_run("INSERT INTO bots (client_id, telegram_id, token_sealed,"
	       "  token_tail, webhook_secret_sealed, webhook_secret_hash,"
	       "  created_at, updated_at)"
	       " SELECT b.client_id, 1000000 + g, b.token_sealed, '',"
	       "  b.webhook_secret_sealed, '', now(), now()"
	       " FROM (SELECT client_id, token_sealed,"
	       "  webhook_secret_sealed FROM bots LIMIT 1) b,"
	       "  generate_series(1, 250) g");
	pass(false);
	list = values_of(p, &n);
	CU_ASSERT_TRUE(n > 250);
	for (size_t i = 0; i < n; i++)
		CU_ASSERT_TRUE(seal_is_first(list[i].sealed));
}

static void a_value_that_changed_meanwhile_stays(void)
{
	begin_test();
	for (size_t i = 0; i < n_sealed_places; i++) {
		const struct sealed_place *p = &sealed_places[i];
		const char *newer = sealed_for(p);
		size_t n;
		struct sealed_value *was = values_of(p, &n);
		bool replaced = true;

		put(p, newer);
		CU_ASSERT_TRUE(sealed_replace(db, p, &was[0], sealed_for(p),
					      &replaced, &err));
		CU_ASSERT_FALSE(replaced);
		UNIT_ASSERT_STR(values_of(p, &n)[0].sealed, newer);
	}
}

static void what_no_key_opens_is_told_and_the_rest_goes_on(void)
{
	const struct sealed_place *p = &sealed_places[0];
	struct reseal_count n;
	const char *stray;

	begin_test();
	use_keys(OTHER_KEY, "");
	stray = sealed_for(p);
	use_keys(NEW_KEY, OLD_KEY);
	pg_run(arena_printf(&unit_arena,
			    "UPDATE bots SET token_sealed = '%s'"
			    " WHERE id = (SELECT min(id) FROM bots)",
			    stray));
	n = pass(false);
	UNIT_ASSERT_INT(n.closed, 1);
	UNIT_ASSERT_INT(n_closed, 1);
	UNIT_ASSERT_INT(pass(false).done, 0);
	UNIT_ASSERT_STR(pg_text("SELECT token_sealed FROM bots"
				" ORDER BY id LIMIT 1"),
			stray);
}

static void a_damaged_value_under_the_first_key_is_told(void)
{
	begin_test();
	pass(false);
	pg_run("UPDATE bots SET token_sealed = webhook_secret_sealed"
	       " WHERE id = (SELECT min(id) FROM bots)");
	UNIT_ASSERT_INT(pass(false).closed, 1);
}

static void every_sealed_column_of_the_schema_has_its_row(void)
{
	const char *known = "('', '')";

	begin_test();
	for (size_t i = 0; i < n_sealed_places; i++)
		known = arena_printf(&unit_arena, "%s, ('%s', '%s')", known,
				     sealed_places[i].table,
				     sealed_places[i].column);
	UNIT_ASSERT_STR(
		pg_text(arena_printf(
			&unit_arena,
			"SELECT string_agg(table_name || '.' || column_name,"
			"  ', ') FROM information_schema.columns"
			" WHERE table_schema = 'public'"
			"  AND column_name LIKE '%%\\_sealed'"
			"  AND (table_name, column_name) NOT IN (VALUES %s)",
			known)),
		"");
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(afterwards_the_former_key_is_not_needed),
		UNIT_TEST(a_second_time_there_is_nothing_to_do),
		UNIT_TEST(what_was_done_before_being_killed_is_not_done_again),
		UNIT_TEST(a_dry_run_counts_and_changes_nothing),
		UNIT_TEST(more_than_a_batch_is_sealed_anew),
		UNIT_TEST(a_value_that_changed_meanwhile_stays),
		UNIT_TEST(what_no_key_opens_is_told_and_the_rest_goes_on),
		UNIT_TEST(a_damaged_value_under_the_first_key_is_told),
		UNIT_TEST(every_sealed_column_of_the_schema_has_its_row),
	};

	secret_init();
	pg_start();
	return unit_main("reseal", tests, ARRAY_LEN(tests), argc, argv);
}
