/*
 * sealed.h - every place where a sealed secret is stored.
 *
 * A new one gets its row in sealed.c; a test compares them with the columns
 * "*_sealed" of the schema, and tests/guard/sealed.sh with the members
 * "*_sealed" that the program puts into a task's args.
 */
#ifndef STORE_SEALED_H
#define STORE_SEALED_H

#include "store/db.h"

struct sealed_place {
	const char *table;
	const char *column;   /* or the member of tasks.args */
	const char *bound_to; /* what seal() was told */
	const char *start;    /* comes before every key of the table */
	struct stmt list, replace;
};

/* Tasks stand last: a row that goes leaves its secrets in a task. */
extern const struct sealed_place sealed_places[];
extern const size_t n_sealed_places;

struct sealed_value {
	const char *key; /* the row's primary key */
	const char *sealed;
};

/* By key, those behind `after` (the place's start at first). */
bool sealed_list(struct db *db, struct arena *a, const struct sealed_place *p,
		 const char *after, int limit, struct sealed_value **list,
		 size_t *n, struct err *err);

/* *replaced false: it is not what it was; somebody was faster. */
bool sealed_replace(struct db *db, const struct sealed_place *p,
		    const struct sealed_value *was, const char *sealed,
		    bool *replaced, struct err *err);

#endif
