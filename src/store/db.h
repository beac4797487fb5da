/*
 * db.h - statements on one PostgreSQL connection (the only user of libpq).
 *
 * A statement is a named constant, prepared at first use; values are bound,
 * never printed.  The call states the shape it expects: db_exec() none,
 * db_one() exactly one row, db_maybe() at most one, db_all() any number.
 *
 * Round trips are what a webhook's speed is made of: db_begin() and
 * db_queue() only put statements into the pipe; the next call that needs an
 * answer sends them all and waits once.
 *
 * A lost connection is ERR_DOWN (with retry_s) and the next db_begin()
 * connects again; lost during COMMIT it is ERR_UNSURE.  The server's refusal
 * of a value is ERR_INPUT, of a second unique value ERR_CONFLICT with the
 * constraint's name in err->field; what those mean to people, core says.
 * DETAIL is never logged, it quotes the row.
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct db;

/* Static and const: its address is its identity. */
struct stmt {
	const char *name;
	const char *sql;
};

/* An answer; lives as long as the arena it was asked for with. */
struct rows {
	void *res; /* PGresult */
	int n;
};

/*
 * No connection is made yet.  `statement_timeout_ms` bounds each statement on
 * the server's side.  `program` is shown in pg_stat_activity.
 */
struct db *db_new(const char *url, const char *program,
		  int statement_timeout_ms);
void db_free(struct db *db);

/* Connect now if not connected, to tell early. */
bool db_ready(struct db *db, struct err *err);

/* One transaction at a time; every begin has its finish. */
bool db_begin(struct db *db, struct err *err);

/*
 * COMMIT when ok, else ROLLBACK.  Returns true only when the work is durable:
 * false with ok == false keeps *err as it is.
 */
bool db_finish(struct db *db, bool ok, struct err *err);

/* `args` ends with nothing: the macro counts.  NULL is SQL's null. */
struct db_args {
	const char *const *values;
	int n;
};
#define DB_ARGS(...)                                                         \
	((struct db_args){                                                   \
		(const char *const[]){ NULL, ##__VA_ARGS__ } + 1,            \
		(int)(sizeof((const char *const[]){ NULL, ##__VA_ARGS__ }) / \
		      sizeof(char *)) -                                      \
			1 })
#define DB_NO_ARGS ((struct db_args){ NULL, 0 })

const char *arg_i64(struct arena *a, int64_t value);
const char *arg_id(struct arena *a, int64_t id); /* 0 becomes null */
const char *arg_bool(bool value);
const char *arg_time(struct arena *a, int64_t at); /* 0 becomes null */

/* Texts as one JSON array, for jsonb_array_elements_text(). */
const char *arg_array(struct arena *a, const char *const *texts, size_t n);

/* Inside a transaction only: into the pipe, answer not wanted (rows are
 * ignored).  A failure is the next call's, at the latest db_finish()'s. */
void db_queue(struct db *db, const struct stmt *s, struct db_args args);

bool db_exec(struct db *db, const struct stmt *s, struct db_args args,
	     struct err *err);
/* Not exactly one row: ERR_MISSING (none) or a bug (several). */
bool db_one(struct db *db, struct arena *a, const struct stmt *s,
	    struct db_args args, struct rows *r, struct err *err);
/* r->n is 0 or 1. */
bool db_maybe(struct db *db, struct arena *a, const struct stmt *s,
	      struct db_args args, struct rows *r, struct err *err);
bool db_all(struct db *db, struct arena *a, const struct stmt *s,
	    struct db_args args, struct rows *r, struct err *err);

/* Several statements in one text, without arguments: migrations.  Inside a
 * transaction or as one of its own.  ERR_INPUT has the server's words. */
bool db_script(struct db *db, const char *sql, struct err *err);

/* How many rows the last db_exec() touched. */
int64_t db_touched(const struct db *db);

/* When the server last refused for want of disk space; 0: never. */
int64_t db_full_at(const struct db *db);

/* Columns by position.  A null is "", 0, false; rows_null() tells. */
const char *rows_str(const struct rows *r, int row, int column);
int64_t rows_i64(const struct rows *r, int row, int column);
bool rows_bool(const struct rows *r, int row, int column);
int64_t rows_time(const struct rows *r, int row, int column);
bool rows_null(const struct rows *r, int row, int column);

/* The connection's socket for a loop that wants to know of its end; -1. */
int db_fd(const struct db *db);

#endif
