/*
 * auto_trial.h - an auto-reply tried on what was written of late.
 *
 * The rules are those of core/automate.h, with what people answered then;
 * what a robot sent then counts for nothing.  Nothing is stored.
 */
#ifndef CORE_AUTO_TRIAL_H
#define CORE_AUTO_TRIAL_H

#include "core/auto_reply.h"
#include "store/auto_week.h"

#define AUTO_TRIAL_ITEMS_MAX 200

struct auto_trial {
	/* Told. */
	int64_t client_id, project_id;
	const char *auto_reply; /* JSON; sources with their own keep it */
	const char *greeting, *project_name;
	int64_t since, now, delay_s;

	/* The answer: messages of buyers, and what became of them. */
	bool truncated; /* there were more than are looked at */
	int64_t messages, dialogs;
	int64_t too_old, disabled, closed;
	int64_t waiting;  /* one waited already */
	int64_t repeated; /* one was sent in this interval */
	int64_t started;
	/* Texts. */
	int64_t greetings, sent, steps, answered, pending;

	struct auto_trial_item {
		int64_t dialog_id, message_id, written_at, due_at;
		const char *kind;
		size_t step;
		/* "sent", "pending" (its time is to come), "replaced",
		 * "dropped" */
		const char *outcome;
		const char *reason; /* of a dropped one, as in automate.h */
		const char *text;
	} * items;
	size_t n_items;
};

bool auto_trial(struct db *db, struct arena *a, struct auto_trial *t,
		struct err *err);

#endif
