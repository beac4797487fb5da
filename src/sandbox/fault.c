/*
 * fault.c - what goes wrong on purpose.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/avito.h"
#include "sandbox/control.h"
#include "sandbox/fault.h"
#include "sandbox/journal.h"
#include "sandbox/telegram.h"

#define DRIP_MS 200

enum kind {
	KIND_NONE,
	KIND_LATENCY,
	KIND_STATUS,
	KIND_RESET,
	KIND_ACCEPTED_THEN_RESET,
	KIND_HANG,
	KIND_INVALID_JSON,
	KIND_EMPTY,
	KIND_HTML_502,
	KIND_HUGE,
	KIND_SLOW_DRIP,
	KIND_TRUNCATED,
};

static const char *const kind_names[] = {
	"",
	"latency",
	"status",
	"reset",
	"accepted_then_reset",
	"hang",
	"invalid_json",
	"empty",
	"html_502",
	"huge",
	"slow_drip",
	"truncated",
};

struct rule {
	struct arena a;
	struct rule *next;
	int64_t id, hits, times, skip;
	enum kind kind;
	const char *service, *method, *path, *account, *chat;
	struct fault_act act;
	struct json_object *shown;
};

static struct {
	struct rule *rules;
	int64_t last_id;
} faults;

bool glob_matches(const char *pattern, const char *s)
{
	const char *star = NULL, *back = NULL;

	while (*s) {
		if (*pattern == '*') {
			star = pattern++;
			back = s;
		} else if (*pattern == '?' || *pattern == *s) {
			pattern++;
			s++;
		} else if (star) {
			pattern = star + 1;
			s = ++back;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

static bool fits(const char *pattern, const char *s)
{
	return !pattern || glob_matches(pattern, s ? s : "");
}

static struct rule *match(const struct call *c)
{
	for (struct rule *r = faults.rules; r; r = r->next) {
		if ((r->times && r->hits >= r->times) ||
		    !fits(r->service, c->service) ||
		    !fits(r->method, c->method) || !fits(r->path, c->path) ||
		    !fits(r->account, c->account) || !fits(r->chat, c->chat))
			continue;
		if (r->skip > 0) {
			r->skip--;
			continue;
		}
		r->hits++;
		return r;
	}
	return NULL;
}

/* The rule may be gone before the request is. */
static void take(struct req *rq, const struct rule *r)
{
	rq->fault = r->act;
	rq->fault.body = arena_str(&rq->a, r->act.body);
	rq->fault.headers = NULL;
	for (struct header *h = r->act.headers; h; h = h->next) {
		struct header *copy = arena_alloc(&rq->a, sizeof(*copy));

		copy->name = arena_str(&rq->a, h->name);
		copy->value = arena_str(&rq->a, h->value);
		copy->next = rq->fault.headers;
		rq->fault.headers = copy;
	}
}

static void on_reset(struct timer *t)
{
	struct req *rq = container_of(t, struct req, timer);

	rq->send_as = SEND_RESET;
	http_send(rq);
}

static void on_send(struct timer *t)
{
	http_send(container_of(t, struct req, timer));
}

static void set_body(struct req *rq, int status, const char *type,
		     const char *body)
{
	rq->reply.ready = true;
	rq->reply.status = status;
	rq->reply.type = type;
	rq->reply.body = body;
	rq->reply.len = strlen(body);
	rq->reply.headers = NULL;
}

static void set_status(struct req *rq)
{
	const struct fault_act *f = &rq->fault;
	const char *body = f->body;

	if (!body && rq->call.service &&
	    strcmp(rq->call.service, "telegram") == 0)
		body = telegram_error_body(&rq->a, f->status, f->retry_after);
	else if (!body)
		body = avito_error_body(&rq->a, f->status);
	set_body(rq, f->status, "application/json", body);
	rq->reply.headers = f->headers;
	if (f->retry_after)
		reply_header(rq, "Retry-After",
			     arena_printf(&rq->a, "%" PRId64, f->retry_after));
}

/* The answer as the rule wants it.  False: there is none. */
static bool distort(struct req *rq)
{
	switch ((enum kind)rq->fault.kind) {
	case KIND_STATUS:
		set_status(rq);
		break;
	case KIND_RESET:
	case KIND_ACCEPTED_THEN_RESET:
		rq->send_as = SEND_RESET;
		break;
	case KIND_HANG:
		return false;
	case KIND_INVALID_JSON:
		set_body(rq, 200, "application/json", "{\"ok\":true,\"resu");
		break;
	case KIND_EMPTY:
		set_body(rq, 200, "application/json", "");
		break;
	case KIND_HTML_502:
		set_body(rq, 502, "text/html",
			 "<html><head><title>502 Bad Gateway</title></head>"
			 "<body><h1>502 Bad Gateway</h1></body></html>\n");
		break;
	case KIND_HUGE:
		set_body(rq, 200, "application/json", " ");
		rq->send_as = SEND_HUGE;
		break;
	case KIND_SLOW_DRIP:
		rq->send_as = SEND_DRIP;
		break;
	case KIND_TRUNCATED:
		rq->send_as = SEND_TRUNCATED;
		break;
	case KIND_NONE:
	case KIND_LATENCY:
		break;
	}
	return true;
}

void fault_finish(struct req *rq)
{
	const struct fault_act *f = &rq->fault;

	if (rq->finished)
		return;
	rq->finished = true;
	journal_call(rq, f->rule ? kind_names[f->kind] : NULL);
	if (!f->rule) {
		http_send(rq);
	} else if (!distort(rq)) {
		rq->reply.ready = true;
		if (f->delay_ms > 0)
			timer_start(&rq->timer, f->delay_ms, on_reset);
	} else if (f->answer_delay_ms > 0) {
		timer_start(&rq->timer, f->answer_delay_ms, on_send);
	} else {
		http_send(rq);
	}
}

static void go(struct req *rq)
{
	if (rq->fault.rule && !rq->fault.processed) {
		fault_finish(rq);
		return;
	}
	rq->fault.ran = true;
	rq->run(rq);
	if (rq->reply.ready)
		fault_finish(rq);
}

static void on_delay(struct timer *t)
{
	go(container_of(t, struct req, timer));
}

void fault_begin(struct req *rq)
{
	struct rule *r = rq->call.service ? match(&rq->call) : NULL;

	if (r)
		take(rq, r);
	if (r && r->act.delay_ms > 0 && r->kind != KIND_HANG)
		timer_start(&rq->timer, r->act.delay_ms, on_delay);
	else
		go(rq);
}

static const char *text(struct rule *r, struct json_object *o, const char *name)
{
	struct json_object *v = json_member(o, name);

	/* Ids may be given as numbers, too. */
	return v ? arena_str(&r->a, json_object_get_string(v)) : NULL;
}

static void read_headers(struct rule *r, struct json_object *o)
{
	if (!o)
		return;
	json_object_object_foreach(o, name, v)
	{
		struct header *h = arena_alloc(&r->a, sizeof(*h));

		h->name = arena_str(&r->a, name);
		h->value = arena_str(&r->a, json_object_get_string(v));
		h->next = r->act.headers;
		r->act.headers = h;
	}
}

static enum kind find_kind(const char *name)
{
	for (size_t i = 1; i < ARRAY_LEN(kind_names); i++) {
		if (strcmp(kind_names[i], name) == 0)
			return (enum kind)i;
	}
	return KIND_NONE;
}

static void read_rule(struct rule *r, struct json_object *o)
{
	struct json_object *body = json_member(o, "body");

	r->service = text(r, o, "service");
	r->method = text(r, o, "method");
	r->path = text(r, o, "path");
	r->account = text(r, o, "account");
	r->chat = text(r, o, "chat");
	r->times = json_i64(o, "times", 1);
	r->skip = json_i64(o, "skip", 0);
	r->act.kind = (int)r->kind;
	r->act.rule = r->id;
	r->act.delay_ms = json_i64(o, "delay_ms", 0);
	r->act.answer_delay_ms = json_i64(o, "answer_delay_ms", 0);
	r->act.drip_ms = json_i64(o, "drip_ms", DRIP_MS);
	r->act.status = (int)json_i64(o, "status", 500);
	r->act.retry_after = json_i64(o, "retry_after", 0);
	r->act.processed =
		json_flag(o, "processed", false) || r->kind == KIND_LATENCY ||
		r->kind == KIND_ACCEPTED_THEN_RESET ||
		r->kind == KIND_SLOW_DRIP || r->kind == KIND_TRUNCATED;
	if (r->kind == KIND_RESET)
		r->act.processed = false;
	if (body)
		r->act.body = arena_str(
			&r->a, json_object_is_type(body, json_type_string)
				       ? json_object_get_string(body)
				       : json_text(body));
	read_headers(r, json_object_at(o, "headers"));
}

static void put_json(void *o)
{
	json_object_put(o);
}

struct json_object *fault_add(struct json_object *rule, struct err *err)
{
	static const char known[] =
		" service method path account chat times skip kind delay_ms"
		" answer_delay_ms drip_ms processed status body headers"
		" retry_after ";
	enum kind kind = find_kind(json_str(rule, "kind", ""));
	struct rule *r, **end = &faults.rules;
	int64_t status = json_i64(rule, "status", 500);

	if (!control_known(rule, known, err))
		return NULL;
	if (kind == KIND_NONE || status < 200 || status > 599) {
		err_set(err, ERR_INPUT, "%s",
			kind == KIND_NONE ? "kind: not a kind of fault"
					  : "status: must be 200 to 599");
		return NULL;
	}
	r = mem_new(sizeof(*r));
	r->id = ++faults.last_id;
	r->kind = kind;
	read_rule(r, rule);
	r->shown = json_object_get(rule);
	arena_defer(&r->a, put_json, r->shown);
	json_put_i64(r->shown, "id", r->id);
	while (*end)
		end = &(*end)->next;
	*end = r;
	return json_object_get(r->shown);
}

struct json_object *fault_list(void)
{
	struct json_object *list = json_object_new_array();
	struct json_object *o = json_object_new_object();

	for (struct rule *r = faults.rules; r; r = r->next) {
		json_put_i64(r->shown, "hits", r->hits);
		json_object_array_add(list, json_object_get(r->shown));
	}
	json_put(o, "faults", list);
	return o;
}

static bool hangs_on(const struct req *rq, int64_t rule)
{
	return rq->fault.rule == rule && rq->fault.kind == KIND_HANG;
}

bool fault_remove(int64_t id)
{
	for (struct rule **at = &faults.rules; *at; at = &(*at)->next) {
		struct rule *r = *at;

		if (r->id != id)
			continue;
		*at = r->next;
		arena_release(&r->a);
		free(r);
		http_abort(hangs_on, id);
		return true;
	}
	return false;
}

void fault_clear(void)
{
	while (faults.rules)
		fault_remove(faults.rules->id);
	faults.last_id = 0;
}
