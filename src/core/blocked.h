/*
 * blocked.h - a person who takes no messages, and takes them again.
 *
 * What is for them waits meanwhile (a lane's held_by "dialog:5") and burns no
 * attempts; the team is told of both in the topic.
 */
#ifndef CORE_BLOCKED_H
#define CORE_BLOCKED_H

#include "store/db.h"

struct blocked {
	int64_t client_id, dialog_id;
	bool is_blocked;
	const char *why; /* for people; NULL: the person has blocked the bot */
	int64_t now;
	const char *request_id;
};

/* Inside the caller's transaction.  *changed false: it was known, and nobody
 * is told again. */
bool blocked_set(struct db *db, struct arena *a, const struct blocked *b,
		 bool *changed, struct err *err);

#endif
