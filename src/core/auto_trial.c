/*
 * auto_trial.c - an auto-reply tried on what was written of late.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/auto_trial.h"
#include "core/automate.h"
#include "store/auto_window.h"

#define MINUTE_US (60 * CLOCK_SECOND_US)
#define HOUR_US   (60 * MINUTE_US)
/* One dialog, message by message. */
struct play {
	struct arena *a;
	struct auto_trial *t;
	const struct auto_past *list; /* of this dialog */
	size_t n;
	struct auto_reply set;
	struct auto_window *windows; /* of the whole time */
	size_t n_windows;

	int64_t waits_until;            /* a first text's time */
	int64_t sent_at;                /* of the last text; 0: none */
	int64_t asked_begin, asked_end; /* the interval that has one */
	const struct auto_past *asked;  /* the chain of steps */
	size_t step;
	int64_t step_at; /* 0: none follows */
};

/* A person's answer from the question's second up to that time. */
static bool is_answered(const struct play *p, const struct auto_past *asked,
			int64_t until)
{
	int64_t second =
		asked->written_at - asked->written_at % CLOCK_SECOND_US;

	for (size_t i = 0; i < p->n; i++)
		if (!p->list[i].is_buyers && p->list[i].written_at >= second &&
		    p->list[i].written_at <= until)
			return true;
	return false;
}

static void note(struct play *p, const struct auto_past *asked,
		 const char *kind, size_t step, int64_t due_at,
		 const char *outcome, const char *reason, const char *text)
{
	struct auto_words words = {
		.buyer = asked->buyer_name,
		.ad = asked->item_title,
		.price = asked->item_price,
		.link = asked->item_url,
		.project = p->t->project_name,
		.shop = *asked->shop_name ? asked->shop_name
					  : p->t->project_name,
	};

	if (p->t->n_items == AUTO_TRIAL_ITEMS_MAX)
		return;
	p->t->items[p->t->n_items++] = (struct auto_trial_item){
		.dialog_id = asked->dialog_id,
		.message_id = asked->id,
		.written_at = asked->written_at,
		.due_at = due_at,
		.kind = kind,
		.step = step,
		.outcome = outcome,
		.reason = reason,
		.text = auto_text_fill(p->a, text, &words),
	};
}

/* What comes of a text at its time; true: it was sent. */
static bool ends(struct play *p, const struct auto_past *asked,
		 const char *kind, size_t step, int64_t due_at,
		 const char *text, int64_t *count)
{
	const char *outcome = "sent", *reason = "";

	if (is_answered(p, asked, due_at < p->t->now ? due_at : p->t->now)) {
		outcome = "dropped";
		reason = "answered";
		p->t->answered++;
	} else if (due_at > p->t->now) {
		outcome = "pending";
		p->t->pending++;
	} else {
		++*count;
		p->sent_at = due_at;
	}
	note(p, asked, kind, step, due_at, outcome, reason, text);
	return outcome[0] == 's';
}

static void then(struct play *p, const struct auto_past *asked, size_t step,
		 int64_t at)
{
	p->asked = asked;
	p->step = step;
	p->step_at = step <= p->set.n_steps
			     ? at + p->set.steps[step - 1].after_min * MINUTE_US
			     : 0;
}

static struct auto_window window_at(const struct play *p, int64_t at)
{
	return auto_window_in(p->windows, p->n_windows, at);
}

/* The steps whose time comes before `until`. */
static void play_steps(struct play *p, int64_t until)
{
	while (p->step_at && p->step_at <= until) {
		const char *text = p->set.steps[p->step - 1].text;
		int64_t at = p->step_at;

		p->step_at = 0;
		if (p->set.is_interval && !window_at(p, at).is_open)
			note(p, p->asked, "auto_reply", p->step, at, "dropped",
			     "closed", text);
		else if (ends(p, p->asked, "auto_reply", p->step, at, text,
			      &p->t->steps))
			then(p, p->asked, p->step + 1, at);
	}
}

static bool is_in_interval(const struct play *p, const struct auto_past *m)
{
	if (p->set.is_interval)
		return m->written_at >= p->asked_begin &&
		       m->written_at < p->asked_end;
	return p->sent_at &&
	       p->sent_at > m->written_at - p->set.repeat_h * HOUR_US;
}

/* *counter of why none starts; NULL: one does. */
static int64_t *why_not(struct play *p, const struct auto_past *m,
			const struct auto_window *w)
{
	struct auto_trial *t = p->t;

	if (m->seen_at - m->written_at > AUTOMATE_TOO_OLD_US)
		return &t->too_old;
	if (!p->set.enabled)
		return &t->disabled;
	if (p->set.is_interval && !w->is_open)
		return &t->closed;
	if (m->written_at < p->waits_until)
		return &t->waiting;
	return is_in_interval(p, m) ? &t->repeated : NULL;
}

static bool greet(struct play *p, const struct auto_past *m)
{
	if (!m->is_first || text_is_blank(p->t->greeting) ||
	    m->seen_at - m->written_at > AUTOMATE_TOO_OLD_US)
		return false;
	return ends(p, m, "greeting", 0, m->written_at, p->t->greeting,
		    &p->t->greetings);
}

static void start(struct play *p, const struct auto_past *m,
		  const struct auto_window *w, bool greeted)
{
	int64_t due_at = m->written_at + p->set.delay_s * CLOCK_SECOND_US;
	bool goes;

	p->t->started++;
	p->step_at = 0;
	if (greeted) {
		note(p, m, "auto_reply", 0, due_at, "replaced", "",
		     p->set.text);
		due_at = m->written_at;
		goes = true;
	} else {
		p->waits_until = due_at;
		goes = ends(p, m, "auto_reply", 0, due_at, p->set.text,
			    &p->t->sent);
	}
	if (!goes)
		return;
	p->asked_begin = w->begins_at;
	p->asked_end = w->ends_at;
	then(p, m, 1, due_at);
}

static void play_dialog(struct play *p)
{
	p->t->dialogs++;
	for (size_t i = 0; i < p->n; i++) {
		const struct auto_past *m = &p->list[i];
		struct auto_window w;
		int64_t *counter;
		bool greeted;

		if (!m->is_buyers)
			continue;
		play_steps(p, m->written_at);
		p->t->messages++;
		w = window_at(p, m->written_at);
		counter = why_not(p, m, &w);
		greeted = greet(p, m);
		if (counter)
			++*counter;
		else
			start(p, m, &w, greeted);
	}
	play_steps(p, p->t->now);
}

static const char *settings_of(const struct auto_trial *t,
			       const struct auto_past *m)
{
	return *m->own ? m->own : t->auto_reply;
}

/* Dialogs with the same settings in a row share their windows. */
static size_t alike(const struct auto_trial *t, const struct auto_past *list,
		    size_t n)
{
	size_t i = 1;

	while (i < n &&
	       strcmp(settings_of(t, &list[i]), settings_of(t, &list[0])) == 0)
		i++;
	return i;
}

static size_t dialog_len(const struct auto_past *list, size_t n)
{
	size_t i = 1;

	while (i < n && list[i].dialog_id == list[0].dialog_id)
		i++;
	return i;
}

static bool play_group(struct db *db, struct arena *a, struct auto_trial *t,
		       const struct auto_past *list, size_t n, struct err *err)
{
	struct play group = { .a = a, .t = t };

	auto_reply_read(a, settings_of(t, list), t->delay_s, &group.set);
	/* What was seen in that week may have been written before. */
	if (group.set.enabled && group.set.is_interval &&
	    !auto_windows_list(db, a, group.set.json,
			       t->since - AUTOMATE_TOO_OLD_US, t->now,
			       &group.windows, &group.n_windows, err))
		return false;
	for (size_t i = 0; i < n;) {
		struct play p = group;

		p.list = list + i;
		p.n = dialog_len(list + i, n - i);
		play_dialog(&p);
		i += p.n;
	}
	return true;
}

bool auto_trial(struct db *db, struct arena *a, struct auto_trial *t,
		struct err *err)
{
	struct auto_past *list;
	size_t n;

	t->items = arena_array(a, AUTO_TRIAL_ITEMS_MAX, sizeof(*t->items));
	if (!auto_week_list(db, a, t->client_id, t->project_id, t->since, &list,
			    &n, &t->truncated, err))
		return false;
	for (size_t i = 0; i < n;) {
		size_t len = alike(t, list + i, n - i);

		if (!play_group(db, a, t, list + i, len, err))
			return false;
		i += len;
	}
	return true;
}
