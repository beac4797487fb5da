/*
 * avito_hook.c - webhooks of the Avito stand-in.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sandbox/avito_state.h"
#include "sandbox/settings.h"

/* So many of an account's webhooks are on their way at once. */
#define WIDTH 40

struct hook {
	struct av_account *account;
	struct av_sub *sub;        /* NULL: a raw post, tried once */
	struct json_object *value; /* NULL: the body is set already */
	const char *envelope;
	struct req *waiter;
	void (*on_over)(struct req *rq);
};

static const char *rfc3339(struct arena *a, int64_t at_s)
{
	time_t t = (time_t)at_s;
	struct tm tm;

	gmtime_r(&t, &tm);
	return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02dZ",
			    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
			    tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static const char *new_envelope(struct arena *a)
{
	return arena_printf(a, "%s-%s-4%s-8%s-%s", world_hex(a, 8),
			    world_hex(a, 4), world_hex(a, 3), world_hex(a, 3),
			    world_hex(a, 12));
}

static struct json_object *value_json(const struct av_message *m)
{
	const struct av_chat *c = m->chat;
	struct json_object *v = json_object_new_object();
	struct arena a = { 0 };

	json_put_str(v, "id", m->id);
	json_put_str(v, "chat_id", c->id);
	json_put_str(v, "chat_type", c->type);
	json_put_i64(v, "user_id", c->account->user_id);
	json_put_i64(v, "author_id", m->author_id);
	json_put_i64(v, "created", m->created);
	json_put_str(v, "published_at", rfc3339(&a, m->created));
	json_put_str(v, "type", m->type);
	json_put(v, "content", json_object_get(m->content));
	if (c->item)
		json_put_i64(v, "item_id", c->item->id);
	json_put(v, "read",
		 m->read_at ? json_object_new_int64(m->read_at) : NULL);
	arena_release(&a);
	return v;
}

static void build_body(struct outbox_post *p, struct hook *h)
{
	struct json_object *o = json_new(&p->a);
	struct json_object *payload = json_object_new_object();

	if (!h->envelope || !set.avito_webhook_same_envelope)
		h->envelope = new_envelope(&p->a);
	json_put_str(o, "id", h->envelope);
	json_put_str(o, "version", "v3.0.0");
	json_put_i64(o, "timestamp", now_s());
	json_put_str(payload, "type", "message");
	json_put(payload, "value", json_object_get(h->value));
	json_put(o, "payload", payload);
	p->body = json_text(o);
	p->len = strlen(p->body);
}

static void over(struct hook *h)
{
	struct req *rq = h->waiter;

	h->waiter = NULL;
	if (!rq)
		return;
	rq->waits = NULL;
	rq->gone = NULL;
	h->on_over(rq);
}

static bool prepare(struct outbox_post *p)
{
	struct hook *h = p->owner;

	if (h->sub && h->sub->ended)
		return false;
	if (h->value)
		build_body(p, h);
	p->timeout_ms = set.avito_webhook_timeout_ms;
	if (set.avito_webhook_signature)
		outbox_header(p, "x-avito-messenger-signature",
			      world_hex(&p->a, 64));
	return true;
}

static int64_t done(struct outbox_post *p, const struct outbox_result *r)
{
	struct hook *h = p->owner;

	over(h);
	if (!h->sub)
		return OUTBOX_DONE;
	if (r->status == 200) {
		h->sub->failed = 0;
		return OUTBOX_DONE;
	}
	if (p->attempt < set.avito_webhook_attempts)
		return set.avito_webhook_spacing_ms;
	h->sub->failed++;
	if (set.avito_webhook_disable_after &&
	    h->sub->failed >= set.avito_webhook_disable_after)
		av_unsubscribe(h->account, h->sub->url);
	return OUTBOX_DONE;
}

static void put_json(void *o)
{
	json_object_put(o);
}

static void gone(struct outbox_post *p)
{
	over(p->owner);
}

static struct outbox_post *post_new(struct av_account *acc, const char *url)
{
	struct outbox_post *p = outbox_new();
	struct hook *h = arena_alloc(&p->a, sizeof(*h));

	h->account = acc;
	acc->hooks.width = WIDTH;
	p->owner = h;
	p->service = "avito";
	p->account = arena_printf(&p->a, "%" PRId64, acc->user_id);
	p->prepare = prepare;
	p->done = done;
	p->gone = gone;
	p->url = arena_str(&p->a, url);
	return p;
}

static void add(struct outbox_post *p, const char *chat, int64_t delay_ms)
{
	struct hook *h = p->owner;
	const char *order = set.avito_webhook_order;
	bool reverse = strcmp(order, "newest_first") == 0;
	const char *queue;

	if (reverse)
		queue = arena_printf(&p->a, "%s", p->account);
	else if (strcmp(order, "chat") == 0)
		queue = arena_printf(&p->a, "%s/%s", p->account, chat);
	else
		queue = arena_printf(&p->a, "%s/%s/%" PRId64, p->account, chat,
				     ++av.next_post);
	outbox_add(&h->account->hooks, queue, reverse, delay_ms, p);
}

static void forget_waiter(struct req *rq)
{
	struct hook *h = rq->waits;

	h->waiter = NULL;
}

void av_hook_send(struct av_message *m, int64_t delay_ms, struct req *waiter,
		  void (*on_over)(struct req *rq))
{
	struct av_account *acc = m->chat->account;
	int64_t copies = set.avito_webhook_copies;

	if (waiter && (!acc->subs.n || !copies)) {
		on_over(waiter);
		return;
	}
	for (size_t i = 0; i < acc->subs.n; i++) {
		for (int64_t k = 0; k < copies; k++) {
			struct av_sub *sub = acc->subs.at[i];
			struct outbox_post *p = post_new(acc, sub->url);
			struct hook *h = p->owner;

			h->sub = sub;
			h->value = value_json(m);
			arena_defer(&p->a, put_json, h->value);
			if (!m->envelope)
				m->envelope = new_envelope(&world.a);
			h->envelope = m->envelope;
			if (waiter) {
				h->waiter = waiter;
				h->on_over = on_over;
				waiter->waits = h;
				waiter->gone = forget_waiter;
				waiter = NULL;
			}
			add(p, m->chat->id,
			    delay_ms + set.avito_webhook_delay_ms);
		}
	}
}

void av_hook_raw(struct av_account *acc, const char *url, const char *body)
{
	struct outbox_post *p = post_new(acc, url);

	p->body = arena_str(&p->a, body);
	p->len = strlen(p->body);
	add(p, "raw", 0);
}

bool av_unsubscribe(struct av_account *acc, const char *url)
{
	for (size_t i = 0; i < acc->subs.n; i++) {
		struct av_sub *sub = acc->subs.at[i];

		if (strcmp(sub->url, url) != 0)
			continue;
		sub->ended = true;
		list_remove(&acc->subs, sub);
		world_touch();
		return true;
	}
	return false;
}

void av_subscribe(struct av_account *acc, const char *url)
{
	struct av_sub *sub;

	for (size_t i = 0; i < acc->subs.n; i++) {
		sub = acc->subs.at[i];
		if (strcmp(sub->url, url) == 0)
			return;
	}
	while (!set.avito_many_subscriptions && acc->subs.n > 0) {
		sub = acc->subs.at[0];
		av_unsubscribe(acc, sub->url);
	}
	sub = arena_alloc(&world.a, sizeof(*sub));
	sub->url = arena_str(&world.a, url);
	list_add(&acc->subs, &world.a, sub);
	world_touch();
	if (set.avito_webhook_test_call)
		av_hook_raw(acc, url, "{}");
}
