/*
 * auto_replies.c - what a project's auto-reply would do, and the calendar it
 * goes by.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/auto_preview.h"
#include "core/auto_trial.h"
#include "core/calendar.h"
#include "core/project.h"
#include "store/avito_account.h"
#include "store/telegram_source.h"
#include "web/api/api.h"
#include "web/api/object.h"

#define SOURCE_MAX 32
#define TIME_MAX   40
/* Times that PostgreSQL and people can follow. */
#define AT_MIN            INT64_C(0)
#define AT_MAX            INT64_C(4102444800000000) /* 2100 */
#define WEEK_US           (7 * 24 * 3600 * CLOCK_SECOND_US)
#define CALENDAR_TEXT_MAX 65536

static void put_word(struct json_object *o, const char *key, const char *s)
{
	json_put_str(o, key, s && *s ? s : NULL);
}

static void put_special(struct req *rq, struct json_object *o, const char *key,
			const char *special)
{
	if (*special)
		json_put_stored(rq, o, key, special);
	else
		json_put(o, key, NULL);
}

/* ---- the preview ---- */

/* "avito:5" or "telegram:3", of the project. */
static bool find_source(struct req *rq, const char *source,
			const struct project *project, struct auto_preview *p)
{
	const char *colon = strchr(source, ':');
	struct telegram_source t = { 0 };
	struct avito_account x = { 0 };
	long long id;
	bool found = false;

	if (colon && text_read_i64(colon + 1, 1, INT64_MAX, &id)) {
		if (strncmp(source, "avito:", 6) == 0)
			found = avito_account_find(rq->db, rq->a,
						   project->client_id, id, &x,
						   &rq->err) &&
				x.project_id == project->id;
		else if (strncmp(source, "telegram:", 9) == 0)
			found = telegram_source_find(rq->db, rq->a,
						     project->client_id, id, &t,
						     &rq->err) &&
				t.project_id == project->id;
	}
	if (!found && (!rq->err.kind || rq->err.kind == ERR_MISSING)) {
		rq->err = (struct err){ 0 };
		req_bad_field(rq, "source",
			      "is no source of this project, "
			      "like avito:5 or telegram:3");
	}
	if (!found)
		return false;
	if (x.auto_reply || t.auto_reply)
		p->auto_reply = x.auto_reply ? x.auto_reply : t.auto_reply;
	if (x.id && *x.name)
		p->shop_name = x.name;
	if (t.id && *t.bot.name)
		p->shop_name = t.bot.name;
	return true;
}

static struct json_object *window_json(struct req *rq,
				       const struct auto_window *w)
{
	struct json_object *o;

	if (!w->is_open)
		return NULL;
	o = json_object_new_object();
	json_put_time(rq, o, "begins_at", w->begins_at);
	json_put_time(rq, o, "ends_at", w->ends_at);
	json_put_str(o, "day", w->day);
	put_special(rq, o, "date", w->special);
	return o;
}

static struct json_object *forecast_json(struct req *rq,
					 const struct auto_forecast *f)
{
	struct json_object *o = json_object_new_object();

	json_put_str(o, "kind", f->kind);
	json_put_i64(o, "step", (int64_t)f->step);
	json_put_time(rq, o, "due_at", f->due_at);
	json_put_str(o, "text", f->text);
	put_word(o, "reason", f->reason);
	return o;
}

static struct json_object *preview_json(struct req *rq, const char *source,
					const struct auto_preview *p)
{
	struct json_object *o = json_new(rq->a);
	struct json_object *list = json_object_new_array();

	json_put_time(rq, o, "at", p->at);
	put_word(o, "source", source);
	json_put_bool(o, "first", p->is_first);
	json_put_bool(o, "enabled", p->set.enabled);
	json_put_str(o, "mode", p->set.is_interval ? "interval" : "always");
	json_put_str(o, "timezone", p->set.timezone);
	json_put_str(o, "local_time", p->clock);
	json_put(o, "window", window_json(rq, &p->window));
	put_special(rq, o, "date", p->special);
	put_word(o, "reason", p->reason);
	json_put_str(o, "explanation", p->explanation);
	for (size_t i = 0; i < p->n; i++)
		json_object_array_add(list, forecast_json(rq, &p->list[i]));
	json_put(o, "texts", list);
	return o;
}

static void read_at(struct req *rq, int64_t *at)
{
	const char *text = NULL;

	form_text(&rq->query, "at", &text, TIME_MAX, FORM_OPTIONAL);
	if (text && (!clock_read(text, at) || *at < AT_MIN || *at > AT_MAX))
		req_bad_field(rq, "at",
			      "must be a time like 2026-12-31T23:59:59Z");
}

enum http_status api_auto_reply_preview(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	const char *source = NULL;
	struct project project;
	struct auto_preview p = {
		.at = rq->now,
		.delay_s = rq->settings->auto_reply_delay_s,
	};

	read_at(rq, &p.at);
	form_text(&rq->query, "source", &source, SOURCE_MAX, FORM_OPTIONAL);
	form_bool(&rq->query, "first", &p.is_first, FORM_OPTIONAL);
	if (req_bad(rq) || !project_find(rq->db, rq->a, req_client(rq), id,
					 &project, &rq->err))
		return reply_err(rq);
	p.auto_reply = project.auto_reply;
	p.greeting = project.greeting;
	p.project_name = p.shop_name = project.name;
	if ((source && !find_source(rq, source, &project, &p)) ||
	    !auto_preview(rq->db, rq->a, &p, &rq->err))
		return reply_err(rq);
	return reply_json(rq, HTTP_OK, preview_json(rq, source, &p));
}

/* ---- the dry run ---- */

static struct json_object *item_json(struct req *rq,
				     const struct auto_trial_item *x)
{
	struct json_object *o = json_object_new_object();

	json_put_i64(o, "dialog_id", x->dialog_id);
	json_put_i64(o, "message_id", x->message_id);
	json_put_time(rq, o, "written_at", x->written_at);
	json_put_str(o, "kind", x->kind);
	json_put_i64(o, "step", (int64_t)x->step);
	json_put_time(rq, o, "due_at", x->due_at);
	json_put_str(o, "outcome", x->outcome);
	put_word(o, "reason", x->reason);
	json_put_str(o, "text", x->text);
	return o;
}

static struct json_object *counts_json(const struct auto_trial *t)
{
	struct json_object *o = json_object_new_object();

	json_put_i64(o, "messages", t->messages);
	json_put_i64(o, "dialogs", t->dialogs);
	json_put_i64(o, "too_old", t->too_old);
	json_put_i64(o, "disabled", t->disabled);
	json_put_i64(o, "closed", t->closed);
	json_put_i64(o, "waiting", t->waiting);
	json_put_i64(o, "repeated", t->repeated);
	json_put_i64(o, "started", t->started);
	json_put_i64(o, "greetings", t->greetings);
	json_put_i64(o, "sent", t->sent);
	json_put_i64(o, "steps", t->steps);
	json_put_i64(o, "answered", t->answered);
	json_put_i64(o, "pending", t->pending);
	return o;
}

static struct json_object *trial_json(struct req *rq,
				      const struct auto_trial *t)
{
	struct json_object *o = json_new(rq->a);
	struct json_object *list = json_object_new_array();

	json_put_time(rq, o, "since", t->since);
	json_put_time(rq, o, "until", t->now);
	json_put_bool(o, "truncated", t->truncated);
	json_put(o, "counts", counts_json(t));
	for (size_t i = 0; i < t->n_items; i++)
		json_object_array_add(list, item_json(rq, &t->items[i]));
	json_put(o, "items", list);
	return o;
}

enum http_status api_auto_reply_dry_run(struct req *rq)
{
	struct problems problems = { .a = rq->a };
	int64_t id = req_path_i64(rq, "id");
	struct form auto_reply;
	struct project p;
	struct auto_trial t = {
		.since = rq->now - WEEK_US,
		.now = rq->now,
		.delay_s = rq->settings->auto_reply_delay_s,
	};

	if (rq->err.kind ||
	    !project_find(rq->db, rq->a, req_client(rq), id, &p, &rq->err))
		return reply_err(rq);
	if (form_object(&rq->body, "auto_reply", &auto_reply, FORM_OPTIONAL))
		p.auto_reply =
			auto_reply_merge(rq->a, p.auto_reply, auto_reply.o);
	if (req_bad(rq))
		return reply_err(rq);
	if (!auto_reply_check(rq->db, rq->a, &p.auto_reply, &problems,
			      &rq->err) ||
	    !problems_none(&problems, &rq->err))
		return reply_refused(rq, &problems);
	t.client_id = p.client_id;
	t.project_id = p.id;
	t.auto_reply = p.auto_reply;
	t.greeting = p.greeting;
	t.project_name = p.name;
	if (!auto_trial(rq->db, rq->a, &t, &rq->err))
		return reply_err(rq);
	return reply_json(rq, HTTP_OK, trial_json(rq, &t));
}

/* ---- the calendar ---- */

static void read_calendar(struct req *rq, struct calendar *c,
			  struct problems *problems)
{
	static const char *const modes[] = { "replace", "merge", NULL };
	const char *mode = modes[0], *text = NULL;
	struct json_object *days = form_array(
		&rq->body, "days", SCHEDULE_DATES_MAX, FORM_OPTIONAL);

	form_text(&rq->body, "text", &text, CALENDAR_TEXT_MAX, FORM_OPTIONAL);
	form_word(&rq->body, "mode", &mode, modes, FORM_OPTIONAL);
	c->replaces = mode == modes[0];
	if (!days == !text && rq->err.kind == ERR_NONE)
		req_bad_field(rq, "days", "must be there, or else text");
	else if (days)
		calendar_read_days(rq->a, days, c, problems);
	else if (text)
		calendar_read_text(rq->a, text, c, problems);
}

enum http_status api_project_calendar(struct req *rq)
{
	struct problems problems = { .a = rq->a };
	int64_t id = req_path_i64(rq, "id");
	struct project before, p;
	struct calendar c = { 0 };

	if (rq->err.kind ||
	    !project_lock(rq->db, rq->a, req_client(rq), id, &before, &rq->err))
		return reply_err(rq);
	p = before;
	read_calendar(rq, &c, &problems);
	if (req_bad(rq))
		return reply_err(rq);
	if (!problems_none(&problems, &rq->err))
		return reply_refused(rq, &problems);
	p.auto_reply = calendar_put(rq->a, p.auto_reply, &c);
	if (!project_change(rq->db, rq->a, &before, &p, rq->now, &problems,
			    &rq->err))
		return reply_refused(rq, &problems);
	return reply_project_change(rq, &before, &p);
}
