/*
 * avito_poll.c - the poller: finds what webhooks missed, and everything where
 * there are none.
 *
 * Quick look, each POLL_INTERVAL_MS: the unread chats and the first page of
 * all.  Full walk, after start, after credentials were mended and every five
 * minutes: all pages that Avito gives, from the first again until a pass
 * finds nothing new, since the list shifts while it is read.
 *
 * A chat is read when its last message is not the one up to which we have
 * read it; whether it is flagged unread does not matter, the seller may have
 * opened it on a phone.  What was written within the last hour is read again
 * with each walk: it may have been deleted, or read by the buyer.  It is read back to that message, stored oldest
 * first, and only then does the mark move: a death in between reads it again.
 *
 * The first walk of an account is its baseline: the last messages of each
 * chat become history, and relayed is only what the buyer wrote after our
 * last message and within a day.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "core/backoff.h"
#include "core/broken.h"
#include "core/inbound.h"
#include "core/phase.h"
#include "daemon/glance.h"
#include "daemon/limits.h"
#include "daemon/shift.h"
#include "daemon/tasks.h"
#include "store/dialog_source.h"

/* An account's polls and its walks come round apart from each other. */
#define POLL_RHYTHM 0
#define WALK_RHYTHM 1

/* Passes of one walk; a list that never rests is read on at the next. */
#define PASSES_MAX 5

struct poll {
	bool walking, baseline;
	bool unread; /* the list being read: unread chats, or all */
	int offset, passes;
	bool found; /* something new in this pass */
	int stored;
	int64_t finished_at;

	/* Chats of the page that have to be read. */
	struct avito_chat *chats;
	const char **walked;
	int64_t *walked_at;
	size_t n, next;
	bool last_page;

	/* The chat being read, newest message first; behind those that are new,
	 * what the same page tells of older ones. */
	int chat_offset;
	struct chan_message *messages;
	size_t n_messages;
	const struct chan_message *known;
	size_t n_known;
};

static void drain(struct run *r);

/* ---- endings ---- */

static bool note_polled(struct run *r, struct err *err UNUSED)
{
	const struct poll *p = r->state;

	avito_polled(r->dm->db, &r->a, r->t.subject_id, p->walking,
		     p->finished_at);
	return true;
}

static int64_t interval_us(const struct run *r)
{
	return r->dm->s->poll_interval_ms * 1000;
}

/* At its own turn, not too soon behind this one. */
static void next_turn(struct run *r, int64_t now)
{
	int64_t every_us = interval_us(r);

	run_again(r,
		  phase_next(r->t.subject_id, POLL_RHYTHM, every_us,
			     now + every_us / 2),
		  NULL);
}

static void finish(struct run *r)
{
	struct poll *p = r->state;

	p->finished_at = clock_now_us();
	r->also = note_polled;
	if (p->stored || p->walking)
		log_info("avito.polled", lf_int("account", r->t.subject_id),
			 lf_int("walk", p->walking), lf_int("new", p->stored));
	next_turn(r, p->finished_at);
}

/* Not sooner than without the failure, and less and less often. */
static void retry(struct run *r, const struct err *err)
{
	run_again(r,
		  clock_now_us() + interval_us(r) + err->retry_s * SECOND_US +
			  backoff_us(r->t.attempts),
		  err->text);
}

static void fail(struct run *r, enum chan_trouble trouble,
		 const struct err *err)
{
	struct db *db = r->dm->db;
	int64_t now = clock_now_us();
	struct broken b = {
		.client_id = r->avito->client_id,
		.account_id = r->avito->id,
		.trouble = trouble,
		.kind = err->kind,
		.why = err->text,
		.check_at = now + RECHECK_US,
		.request_id = r->t.request_id,
	};
	struct err trap = { 0 };
	bool ok;

	if (err->kind != ERR_AUTH && err->kind != ERR_DENIED) {
		retry(r, err);
		return;
	}
	ok = db_begin(db, &trap) && broken_report(db, &r->a, &b, now, &trap);
	if (!db_finish(db, ok, &trap)) {
		run_error(r, &trap);
		return;
	}
	log_error("avito.broken", lf_int("account", r->t.subject_id),
		  lf_str("reason", err->text));
	/* The check starts the poller again once it succeeds. */
	run_done(r);
}

/* ---- one chat ---- */

static struct avito_chat *chat_of(struct poll *p)
{
	return &p->chats[p->next];
}

static bool is_new_chat(const struct poll *p)
{
	return !p->walked[p->next] || !*p->walked[p->next];
}

/* Nothing behind this message needs reading. */
static bool is_reached(struct run *r, const struct chan_message *m)
{
	struct poll *p = r->state;

	if (p->baseline)
		return false;
	if (is_new_chat(p))
		return m->created_at < r->avito->baseline_at - BASELINE_SKEW_US;
	return strcmp(m->id, p->walked[p->next]) == 0 ||
	       m->created_at < p->walked_at[p->next];
}

/* Baseline: relayed is what the buyer wrote after our last message and
 * within a day.  messages[] is newest first. */
static size_t first_relayed(const struct poll *p, int64_t now)
{
	size_t i = 0;

	while (i < p->n_messages && p->messages[i].author != CHAN_SELLER &&
	       p->messages[i].created_at > now - BASELINE_AGE_US)
		i++;
	return i;
}

static bool store_messages(struct run *r, struct err *err)
{
	struct poll *p = r->state;
	struct inbound in = {
		.client_id = r->avito->client_id,
		.account_id = r->t.subject_id,
		.now = clock_now_us(),
		.request_id = r->t.request_id,
	};
	size_t relayed = p->baseline ? first_relayed(p, in.now) : p->n_messages;
	int64_t dialog_id, id;
	bool changed = false;

	if (!inbound_chat(r->dm->db, &r->a, &in, chat_of(p), &dialog_id, err))
		return false;
	for (size_t i = p->n_messages; i > 0; i--) {
		in.history = i > relayed;
		if (!inbound_avito(r->dm->db, &r->a, &in, &p->messages[i - 1],
				   &id, err))
			return false;
		if (id && !in.history)
			p->stored++;
	}
	/* What is new to this walk may have come by webhook long ago. */
	if (!inbound_again(r->dm->db, &r->a, &in, p->messages, p->n_messages,
			   &changed, err) ||
	    !inbound_again(r->dm->db, &r->a, &in, p->known, p->n_known,
			   &changed, err))
		return false;
	return p->n_messages == 0 ||
	       dialog_set_walked(r->dm->db, &r->a, dialog_id, p->messages[0].id,
				 p->messages[0].created_at, err);
}

static void chat_done(struct run *r)
{
	struct poll *p = r->state;
	struct err err = { 0 };
	bool ok;

	ok = db_begin(r->dm->db, &err) && store_messages(r, &err);
	if (!db_finish(r->dm->db, ok, &err)) {
		retry(r, &err);
		return;
	}
	daemon_look(r->dm);
	p->found = p->found || p->n_messages > 0;
	p->next++;
	p->n_messages = p->n_known = 0;
	p->chat_offset = 0;
	drain(r);
}

static void keep_messages(struct poll *p, struct arena *a,
			  const struct chan_message *m, size_t n)
{
	struct chan_message *all =
		arena_array(a, p->n_messages + n, sizeof(*all));

	if (p->n_messages)
		memcpy(all, p->messages, p->n_messages * sizeof(*all));
	memcpy(all + p->n_messages, m, n * sizeof(*all));
	p->messages = all;
	p->n_messages += n;
}

static int chat_limit(const struct poll *p)
{
	return p->baseline ? BASELINE_LAST : AVITO_PAGE_MAX;
}

static void on_messages(struct avito_ask *q)
{
	struct run *r = container_of(q, struct run, ask);
	struct poll *p = r->state;
	enum chan_trouble trouble = q->trouble;
	struct chan_message *m;
	struct err err = q->err;
	size_t n, kept = 0;

	if (err.kind ||
	    !avito_messages_read(&r->a, &q->call.reply, chat_of(p)->id,
				 r->avito->user_id, &m, &n, &trouble, &err)) {
		if (err.kind == ERR_MISSING || err.kind == ERR_INPUT) {
			/* This chat cannot be read; the others can. */
			log_warn("avito.chat_unreadable",
				 lf_int("account", r->t.subject_id),
				 lf_str("reason", err.text));
			p->next++;
			drain(r);
		} else {
			fail(r, trouble, &err);
		}
		return;
	}
	while (kept < n && !is_reached(r, &m[kept]))
		kept++;
	keep_messages(p, &r->a, m, kept);
	p->known = m + kept;
	p->n_known = n - kept;
	p->chat_offset += (int)n;
	if (kept < n || n < AVITO_PAGE_MAX || p->baseline ||
	    p->chat_offset > AVITO_OFFSET_MAX)
		chat_done(r);
	else
		drain(r);
}

static void write_messages(struct avito_ask *q, const struct chan_end *end)
{
	struct run *r = container_of(q, struct run, ask);
	struct poll *p = r->state;

	avito_messages_write(&r->a, end, chat_of(p)->id, chat_limit(p),
			     p->chat_offset, &q->call.rq);
	q->call.rq.timeout_ms = POLL_TIMEOUT_MS;
}

/* ---- the list ---- */

/* A deletion and a reading make no new message: what is young is read again
 * with each walk, and at once when its last message shows it. */
static bool is_read_again(const struct poll *p, const struct avito_chat *c)
{
	return !p->baseline && c->last_at > clock_now_us() - RESCAN_US &&
	       (c->last_is_deleted || (p->walking && p->passes == 0));
}

/* Only what has to be read stays in the page. */
static bool sift(struct run *r, size_t n, struct err *err)
{
	struct poll *p = r->state;
	const char **ids = arena_array(&r->a, n, sizeof(*ids));

	p->walked = arena_array(&r->a, n, sizeof(*p->walked));
	p->walked_at = arena_array(&r->a, n, sizeof(*p->walked_at));
	for (size_t i = 0; i < n; i++)
		ids[i] = p->chats[i].id;
	if (n && !dialogs_walked(r->dm->db, &r->a, r->avito->client_id,
				 r->t.subject_id, ids, n, p->walked,
				 p->walked_at, err))
		return false;
	p->n = p->next = 0;
	for (size_t i = 0; i < n; i++) {
		const char *walked = p->walked[i] ? p->walked[i] : "";

		if (!*p->chats[i].last_id ||
		    (strcmp(p->chats[i].last_id, walked) == 0 &&
		     !is_read_again(p, &p->chats[i])))
			continue;
		p->chats[p->n] = p->chats[i];
		p->walked[p->n] = p->walked[i];
		p->walked_at[p->n++] = p->walked_at[i];
	}
	return true;
}

static enum glance_list list_of(const struct poll *p)
{
	return p->unread ? GLANCE_UNREAD : GLANCE_ALL;
}

/* A quick look at what looked the same when nothing in it had to be read. */
static bool is_as_before(const struct run *r, const struct http_reply *reply)
{
	const struct poll *p = r->state;

	return !p->walking && p->offset == 0 && reply->end == HTTP_ANSWERED &&
	       reply->status == 200 &&
	       glance_is_same(r->dm->glances, r->t.subject_id, list_of(p),
			      reply->body, reply->len);
}

static void on_chats(struct avito_ask *q)
{
	struct run *r = container_of(q, struct run, ask);
	struct poll *p = r->state;
	enum chan_trouble trouble = q->trouble;
	struct err err = q->err;
	size_t n;

	if (!err.kind && is_as_before(r, &q->call.reply)) {
		p->n = p->next = 0;
		p->last_page = true;
		drain(r);
		return;
	}
	if (err.kind ||
	    !avito_chats_read(&r->a, &q->call.reply, r->avito->user_id,
			      &p->chats, &n, &trouble, &err) ||
	    !sift(r, n, &err)) {
		fail(r, trouble, &err);
		return;
	}
	p->offset += AVITO_PAGE_MAX;
	p->last_page = n < AVITO_PAGE_MAX || p->offset > AVITO_OFFSET_MAX ||
		       (!p->walking && !p->unread);
	if (p->n == 0 && p->last_page && p->offset == AVITO_PAGE_MAX)
		glance_keep(r->dm->glances, r->t.subject_id, list_of(p),
			    q->call.reply.body, q->call.reply.len);
	drain(r);
}

static void write_chats(struct avito_ask *q, const struct chan_end *end)
{
	struct run *r = container_of(q, struct run, ask);
	struct poll *p = r->state;

	avito_chats_write(&r->a, end, p->unread, AVITO_PAGE_MAX, p->offset,
			  &q->call.rq);
	q->call.rq.timeout_ms = POLL_TIMEOUT_MS;
}

/* The list has been read to its end: the next list, the next pass, or all is
 * done. */
static bool next_list(struct poll *p)
{
	if (p->unread) {
		p->unread = false;
	} else if (p->found && p->walking && ++p->passes < PASSES_MAX) {
		p->found = false;
	} else {
		return false;
	}
	p->offset = 0;
	p->last_page = false;
	return true;
}

static void drain(struct run *r)
{
	struct poll *p = r->state;

	if (p->next < p->n) {
		if (run_renew(r))
			run_ask(r, write_messages, on_messages);
	} else if (!p->last_page || next_list(p)) {
		if (run_renew(r))
			run_ask(r, write_chats, on_chats);
	} else {
		finish(r);
	}
}

/* After a start, after credentials were mended (the mark is gone then) and
 * whenever the account's turn for it has come. */
static bool wants_walk(const struct run *r, int64_t now)
{
	const struct avito_link *l = r->avito;

	return l->walked_at < r->dm->started_at ||
	       phase_next(l->id, WALK_RHYTHM, WALK_EVERY_US, l->walked_at) <=
		       now;
}

/* What has waited while nobody worked has waited with all others: each goes
 * at its turn within a short while. */
static bool waits_for_its_turn(struct run *r, int64_t now)
{
	int64_t every_us = interval_us(r);

	/* One that failed has been spread by its backoff, and keeps count. */
	if (r->t.due_at >= shift_awake_at(r->dm->shift) || r->t.attempts > 0)
		return false;
	run_again(r,
		  phase_next(r->t.subject_id, POLL_RHYTHM,
			     every_us < POLLS_SPREAD_US ? every_us
							: POLLS_SPREAD_US,
			     now),
		  NULL);
	return true;
}

static void start(struct run *r)
{
	int64_t now = clock_now_us();
	struct poll *p;

	if (waits_for_its_turn(r, now) || !run_avito(r))
		return;
	if (!r->avito->monitoring || !r->avito->user_id) {
		run_done(r);
		return;
	}
	p = arena_alloc(&r->a, sizeof(*p));
	p->baseline = r->avito->baseline_at == 0;
	p->walking = wants_walk(r, now);
	p->unread = !p->baseline;
	r->state = p;
	drain(r);
}

const struct task_type task_avito_poll = {
	.kind = "avito.poll",
	.start = start,
	.room = ROOM_POLLS,
	.room_failed = ROOM_POLLS_FAILED,
	.of_avito = true,
	.routine = true,
};
