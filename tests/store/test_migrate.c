/*
 * test_migrate.c - the schema comes up to date once, in order, or not at all.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "harness/pg.h"
#include "harness/unit.h"
#include "store/migrate.h"

#define NOW INT64_C(1790000000000000)

static struct migration *list;
static size_t n_list;

static struct db *open_as(enum pg_role role)
{
	return db_new(pg_url(role), "test_migrate", 0);
}

static bool migrate_all(struct db *db, int *steps, struct err *err)
{
	const struct migration *done;

	*steps = 0;
	while (migrate_step(db, &unit_arena, list, n_list, NOW, &done, err)) {
		if (!done)
			return true;
		(*steps)++;
	}
	return false;
}

static void read_ours(void)
{
	struct err err = { 0 };

	CU_ASSERT_TRUE_FATAL(
		migrate_read(&unit_arena, pg_sql_dir(), &list, &n_list, &err));
}

/* A folder of its own with these files; "" ends the list. */
static const char *folder(const char *const files[][2])
{
	char *dir = arena_str(&unit_arena, "/tmp/tuberry-sql.XXXXXX");

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
	for (; files[0][0]; files++) {
		FILE *f = fopen(
			arena_printf(&unit_arena, "%s/%s", dir, files[0][0]),
			"we");

		CU_ASSERT_PTR_NOT_NULL_FATAL(f);
		fputs(files[0][1], f);
		fclose(f);
	}
	return dir;
}

static void forget(const char *dir, const char *const files[][2])
{
	for (; files[0][0]; files++)
		unlink(arena_printf(&unit_arena, "%s/%s", dir, files[0][0]));
	rmdir(dir);
}

static bool read_folder(const char *const files[][2], struct err *err)
{
	const char *dir = folder(files);
	bool ok = migrate_read(&unit_arena, dir, &list, &n_list, err);

	forget(dir, files);
	return ok;
}

static void the_constant_names_the_newest_file(void)
{
	read_ours();
	UNIT_ASSERT_INT((int)n_list, MIGRATE_VERSION);
}

static void from_empty_every_file_runs_once(void)
{
	struct db *db = open_as(PG_OWNER);
	struct err err = { 0 };
	int steps, version;

	pg_reset_empty();
	read_ours();
	CU_ASSERT_TRUE(migrate_version(db, &unit_arena, &version, &err));
	UNIT_ASSERT_INT(version, 0);
	CU_ASSERT_TRUE(migrate_all(db, &steps, &err));
	UNIT_ASSERT_STR(err.text, "");
	UNIT_ASSERT_INT(steps, MIGRATE_VERSION);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM schema_migrations"
				 " WHERE applied_at = '2026-09-21T14:13:20Z'"),
			MIGRATE_VERSION);
	CU_ASSERT_TRUE(migrate_all(db, &steps, &err));
	UNIT_ASSERT_INT(steps, 0);
	CU_ASSERT_TRUE(migrate_version(db, &unit_arena, &version, &err));
	UNIT_ASSERT_INT(version, MIGRATE_VERSION);
	db_free(db);
}

static void a_plan_changes_nothing(void)
{
	struct db *db = open_as(PG_OWNER);
	const struct migration *todo;
	struct err err = { 0 };
	size_t n_todo;

	pg_reset_empty();
	read_ours();
	CU_ASSERT_TRUE(migrate_plan(db, &unit_arena, list, n_list, &todo,
				    &n_todo, &err));
	UNIT_ASSERT_INT((int)n_todo, MIGRATE_VERSION);
	UNIT_ASSERT_STR(todo[0].name, "0001_relay");
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM pg_tables"
				 " WHERE schemaname = 'public'"),
			0);
	db_free(db);
}

/* They had an id, and whatever else their clients liked. */
static void filters_of_before_are_kept_and_off(void)
{
	struct db *db = open_as(PG_OWNER);
	const struct migration *done;
	struct err err = { 0 };
	int steps;

	pg_reset_empty();
	read_ours();
	for (int i = 0; i < 4; i++)
		CU_ASSERT_TRUE_FATAL(migrate_step(db, &unit_arena, list, n_list,
						  NOW, &done, &err));
	pg_run("INSERT INTO clients (name, defaults, created_at)"
	       " VALUES ('Клиент', '{\"filters\":[{\"id\":\"d\"}]}', now()),"
	       "  ('Без', '{\"greeting\":\"Привет\"}', now());"
	       "INSERT INTO projects (client_id, name, slug, filters,"
	       "  created_at, updated_at)"
	       " SELECT id, 'Проект', 'p',"
	       "  '[{\"id\":\"b\",\"word\":\"спам\"},{\"id\":\"a\"}]',"
	       "  now(), now() FROM clients WHERE name = 'Клиент'");
	CU_ASSERT_TRUE(migrate_all(db, &steps, &err));
	UNIT_ASSERT_STR(err.text, "");
	UNIT_ASSERT_STR(
		pg_text("SELECT string_agg(concat_ws(' ', f->>'id',"
			"  f->>'enabled', f->>'action', f->>'word'), ',')"
			" FROM projects, jsonb_array_elements(filters) f"),
		"b false pass,a false pass");
	UNIT_ASSERT_STR(pg_text("SELECT string_agg(concat_ws(' ',"
				"  defaults->'filters'->0->>'id',"
				"  defaults->'filters'->0->>'enabled',"
				"  defaults->>'greeting'), ',' ORDER BY id)"
				" FROM clients"),
			"d false,Привет");
	db_free(db);
}

static pid_t migrate_in_child(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct db *db = open_as(PG_OWNER);
		struct err err = { 0 };
		int steps;
		bool ok = migrate_all(db, &steps, &err);

		if (!ok)
			fprintf(stderr, "%s\n", err.text);
		db_free(db);
		_exit(ok ? steps : 99);
	}
	return pid;
}

static void two_at_once_do_the_work_once(void)
{
	pid_t pids[2];
	int total = 0;

	pg_reset_empty();
	read_ours();
	for (int i = 0; i < 2; i++)
		pids[i] = migrate_in_child();
	for (int i = 0; i < 2; i++) {
		int status;

		CU_ASSERT_EQUAL(waitpid(pids[i], &status, 0), pids[i]);
		CU_ASSERT_TRUE(WIFEXITED(status));
		total += WEXITSTATUS(status);
	}
	UNIT_ASSERT_INT(total, MIGRATE_VERSION);
}

static void a_changed_file_is_refused(void)
{
	struct db *db = open_as(PG_OWNER);
	struct err err = { 0 };
	int steps;

	pg_reset();
	read_ours();
	list[0].checksum = "0000";
	CU_ASSERT_FALSE(migrate_all(db, &steps, &err));
	UNIT_ASSERT_INT(err.kind, ERR_CONFLICT);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "0001_relay.sql has changed"));
	db_free(db);
}

static void a_newer_database_is_refused(void)
{
	struct db *db = open_as(PG_OWNER);
	struct err err = { 0 };
	int steps;

	pg_reset();
	pg_run("INSERT INTO schema_migrations"
	       " (version, name, checksum, applied_at)"
	       " VALUES (9000, '9000_future', '', now())");
	read_ours();
	CU_ASSERT_FALSE(migrate_all(db, &steps, &err));
	UNIT_ASSERT_INT(err.kind, ERR_CONFLICT);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "9000_future"));
	db_free(db);
}

static void a_file_that_fails_leaves_nothing(void)
{
	static const char *const files[][2] = {
		{ "0001_good.sql", "CREATE TABLE good (id bigint)" },
		{ "0002_bad.sql",
		  "CREATE TABLE half (id bigint); SELECT nonsense" },
		{ "roles.sql", "not ours to run" },
		{ NULL, NULL },
	};
	struct db *db = open_as(PG_OWNER);
	struct err err = { 0 };
	int steps;

	pg_reset_empty();
	CU_ASSERT_TRUE(read_folder(files, &err));
	CU_ASSERT_FALSE(migrate_all(db, &steps, &err));
	UNIT_ASSERT_INT(steps, 1);
	UNIT_ASSERT_INT(err.kind, ERR_INPUT);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "0002_bad.sql"));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "nonsense"));
	UNIT_ASSERT_STR(pg_text("SELECT string_agg(tablename, ' ' ORDER BY 1)"
				" FROM pg_tables WHERE schemaname = 'public'"),
			"good schema_migrations");
	db_free(db);
}

static void a_gap_or_a_wrong_name_is_refused(void)
{
	static const char *const gap[][2] = {
		{ "0001_one.sql", "" },
		{ "0003_three.sql", "" },
		{ NULL, NULL },
	};
	static const char *const twice[][2] = {
		{ "0001_one.sql", "" },
		{ "0001_other.sql", "" },
		{ NULL, NULL },
	};
	static const char *const odd[][2] = { { "0001-one.sql", "" },
					      { NULL, NULL } };
	static const char *const none[][2] = { { NULL, NULL } };
	struct err err = { 0 };

	CU_ASSERT_FALSE(read_folder(gap, &err));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "0002_what.sql"));
	CU_ASSERT_FALSE(read_folder(twice, &err));
	CU_ASSERT_FALSE(read_folder(odd, &err));
	CU_ASSERT_FALSE(read_folder(none, &err));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "--sql-dir"));
	CU_ASSERT_FALSE(migrate_read(&unit_arena, "/nonexistent", &list,
				     &n_list, &err));
	UNIT_ASSERT_INT(err.kind, ERR_INPUT);
}

static void services_may_read_the_ledger_and_not_write_it(void)
{
	static const enum pg_role roles[] = { PG_WEB, PG_DAEMON };
	struct err err = { 0 };

	pg_reset();
	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		struct db *db = open_as(roles[i]);
		int version;

		CU_ASSERT_TRUE(
			migrate_version(db, &unit_arena, &version, &err));
		UNIT_ASSERT_INT(version, MIGRATE_VERSION);
		CU_ASSERT_FALSE(
			db_script(db, "DELETE FROM schema_migrations", &err));
		db_free(db);
	}
}

static void before_the_first_migration_the_web_sees_version_0(void)
{
	struct db *db = open_as(PG_WEB);
	struct err err = { 0 };
	int version = -1;

	pg_reset_empty();
	CU_ASSERT_TRUE(migrate_version(db, &unit_arena, &version, &err));
	UNIT_ASSERT_INT(version, 0);
	db_free(db);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(the_constant_names_the_newest_file),
		UNIT_TEST(from_empty_every_file_runs_once),
		UNIT_TEST(a_plan_changes_nothing),
		UNIT_TEST(filters_of_before_are_kept_and_off),
		UNIT_TEST(two_at_once_do_the_work_once),
		UNIT_TEST(a_changed_file_is_refused),
		UNIT_TEST(a_newer_database_is_refused),
		UNIT_TEST(a_file_that_fails_leaves_nothing),
		UNIT_TEST(a_gap_or_a_wrong_name_is_refused),
		UNIT_TEST(services_may_read_the_ledger_and_not_write_it),
		UNIT_TEST(before_the_first_migration_the_web_sees_version_0),
	};

	pg_start();
	return unit_main("migrate", tests, ARRAY_LEN(tests), argc, argv);
}
