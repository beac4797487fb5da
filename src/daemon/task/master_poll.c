/*
 * master_poll.c - waits for what people write to the master bot.
 *
 * One call waits up to LONG_POLL_S; then the task is due again.  Its lease
 * outlives the call, so of several daemons one polls.  What a call brought is
 * taken down in the transaction that moves past it, by compare-and-set on
 * where it began: twice brought is once taken down, whoever else polls.
 *
 * The token is read before each call and once more when it has ended: when it
 * is another one by then, what came is dropped, and the next call goes by the
 * new one.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "chan/telegram.h"
#include "core/backoff.h"
#include "core/master.h"
#include "core/master_answer.h"
#include "daemon/limits.h"
#include "daemon/tasks.h"
#include "store/notice.h"

#define OBJECT "master"

static const char *const notices[] = {
	NOTICE_MASTER_TOKEN,
	NOTICE_MASTER_TAKEN,
	NOTICE_MASTER_REFUSED,
};

struct poll {
	struct master m;
	struct master_bot was;
	bool unhooked; /* a foreign webhook was removed in this run */

	/* What came of it. */
	const char *status;
	const char *error, *notice; /* NULL: none */
	struct tg_update *updates;
	size_t n;
	int64_t asked_at, came_at;
};

static void ask_updates(struct run *r);

/* ---- endings ---- */

static bool is_still_in_force(struct run *r, bool *yes, struct err *err)
{
	struct poll *p = r->state;
	struct master m;

	if (!master_find(r->dm->db, &r->a, r->dm->s, &m, err))
		return false;
	*yes = m.token.len ? secret_equal(m.token, p->m.token)
			   : p->m.token.len == 0;
	return true;
}

static bool write_notices(struct run *r, int64_t now, struct err *err)
{
	struct poll *p = r->state;
	struct notice n = {
		.kind = p->notice,
		.object = OBJECT,
		.text = p->error,
	};

	for (size_t i = 0; i < ARRAY_LEN(notices); i++)
		if (notices[i] != p->notice &&
		    !notice_close(r->dm->db, &r->a, 0, notices[i], OBJECT, now,
				  err))
			return false;
	return !p->notice || notice_raise(r->dm->db, &r->a, &n, now, err);
}

static bool write_trouble(struct run *r, struct err *err)
{
	struct poll *p = r->state;
	bool yes;

	if (!is_still_in_force(r, &yes, err))
		return false;
	return !yes || (master_bot_record(r->dm->db, &r->a, p->was.telegram_id,
					  p->status, p->error, NULL, err) &&
			(!p->notice || write_notices(r, clock_now_us(), err)));
}

/* A person must act: looked at again in a while, and at once after a change. */
static void broken(struct run *r, const char *notice, const char *why)
{
	struct poll *p = r->state;

	p->status = "error";
	p->error = arena_str(&r->a, why);
	p->notice = notice;
	r->also = write_trouble;
	log_error("master.broken", lf_str("reason", why));
	run_again(r, clock_now_us() + RECHECK_US, NULL);
}

/* It may pass.  People wait at the door: the pause stays short. */
static void retry(struct run *r, const struct err *err)
{
	struct poll *p = r->state;
	int64_t pause_us = backoff_us(r->t.attempts);

	if (pause_us > LONG_POLL_RETRY_US)
		pause_us = LONG_POLL_RETRY_US;
	p->error = arena_str(&r->a, err->text);
	r->also = write_trouble;
	run_again(r, clock_now_us() + err->retry_s * SECOND_US + pause_us,
		  err->text);
}

static void failed(struct run *r, enum chan_trouble trouble,
		   const struct err *err)
{
	struct poll *p = r->state;

	p->status = p->was.status;
	if (trouble == CHAN_WEBHOOK_ACTIVE || trouble == CHAN_OTHER_POLLER) {
		/* The other one may be whoever has the lease by now. */
		r->leased_until = 0;
		if (!run_renew(r))
			return;
		p->status = "error";
		p->notice = NOTICE_MASTER_TAKEN;
		retry(r, err);
	} else if (err->kind == ERR_AUTH) {
		broken(r, NOTICE_MASTER_TOKEN, err->text);
	} else if (err->kind == ERR_DOWN || err->kind == ERR_LIMIT ||
		   err->kind == ERR_UNSURE) {
		retry(r, err);
	} else {
		broken(r, NOTICE_MASTER_REFUSED, err->text);
	}
}

static bool take_down(struct run *r, struct err *err)
{
	struct poll *p = r->state;
	struct db *db = r->dm->db;
	int64_t from = p->was.update_id;
	int64_t to = p->n ? p->updates[p->n - 1].update_id : from;
	bool mine;

	if (!master_bot_advance(db, &r->a, p->m.telegram_id, from, to,
				p->came_at, &mine, err))
		return false;
	for (size_t i = 0; mine && i < p->n; i++)
		if (!master_take(db, &r->a, p->m.telegram_id, &p->updates[i],
				 p->came_at, err))
			return false;
	return true;
}

static bool write_updates(struct run *r, struct err *err)
{
	struct poll *p = r->state;
	bool was_well =
		strcmp(p->was.status, "active") == 0 && !p->was.last_error;
	bool yes;

	if (!is_still_in_force(r, &yes, err))
		return false;
	if (!yes)
		return true;
	return (was_well ||
		(master_bot_record(r->dm->db, &r->a, p->m.telegram_id, "active",
				   NULL, NULL, err) &&
		 write_notices(r, p->came_at, err))) &&
	       take_down(r, err);
}

/* ---- calls ---- */

static void on_unhooked(struct call *c)
{
	struct run *r = container_of(c, struct run, call);
	enum chan_trouble trouble = CHAN_FINE;
	struct json_object *result;
	struct err err = { 0 };

	if (tg_read(&r->a, &c->reply, &result, &trouble, NULL, &err))
		ask_updates(r);
	else
		failed(r, trouble, &err);
}

/* Once: if it is there again at once, somebody puts it there. */
static void unhook(struct run *r)
{
	struct poll *p = r->state;

	p->unhooked = true;
	log_warn("master.webhook_removed");
	if (!run_renew(r))
		return;
	r->call.rq = (struct http_request){ 0 };
	tg_delete_webhook_write(&r->a, &r->end, &r->call.rq);
	run_call(r, on_unhooked);
}

/* At once, but who does not wait as asked is not asked without end. */
static int64_t next_at(const struct poll *p)
{
	bool is_new = p->n && p->updates[p->n - 1].update_id > p->was.update_id;
	bool has_waited = p->came_at - p->asked_at >= LONG_POLL_PAUSE_US;

	return p->came_at + (is_new || has_waited ? 0 : LONG_POLL_PAUSE_US);
}

static void on_updates(struct call *c)
{
	struct run *r = container_of(c, struct run, call);
	enum chan_trouble trouble = CHAN_FINE;
	struct poll *p = r->state;
	struct err err = { 0 };

	r->dm->long_poll = NULL;
	if (!tg_get_updates_read(&r->a, &c->reply, &p->updates, &p->n, &trouble,
				 &err)) {
		if (trouble == CHAN_WEBHOOK_ACTIVE && !p->unhooked)
			unhook(r);
		else
			failed(r, trouble, &err);
		return;
	}
	p->came_at = clock_now_us();
	r->also = write_updates;
	run_again(r, next_at(p), NULL);
}

static void ask_updates(struct run *r)
{
	struct poll *p = r->state;
	int64_t last = p->was.update_id;
	/* Somebody waits to see whether a new token is good. */
	bool is_new = strcmp(p->was.status, "checking") == 0;

	if (!run_renew_for(r, LONG_POLL_TIMEOUT_MS))
		return;
	r->call.rq = (struct http_request){ 0 };
	tg_get_updates_write(&r->a, &r->end, last ? last + 1 : 0,
			     is_new ? 0 : LONG_POLL_S, &r->call.rq);
	r->dm->long_poll = r;
	p->asked_at = clock_now_us();
	run_call_for(r, LONG_POLL_TIMEOUT_MS, on_updates);
}

static void on_me(struct call *c)
{
	struct run *r = container_of(c, struct run, call);
	enum chan_trouble trouble = CHAN_FINE;
	struct poll *p = r->state;
	struct err err = { 0 };
	struct tg_me me;

	if (!tg_get_me_read(&r->a, &c->reply, &me, &trouble, &err)) {
		failed(r, trouble, &err);
	} else if (!master_bot_record(r->dm->db, &r->a, p->m.telegram_id,
				      p->was.status, p->was.last_error,
				      me.username, &err)) {
		run_error(r, &err);
	} else {
		log_info("master.known", lf_str("name", me.username));
		ask_updates(r);
	}
}

/* ---- beginning ---- */

/* There is no token: nothing to do until there is one. */
static bool write_off(struct run *r, struct err *err)
{
	struct poll *p = r->state;

	return write_notices(r, clock_now_us(), err) &&
	       (p->was.telegram_id == 0 ||
		master_bot_begin(r->dm->db, &r->a, 0, err));
}

/* False: the run has ended. */
static bool is_usable(struct run *r)
{
	struct poll *p = r->state;
	struct err err = { 0 };
	bool clients;

	if (p->m.closed) {
		broken(r, NOTICE_MASTER_REFUSED, p->m.closed);
		return false;
	}
	if (!p->m.telegram_id) {
		run_done_with(r, write_off);
		return false;
	}
	if (!master_bot_is_clients(r->dm->db, &r->a, p->m.telegram_id, &clients,
				   &err)) {
		run_error(r, &err);
		return false;
	}
	if (clients)
		broken(r, NOTICE_MASTER_REFUSED,
		       "Этот бот работает в группе клиента: для входа нужен "
		       "отдельный бот. Укажите его токен.");
	return !clients;
}

/* After a start and after trouble Telegram is asked who the bot is. */
static bool is_known(const struct run *r)
{
	const struct poll *p = r->state;

	return strcmp(p->was.status, "active") == 0 && *p->was.username &&
	       p->was.polled_at >= r->dm->started_at;
}

static bool look(struct run *r, struct err *err)
{
	struct poll *p = r->state;
	struct db *db = r->dm->db;

	if (!master_find(db, &r->a, r->dm->s, &p->m, err) ||
	    !master_bot_find(db, &r->a, &p->was, err))
		return false;
	if (!p->m.telegram_id || p->m.telegram_id == p->was.telegram_id)
		return true;
	return master_bot_begin(db, &r->a, p->m.telegram_id, err) &&
	       master_bot_find(db, &r->a, &p->was, err);
}

static void start(struct run *r)
{
	struct daemon *dm = r->dm;
	struct poll *p = arena_alloc(&r->a, sizeof(*p));
	struct err err = { 0 };

	r->state = p;
	if (!look(r, &err)) {
		run_error(r, &err);
		return;
	}
	if (!is_usable(r))
		return;
	r->end = (struct chan_end){
		.api_base = dm->s->telegram_api_base,
		.token = p->m.token,
	};
	if (is_known(r)) {
		ask_updates(r);
	} else {
		tg_get_me_write(&r->a, &r->end, &r->call.rq);
		run_call(r, on_me);
	}
}

const struct task_type task_master_poll = {
	.kind = "master.poll",
	.start = start,
	.room = 1,
	.routine = true,
};
