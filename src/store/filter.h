/*
 * filter.h - filters at work: how often each has applied, and on what it
 * would.
 *
 * The filters themselves are the project's, core/filter.h; what is stored is
 * judged by the statements that store it (filter_verdict() in
 * sql/0005_sources.sql).
 */
#ifndef STORE_FILTER_H
#define STORE_FILTER_H

#include "store/db.h"

struct filter_hits {
	const char *id;
	int64_t hits, last_at;
};

/* Of those that have applied. */
bool filter_hits_list(struct db *db, struct arena *a, int64_t client_id,
		      int64_t project_id, struct filter_hits **list, size_t *n,
		      struct err *err);

/* Of filters that are not among these. */
bool filter_hits_forget(struct db *db, struct arena *a, int64_t client_id,
			int64_t project_id, const char *filters,
			struct err *err);

/* Adds up what was counted one by one; each part is a transaction of its own
 * unless the caller has one. */
bool filter_hits_fold(struct db *db, struct arena *a, struct err *err);

#endif
