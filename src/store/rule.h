/*
 * rule.h - keyword rules at work: which of them a message calls for, and what
 * was done for it.
 *
 * The rules themselves are the project's, core/rule.h.
 */
#ifndef STORE_RULE_H
#define STORE_RULE_H

#include "store/db.h"

struct rule_case {
	int64_t dialog_id;
	const char *rules; /* JSON array: the project's */
	const char *found; /* JSON array: ids of those whose words are there */
	bool is_first;     /* of the buyer in this dialog */
	int64_t written_at, created_at;
};

/* c->dialog_id 0: it is no message for rules. */
bool rule_case_find(struct db *db, struct arena *a, int64_t client_id,
		    int64_t message_id, struct rule_case *c, struct err *err);

/* A rule has been applied, or could not be. */
struct rule_mark {
	int64_t client_id, dialog_id, message_id;
	const char *rule_id;
	const char *state, *reason; /* of auto_replies */
	int64_t asked_at, now;
	int64_t repeat_us; /* not within that time after the last one */
};

/* *id 0: it was applied in this interval already. */
bool rule_mark(struct db *db, struct arena *a, const struct rule_mark *m,
	       int64_t *id, struct err *err);

/* What rules do to a dialog.  A label that is there is not added; nor is one
 * beyond `max`. */
bool dialog_assign(struct db *db, struct arena *a, int64_t client_id,
		   int64_t dialog_id, int64_t user_id, struct err *err);
bool dialog_label(struct db *db, struct arena *a, int64_t client_id,
		  int64_t dialog_id, const char *label, int max,
		  struct err *err);

#endif
