/*
 * housekeeping.h - forgets what has served, a bit at a time.
 */
#ifndef STORE_HOUSEKEEPING_H
#define STORE_HOUSEKEEPING_H

#include "store/db.h"

/* Updates seen before that time; Telegram repeats none of them any more. */
bool updates_forget(struct db *db, struct arena *a, int64_t before,
		    struct err *err);

/* What Telegram signed and nobody would take any more. */
bool proofs_forget(struct db *db, struct arena *a, int64_t before,
		   struct err *err);

/* Links that ended before that time: they tell who asked how often. */
bool links_forget(struct db *db, struct arena *a, int64_t before,
		  struct err *err);

/* Sign-ins whose second factor did not come until then. */
bool pending_forget(struct db *db, struct arena *a, int64_t before,
		    struct err *err);

/* Sessions that have expired; one that was ended goes when it would have. */
bool sessions_forget(struct db *db, struct arena *a, int64_t before,
		     struct err *err);

/* Messages outside of every topic: what became of them is known. */
bool unrouted_forget(struct db *db, struct arena *a, int64_t before,
		     struct err *err);

#endif
