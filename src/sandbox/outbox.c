/*
 * outbox.c - webhooks on their way out.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "sandbox/journal.h"
#include "sandbox/map.h"
#include "sandbox/outbox.h"
#include "sandbox/settings.h"
#include "sandbox/world.h"

/* A method call in a webhook's answer is never larger. */
#define ANSWER_MAX 65536

struct outbox_queue {
	const char *key; /* the map's arena keeps it */
	struct outbox_group *group;
	bool newest_first;
	bool is_blocked; /* in the group's list */
	struct outbox_post *first, **end;
	struct outbox_post *current;
	struct timer timer;
	struct outbox_queue *next_blocked;
};

/* One request; kept for the next when it is over. */
struct slot {
	struct transfer transfer;
	struct outbox_queue *queue;
	struct curl_slist *headers;
	struct arena a;
	struct buf answer;
	int64_t at_us;
	char why[CURL_ERROR_SIZE];
	struct slot *next_free, *next_busy, *prev_busy;
};

static struct {
	struct map queues;
	struct arena keys;
	struct slot *free, *busy;
	int64_t waiting, in_flight;
} outbox;

static void drain(struct outbox_queue *q);

struct outbox_post *outbox_new(void)
{
	return mem_new(sizeof(struct outbox_post));
}

void outbox_header(struct outbox_post *p, const char *name, const char *value)
{
	struct header *h = arena_alloc(&p->a, sizeof(*h));

	h->name = name;
	h->value = value;
	h->next = p->headers;
	p->headers = h;
}

static void post_free(struct outbox_post *p)
{
	if (p->gone)
		p->gone(p);
	arena_release(&p->a);
	free(p);
}

static struct slot *slot_take(void)
{
	struct slot *s = outbox.free;

	if (s) {
		outbox.free = s->next_free;
	} else {
		s = mem_new(sizeof(*s));
		s->transfer.easy = curl_easy_init();
		if (!s->transfer.easy)
			die("out of memory");
	}
	s->next_busy = outbox.busy;
	s->prev_busy = NULL;
	if (outbox.busy)
		outbox.busy->prev_busy = s;
	outbox.busy = s;
	return s;
}

static void slot_give(struct slot *s)
{
	if (s->prev_busy)
		s->prev_busy->next_busy = s->next_busy;
	else
		outbox.busy = s->next_busy;
	if (s->next_busy)
		s->next_busy->prev_busy = s->prev_busy;
	curl_slist_free_all(s->headers);
	s->headers = NULL;
	arena_reset(&s->a);
	curl_easy_reset(s->transfer.easy);
	s->next_free = outbox.free;
	outbox.free = s;
}

static size_t on_answer(char *data, size_t size, size_t n, void *arg)
{
	buf_add(arg, data, size * n);
	return size * n;
}

/* FROM=TO of the setting, applied; else the URL itself. */
static const char *route(struct arena *a, const char *url)
{
	const char *eq = strchr(set.webhook_route, '=');
	size_t len = eq ? (size_t)(eq - set.webhook_route) : 0;

	if (!len || strncmp(url, set.webhook_route, len) != 0)
		return url;
	return arena_printf(a, "%s%s", eq + 1, url + len);
}

/* The sandbox never talks to another machine. */
static bool is_near(const char *url)
{
	CURLU *u = curl_url();
	char *host = NULL;
	bool near =
		u && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
		curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
		(strncmp(host, "127.", 4) == 0 ||
		 strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0);

	curl_free(host);
	curl_url_cleanup(u);
	return near;
}

static void write_journal(const struct outbox_post *p, const char *queue,
			  int64_t at_us, const struct outbox_result *r)
{
	struct json_object *o = json_object_new_object();
	struct json_object *body = json_tokener_parse(p->body);

	json_put_i64(o, "at_us", at_us);
	json_put_i64(o, "took_us", clock_now_us() - at_us);
	json_put_str(o, "service", p->service);
	json_put_str(o, "account", p->account);
	json_put_str(o, "queue", queue);
	json_put_i64(o, "attempt", p->attempt);
	json_put_str(o, "url", p->url);
	json_put(o, "body", body ? body : json_object_new_string(p->body));
	json_put_i64(o, "status", r->status);
	json_put_str(o, "outcome",
		     !r->status                             ? "failed"
		     : r->status >= 200 && r->status <= 299 ? "ok"
							    : "refused");
	json_put_str(o, "error", *r->error ? r->error : NULL);
	journal_add(&deliveries, o);
}

static void wake_blocked(struct outbox_group *g)
{
	struct outbox_queue *q = g->blocked;

	if (!q)
		return;
	g->blocked = q->next_blocked;
	q->next_blocked = NULL;
	q->is_blocked = false;
	drain(q);
}

static void on_timer(struct timer *t)
{
	drain(container_of(t, struct outbox_queue, timer));
}

/* The attempt is over: done with the post, or it stays in front. */
static void settle(struct outbox_queue *q, int64_t at_us,
		   const struct outbox_result *r)
{
	struct outbox_post *p = q->current;
	struct outbox_group *g = q->group;
	int64_t again_ms;

	write_journal(p, q->key, at_us, r);
	again_ms = p->done(p, r);
	q->current = NULL;
	g->in_flight--;
	outbox.in_flight--;
	world_touch();
	if (again_ms == OUTBOX_DONE) {
		post_free(p);
	} else {
		p->next = q->first;
		q->first = p;
		if (!p->next)
			q->end = &p->next;
		outbox.waiting++;
		timer_start(&q->timer, again_ms, on_timer);
	}
	wake_blocked(g);
	drain(q);
}

static void on_done(struct transfer *t, CURLcode code)
{
	struct slot *s = container_of(t, struct slot, transfer);
	struct outbox_result r = { .error = "" };
	curl_off_t after = 0;
	long status = 0;

	if (code == CURLE_OK) {
		curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
		curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &after);
	} else {
		r.error = *s->why ? s->why : curl_easy_strerror(code);
	}
	r.status = (int)status;
	r.retry_after_s = after;
	r.body = s->answer.s ? s->answer.s : "";
	r.len = s->answer.len;
	settle(s->queue, s->at_us, &r);
	slot_give(s);
}

static void set_headers(struct slot *s, const struct outbox_post *p)
{
	struct curl_slist *list =
		curl_slist_append(NULL, "Content-Type: application/json");

	list = curl_slist_append(list, "Expect:");
	for (struct header *h = p->headers; h; h = h->next)
		list = curl_slist_append(
			list, arena_printf(&s->a, "%s: %s", h->name, h->value));
	s->headers = list;
	curl_easy_setopt(s->transfer.easy, CURLOPT_HTTPHEADER, list);
}

static void send_post(struct outbox_queue *q, struct outbox_post *p)
{
	struct slot *s = slot_take();
	CURL *easy = s->transfer.easy;

	s->queue = q;
	s->at_us = clock_now_us();
	s->why[0] = '\0';
	buf_init(&s->answer, &s->a, ANSWER_MAX);
	curl_easy_setopt(easy, CURLOPT_URL, route(&s->a, p->url));
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, p->body);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)p->len);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)p->timeout_ms);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, s->why);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_answer);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, &s->answer);
	if (p->gzip)
		curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING,
				 "gzip, deflate");
	set_headers(s, p);
	s->transfer.done = on_done;
	transfer_start(&s->transfer);
}

static struct outbox_post *pick(struct outbox_queue *q)
{
	struct outbox_post **at = &q->first, *p;

	while (q->newest_first && (*at)->next)
		at = &(*at)->next;
	p = *at;
	*at = p->next;
	if (!p->next)
		q->end = at;
	p->next = NULL;
	outbox.waiting--;
	return p;
}

static void block(struct outbox_queue *q)
{
	struct outbox_group *g = q->group;

	if (!g->blocked)
		g->blocked_end = &g->blocked;
	*g->blocked_end = q;
	g->blocked_end = &q->next_blocked;
	q->is_blocked = true;
}

/* Later, as everything that libcurl says comes later. */
static void on_refused(struct timer *t)
{
	const struct outbox_result r = {
		.error = "not a loopback address; see webhook_route",
		.body = "",
	};

	settle(container_of(t, struct outbox_queue, timer), clock_now_us(), &r);
}

static void start(struct outbox_queue *q, struct outbox_post *p)
{
	p->attempt++;
	q->current = p;
	q->group->in_flight++;
	outbox.in_flight++;
	if (is_near(route(&p->a, p->url)))
		send_post(q, p);
	else
		timer_start(&q->timer, 0, on_refused);
}

/* Starts what can start.  Every event of a queue ends here; an empty queue
 * ends itself. */
static void drain(struct outbox_queue *q)
{
	while (!q->current && !q->timer.slot && !q->is_blocked && q->first) {
		struct outbox_post *p;
		int width = q->group->width > 0 ? q->group->width : 1;

		if (q->group->in_flight >= width) {
			block(q);
			return;
		}
		p = pick(q);
		p->headers = NULL;
		if (p->prepare(p)) {
			start(q, p);
			return;
		}
		post_free(p);
	}
	if (!q->current && !q->timer.slot && !q->is_blocked && !q->first) {
		map_remove(&outbox.queues, q->key);
		free(q);
	}
}

void outbox_add(struct outbox_group *g, const char *queue, bool newest_first,
		int64_t delay_ms, struct outbox_post *p)
{
	struct outbox_queue *q = map_find(&outbox.queues, queue);

	if (!q) {
		q = mem_new(sizeof(*q));
		q->group = g;
		q->end = &q->first;
		q->key = arena_str(&outbox.keys, queue);
		map_put(&outbox.queues, &outbox.keys, queue, q);
	}
	q->newest_first = newest_first;
	p->queue = q;
	*q->end = p;
	q->end = &p->next;
	outbox.waiting++;
	if (delay_ms > 0 && !q->timer.slot)
		timer_start(&q->timer, delay_ms, on_timer);
	drain(q);
}

static int64_t done_anyway(struct outbox_post *p UNUSED,
			   const struct outbox_result *r UNUSED)
{
	return OUTBOX_DONE;
}

static void drop_posts(struct outbox_queue *q)
{
	while (q->first) {
		struct outbox_post *p = q->first;

		q->first = p->next;
		outbox.waiting--;
		post_free(p);
	}
	q->end = &q->first;
}

/* drain() may free the queue, and the map must not change under the loop. */
static void each_queue(const struct outbox_group *g,
		       void (*act)(struct outbox_queue *q))
{
	struct arena a = { 0 };
	struct list found = { 0 };

	for (struct lh_entry *e = map_first(&outbox.queues); e; e = e->next) {
		struct outbox_queue *q = map_value(e);

		if (q->group == g)
			list_add(&found, &a, q);
	}
	for (size_t i = 0; i < found.n; i++)
		act(found.at[i]);
	arena_release(&a);
}

static void forget_queue(struct outbox_queue *q)
{
	drop_posts(q);
	if (q->current)
		q->current->done = done_anyway;
	else
		timer_stop(&q->timer);
	drain(q);
}

void outbox_forget(struct outbox_group *g)
{
	each_queue(g, forget_queue);
}

static void wake_queue(struct outbox_queue *q)
{
	if (!q->current)
		timer_stop(&q->timer);
	drain(q);
}

void outbox_wake(struct outbox_group *g)
{
	each_queue(g, wake_queue);
}

int64_t outbox_waiting(void)
{
	return outbox.waiting;
}

int64_t outbox_in_flight(void)
{
	return outbox.in_flight;
}

int64_t outbox_group_count(const struct outbox_group *g)
{
	int64_t n = 0;

	for (struct lh_entry *e = map_first(&outbox.queues); e; e = e->next) {
		const struct outbox_queue *q = map_value(e);

		if (q->group != g)
			continue;
		n += q->current != NULL;
		for (const struct outbox_post *p = q->first; p; p = p->next)
			n++;
	}
	return n;
}

void outbox_reset(void)
{
	while (outbox.busy) {
		transfer_stop(&outbox.busy->transfer);
		slot_give(outbox.busy);
	}
	for (struct lh_entry *e = map_first(&outbox.queues); e; e = e->next) {
		struct outbox_queue *q = map_value(e);

		timer_stop(&q->timer);
		if (q->current) {
			q->current->gone = NULL;
			post_free(q->current);
		}
		for (struct outbox_post *p = q->first; p; p = p->next)
			p->gone = NULL;
		drop_posts(q);
		free(q);
	}
	map_release(&outbox.queues);
	arena_release(&outbox.keys);
	outbox.waiting = 0;
	outbox.in_flight = 0;
}

void outbox_release(void)
{
	outbox_reset();
	while (outbox.free) {
		struct slot *s = outbox.free;

		outbox.free = s->next_free;
		curl_easy_cleanup(s->transfer.easy);
		arena_release(&s->a);
		free(s);
	}
}
