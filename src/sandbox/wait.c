/*
 * wait.c - GET /control/wait: tests ask for a condition instead of sleeping.
 *
 * The state is looked at once per turn of the loop in which it changed.
 * Journals may be long, so each waiter remembers how far it has counted.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "sandbox/avito_state.h"
#include "sandbox/control.h"
#include "sandbox/journal.h"
#include "sandbox/outbox.h"
#include "sandbox/telegram.h"
#include "sandbox/world.h"

#define TIMEOUT_MS     10000
#define TIMEOUT_MAX_MS 60000

struct cursor {
	int64_t at, matched;
};

struct waiter {
	struct req *rq;
	struct cursor calls, deliveries;
	struct waiter *next;
};

static struct waiter *waiters;

static const char *given(const struct waiter *w, const char *name)
{
	return form_value(&w->rq->query, name, NULL);
}

static int64_t number(const struct waiter *w, const char *name, int64_t def)
{
	const char *s = given(w, name);
	long long n;

	return s && text_read_i64(s, INT64_MIN, INT64_MAX, &n) ? n : def;
}

static bool member_fits(const struct waiter *w, struct json_object *entry,
			const char *name)
{
	const char *want = given(w, name);

	return !want || strcmp(want, json_str(entry, name, "")) == 0;
}

static bool status_fits(const struct waiter *w, struct json_object *entry)
{
	return !given(w, "status") ||
	       number(w, "status", 0) == json_i64(entry, "status", 0);
}

static bool counted(const struct waiter *w, const struct journal *j,
		    struct cursor *c)
{
	if (c->at > j->last) {
		/* The journal was reset meanwhile. */
		c->at = 0;
		c->matched = 0;
	}
	if (c->at + 1 < journal_first(j))
		c->at = journal_first(j) - 1;
	while (c->at < j->last) {
		struct json_object *entry = journal_at(j, ++c->at);

		c->matched += member_fits(w, entry, "service") &&
			      member_fits(w, entry, "method") &&
			      member_fits(w, entry, "outcome") &&
			      member_fits(w, entry, "chat") &&
			      status_fits(w, entry);
	}
	return c->matched >= number(w, "count", 1);
}

static bool avito_message_fits(const struct waiter *w,
			       const struct av_message *m)
{
	const char *direction = given(w, "direction");
	const char *type = given(w, "type"), *text = given(w, "text");

	return (!direction || strcmp(direction, m->out ? "out" : "in") == 0) &&
	       (!type || strcmp(type, m->type) == 0) &&
	       (!text || strcmp(text, json_str(m->content, "text", "")) == 0);
}

static bool avito_holds(const struct waiter *w)
{
	const struct av_chat *c = map_find(&av.chats, given(w, "avito_chat"));
	int64_t n = 0;

	for (size_t i = 0; c && i < c->messages.n; i++)
		n += avito_message_fits(w, c->messages.at[i]);
	return n >= number(w, "count", 1);
}

static bool read_holds(const struct waiter *w)
{
	const struct av_chat *c = map_find(&av.chats, given(w, "avito_read"));

	return c && c->unread == 0;
}

static bool subscribed_holds(const struct waiter *w)
{
	const struct av_account *acc =
		map_find(&av.accounts, given(w, "avito_subscribed"));

	return acc && acc->subs.n > 0;
}

static bool telegram_holds(const struct waiter *w)
{
	struct telegram_wish wish = {
		.chat = given(w, "tg_chat"),
		.author = given(w, "author"),
		.kind = given(w, "kind"),
		.text = given(w, "text"),
		.emoji = given(w, "emoji"),
		.thread = number(w, "thread", -1),
		.count = number(w, "count", 1),
		.topics = number(w, "topics", 0),
		.reaction = number(w, "tg_reaction", 0),
		.pinned = number(w, "tg_pinned", 0),
	};
	bool place_only = wish.topics || wish.reaction || wish.pinned;

	wish.messages = !place_only || wish.author || wish.kind || wish.text ||
			given(w, "thread") || given(w, "count");
	return telegram_wish_holds(&wish);
}

static bool holds(struct waiter *w)
{
	if (given(w, "since") && world.version <= number(w, "since", 0))
		return false;
	if (given(w, "idle") && outbox_waiting() + outbox_in_flight() > 0)
		return false;
	if (given(w, "violations") &&
	    violation_count() < number(w, "violations", 1))
		return false;
	if (given(w, "calls_since") && !counted(w, &calls, &w->calls))
		return false;
	if (given(w, "deliveries_since") &&
	    !counted(w, &deliveries, &w->deliveries))
		return false;
	if (given(w, "avito_chat") && !avito_holds(w))
		return false;
	if (given(w, "avito_read") && !read_holds(w))
		return false;
	if (given(w, "avito_subscribed") && !subscribed_holds(w))
		return false;
	if (given(w, "tg_webhook") &&
	    !telegram_has_webhook(number(w, "tg_webhook", 0), given(w, "url")))
		return false;
	return !given(w, "tg_chat") || telegram_holds(w);
}

static void answer(struct waiter *w, bool held)
{
	struct json_object *o = json_object_new_object();

	json_put_bool(o, "held", held);
	json_put_i64(o, "version", world.version);
	json_put_i64(o, "calls", calls.last);
	json_put_i64(o, "deliveries", deliveries.last);
	json_put_i64(o, "violations", violation_count());
	reply_json(w->rq, 200, o);
}

static void leave(struct req *rq)
{
	for (struct waiter **at = &waiters; *at; at = &(*at)->next) {
		if ((*at)->rq != rq)
			continue;
		*at = (*at)->next;
		return;
	}
}

static void on_timeout(struct timer *t)
{
	struct req *rq = container_of(t, struct req, timer);

	leave(rq);
	rq->gone = NULL;
	answer(rq->waits, false);
}

void wait_turn(void)
{
	struct waiter *next;

	if (!world.touched)
		return;
	world.touched = false;
	for (struct waiter *w = waiters; w; w = next) {
		next = w->next;
		if (!holds(w))
			continue;
		leave(w->rq);
		w->rq->gone = NULL;
		timer_stop(&w->rq->timer);
		answer(w, true);
	}
}

void wait_run(struct req *rq)
{
	static const char known[] =
		" since idle calls_since deliveries_since service method"
		" outcome chat count status violations avito_chat direction"
		" type text avito_read avito_subscribed tg_chat thread author"
		" kind topics tg_reaction emoji tg_pinned tg_webhook url"
		" timeout_ms ";
	struct waiter *w = arena_alloc(&rq->a, sizeof(*w));
	struct json_object *names = json_new(&rq->a);
	struct err err = { 0 };
	int64_t timeout_ms;

	for (size_t i = 0; i < rq->query.n; i++)
		json_put(names, rq->query.fields[i].name, NULL);
	if (!control_known(names, known, &err)) {
		control_fail_err(rq, &err);
		return;
	}
	w->rq = rq;
	w->calls.at = number(w, "calls_since", 0);
	w->deliveries.at = number(w, "deliveries_since", 0);
	timeout_ms = number(w, "timeout_ms", TIMEOUT_MS);
	if (holds(w) || timeout_ms <= 0) {
		answer(w, timeout_ms > 0 || holds(w));
		return;
	}
	rq->waits = w;
	rq->gone = leave;
	w->next = waiters;
	waiters = w;
	timer_start(&rq->timer,
		    timeout_ms < TIMEOUT_MAX_MS ? timeout_ms : TIMEOUT_MAX_MS,
		    on_timeout);
}
