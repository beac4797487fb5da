/*
 * avito_mark_read.c - tells Avito that a chat has been read.
 *
 * Only when every message of the buyer that we know has been accepted by
 * Telegram.  Avito's call has no message id and marks what we have not seen,
 * too; so the newest page is read once more behind it.
 */
#include "config.h"

#include "base/clock.h"
#include "core/inbound.h"
#include "daemon/limits.h"
#include "daemon/tasks.h"
#include "store/dialog_source.h"
#include "store/lane.h"

#define LAST_MESSAGES 20

static bool store_messages(struct run *r, const struct chan_message *m,
			   size_t n, struct err *err)
{
	struct inbound in = {
		.client_id = r->avito->client_id,
		.account_id = r->avito->id,
		.now = clock_now_us(),
		.request_id = r->t.request_id,
	};
	/* Where the poller is not wanted there never is a baseline. */
	int64_t connected_at = r->avito->baseline_at ? r->avito->baseline_at
						     : r->avito->created_at;
	int64_t id;

	for (size_t i = n; i > 0; i--) {
		/* What is older than the account's connection is history. */
		in.history =
			m[i - 1].created_at < connected_at - BASELINE_SKEW_US;
		if (!inbound_avito(r->dm->db, &r->a, &in, &m[i - 1], &id, err))
			return false;
	}
	return true;
}

static void on_messages(struct avito_ask *q)
{
	struct run *r = container_of(q, struct run, ask);
	enum chan_trouble trouble;
	struct chan_message *m;
	struct err err = q->err;
	size_t n;
	bool ok;

	if (err.kind ||
	    !avito_messages_read(&r->a, &q->call.reply, r->state,
				 r->avito->user_id, &m, &n, &trouble, &err)) {
		run_error(r, &err);
		return;
	}
	ok = db_begin(r->dm->db, &err) && store_messages(r, m, n, &err);
	if (db_finish(r->dm->db, ok, &err))
		run_done(r);
	else
		run_error(r, &err);
}

static void write_messages(struct avito_ask *q, const struct chan_end *end)
{
	struct run *r = container_of(q, struct run, ask);

	avito_messages_write(&r->a, end, r->state, LAST_MESSAGES, 0,
			     &q->call.rq);
}

static void on_read(struct avito_ask *q)
{
	struct run *r = container_of(q, struct run, ask);
	enum chan_trouble trouble;
	struct err err = q->err;

	if (err.kind || !avito_done_read(&r->a, &q->call.reply, &trouble, &err))
		run_error(r, &err);
	else
		run_ask(r, write_messages, on_messages);
}

static void write_read(struct avito_ask *q, const struct chan_end *end)
{
	struct run *r = container_of(q, struct run, ask);

	avito_read_write(&r->a, end, r->state, &q->call.rq);
}

static void start(struct run *r)
{
	struct err err = { 0 };
	int64_t account_id;
	const char *chat;
	bool empty;

	if (!dialog_chat(r->dm->db, &r->a, r->t.subject_id, &account_id, &chat,
			 &err) ||
	    !lane_is_empty(r->dm->db, &r->a, r->t.subject_id, "team", &empty,
			   &err)) {
		if (err.kind == ERR_MISSING)
			run_done(r);
		else
			run_error(r, &err);
		return;
	}
	/* The delivery that is still on its way asks again when it ends. */
	if (!empty) {
		run_done(r);
		return;
	}
	r->avito = arena_alloc(&r->a, sizeof(*r->avito));
	if (!avito_link_find(r->dm->db, &r->a, account_id, r->avito, &err)) {
		run_error(r, &err);
		return;
	}
	r->ask.pass = avito_pass_of(r->avito);
	r->state = arena_str(&r->a, chat);
	run_ask(r, write_read, on_read);
}

const struct task_type task_avito_mark_read = {
	.kind = "avito.mark_read",
	.start = start,
};
