/*
 * pg.h - a throwaway PostgreSQL for one test program.
 *
 * pg_start() makes a cluster on a unix socket in a temporary directory, runs
 * sql/roles.sql and the product's own migrations, and gives the program a
 * fresh copy of the migrated database.  A keeper process stops the server and
 * removes everything when the program ends, however it ends.
 *
 * TUBERRY_TEST_PG_BIN names the server's programs; else Debian's place for
 * version 15, else the PATH.  Without a server the program is skipped (77).
 */
#ifndef HARNESS_PG_H
#define HARNESS_PG_H

#include <stdint.h>

enum pg_role { PG_WEB, PG_DAEMON, PG_OWNER, PG_SUPER };

/* Once, before the tests. */
void pg_start(void);

/* The database under test, as this role.  Stays the same after pg_reset(). */
const char *pg_url(enum pg_role role);

/* The same for a role of another name. */
const char *pg_url_as(const char *role);

/* The database is a fresh copy of the migrated one; open connections end. */
void pg_reset(void);

/* The database exists and is empty: for tests of the migrations. */
void pg_reset_empty(void);

/* Where the migrations are: the checkout's sql/. */
const char *pg_sql_dir(void);

/* As the superuser, who sees all rows.  A statement that fails ends the
 * program.  pg_text() gives the first column of the first row ("" when there
 * is none), valid until the running test ends. */
void pg_run(const char *sql);
int64_t pg_count(const char *sql);
const char *pg_text(const char *sql);

#endif
