/*
 * conf.h - settings: one table, one file, the environment on top.
 *
 * The file has KEY=VALUE lines as a systemd EnvironmentFile has them (# and ;
 * comments, optional quotes); the environment overrides the file, and
 * NAME_FILE=/path gives the value of NAME as a file's content.  A file with
 * secrets that everybody can read is refused.  Every bad, unknown or missing
 * key is reported at once with file and line.
 */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

enum conf_type {
	CONF_STR,    /* const char *, never NULL ("" when empty) */
	CONF_SECRET, /* struct secret; NAME_FILE is refused when others read it */
	CONF_INT,    /* int64_t in [min, max]; the unit is in the key's help */
	CONF_BOOL,   /* bool: 1 0 yes no true false on off */
};

struct conf_key {
	const char *name;
	enum conf_type type;
	size_t offset;    /* of the member in the settings struct */
	const char *def;  /* NULL: required; "": may stay empty */
	int64_t min, max; /* CONF_INT */
	const char *help; /* one line, with the unit */
};

/*
 * Fill `out`; no string in it is NULL afterwards.  `path` may be NULL: the environment alone.  Strings live as
 * long as `a`.  False: `report` has one line per problem.  Keys in the file
 * that the table does not know are problems; in the environment only known
 * names are looked at.
 */
bool conf_load(struct arena *a, const struct conf_key *keys, size_t n_keys,
	       const char *path, void *out, struct buf *report);

/* The same for the keys that begin with `only`; all others keep their defaults,
 * whatever is said of them.  For what makes the files that they name. */
bool conf_load_only(struct arena *a, const struct conf_key *keys, size_t n_keys,
		    const char *only, const char *path, void *out,
		    struct buf *report);

/* Markdown table of the keys, for docs and `tuberryctl show-config`. */
void conf_describe(const struct conf_key *keys, size_t n_keys, struct buf *b);

/* Exit status for a refused configuration (sysexits.h). */
#define CONF_EXIT 78

#endif
