/*
 * journal.c - what was asked of the stand-ins, what they sent, what was wrong.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "sandbox/journal.h"
#include "sandbox/settings.h"
#include "sandbox/world.h"

#define VIOLATION_TEXT_MAX 400

struct journal calls, deliveries;

static struct json_object *violations;

void journal_add(struct journal *j, struct json_object *entry)
{
	struct json_object **slot;

	if (!j->ring)
		j->ring = mem_new((size_t)set.journal_max * sizeof(*j->ring));
	json_put_i64(entry, "n", ++j->last);
	slot = &j->ring[j->last % set.journal_max];
	json_object_put(*slot);
	*slot = entry;
	world.touched = true;
}

int64_t journal_first(const struct journal *j)
{
	return j->last > set.journal_max ? j->last - set.journal_max + 1 : 1;
}

struct json_object *journal_at(const struct journal *j, int64_t n)
{
	if (n < journal_first(j) || n > j->last)
		return NULL;
	return j->ring[n % set.journal_max];
}

void journal_call(struct req *rq, const char *fault)
{
	struct call *c = &rq->call;
	struct json_object *o;
	bool answered = rq->reply.ready;

	if (!c->service)
		return;
	o = json_object_new_object();
	json_put_i64(o, "at_us", rq->at_us);
	json_put_i64(o, "took_us", clock_now_us() - rq->at_us);
	json_put_str(o, "service", c->service);
	json_put_str(o, "method", c->method);
	json_put_str(o, "http", rq->method);
	json_put_str(o, "path", c->path);
	json_put_str(o, "account", c->account);
	json_put_str(o, "chat", c->chat);
	json_put(o, "params", json_object_get(c->params));
	json_put_i64(o, "status", answered ? rq->reply.status : 0);
	if (fault) {
		json_put_str(o, "outcome",
			     arena_printf(&rq->a, "fault:%s", fault));
		json_put_bool(o, "processed", rq->fault.ran);
	} else {
		json_put_str(o, "outcome",
			     rq->reply.status < 400 ? "ok" : "error");
	}
	json_put_str(o, "error", c->error);
	journal_add(&calls, o);
}

void violation(const char *service, const char *method, const char *fmt, ...)
{
	struct json_object *o = json_object_new_object();
	struct arena a = { 0 };
	char *what = arena_alloc(&a, VIOLATION_TEXT_MAX);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, VIOLATION_TEXT_MAX, fmt, ap);
	va_end(ap);
	if (!violations)
		violations = json_object_new_array();
	json_put_i64(o, "n", violation_count() + 1);
	json_put_i64(o, "at_us", clock_now_us());
	json_put_str(o, "service", service);
	json_put_str(o, "method", method ? method : "");
	json_put_str(o, "what", text_clean(&a, what, strlen(what)));
	json_object_array_add(violations, o);
	log_warn("violation", lf_str("service", service),
		 lf_str("method", method), lf_str("what", what));
	arena_release(&a);
	world_touch();
}

int64_t violation_count(void)
{
	return violations ? (int64_t)json_object_array_length(violations) : 0;
}

struct json_object *violation_list(void)
{
	struct json_object *o = json_object_new_object();

	json_put(o, "violations",
		 violations ? json_object_get(violations)
			    : json_object_new_array());
	return o;
}

void violation_clear(void)
{
	json_object_put(violations);
	violations = NULL;
}

static void forget(struct journal *j)
{
	if (j->ring) {
		for (int64_t i = 0; i < set.journal_max; i++)
			json_object_put(j->ring[i]);
	}
	free(j->ring);
	j->ring = NULL;
	j->last = 0;
}

void journal_reset(void)
{
	forget(&calls);
	forget(&deliveries);
	violation_clear();
}
