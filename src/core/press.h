/*
 * press.h - a button of the bot in its group, pressed: below a complaint, or
 * below the question whose a message is (core/route.h).
 */
#ifndef CORE_PRESS_H
#define CORE_PRESS_H

#include "store/complaint.h"

struct press {
	struct complaint_press at; /* its delivery is filled in by `data` */
	const char *data;          /* from strangers */
	const char *who;           /* the person, as colleagues know them */
	int64_t now;
	const char *request_id;

	const char *toast; /* out: what this person is told, in Russian */
	bool acted;        /* out: there is work for the daemon */
};

/* By a person, inside the caller's transaction.  What is no business of that
 * button or person changes nothing. */
bool press_button(struct db *db, struct arena *a, struct press *p,
		  struct err *err);

#endif
