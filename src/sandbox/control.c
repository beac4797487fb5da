/*
 * control.c - the control API: what belongs to neither stand-in alone.
 */
#include "config.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sandbox/avito.h"
#include "sandbox/control.h"
#include "sandbox/door.h"
#include "sandbox/embedded.h"
#include "sandbox/fault.h"
#include "sandbox/journal.h"
#include "sandbox/outbox.h"
#include "sandbox/settings.h"
#include "sandbox/telegram.h"
#include "sandbox/world.h"

#define LIST_MAX 1000000
#define CSP      "default-src 'self'; frame-ancestors 'none'"

void control_fail(struct req *rq, int status, const char *fmt, ...)
{
	struct json_object *o = json_object_new_object();
	char text[320];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	json_put_str(o, "error", text);
	reply_json(rq, status, o);
}

void control_fail_err(struct req *rq, const struct err *err)
{
	control_fail(rq, err->kind == ERR_MISSING ? 404 : 400, "%s", err->text);
}

bool control_known(struct json_object *o, const char *known, struct err *err)
{
	json_object_object_foreach(o, name, v)
	{
		char word[80];

		(void)v;
		snprintf(word, sizeof(word), " %s ", name);
		if (!strstr(known, word))
			return err_field(err, name, "unknown field %s", name);
	}
	return true;
}

struct json_object *control_body(struct req *rq, const char *known)
{
	struct json_object *o = NULL;
	struct err err = { 0 };

	if (rq->body.len == 0)
		return json_new(&rq->a);
	if (!json_read(&rq->a, rq->body.s, rq->body.len, &o, &err)) {
		control_fail_err(rq, &err);
		return NULL;
	}
	if (!json_object_is_type(o, json_type_object)) {
		control_fail(rq, 400, "the body must be a JSON object");
		return NULL;
	}
	if (known && !control_known(o, known, &err)) {
		control_fail_err(rq, &err);
		return NULL;
	}
	return o;
}

int64_t control_id(const struct req *rq, size_t seg)
{
	long long n;

	return text_read_i64(req_seg(rq, seg), INT64_MIN, INT64_MAX, &n) ? n
									 : 0;
}

static struct json_object *webhooks_json(void)
{
	struct json_object *o = json_object_new_object();

	json_put_i64(o, "waiting", outbox_waiting());
	json_put_i64(o, "in_flight", outbox_in_flight());
	return o;
}

static void run_version(struct req *rq)
{
	struct json_object *o = json_object_new_object();

	json_put_i64(o, "version", world.version);
	json_put_i64(o, "calls", calls.last);
	json_put_i64(o, "deliveries", deliveries.last);
	json_put_i64(o, "violations", violation_count());
	json_put(o, "webhooks", webhooks_json());
	reply_json(rq, 200, o);
}

static bool is_foreign(const struct req *rq, int64_t arg UNUSED)
{
	return rq->call.service != NULL;
}

static void run_reset(struct req *rq)
{
	struct json_object *o = control_body(rq, " keep_settings ");

	if (!o)
		return;
	if (!json_flag(o, "keep_settings", false))
		settings_reset();
	http_abort(is_foreign, 0);
	outbox_reset();
	fault_clear();
	door_clear();
	journal_reset();
	avito_reset();
	telegram_reset();
	world_reset();
	o = json_object_new_object();
	json_put_i64(o, "version", world.version);
	reply_json(rq, 200, o);
}

static void run_state(struct req *rq)
{
	const char *part = form_value(&rq->query, "part", "");
	struct json_object *o = json_object_new_object();

	json_put_i64(o, "version", world.version);
	if (strcmp(part, "telegram") != 0)
		json_put(o, "avito", avito_state());
	if (strcmp(part, "avito") != 0)
		json_put(o, "telegram", telegram_state());
	if (!*part)
		json_put(o, "webhooks", webhooks_json());
	reply_json(rq, 200, o);
}

static bool same(struct json_object *o, const char *name, struct req *rq)
{
	const char *want = form_value(&rq->query, name, NULL);

	return !want || strcmp(want, json_str(o, name, "")) == 0;
}

static void run_journal(struct req *rq, const struct journal *j,
			const char *name)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();
	long long since = 0, limit = 1000;

	text_read_i64(form_value(&rq->query, "since", "0"), 0, INT64_MAX,
		      &since);
	text_read_i64(form_value(&rq->query, "limit", "1000"), 1, LIST_MAX,
		      &limit);
	if (since + 1 < journal_first(j))
		since = journal_first(j) - 1;
	for (int64_t n = since + 1; n <= j->last && limit > 0; n++) {
		struct json_object *entry = journal_at(j, n);

		if (!same(entry, "service", rq) || !same(entry, "method", rq) ||
		    !same(entry, "outcome", rq))
			continue;
		json_object_array_add(list, json_object_get(entry));
		limit--;
	}
	json_put_i64(o, "last", j->last);
	json_put(o, name, list);
	reply_json(rq, 200, o);
}

static void answer_settings(struct req *rq)
{
	struct json_object *o = json_object_new_object();

	json_put(o, "settings", settings_json());
	reply_json(rq, 200, o);
}

static void run_settings(struct req *rq)
{
	struct json_object *o;
	struct err err = { 0 };

	if (req_is(rq, "PATCH")) {
		o = control_body(rq, NULL);
		if (!o)
			return;
		if (!settings_patch(o, &err)) {
			control_fail_err(rq, &err);
			return;
		}
		world_touch();
	}
	answer_settings(rq);
}

static void run_faults(struct req *rq)
{
	struct err err = { 0 };
	struct json_object *o;

	if (req_is(rq, "POST")) {
		o = control_body(rq, NULL);
		if (!o)
			return;
		o = fault_add(o, &err);
		if (o)
			reply_json(rq, 200, o);
		else
			control_fail_err(rq, &err);
		return;
	}
	if (req_is(rq, "DELETE") && rq->n_seg == 2) {
		fault_clear();
	} else if (req_is(rq, "DELETE")) {
		if (!fault_remove(control_id(rq, 2))) {
			control_fail(rq, 404, "no such rule");
			return;
		}
	}
	reply_json(rq, 200, fault_list());
}

/* POST makes one, PATCH /control/doors/{port} opens or shuts it. */
static bool run_doors(struct req *rq)
{
	bool make = rq->n_seg == 2 && req_is(rq, "POST");
	struct err err = { 0 };
	struct json_object *o;

	if (!make && !(rq->n_seg == 3 && req_is(rq, "PATCH")))
		return false;
	o = control_body(rq, make ? " port " : " open ");
	if (!o)
		return true;
	o = make ? door_add(json_i64(o, "port", 0), &err)
		 : door_set(control_id(rq, 2), json_flag(o, "open", true),
			    &err);
	if (o)
		reply_json(rq, 200, o);
	else
		control_fail_err(rq, &err);
	return true;
}

static void run_files(struct req *rq)
{
	long long claim;
	struct file *f;

	if (req_is(rq, "POST")) {
		f = file_add(form_value(&rq->query, "name", NULL),
			     req_header(rq, "Content-Type"),
			     rq->body.s ? rq->body.s : "", rq->body.len);
		if (text_read_i64(form_value(&rq->query, "claim", ""), 0,
				  INT64_MAX, &claim))
			f->claim = claim;
		world_touch();
		reply_json(rq, 200, file_json(f));
		return;
	}
	f = file_find(req_seg(rq, 2));
	if (f)
		reply(rq, 200, f->mime, arena_strn(&rq->a, f->bytes, f->len),
		      f->len);
	else
		control_fail(rq, 404, "no file %s", req_seg(rq, 2));
}

static void run_violations(struct req *rq)
{
	if (req_is(rq, "DELETE")) {
		violation_clear();
		world_touch();
	}
	reply_json(rq, 200, violation_list());
}

static void run(struct req *rq)
{
	const char *what = req_seg(rq, 1);
	bool found = true;

	if (strcmp(what, "reset") == 0)
		run_reset(rq);
	else if (strcmp(what, "version") == 0)
		run_version(rq);
	else if (strcmp(what, "wait") == 0)
		wait_run(rq);
	else if (strcmp(what, "state") == 0)
		run_state(rq);
	else if (strcmp(what, "calls") == 0)
		run_journal(rq, &calls, "calls");
	else if (strcmp(what, "deliveries") == 0)
		run_journal(rq, &deliveries, "deliveries");
	else if (strcmp(what, "violations") == 0)
		run_violations(rq);
	else if (strcmp(what, "settings") == 0)
		run_settings(rq);
	else if (strcmp(what, "faults") == 0)
		run_faults(rq);
	else if (strcmp(what, "doors") == 0)
		found = run_doors(rq);
	else if (strcmp(what, "files") == 0)
		run_files(rq);
	else if (strcmp(what, "avito") == 0)
		found = avito_control(rq);
	else if (strcmp(what, "telegram") == 0)
		found = telegram_control(rq);
	else
		found = false;
	if (!found)
		control_fail(rq, 404, "no such path or method: %s %s",
			     rq->method, rq->path);
}

void control_route(struct req *rq)
{
	rq->run = run;
}

static void run_page(struct req *rq)
{
	const char *name = rq->n_seg ? req_seg(rq, 0) : "index.html";

	for (const struct embedded *e = sandbox_files; e->name; e++) {
		if (rq->n_seg > 1 || strcmp(e->name, name) != 0)
			continue;
		reply_header(rq, "Content-Security-Policy", CSP);
		reply_header(rq, "X-Content-Type-Options", "nosniff");
		reply_header(rq, "Cache-Control", "no-cache");
		reply(rq, 200, e->mime, e->bytes, e->len);
		return;
	}
	reply_text(rq, 404, "404 page not found\n");
}

void page_route(struct req *rq)
{
	rq->run = run_page;
}
