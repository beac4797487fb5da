/*
 * avito_check.c - the credentials of an Avito account, whose they are, and
 * its webhook.
 *
 * Avito keeps a list of subscriptions, and the last subscriber may push the
 * others out: it is looked at daily and after each change.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/limits.h"
#include "daemon/tasks.h"
#include "store/delivery.h"

struct check {
	struct avito_self self;
	const char *url; /* our webhook */
};

static void broken(struct run *r, const char *reason)
{
	struct avito_finding f = { .status = "error", .error = reason };
	struct err err = { 0 };

	if (!avito_record(r->dm->db, &r->a, r->t.subject_id, &f, clock_now_us(),
			  &err)) {
		run_error(r, &err);
		return;
	}
	log_error("avito.broken", lf_int("account", r->t.subject_id),
		  lf_str("reason", reason));
	run_again(r, clock_now_us() + RECHECK_US, NULL);
}

static void unanswered(struct run *r, const struct err *err)
{
	if (err->kind == ERR_DOWN || err->kind == ERR_LIMIT ||
	    err->kind == ERR_UNSURE)
		run_error(r, err);
	else
		broken(r, arena_str(&r->a, err->text));
}

/* ---- the webhook ---- */

static void subscribed(struct run *r, const char *secret_hash)
{
	struct err err = { 0 };

	if (!avito_subscribed(r->dm->db, &r->a, r->t.subject_id, secret_hash,
			      clock_now_us(), &err))
		run_error(r, &err);
	else
		run_again(r, clock_now_us() + DAILY_US, NULL);
}

static void on_change(struct avito_ask *q)
{
	struct run *r = container_of(q, struct run, ask);
	enum chan_trouble trouble;
	struct err err = q->err;

	if (err.kind || !avito_done_read(&r->a, &q->call.reply, &trouble, &err))
		unanswered(r, &err);
	else
		subscribed(r, r->avito->webhook ? r->avito->webhook_secret_hash
						: NULL);
}

static void write_subscribe(struct avito_ask *q, const struct chan_end *end)
{
	struct run *r = container_of(q, struct run, ask);
	struct check *k = r->state;

	avito_subscribe_write(&r->a, end, k->url, &q->call.rq);
}

static void write_unsubscribe(struct avito_ask *q, const struct chan_end *end)
{
	struct run *r = container_of(q, struct run, ask);
	struct check *k = r->state;

	avito_unsubscribe_write(&r->a, end, k->url, &q->call.rq);
}

static void on_list(struct avito_ask *q)
{
	struct run *r = container_of(q, struct run, ask);
	struct check *k = r->state;
	enum chan_trouble trouble;
	struct err err = q->err;
	const char **urls;
	bool ours = false;
	size_t n;

	if (err.kind || !avito_subscriptions_read(&r->a, &q->call.reply, &urls,
						  &n, &trouble, &err)) {
		unanswered(r, &err);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (strcmp(urls[i], k->url) == 0)
			ours = true;
		else
			log_info("avito.foreign_webhook",
				 lf_int("account", r->t.subject_id),
				 lf_str("url", url_masked(&r->a, urls[i])));
	}
	if (ours == r->avito->webhook)
		subscribed(r, ours ? r->avito->webhook_secret_hash : NULL);
	else
		run_ask(r, ours ? write_unsubscribe : write_subscribe,
			on_change);
}

static void write_list(struct avito_ask *q, const struct chan_end *end)
{
	struct run *r = container_of(q, struct run, ask);

	avito_subscriptions_write(&r->a, end, &q->call.rq);
}

static void check_webhook(struct run *r)
{
	struct check *k = r->state;
	struct err err = { 0 };
	struct secret secret;

	/* Never asked for and not wanted: no call. */
	if (!r->avito->webhook && !r->avito->subscribed_at) {
		run_again(r, clock_now_us() + DAILY_US, NULL);
		return;
	}
	if (!unseal(&r->a, "avito_accounts.webhook_secret",
		    r->avito->webhook_secret_sealed, &secret, &err)) {
		run_error(r, &err);
		return;
	}
	k->url = arena_printf(&r->a, "%s/api/webhooks/avito/%" PRId64 "/%s",
			      r->dm->s->webhook_base_url, r->avito->id,
			      secret.bytes);
	run_ask(r, write_list, on_list);
}

/* ---- whose credentials ---- */

static bool write_self(struct run *r, struct err *err)
{
	struct check *k = r->state;
	struct db *db = r->dm->db;
	int64_t now = clock_now_us(), id = r->t.subject_id;
	struct avito_finding f = {
		.status = "active",
		.user_id = k->self.user_id,
		.name = k->self.name,
		.profile_url = k->self.profile_url,
	};
	struct task poll = {
		.client_id = r->avito->client_id,
		.kind = "avito.poll",
		.subject_id = id,
		.due_at = now,
	};

	return avito_record(db, &r->a, id, &f, now, err) &&
	       lanes_wake(db, &r->a, arena_printf(&r->a, "avito:%" PRId64, id),
			  now, err) &&
	       (!r->avito->monitoring || task_add(db, &r->a, &poll, err));
}

static void on_self(struct avito_ask *q)
{
	struct run *r = container_of(q, struct run, ask);
	struct check *k = r->state;
	enum chan_trouble trouble;
	struct err err = q->err;
	bool ok;

	if (err.kind ||
	    !avito_self_read(&r->a, &q->call.reply, &k->self, &trouble, &err)) {
		unanswered(r, &err);
		return;
	}
	if (r->avito->user_id && r->avito->user_id != k->self.user_id) {
		broken(r, "Эти ключи от другого аккаунта Avito. Верните "
			  "прежние или добавьте новый аккаунт.");
		return;
	}
	ok = db_begin(r->dm->db, &err) && write_self(r, &err);
	if (db_finish(r->dm->db, ok, &err)) {
		r->ask.pass.user_id = k->self.user_id;
		check_webhook(r);
	} else if (err.kind == ERR_CONFLICT) {
		broken(r, "Этот аккаунт Avito уже подключён к Tuberry: удалите "
			  "лишнюю запись или обратитесь к администратору.");
	} else {
		run_error(r, &err);
	}
}

static void write_self_request(struct avito_ask *q, const struct chan_end *end)
{
	struct run *r = container_of(q, struct run, ask);

	avito_self_write(&r->a, end, &q->call.rq);
}

static void start(struct run *r)
{
	if (!run_avito(r))
		return;
	r->state = arena_alloc(&r->a, sizeof(struct check));
	run_ask(r, write_self_request, on_self);
}

const struct task_type task_avito_check = {
	.kind = "avito.check",
	.start = start,
};
