/*
 * auto_reply.c - texts that go out by themselves: planned, sent, told.
 *
 * The rules are core/automate.h's; each step is a transaction of its own, and
 * may be taken again.
 */
#include "config.h"

#include "base/clock.h"
#include "base/fault.h"
#include "core/automate.h"
#include "daemon/limits.h"
#include "daemon/tasks.h"

static struct automate context(const struct run *r)
{
	return (struct automate){
		.now = clock_now_us(),
		.delay_s = r->dm->s->auto_reply_delay_s,
		.request_id = r->t.request_id,
	};
}

static void start_plan(struct run *r)
{
	struct automate c = context(r);
	struct err err = { 0 };

	if (!automate_plan(r->dm->db, &r->a, r->t.subject_id, &c, &err)) {
		run_error(r, &err);
		return;
	}
	fault("auto_reply.planned");
	run_done(r);
}

static void start_send(struct run *r)
{
	struct automate c = context(r);
	struct err err = { 0 };
	int64_t again_at;

	fault("auto_reply.due");
	if (!automate_send(r->dm->db, &r->a, r->t.subject_id, &c, &again_at,
			   &err)) {
		run_error(r, &err);
		return;
	}
	fault("auto_reply.queued");
	if (again_at)
		run_again(r, again_at, NULL);
	else
		run_done(r);
}

static void start_sent(struct run *r)
{
	struct automate c = context(r);
	struct err err = { 0 };

	if (!automate_sent(r->dm->db, &r->a, r->t.subject_id, &c, &err)) {
		run_error(r, &err);
		return;
	}
	fault("auto_reply.told");
	run_done(r);
}

const struct task_type task_dialog_automate = {
	.kind = "dialog.automate",
	.start = start_plan,
	.room = ROOM_SMALL,
};

const struct task_type task_auto_reply_send = {
	.kind = "auto_reply.send",
	.start = start_send,
	.room = ROOM_SMALL,
};

const struct task_type task_auto_reply_sent = {
	.kind = "auto_reply.sent",
	.start = start_sent,
	.room = ROOM_SMALL,
};
