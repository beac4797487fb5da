/*
 * avito_check.c - the credentials of an Avito account, whose they are, whether
 * they open its messenger, and its webhook.
 *
 * Everybody may ask who they are; the messenger needs a paid plan, so its
 * chats are asked for as well: else what was refused there would be found
 * mended here.  Avito keeps a list of subscriptions, and the last subscriber
 * may push the others out: it is looked at daily and after each change.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mask.h"
#include "base/url.h"
#include "core/broken.h"
#include "daemon/limits.h"
#include "daemon/tasks.h"
#include "store/notice.h"

struct check {
	struct avito_self self; /* user_id 0: not told */
	const char *url;        /* our webhook */
};

static struct broken broken_of(const struct run *r)
{
	return (struct broken){ .client_id = r->avito->client_id,
				.account_id = r->avito->id };
}

/* b->why NULL: nothing is wrong. */
static bool write_finding(struct run *r, const struct broken *b,
			  struct err *err)
{
	struct check *k = r->state;
	struct db *db = r->dm->db;
	int64_t now = clock_now_us();
	struct avito_finding f = {
		.status = b->why ? "error" : "active",
		.error = b->why,
		.user_id = k->self.user_id,
		.name = k->self.name,
		.profile_url = k->self.profile_url,
	};
	struct task poll = {
		.client_id = r->avito->client_id,
		.kind = "avito.poll",
		.subject_id = r->avito->id,
		.due_at = now,
	};
	struct task silence = {
		.client_id = r->avito->client_id,
		.kind = "avito.silence",
		.subject_id = r->avito->id,
		.due_at = now + SILENCE_US,
	};

	if (!avito_record(db, &r->a, r->avito->id, &f, now, err))
		return false;
	if (b->why)
		return broken_notice(db, &r->a, b, now, err);
	return broken_mended(db, &r->a, b, now, err) &&
	       task_add(db, &r->a, &silence, err) &&
	       (!r->avito->monitoring || task_add(db, &r->a, &poll, err));
}

static bool save_finding(struct run *r, const struct broken *b, struct err *err)
{
	bool ok = db_begin(r->dm->db, err) && write_finding(r, b, err);

	return db_finish(r->dm->db, ok, err);
}

static void taken_elsewhere(struct run *r);

static void broken(struct run *r, enum chan_trouble trouble, const char *why)
{
	struct check *k = r->state;
	struct broken b = broken_of(r);
	struct err err = { 0 };

	b.trouble = trouble;
	b.why = why;
	if (save_finding(r, &b, &err)) {
		log_error("avito.broken", lf_int("account", r->avito->id),
			  lf_str("reason", why));
		run_again(r, clock_now_us() + RECHECK_US, NULL);
	} else if (err.kind == ERR_CONFLICT && k->self.user_id) {
		taken_elsewhere(r);
	} else {
		run_error(r, &err);
	}
}

static void taken_elsewhere(struct run *r)
{
	struct check *k = r->state;

	k->self = (struct avito_self){ 0 };
	broken(r, CHAN_OTHER_ACCOUNT,
	       "Этот аккаунт Avito уже подключён к Tuberry: удалите лишнюю "
	       "запись или обратитесь к администратору.");
}

static void unanswered(struct run *r, enum chan_trouble trouble,
		       const struct err *err)
{
	if (err->kind == ERR_DOWN || err->kind == ERR_LIMIT ||
	    err->kind == ERR_UNSURE)
		run_error(r, err);
	else
		broken(r, err->kind == ERR_AUTH ? CHAN_TOKEN_REFUSED : trouble,
		       arena_str(&r->a, err->text));
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
	enum chan_trouble trouble = q->trouble;
	struct err err = q->err;

	if (err.kind || !avito_done_read(&r->a, &q->call.reply, &trouble, &err))
		unanswered(r, trouble, &err);
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

/* `foreign`: somebody else's subscription, or NULL. */
static bool notice_foreign(struct run *r, const char *foreign, struct err *err)
{
	struct broken b = broken_of(r);
	int64_t now = clock_now_us();
	struct notice n = {
		.client_id = b.client_id,
		.kind = NOTICE_AVITO_WEBHOOK,
		.object = broken_object(&r->a, &b),
	};
	struct origin o;

	if (!foreign || !r->avito->webhook)
		return notice_close(r->dm->db, &r->a, n.client_id, n.kind,
				    n.object, now, err);
	if (!origin_read(&r->a, foreign, &o))
		o.host = "адрес не читается";
	n.text = arena_printf(
		&r->a,
		"На сообщения аккаунта подписан ещё один сервис (%s). Avito "
		"может отдавать их только тому, кто подписался последним: "
		"если он не нужен, отключите его.",
		o.host);
	log_info("avito.foreign_webhook", lf_int("account", r->avito->id),
		 lf_str("url", url_masked(&r->a, foreign)));
	return notice_raise(r->dm->db, &r->a, &n, now, err);
}

static void on_list(struct avito_ask *q)
{
	struct run *r = container_of(q, struct run, ask);
	struct check *k = r->state;
	enum chan_trouble trouble = q->trouble;
	const char **urls, *foreign = NULL;
	struct err err = q->err;
	bool ours = false;
	size_t n;

	if (err.kind || !avito_subscriptions_read(&r->a, &q->call.reply, &urls,
						  &n, &trouble, &err)) {
		unanswered(r, trouble, &err);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (strcmp(urls[i], k->url) == 0)
			ours = true;
		else
			foreign = urls[i];
	}
	if (!notice_foreign(r, foreign, &err))
		run_error(r, &err);
	else if (ours == r->avito->webhook)
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

static void works(struct run *r)
{
	struct broken b = broken_of(r);
	struct err err = { 0 };

	if (save_finding(r, &b, &err)) {
		daemon_look(r->dm);
		check_webhook(r);
	} else if (err.kind == ERR_CONFLICT) {
		taken_elsewhere(r);
	} else {
		run_error(r, &err);
	}
}

static void on_chats(struct avito_ask *q)
{
	struct run *r = container_of(q, struct run, ask);
	enum chan_trouble trouble = q->trouble;
	struct avito_chat *chats;
	struct err err = q->err;
	size_t n;

	if (err.kind ||
	    !avito_chats_read(&r->a, &q->call.reply, q->pass.user_id, &chats,
			      &n, &trouble, &err))
		unanswered(r, trouble, &err);
	else
		works(r);
}

static void write_chats(struct avito_ask *q, const struct chan_end *end)
{
	struct run *r = container_of(q, struct run, ask);

	avito_chats_write(&r->a, end, true, 1, 0, &q->call.rq);
}

static void on_self(struct avito_ask *q)
{
	struct run *r = container_of(q, struct run, ask);
	struct check *k = r->state;
	enum chan_trouble trouble = q->trouble;
	struct err err = q->err;
	int64_t known = r->avito->user_id;

	if (err.kind ||
	    !avito_self_read(&r->a, &q->call.reply, &k->self, &trouble, &err)) {
		k->self = (struct avito_self){ 0 };
		unanswered(r, trouble, &err);
	} else if (known && known != k->self.user_id) {
		k->self = (struct avito_self){ 0 };
		broken(r, CHAN_OTHER_ACCOUNT,
		       "Эти ключи от другого аккаунта Avito. Верните прежние "
		       "или добавьте новый аккаунт.");
	} else {
		r->ask.pass.user_id = k->self.user_id;
		run_ask(r, write_chats, on_chats);
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
	.of_avito = true,
};
