/*
 * decision.h - what a person decides about a message on its way.
 *
 * The web, tuberryctl and the buttons in the topic end here, so that what is
 * decided in one place is seen in the others.  All run inside the caller's
 * transaction; who calls sees to it that the daemon looks after its commit.
 * ERR_MISSING, or ERR_CONFLICT with the reason when the delivery's state does
 * not allow it.
 */
#ifndef CORE_DECISION_H
#define CORE_DECISION_H

#include "store/db.h"

struct decision {
	int64_t client_id; /* 0: any (administrators) */
	int64_t delivery_id;
	const char *who; /* as colleagues know them; "" not told */
	int64_t now;
	const char *request_id;
};

/* A dead or unsure one goes to its lane's end, a waiting one is due now. */
bool decision_retry(struct db *db, struct arena *a, const struct decision *d,
		    struct err *err);

/* It is taken out. */
bool decision_discard(struct db *db, struct arena *a, const struct decision *d,
		      struct err *err);

/* A message to the buyer has arrived, by this person's word. */
bool decision_confirm(struct db *db, struct arena *a, const struct decision *d,
		      struct err *err);

#endif
