/*
 * business.c - what Telegram knows of a business connection: asked when a
 * message comes before its connection, and after we were refused.
 */
#include "config.h"

#include "base/clock.h"
#include "chan/telegram.h"
#include "core/business.h"
#include "daemon/limits.h"
#include "daemon/tasks.h"

static bool write_told(struct run *r, struct err *err)
{
	struct tg_connection *c = r->state;
	bool known;

	return business_told(r->dm->db, &r->a, r->bot->client_id, r->bot->id, c,
			     clock_now_us(), &known, err);
}

static void on_connection(struct call *call)
{
	struct run *r = container_of(call, struct run, call);
	enum chan_trouble trouble = CHAN_FINE;
	struct err err = { 0 };

	if (tg_get_connection_read(&r->a, &call->reply, r->state, &trouble,
				   &err))
		run_done_with(r, write_told);
	else if (trouble == CHAN_NOT_CONNECTED)
		run_done(r); /* Telegram has forgotten it */
	else
		run_error(r, &err);
}

static void start(struct run *r)
{
	if (!run_bot(r))
		return;
	r->state = arena_alloc(&r->a, sizeof(struct tg_connection));
	tg_get_connection_write(&r->a, &r->end,
				json_str(r->args, "connection", ""),
				&r->call.rq);
	run_call(r, on_connection);
}

const struct task_type task_business_learn = {
	.kind = "business.learn",
	.start = start,
};
