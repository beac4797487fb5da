/*
 * outcome.h - what became of deliveries, written for many at once.
 *
 * One outcome is a part that arrived, or the end of a delivery's time in
 * work: done, dead, or waiting.  Ledger, copies, delivery and lane are written
 * together; an outcome whose lease was lost meanwhile changes nothing but the
 * ledger.
 */
#ifndef STORE_OUTCOME_H
#define STORE_OUTCOME_H

#include "store/delivery.h"

enum lane_end {
	LANE_KEEP, /* the lease goes on */
	LANE_FREE, /* on to the next delivery */
	LANE_WAIT, /* the same delivery again, at due_at or when woken */
};

struct outcome {
	const struct delivery *d;
	/* Texts that travelled with it, behind it in the lane. */
	const struct delivery *joined;
	size_t n_joined;

	enum lane_end lane;
	const char *state;   /* of the delivery; NULL: as it is */
	const char *reason;  /* NULL: none */
	int64_t due_at;      /* LANE_WAIT, unless held */
	const char *held_by; /* LANE_WAIT: see lane.h; NULL: due */
	int64_t queued_at;   /* its turn among those that wait for room */
	int attempts, reads; /* so many more of each */
	bool parts_company;  /* joined no longer */
	bool is_alone;       /* and never again */

	int64_t attempt_id;  /* 0: none is open */
	const char *outcome; /* word of the ledger */
	int status;          /* 0: none */
	const char *detail;

	/* Copies that arrived, of the parts from `part` on; 0: none did. */
	const char *const *copies; /* external ids */
	size_t n_copies;
	const char *place;
	int64_t place_id;
	int part;

	/* The answer. */
	bool is_owned;   /* false: the lease was lost */
	bool has_parked; /* own messages wait for this lane (buyer) */
};

/* Inside the caller's transaction.  An echo of what arrived is taken away. */
bool outcomes_write(struct db *db, struct arena *a, struct outcome *list,
		    size_t n, int64_t now, struct err *err);

#endif
