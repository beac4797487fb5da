/*
 * trial.h - what filters or rules would have done with the last week's
 * messages.  Nothing is stored.
 *
 * Bounded in rows and in time: a trial that ends before it has seen all says
 * so.  The newest dialogs come first.
 */
#ifndef CORE_TRIAL_H
#define CORE_TRIAL_H

#include "store/trial.h"

#define TRIAL_EXAMPLES 3

/* Of one filter or rule. */
struct trial_item {
	const char *id, *name;
	int64_t count; /* how often it applied */
	int64_t acted; /* a rule: how often it would have done something */
	const struct trial_message *examples[TRIAL_EXAMPLES];
	size_t n_examples;
};

struct trial {
	int64_t since;
	int64_t messages; /* looked at */
	bool is_complete;
	struct trial_item *items; /* as many as there are filters or rules */
	size_t n;
};

struct trial_question {
	int64_t client_id, project_id;
	const char *json; /* complete filters or rules */
	int64_t now;
};

bool trial_of_filters(struct db *db, struct arena *a,
		      const struct trial_question *q, struct trial *t,
		      struct err *err);

/* The action is done once in an interval, as it would be; what was done
 * before the week is not known to it. */
bool trial_of_rules(struct db *db, struct arena *a,
		    const struct trial_question *q, struct trial *t,
		    struct err *err);

#endif
