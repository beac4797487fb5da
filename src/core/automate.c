/*
 * automate.c - texts that go out by themselves: when, which, and whether.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/automate.h"
#include "core/rule.h"
#include "store/auto_window.h"
#include "store/task.h"

#define MINUTE_US (60 * CLOCK_SECOND_US)
#define HOUR_US   (60 * MINUTE_US)
/* Between two looks for details. */
#define LOOK_US CLOCK_SECOND_US

static bool is_kind(const struct auto_row *row, const char *kind)
{
	return strcmp(row->kind, kind) == 0;
}

/* Deleted meanwhile: nothing is left to do. */
static bool is_gone(struct err *err)
{
	if (err->kind != ERR_MISSING)
		return false;
	*err = (struct err){ 0 };
	return true;
}

static bool leave_task(struct db *db, struct arena *a, int64_t client_id,
		       int64_t id, int64_t due_at, const struct automate *c,
		       struct err *err)
{
	struct task t = {
		.client_id = client_id,
		.kind = "auto_reply.send",
		.subject_id = id,
		.due_at = due_at,
		.request_id = c->request_id,
	};

	return id == 0 || task_add(db, a, &t, err);
}

/* ---- the plan ---- */

/* *planned: the greeting goes, so it stands for the first text. */
static bool plan_greeting(struct db *db, struct arena *a,
			  const struct auto_subject *s,
			  const struct automate *c, bool *planned,
			  struct err *err)
{
	struct auto_plan p = { .subject = s,
			       .due_at = s->written_at,
			       .now = c->now };
	int64_t id = 0;

	*planned = false;
	if (!s->is_first || text_is_blank(s->greeting))
		return true;
	if (!auto_reply_plan_greeting(db, a, &p, &id, err) ||
	    !leave_task(db, a, s->client_id, id, p.due_at, c, err))
		return false;
	*planned = id != 0;
	return true;
}

static bool plan_in_window(struct db *db, struct arena *a,
			   const struct auto_plan *p,
			   const struct auto_reply *r, int64_t *id,
			   struct err *err)
{
	struct auto_window w;

	if (!auto_window_at(db, a, r->json, p->subject->written_at, &w, err))
		return false;
	return !w.is_open || auto_reply_plan_interval(db, a, p, w.begins_at,
						      w.ends_at, id, err);
}

static bool plan_auto_reply(struct db *db, struct arena *a,
			    const struct auto_subject *s,
			    const struct automate *c, bool replaced,
			    struct err *err)
{
	struct auto_plan p = { .subject = s,
			       .replaced = replaced,
			       .now = c->now };
	struct auto_reply r;
	int64_t id = 0;
	bool ok;

	auto_reply_read(a, s->auto_reply, c->delay_s, &r);
	if (!r.enabled)
		return true;
	p.due_at = s->written_at + r.delay_s * CLOCK_SECOND_US;
	if (r.is_interval)
		ok = plan_in_window(db, a, &p, &r, &id, err);
	else
		ok = auto_reply_plan_always(
			db, a, &p, s->written_at - r.repeat_h * HOUR_US, &id,
			err);
	return ok && (replaced ||
		      leave_task(db, a, s->client_id, id, p.due_at, c, err));
}

static bool plan(struct db *db, struct arena *a, const struct auto_subject *s,
		 const struct automate *c, struct err *err)
{
	bool is_late = s->seen_at - s->written_at > AUTOMATE_TOO_OLD_US;
	struct rule_question q = {
		.client_id = s->client_id,
		.message_id = s->message_id,
		.now = c->now,
		.request_id = c->request_id,
	};
	struct rule_outcome rules;
	bool greets = false;

	auto_reply_queue_lock(db, a, s->client_id, s->dialog_id);
	return (is_late || plan_greeting(db, a, s, c, &greets, err)) &&
	       rules_apply(db, a, &q, &rules, err) &&
	       (is_late || rules.stopped ||
		plan_auto_reply(db, a, s, c, greets, err));
}

bool automate_plan(struct db *db, struct arena *a, int64_t message_id,
		   const struct automate *c, struct err *err)
{
	struct auto_subject s;
	bool ok;

	ok = db_begin(db, err);
	if (ok && !auto_subject_find(db, a, message_id, &s, err))
		ok = is_gone(err);
	else if (ok && s.is_asking)
		ok = plan(db, a, &s, c, err);
	return db_finish(db, ok, err);
}

/* ---- the way out ---- */

struct auto_words automate_words(const struct auto_subject *s)
{
	return (struct auto_words){
		.buyer = s->buyer_name,
		.ad = s->item_title,
		.price = s->item_price,
		.link = s->item_url,
		.project = s->project_name,
		.shop = s->shop_name,
	};
}

/* What is to be sent now, as it is set up now. */
struct words {
	const char *text;   /* NULL: nothing */
	const char *reason; /* then why */
};

static bool read_step(struct db *db, struct arena *a,
		      const struct auto_row *row, const struct auto_reply *r,
		      int64_t now, struct words *w, struct err *err)
{
	size_t i = (size_t)row->step - 1;
	struct auto_window open = { .is_open = true };

	if (i >= r->n_steps) {
		w->reason = "changed";
		return true;
	}
	if (r->is_interval && !auto_window_at(db, a, r->json, now, &open, err))
		return false;
	if (open.is_open)
		w->text = r->steps[i].text;
	else
		w->reason = "closed";
	return true;
}

static bool choose(struct db *db, struct arena *a, const struct auto_row *row,
		   const struct auto_subject *s, const struct automate *c,
		   struct words *w, struct err *err)
{
	struct auto_reply r;

	*w = (struct words){ 0 };
	if (is_kind(row, "greeting")) {
		w->text = s->greeting;
		return true;
	}
	if (is_kind(row, "rule")) {
		w->reason = "changed";
		return rule_text(a, s->rules, row->rule_id, &w->text, err);
	}
	auto_reply_read(a, s->auto_reply, c->delay_s, &r);
	if (row->step > 0)
		return read_step(db, a, row, &r, c->now, w, err);
	w->text = r.text;
	return true;
}

/* It names what is not known yet and may be in a moment. */
static bool should_wait(const struct auto_row *row,
			const struct auto_subject *s, const char *text,
			const struct automate *c)
{
	return !s->details_known && strchr(text, '{') &&
	       c->now < row->due_at + AUTOMATE_DETAILS_US;
}

static bool send(struct db *db, struct arena *a, const struct auto_row *row,
		 const struct automate *c, int64_t *again_at, struct err *err)
{
	struct auto_subject s;
	struct auto_words known;
	struct words w;

	if (!auto_subject_find(db, a, row->asked_message_id, &s, err) ||
	    !choose(db, a, row, &s, c, &w, err))
		return false;
	if (w.text && should_wait(row, &s, w.text, c)) {
		*again_at = c->now + LOOK_US;
		return true;
	}
	known = automate_words(&s);
	if (w.text)
		w.text = auto_text_fill(a, w.text, &known);
	if (w.text && text_is_blank(w.text))
		w = (struct words){ .reason = "empty" };
	return w.text ? auto_reply_enqueue(db, a, row, w.text, c->now,
					   c->request_id, err)
		      : auto_reply_drop(db, a, row, "dropped", w.reason, c->now,
					err);
}

static bool send_or_drop(struct db *db, struct arena *a,
			 const struct auto_row *row, const struct automate *c,
			 int64_t *again_at, struct err *err)
{
	const char *reason;

	if (strcmp(row->state, "pending") != 0)
		return true;
	if (!auto_reply_unwanted(db, a, row->id, c->now, &reason, err))
		return false;
	if (!reason)
		return send(db, a, row, c, again_at, err);
	return auto_reply_drop(db, a, row,
			       strcmp(reason, "expired") == 0 ? "expired"
							      : "dropped",
			       reason, c->now, err);
}

bool automate_send(struct db *db, struct arena *a, int64_t id,
		   const struct automate *c, int64_t *again_at, struct err *err)
{
	struct auto_row row;
	bool ok;

	*again_at = 0;
	ok = db_begin(db, err);
	if (ok && !auto_reply_lock(db, a, id, &row, err))
		ok = is_gone(err);
	else
		ok = ok && send_or_drop(db, a, &row, c, again_at, err);
	return db_finish(db, ok, err);
}

/* ---- afterwards ---- */

/* A greeting may stand for a first text; the steps follow it then. */
static bool plan_next(struct db *db, struct arena *a,
		      const struct auto_row *row, const struct automate *c,
		      struct err *err)
{
	struct auto_row first = *row;
	struct auto_subject s;
	struct auto_reply r;
	int64_t due_at, id;

	if (is_kind(row, "rule") ||
	    (is_kind(row, "greeting") &&
	     !auto_reply_find_replaced(db, a, row, &first, err)))
		return err->kind == ERR_NONE;
	if (!first.id)
		return true;
	if (!auto_subject_find(db, a, first.asked_message_id, &s, err))
		return false;
	auto_reply_read(a, s.auto_reply, c->delay_s, &r);
	if (!r.enabled || (size_t)first.step >= r.n_steps)
		return true;
	due_at = row->changed_at + r.steps[first.step].after_min * MINUTE_US;
	return auto_reply_plan_step(db, a, &first, due_at, c->now, &id, err) &&
	       leave_task(db, a, first.client_id, id, due_at, c, err);
}

bool automate_sent(struct db *db, struct arena *a, int64_t id,
		   const struct automate *c, struct err *err)
{
	struct auto_row row;
	bool ok;

	ok = db_begin(db, err);
	if (ok && !auto_reply_lock(db, a, id, &row, err))
		ok = is_gone(err);
	else if (ok && strcmp(row.state, "sent") == 0)
		ok = auto_reply_mirror(db, a, &row, c->now, c->request_id,
				       err) &&
		     plan_next(db, a, &row, c, err);
	return db_finish(db, ok, err);
}
