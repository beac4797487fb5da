/*
 * avito_ask.c - a call to Avito with a good token.
 */
#include "config.h"

#include "base/clock.h"
#include "base/log.h"
#include "daemon/avito_ask.h"
#include "daemon/limits.h"
#include "daemon/place.h"

static void renew(struct avito_ask *q);

struct avito_pass avito_pass_of(const struct avito_link *l)
{
	return (struct avito_pass){
		.account_id = l->id,
		.user_id = l->user_id,
		.token_sealed = l->token_sealed,
		.generation = l->token_generation,
		.expires_at = l->token_expires_at,
	};
}

struct avito_pass avito_pass_for(const struct delivery *d)
{
	return (struct avito_pass){
		.account_id = d->source_id,
		.user_id = d->account_user_id,
		.token_sealed = d->account_token,
		.generation = d->account_token_generation,
		.expires_at = d->account_token_expires_at,
	};
}

static void finish(struct avito_ask *q)
{
	q->busy = false;
	q->done(q);
}

static void fire_finish(struct timer *t)
{
	finish(container_of(t, struct avito_ask, timer));
}

/* Also from inside avito_ask(): the asker hears of it in the next turn. */
static void finish_later(struct avito_ask *q)
{
	q->timer.fire = fire_finish;
	loop_arm(q->dm->loop, &q->timer, 0);
}

static struct place *place_of_ask(const struct avito_ask *q)
{
	return place_of(q->dm, PLACE_AVITO, q->pass.account_id);
}

static void on_reply(struct call *c)
{
	struct avito_ask *q = container_of(c, struct avito_ask, call);
	bool stale = c->reply.end == HTTP_ANSWERED &&
		     (c->reply.status == 401 || c->reply.status == 403);

	if (c->reply.end == HTTP_ANSWERED && c->reply.status == 429)
		place_told(place_of_ask(q), c->reply.retry_after_s,
			   clock_now_us());
	if (!stale) {
		finish(q);
	} else if (!q->renewed) {
		q->renewed = true;
		renew(q);
	} else {
		avito_refused_again(q->a, &c->reply, &q->trouble, &q->err);
		finish(q);
	}
}

static void send_it(struct avito_ask *q)
{
	struct chan_end end = { .api_base = q->dm->s->avito_api_base,
				.account = q->pass.user_id };

	if (q->start_by && clock_now_us() > q->start_by)
		err_set(&q->err, ERR_DOWN,
			"Ключ Avito обновлялся слишком долго; повторим.");
	else
		unseal(q->a, "avito_accounts.token", q->pass.token_sealed,
		       &end.token, &q->err);
	if (q->err.kind) {
		finish_later(q);
		return;
	}
	q->call = (struct call){ .a = q->a, .done = on_reply };
	q->write(q, &end);
	if (!q->call.rq.timeout_ms)
		q->call.rq.timeout_ms = CALL_TIMEOUT_MS;
	call_start(q->dm->loop, &q->call);
}

static bool is_good(const struct avito_pass *p, int64_t now)
{
	return *p->token_sealed && p->expires_at > now + TOKEN_MARGIN_US;
}

static bool save_token(struct avito_ask *q, const struct avito_token *t)
{
	int64_t life_us = t->expires_s * SECOND_US;
	int64_t now = clock_now_us();
	const char *sealed = seal(q->a, "avito_accounts.token", t->token);

	if (!avito_token_put(q->dm->db, q->a, q->pass.account_id,
			     q->pass.generation, sealed, now + life_us,
			     &q->err))
		return false;
	q->pass.token_sealed = sealed;
	q->pass.expires_at = now + life_us;
	q->pass.generation++;
	/* Just renewed: a refusal now is a real one. */
	q->renewed = true;
	return true;
}

static void on_token(struct call *c)
{
	struct avito_ask *q = container_of(c, struct avito_ask, call);
	struct avito_token token;
	struct err ignored = { 0 };

	if (avito_token_read(q->a, &c->reply, &token, &q->err)) {
		if (save_token(q, &token))
			send_it(q);
		else
			finish(q);
		return;
	}
	if (q->err.kind == ERR_AUTH)
		q->trouble = CHAN_TOKEN_REFUSED;
	if (q->err.kind == ERR_LIMIT)
		place_told(place_of_ask(q), q->err.retry_s, clock_now_us());
	avito_token_put(q->dm->db, q->a, q->pass.account_id, q->pass.generation,
			NULL, 0, &ignored);
	finish(q);
}

static void fire_renew(struct timer *t)
{
	renew(container_of(t, struct avito_ask, timer));
}

/* Somebody else is renewing: look again soon. */
static void wait_for_other(struct avito_ask *q)
{
	if (clock_now_us() > q->patience_at) {
		err_set(&q->err, ERR_DOWN,
			"Токен Avito обновляется слишком долго; повторим "
			"позже.");
		finish_later(q);
		return;
	}
	q->timer.fire = fire_renew;
	loop_arm(q->dm->loop, &q->timer, TOKEN_WAIT_MS);
}

static void ask_token(struct avito_ask *q, const struct avito_link *l)
{
	struct secret secret;

	if (!unseal(q->a, "avito_accounts.api_client_secret", l->secret_sealed,
		    &secret, &q->err)) {
		finish_later(q);
		return;
	}
	q->call = (struct call){ .a = q->a, .done = on_token };
	avito_token_write(q->a, q->dm->s->avito_api_base, l->api_client_id,
			  secret, &q->call.rq);
	q->call.rq.timeout_ms = CALL_TIMEOUT_MS;
	call_start(q->dm->loop, &q->call);
}

/* The database says whether somebody was faster; if not, one gets the lease
 * and asks Avito. */
static void renew(struct avito_ask *q)
{
	struct db *db = q->dm->db;
	int64_t now = clock_now_us(), known = q->pass.generation;
	struct avito_link l;
	bool won;

	if (!avito_link_find(db, q->a, q->pass.account_id, &l, &q->err)) {
		finish_later(q);
		return;
	}
	q->pass = avito_pass_of(&l);
	if (l.token_generation != known && is_good(&q->pass, now)) {
		send_it(q);
		return;
	}
	if (!avito_token_lease(db, q->a, l.id, l.token_generation, now,
			       now + TOKEN_LEASE_US, &won, &q->err))
		finish_later(q);
	else if (won)
		ask_token(q, &l);
	else
		wait_for_other(q);
}

static bool is_told_to_wait(struct avito_ask *q)
{
	int64_t now = clock_now_us();
	int64_t until = place_closed_until(place_of_ask(q), now);

	if (!until)
		return false;
	err_set(&q->err, ERR_LIMIT, "Avito просил подождать.");
	q->err.retry_s = (int)((until - now + SECOND_US - 1) / SECOND_US);
	return true;
}

void avito_ask(struct avito_ask *q)
{
	q->busy = true;
	q->renewed = false;
	q->err = (struct err){ 0 };
	q->trouble = CHAN_FINE;
	q->patience_at = clock_now_us() + TOKEN_PATIENCE_US;
	if (is_told_to_wait(q))
		finish_later(q);
	else if (is_good(&q->pass, clock_now_us()))
		send_it(q);
	else
		renew(q);
}

void avito_ask_cancel(struct avito_ask *q)
{
	if (!q->busy)
		return;
	loop_disarm(q->dm->loop, &q->timer);
	if (q->call.busy)
		call_cancel(q->dm->loop, &q->call);
	q->busy = false;
}
