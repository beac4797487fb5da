/*
 * migrate.c - the schema, brought up to date.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "store/migrate.h"

#define FILE_MAX_BYTES (4 * 1024 * 1024)
#define FILES_MAX      9999

const char *migrate_dir(struct arena *a, const char *told)
{
	const char *data = getenv("TUBERRY_DATA_DIR");

	if (told)
		return told;
	return arena_printf(a, "%s/sql", data && *data ? data : PKGDATADIR);
}

/* ---- the files ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "0001_relay.sql".  roles.sql and the like are not ours to run. */
static bool is_migration(const char *file)
{
	size_t len = strlen(file);

	return is_digit(file[0]) && len > 4 &&
	       strcmp(file + len - 4, ".sql") == 0;
}

static bool is_well_named(const char *file)
{
	size_t stem = strlen(file) - 4; /* without .sql */

	for (int i = 0; i < 4; i++)
		if (!is_digit(file[i]))
			return false;
	return file[4] == '_' && stem > 5 &&
	       strspn(file + 5, "abcdefghijklmnopqrstuvwxyz0123456789_") ==
		       stem - 5;
}

static bool read_sql(struct arena *a, const char *path, struct migration *m,
		     struct err *err)
{
	FILE *f = fopen(path, "re");
	char *text = arena_alloc(a, FILE_MAX_BYTES + 1);
	size_t len;
	bool broken;

	if (!f)
		return err_set(err, ERR_INPUT, "cannot read %s: %s", path,
			       strerror(errno));
	len = fread(text, 1, FILE_MAX_BYTES + 1, f);
	broken = ferror(f) != 0;
	fclose(f);
	if (broken || len > FILE_MAX_BYTES || memchr(text, '\0', len))
		return err_set(err, ERR_INPUT,
			       "%s cannot be read, is larger than 4 MB or "
			       "holds a NUL",
			       path);
	m->sql = arena_strn(a, text, len);
	m->checksum = secret_hash(a, (struct secret){ m->sql, len });
	return true;
}

static int by_name(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static bool list_files(struct arena *a, const char *dir, const char **files,
		       size_t *n, struct err *err)
{
	DIR *d = opendir(dir);
	struct dirent *entry;

	*n = 0;
	if (!d)
		return err_set(err, ERR_INPUT,
			       "cannot read the folder of migrations %s: %s; "
			       "name it with --sql-dir",
			       dir, strerror(errno));
	/* readdir_r() is deprecated, and nobody else reads this stream. */
	/* cppcheck-suppress readdirCalled */
	while ((entry = readdir(d)) && *n < FILES_MAX)
		if (is_migration(entry->d_name))
			files[(*n)++] = arena_str(a, entry->d_name);
	closedir(d);
	if (*n == 0)
		return err_set(err, ERR_INPUT,
			       "there are no migrations in %s; name their "
			       "folder with --sql-dir",
			       dir);
	qsort(files, *n, sizeof(*files), by_name);
	return true;
}

bool migrate_read(struct arena *a, const char *dir, struct migration **list,
		  size_t *n, struct err *err)
{
	const char **files = arena_array(a, FILES_MAX, sizeof(*files));

	if (!list_files(a, dir, files, n, err))
		return false;
	*list = arena_array(a, *n, sizeof(**list));
	for (size_t i = 0; i < *n; i++) {
		struct migration *m = &(*list)[i];

		m->version = (int)i + 1;
		m->name = arena_strn(a, files[i], strlen(files[i]) - 4);
		if (!is_well_named(files[i]) ||
		    strtol(files[i], NULL, 10) != m->version)
			return err_set(err, ERR_INPUT,
				       "%s/%s: the next migration must be "
				       "called %04d_what.sql",
				       dir, files[i], m->version);
		if (!read_sql(a, arena_printf(a, "%s/%s", dir, files[i]), m,
			      err))
			return false;
	}
	return true;
}

/* ---- what the database has ---- */

static const struct stmt ledger_exists = {
	"migration_ledger_exists",
	"SELECT EXISTS (SELECT FROM pg_catalog.pg_tables"
	" WHERE schemaname = 'public' AND tablename = 'schema_migrations')",
};

static const struct stmt applied = {
	"migrations_applied",
	"SELECT version, name, checksum FROM schema_migrations"
	" ORDER BY version",
};

static const struct stmt newest = {
	"migration_newest",
	"SELECT coalesce(max(version), 0) FROM schema_migrations",
};

static bool has_ledger(struct db *db, struct arena *a, bool *yes,
		       struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &ledger_exists, DB_NO_ARGS, &r, err))
		return false;
	*yes = rows_bool(&r, 0, 0);
	return true;
}

bool migrate_version(struct db *db, struct arena *a, int *version,
		     struct err *err)
{
	struct rows r;
	bool yes;

	*version = 0;
	if (!has_ledger(db, a, &yes, err))
		return false;
	if (!yes)
		return true;
	if (!db_one(db, a, &newest, DB_NO_ARGS, &r, err))
		return false;
	*version = (int)rows_i64(&r, 0, 0);
	return true;
}

bool migrate_plan(struct db *db, struct arena *a, const struct migration *list,
		  size_t n, const struct migration **todo, size_t *n_todo,
		  struct err *err)
{
	struct rows r = { 0 };
	bool yes;

	if (!has_ledger(db, a, &yes, err) ||
	    (yes && !db_all(db, a, &applied, DB_NO_ARGS, &r, err)))
		return false;
	for (int i = 0; i < r.n; i++) {
		if ((size_t)i >= n || rows_i64(&r, i, 0) != list[i].version)
			return err_set(err, ERR_CONFLICT,
				       "the database has migration %s, which "
				       "this version of Tuberry does not know: "
				       "install the newer version",
				       rows_str(&r, i, 1));
		if (strcmp(rows_str(&r, i, 2), list[i].checksum) != 0)
			return err_set(err, ERR_CONFLICT,
				       "%s.sql has changed since it was "
				       "applied: put the former file back and "
				       "write the change as a new migration",
				       list[i].name);
	}
	*todo = list + r.n;
	*n_todo = n - (size_t)r.n;
	return true;
}

/* ---- one step ---- */

/* Held until the transaction ends; the number only has to be ours. */
static const struct stmt lock = {
	"migration_lock",
	"SELECT pg_advisory_xact_lock(7235418206)",
};

/* After each file, since a migration's GRANT ON ALL TABLES must not let the
 * services write here. */
static const char ledger[] =
	"CREATE TABLE IF NOT EXISTS schema_migrations ("
	" version integer PRIMARY KEY,"
	" name text NOT NULL,"
	" checksum text NOT NULL,"
	" applied_at timestamptz NOT NULL);"
	"REVOKE ALL ON schema_migrations FROM tuberry_web, tuberry_daemon;"
	"GRANT SELECT ON schema_migrations TO tuberry_web, tuberry_daemon";

static const struct stmt record = {
	"migration_record",
	"INSERT INTO schema_migrations (version, name, checksum, applied_at)"
	" VALUES ($1, $2, $3, $4)",
};

static bool apply(struct db *db, struct arena *a, const struct migration *m,
		  int64_t now, struct err *err)
{
	struct err reason = { 0 };

	if (!db_script(db, m->sql, &reason) || !db_script(db, ledger, &reason))
		return err_set(err, reason.kind, "%s.sql: %s", m->name,
			       reason.text);
	return db_exec(db, &record,
		       DB_ARGS(arg_i64(a, m->version), m->name, m->checksum,
			       arg_time(a, now)),
		       err);
}

bool migrate_step(struct db *db, struct arena *a, const struct migration *list,
		  size_t n, int64_t now, const struct migration **done,
		  struct err *err)
{
	const struct migration *todo;
	size_t n_todo;
	bool ok;

	*done = NULL;
	ok = db_begin(db, err) && db_exec(db, &lock, DB_NO_ARGS, err) &&
	     migrate_plan(db, a, list, n, &todo, &n_todo, err);
	if (ok && n_todo > 0) {
		ok = apply(db, a, &todo[0], now, err);
		*done = ok ? &todo[0] : NULL;
	}
	return db_finish(db, ok, err);
}
