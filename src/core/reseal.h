/*
 * reseal.h - stored secrets, sealed anew under the first key.
 *
 * Runs beside the services, once these have both keys: each value is replaced
 * in a transaction of its own, and only if it is still what was read.  So
 * nobody waits for more than one row, no two rows are ever locked at once,
 * and being killed anywhere leaves nothing half done.
 *
 * That one pass finds all of them rests on two habits of those who store
 * sealed values: who writes one back unchanged has locked its row before
 * reading it, and who moves one into a task does it in the transaction that
 * deletes its row.
 */
#ifndef CORE_RESEAL_H
#define CORE_RESEAL_H

#include "store/sealed.h"

struct reseal {
	struct db *db;
	bool dry_run; /* only count what would be done */
	/* A value that no key opens, and why; it stays as it is. */
	void (*closed)(const struct sealed_place *p, const char *key,
		       const char *why);
};

struct reseal_count {
	int64_t done;   /* sealed anew (or would be) */
	int64_t first;  /* were under the first key already */
	int64_t moved;  /* changed or gone before we came */
	int64_t closed; /* open with none of the keys */
};

/* All values of one place; adds to *n, also when it fails on the way. */
bool reseal_place(const struct reseal *r, const struct sealed_place *p,
		  struct reseal_count *n, struct err *err);

#endif
