/*
 * avito_mark_read.c - tells Avito that a chat has been read.
 *
 * Only when every message of the buyer that we know has been accepted by
 * Telegram.  Avito's call has no message id and marks what we have not seen,
 * too; so the chat is read once more behind it, back to a message that we
 * have: what is new is stored in the order in which it was written, though
 * its webhooks are still on their way.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "core/inbound.h"
#include "daemon/limits.h"
#include "daemon/tasks.h"
#include "store/attempt.h"
#include "store/dialog_source.h"
#include "store/lane.h"

/* Mostly nothing is new. */
#define FIRST_PAGE 20

struct reading {
	const char *chat;
	/* What has been read, newest first. */
	struct chan_message *messages;
	size_t n;
};

static bool store_messages(struct run *r, struct err *err)
{
	const struct reading *g = r->state;
	const struct chan_message *m = g->messages;
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

	for (size_t i = g->n; i > 0; i--) {
		/* What is older than the account's connection is history. */
		in.history =
			m[i - 1].created_at < connected_at - BASELINE_SKEW_US;
		if (!inbound_avito(r->dm->db, &r->a, &in, &m[i - 1], &id, err))
			return false;
	}
	return true;
}

/* How many of the page are newer than what we have; all: read on.  An answer
 * of ours is known since it was sent, whatever was written before it. */
static bool count_new(struct run *r, const struct chan_message *m, size_t n,
		      size_t *n_new, struct err *err)
{
	const char **ids = arena_array(&r->a, n, sizeof(*ids));
	bool *known = arena_array(&r->a, n, sizeof(*known));
	size_t i = 0;

	for (size_t k = 0; k < n; k++)
		ids[k] = m[k].id;
	if (n && !ids_bound(r->dm->db, &r->a, r->avito->client_id, r->avito->id,
			    ids, n, known, err))
		return false;
	while (i < n && (m[i].author == CHAN_SELLER || !known[i]))
		i++;
	*n_new = i;
	return true;
}

static void keep(struct run *r, const struct chan_message *m, size_t n)
{
	struct reading *g = r->state;
	struct chan_message *all = arena_array(&r->a, g->n + n, sizeof(*all));

	if (g->n)
		memcpy(all, g->messages, g->n * sizeof(*all));
	if (n)
		memcpy(all + g->n, m, n * sizeof(*all));
	g->messages = all;
	g->n += n;
}

static int page_size(const struct reading *g)
{
	return g->n ? AVITO_PAGE_MAX : FIRST_PAGE;
}

static void write_messages(struct avito_ask *q, const struct chan_end *end)
{
	struct run *r = container_of(q, struct run, ask);
	const struct reading *g = r->state;

	avito_messages_write(&r->a, end, g->chat, page_size(g), (int)g->n,
			     &q->call.rq);
}

static void on_messages(struct avito_ask *q)
{
	struct run *r = container_of(q, struct run, ask);
	struct reading *g = r->state;
	enum chan_trouble trouble;
	struct chan_message *m;
	struct err err = q->err;
	size_t n, n_new;
	bool more, ok;

	if (err.kind ||
	    !avito_messages_read(&r->a, &q->call.reply, g->chat,
				 r->avito->user_id, &m, &n, &trouble, &err)) {
		run_error(r, &err);
		return;
	}
	more = n == (size_t)page_size(g);
	if (!count_new(r, m, n, &n_new, &err)) {
		run_error(r, &err);
		return;
	}
	keep(r, m, n_new);
	if (more && n_new == n && g->n < AVITO_OFFSET_MAX) {
		if (run_renew(r))
			run_ask(r, write_messages, on_messages);
		return;
	}
	ok = db_begin(r->dm->db, &err) && store_messages(r, &err);
	if (db_finish(r->dm->db, ok, &err))
		run_done(r);
	else
		run_error(r, &err);
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

	const struct reading *g = r->state;

	avito_read_write(&r->a, end, g->chat, &q->call.rq);
}

static void start(struct run *r)
{
	struct reading *g = arena_alloc(&r->a, sizeof(*g));
	struct err err = { 0 };
	int64_t account_id;
	bool empty;

	if (!dialog_chat(r->dm->db, &r->a, r->t.subject_id, &account_id,
			 &g->chat, &err) ||
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
	r->state = g;
	run_ask(r, write_read, on_read);
}

const struct task_type task_avito_mark_read = {
	.kind = "avito.mark_read",
	.start = start,
	.room = ROOM_SMALL,
};
