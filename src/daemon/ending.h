/*
 * ending.h - how a step, a part or a whole delivery ends, as data.
 *
 * job_done() and its siblings (job.h) make one; journal.c writes it.
 */
#ifndef DAEMON_ENDING_H
#define DAEMON_ENDING_H

#include "daemon/job.h"
#include "store/outcome.h"

enum ending_kind {
	END_PART,   /* goes on afterwards */
	END_STEP,   /* goes on afterwards */
	END_SETTLE, /* goes on afterwards */
	END_DONE,
	END_DISCARDED,
	END_WAIT,
	END_DEAD,
	END_HOLD,
};

/* An outcome, kept until it is written. */
struct ending {
	enum ending_kind kind;
	const char *outcome; /* word of the ledger */
	int status;
	const char *reason;     /* also the ledger's detail; NULL: none */
	const char *const *ids; /* of what arrived, by part in flight */
	size_t n_ids;
	/* END_DISCARDED: why, as core/automate.h has it. */
	const char *unwanted;
	const struct attempt *attempt; /* END_SETTLE */
	/* Besides, in the same transaction. */
	bool (*also)(struct job *j, struct err *err);
	const char *state; /* of a waiting delivery */
	int64_t due_at, queued_at;
	int attempts, looks;
	bool is_alone;
	const char *held_by;
	int64_t paused_until; /* the place told us; 0: it did not */
	enum err_kind broken; /* only a person can mend it; ERR_NONE: not so */
};

struct outcome ending_outcome(const struct job *j);

/* What it causes besides, inside the same transaction. */
bool ending_aftermath(struct job *j, const struct outcome *o, struct err *err);

#endif
