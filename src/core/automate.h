/*
 * automate.h - texts that go out by themselves: when, which, and whether.
 *
 * A buyer's message leaves a task "dialog.automate" (its id): what it starts,
 * and what rules (core/rule.h) say to it, is planned as rows of auto_replies,
 * each with a task "auto_reply.send" at its time.  When that comes the text
 * goes into the buyer's lane like any other message, unless it is not wanted
 * any more; that is asked again at each attempt (store/attempt.c).  What has
 * arrived leaves a task "auto_reply.sent": the team sees it, and the next step
 * is planned.
 *
 * Why one was not sent, in auto_replies.reason: "answered" (by a person, also
 * in the same second), "disabled", "expired" (15 minutes behind its time),
 * "closed" (a step, when no window is open any more), "changed" (a step or
 * rule that is gone), "superseded" (a step, by the next interval), "empty",
 * "person" (somebody decided so), "failed".
 */
#ifndef CORE_AUTOMATE_H
#define CORE_AUTOMATE_H

#include "core/auto_reply.h"
#include "core/auto_text.h"
#include "store/auto_reply.h"

/* What was written so long before we saw it is not answered. */
#define AUTOMATE_TOO_OLD_US INT64_C(600000000)
/* A text that names buyer or ad waits so long for them to become known. */
#define AUTOMATE_DETAILS_US INT64_C(10000000)

struct automate {
	int64_t now;
	int64_t delay_s; /* AUTO_REPLY_DELAY */
	const char *request_id;
};

/* Each is a transaction of its own and may run again. */
bool automate_plan(struct db *db, struct arena *a, int64_t message_id,
		   const struct automate *c, struct err *err);

/* *again_at: not yet, then; 0: done. */
bool automate_send(struct db *db, struct arena *a, int64_t id,
		   const struct automate *c, int64_t *again_at,
		   struct err *err);

bool automate_sent(struct db *db, struct arena *a, int64_t id,
		   const struct automate *c, struct err *err);

/* What the placeholders of its texts stand for. */
struct auto_words automate_words(const struct auto_subject *s);

#endif
