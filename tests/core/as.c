/*
 * as.c - a transaction of the web's role, bound to a client.
 */
#include "config.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/secret.h"
#include "core/as.h"
#include "harness/pg.h"
#include "harness/unit.h"

struct db *as_db;
struct err as_err;
struct problems as_problems;

static int64_t add_client(const char *name)
{
	return pg_count(arena_printf(
		&unit_arena,
		"INSERT INTO clients (name, created_at) VALUES ('%s', now())"
		" RETURNING id",
		name));
}

static struct secret text_secret(const char *s)
{
	return (struct secret){ s, strlen(s) };
}

struct as_clients as_setup(void)
{
	static const char key[] =
		"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
	struct as_clients c;
	struct err err = { 0 };

	CU_ASSERT_TRUE_FATAL(
		seal_init(text_secret(key), (struct secret){ 0 }, &err));
	if (!as_db)
		as_db = db_new(pg_url(PG_WEB), "test_core", 20000);
	pg_reset();
	c.ours = add_client("Ours");
	c.other = add_client("Other");
	return c;
}

static const struct stmt bind = {
	"bind",
	"SELECT set_config('app.client_id', coalesce($1, ''), true),"
	" set_config('app.role',"
	"  CASE WHEN $1::text IS NULL THEN 'admin' ELSE 'owner' END, true)",
};

void as_begin(int64_t client_id)
{
	as_err = (struct err){ 0 };
	as_problems = (struct problems){ .a = &unit_arena };
	CU_ASSERT_TRUE_FATAL(db_begin(as_db, &as_err) &&
			     db_exec(as_db, &bind,
				     DB_ARGS(arg_id(&unit_arena, client_id)),
				     &as_err));
}

bool as_end(bool ok)
{
	return db_finish(as_db, ok, &as_err);
}

void as_elsewhere(void)
{
	as_db = db_new(pg_url(PG_WEB), "elsewhere", 20000);
}

void as_wait_elsewhere(void)
{
	int64_t deadline_ms = clock_mono_ms() + 10000;

	while (pg_count("SELECT count(*) FROM pg_stat_activity WHERE"
			" application_name = 'elsewhere' AND"
			" wait_event_type = 'Lock'") == 0)
		CU_ASSERT_TRUE_FATAL(clock_mono_ms() < deadline_ms);
}

const char *as_bad_fields(void)
{
	const char *list = "";

	for (size_t i = 0; i < as_problems.n; i++)
		list = arena_printf(&unit_arena, "%s%s%s", list, i ? "," : "",
				    as_problems.list[i].field);
	return list;
}

struct secret as_token(int64_t number)
{
	return text_secret(arena_printf(
		&unit_arena, "%" PRId64 ":AAabcdefghijklmnopqrstuvwxyz_-0",
		number));
}

int64_t as_tasks(const char *kind, int64_t subject_id)
{
	return pg_count(arena_printf(&unit_arena,
				     "SELECT count(*) FROM tasks"
				     " WHERE kind = '%s' AND subject_id ="
				     " %" PRId64 " AND due_at IS NOT NULL",
				     kind, subject_id));
}
