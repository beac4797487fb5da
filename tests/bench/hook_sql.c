/*
 * hook_sql.c - what one webhook asks of PostgreSQL, as the product asks it.
 *
 *	hook_sql avito|telegram OBJECT_ID SECRET HEADER <BODY
 *
 * Runs the product's own function on the webhook in standard input, over
 * DATABASE_URL, and prints what goes through libpq on the way, a JSON object
 * a line: {"session":SQL} are settings of the connection, {"prepare":NAME,
 * "sql":SQL} and {"statement":NAME,"params":[...]} a statement and its use,
 * {"sync":true} ends a round trip.  The benchmark makes pgbench's script of
 * that, so that the two can never drift apart.
 *
 * The linker hands libpq's functions to the __wrap_ ones (see Makefile.inc).
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "core/hook.h"

#define BODY_MAX             65536
#define STATEMENT_TIMEOUT_MS 5000

PGresult *__real_PQexec(PGconn *conn, const char *sql);
int __real_PQsendPrepare(PGconn *conn, const char *name, const char *sql, int n,
			 const Oid *types);
int __real_PQsendQueryPrepared(PGconn *conn, const char *name, int n,
			       const char *const *values, const int *lengths,
			       const int *formats, int result_format);
int __real_PQpipelineSync(PGconn *conn);

PGresult *__wrap_PQexec(PGconn *conn, const char *sql);
int __wrap_PQsendPrepare(PGconn *conn, const char *name, const char *sql, int n,
			 const Oid *types);
int __wrap_PQsendQueryPrepared(PGconn *conn, const char *name, int n,
			       const char *const *values, const int *lengths,
			       const int *formats, int result_format);
int __wrap_PQpipelineSync(PGconn *conn);

/* Takes the object. */
static void print_line(struct json_object *o)
{
	puts(json_text(o));
	json_object_put(o);
}

PGresult *__wrap_PQexec(PGconn *conn, const char *sql)
{
	struct json_object *o = json_object_new_object();

	json_put_str(o, "session", sql);
	print_line(o);
	return __real_PQexec(conn, sql);
}

int __wrap_PQsendPrepare(PGconn *conn, const char *name, const char *sql, int n,
			 const Oid *types)
{
	struct json_object *o = json_object_new_object();

	json_put_str(o, "prepare", name);
	json_put_str(o, "sql", sql);
	print_line(o);
	return __real_PQsendPrepare(conn, name, sql, n, types);
}

int __wrap_PQsendQueryPrepared(PGconn *conn, const char *name, int n,
			       const char *const *values, const int *lengths,
			       const int *formats, int result_format)
{
	struct json_object *o = json_object_new_object();
	struct json_object *params = json_object_new_array();

	for (int i = 0; i < n; i++)
		json_object_array_add(
			params,
			values[i] ? json_object_new_string(values[i]) : NULL);
	json_put_str(o, "statement", name);
	json_put(o, "params", params);
	print_line(o);
	return __real_PQsendQueryPrepared(conn, name, n, values, lengths,
					  formats, result_format);
}

int __wrap_PQpipelineSync(PGconn *conn)
{
	struct json_object *o = json_object_new_object();

	json_put_bool(o, "sync", true);
	print_line(o);
	return __real_PQpipelineSync(conn);
}

static bool run(struct db *db, struct arena *a, const char *kind,
		struct hook *h, struct err *err)
{
	enum hook_result result = HOOK_REFUSED;
	bool ok = strcmp(kind, "avito") == 0
			  ? hook_avito(db, a, h, &result, err)
			  : hook_telegram(db, a, h, &result, err);

	if (!ok)
		return false;
	/* It rings for a message that was stored, and for nothing else. */
	if (result != HOOK_TAKEN || !h->ring)
		return err_set(err, ERR_INPUT,
			       "the webhook stored no message (result %d)",
			       (int)result);
	return true;
}

int main(int argc, char **argv)
{
	static char body[BODY_MAX];
	const char *url = getenv("DATABASE_URL");
	struct hook h = { .body = body, .request_id = "bench" };
	struct arena a = { 0 };
	struct err err = { 0 };
	struct db *db;
	long long id;
	bool ok;

	if (argc != 5 || !url || !text_read_i64(argv[2], 1, INT64_MAX, &id))
		die("usage: DATABASE_URL=... hook_sql avito|telegram "
		    "OBJECT_ID SECRET HEADER <BODY");
	h.object_id = id;
	h.secret = secret_copy(&a, argv[3], strlen(argv[3]));
	h.header = argv[4];
	h.body_len = fread(body, 1, sizeof(body), stdin);
	h.now = clock_now_us();
	db = db_new(url, "tuberry-bench", STATEMENT_TIMEOUT_MS);
	ok = run(db, &a, argv[1], &h, &err);
	if (!ok)
		fprintf(stderr, "hook_sql: %s\n", err.text);
	db_free(db);
	arena_release(&a);
	return ok ? 0 : 1;
}
