/*
 * auto_preview.c - what would be sent to a message of that moment, and why.
 */
#include "config.h"

#include "base/clock.h"
#include "base/text.h"
#include "core/auto_preview.h"

#define MINUTE_US (60 * CLOCK_SECOND_US)

static struct auto_forecast *add(struct arena *a, struct auto_preview *p,
				 const char *kind, size_t step, int64_t due_at,
				 const char *text)
{
	struct auto_words words = {
		.buyer = "Анна",
		.ad = "Велосипед",
		.price = "15 000 ₽",
		.link = "https://www.avito.ru/1234567890",
		.project = p->project_name,
		.shop = p->shop_name,
	};
	struct auto_forecast *f = &p->list[p->n++];

	*f = (struct auto_forecast){
		.kind = kind,
		.step = step,
		.due_at = due_at,
		.text = auto_text_fill(a, text, &words),
	};
	if (text_is_blank(f->text))
		f->reason = "empty";
	return f;
}

/* Why one starts, or none. */
static const char *explain(struct arena *a, const struct auto_preview *p)
{
	if (!p->set.enabled)
		return "The auto-reply is switched off.";
	if (!p->set.is_interval)
		return arena_printf(a,
				    "Mode always: one in %lld hours, whatever "
				    "the time.",
				    (long long)p->set.repeat_h);
	if (!p->window.is_open)
		return arena_printf(a, "No window is open at %s (%s)%s.",
				    p->clock, p->set.timezone,
				    *p->special ? ", a date with a rule of its "
						  "own"
						: "");
	return arena_printf(a,
			    "A window that begins on %s%s holds %s (%s): one "
			    "until it ends.",
			    p->window.day,
			    *p->window.special ? ", a date with a rule of its "
						 "own,"
					       : "",
			    p->clock, p->set.timezone);
}

static bool add_steps(struct db *db, struct arena *a, struct auto_preview *p,
		      int64_t due_at, struct err *err)
{
	struct auto_window open = { .is_open = true };

	for (size_t i = 0; i < p->set.n_steps; i++) {
		struct auto_forecast *f;

		due_at += p->set.steps[i].after_min * MINUTE_US;
		if (p->set.is_interval &&
		    !auto_window_at(db, a, p->set.json, due_at, &open, err))
			return false;
		f = add(a, p, "auto_reply", i + 1, due_at,
			p->set.steps[i].text);
		if (open.is_open)
			continue;
		f->reason = "closed";
		break; /* nothing follows what was not sent */
	}
	return true;
}

static bool forecast(struct db *db, struct arena *a, struct auto_preview *p,
		     struct err *err)
{
	int64_t due_at = p->at + p->set.delay_s * CLOCK_SECOND_US;
	bool greets = p->is_first && !text_is_blank(p->greeting);
	struct auto_forecast *first;

	if (greets)
		add(a, p, "greeting", 0, p->at, p->greeting);
	if (p->reason)
		return true;
	first = add(a, p, "auto_reply", 0, due_at, p->set.text);
	if (greets) {
		first->reason = "replaced";
		due_at = p->at;
	}
	return add_steps(db, a, p, due_at, err);
}

bool auto_preview(struct db *db, struct arena *a, struct auto_preview *p,
		  struct err *err)
{
	auto_reply_read(a, p->auto_reply, p->delay_s, &p->set);
	if (!auto_window_clock(db, a, p->set.timezone, p->at, &p->clock, err) ||
	    !auto_window_special(db, a, p->set.json, p->at, &p->special, err) ||
	    !auto_window_at(db, a, p->set.json, p->at, &p->window, err))
		return false;
	if (!p->set.enabled)
		p->reason = "disabled";
	else if (p->set.is_interval && !p->window.is_open)
		p->reason = "closed";
	p->explanation = explain(a, p);
	return forecast(db, a, p, err);
}
