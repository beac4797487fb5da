/*
 * watch.h - what is looked for from time to time: messages that did not
 * arrive, accounts that have fallen silent.
 */
#ifndef STORE_WATCH_H
#define STORE_WATCH_H

#include "store/db.h"

/* How many dead deliveries there are now of an object ("bot:5" towards the
 * team, "avito:7" towards the buyer), where its open notice says otherwise. */
struct dead_letters {
	int64_t client_id;
	const char *object;
	int64_t n; /* 0: none is left */
};
bool dead_letters_changed(struct db *db, struct arena *a,
			  struct dead_letters **list, size_t *n,
			  struct err *err);

/* A buyer has written to the account since then. */
bool account_heard(struct db *db, struct arena *a, int64_t client_id,
		   int64_t account_id, int64_t since, bool *yes,
		   struct err *err);

/* What buyers wrote to an account since some time. */
struct pulse {
	int64_t messages;
	int64_t last_at;    /* 0: nothing */
	int64_t longest_us; /* the longest pause between two of them */
};
bool account_pulse(struct db *db, struct arena *a, int64_t client_id,
		   int64_t account_id, int64_t since, struct pulse *p,
		   struct err *err);

#endif
