/*
 * counter.h - what /metrics counts and must survive the process.
 *
 * A row is one number for all daemons; its lock is held until the transaction
 * ends, so a transaction that raises several does it in one order: that of
 * their names.
 */
#ifndef STORE_COUNTER_H
#define STORE_COUNTER_H

#include "store/db.h"

/* Sent to Telegram again without knowing whether it had arrived. */
#define COUNTER_UNSURE "tuberry_delivery_unsure_total"
/* Topics that were made and could not be recorded. */
#define COUNTER_ORPHANS "tuberry_topic_orphans_total"

struct counter {
	const char *name;
	int64_t value;
};

/* Inside a transaction or by itself. */
bool counter_add(struct db *db, struct arena *a, const char *name, int64_t n,
		 struct err *err);

/* Inside a transaction only: goes into the pipe, see db_queue(). */
void counter_queue(struct db *db, struct arena *a, const char *name, int64_t n);

/* All that were ever raised. */
bool counters_read(struct db *db, struct arena *a, struct counter **list,
		   size_t *n, struct err *err);

#endif
