/*
 * migrate.h - the schema, brought up to date.
 *
 * A migration is a file NNNN_what.sql, numbered from 0001 without gaps,
 * forward only and never edited once it was applied.  Each runs in one
 * transaction together with its row in schema_migrations, under a lock, so
 * that two programs at once do the work once.
 */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "store/db.h"

/* The newest file in sql/; a test compares.  Raise it with each new file. */
#define MIGRATE_VERSION 5

struct migration {
	int version;
	const char *name; /* "0001_relay" */
	const char *sql;
	const char *checksum; /* SHA-256 of the file, hex */
};

/* Where the files are: `told` when given, else $TUBERRY_DATA_DIR/sql, else
 * where they were installed. */
const char *migrate_dir(struct arena *a, const char *told);

/* All files of the directory by number.  ERR_INPUT names the file that is
 * wrong. */
bool migrate_read(struct arena *a, const char *dir, struct migration **list,
		  size_t *n, struct err *err);

/*
 * What is missing, oldest first; applies nothing.  ERR_CONFLICT: an applied
 * file is not what it was, or the database is newer than the files.
 */
bool migrate_plan(struct db *db, struct arena *a, const struct migration *list,
		  size_t n, const struct migration **todo, size_t *n_todo,
		  struct err *err);

/*
 * Apply the oldest one that is missing, as the owner of the tables and with
 * no statement timeout.  *done is NULL when the schema is up to date.
 */
bool migrate_step(struct db *db, struct arena *a, const struct migration *list,
		  size_t n, int64_t now, const struct migration **done,
		  struct err *err);

/* The newest applied version; 0: none.  Any role may ask; it is pending for
 * this program while it is below MIGRATE_VERSION. */
bool migrate_version(struct db *db, struct arena *a, int *version,
		     struct err *err);

#endif
