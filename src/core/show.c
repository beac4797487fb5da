/*
 * show.c - what must be done so that the copies of a message look as it does
 * now.
 */
#include "config.h"

#include <string.h>

#include "chan/rich.h"
#include "chan/telegram.h"
#include "core/show.h"

#define STEPS_MAX 128

bool show_is_deleted(const struct shown *s)
{
	return *s->d.deleted_by;
}

bool show_is_written_there(const struct shown *s)
{
	return strcmp(s->d.origin, "telegram") == 0 && s->d.origin_id < 0;
}

static const struct shown_copy *
copy_at(const struct shown *s, const char *place, int64_t place_id, size_t part)
{
	for (size_t i = 0; i < s->n_copies; i++)
		if (strcmp(s->copies[i].place, place) == 0 &&
		    s->copies[i].place_id == place_id &&
		    s->copies[i].part == (int)part)
			return &s->copies[i];
	return NULL;
}

/* Behind the last part that lies there. */
static size_t parts_at(const struct shown *s, const char *place,
		       int64_t place_id)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_copies; i++)
		if (strcmp(s->copies[i].place, place) == 0 &&
		    s->copies[i].place_id == place_id &&
		    (size_t)s->copies[i].part >= n)
			n = (size_t)s->copies[i].part + 1;
	return n;
}

struct plan {
	struct show_step *steps;
	size_t n;
};

static struct show_step *add(struct plan *p, enum show_act act,
			     const struct shown_copy *copy)
{
	struct show_step *step = &p->steps[p->n];

	if (p->n + 1 < STEPS_MAX)
		p->n++;
	*step = (struct show_step){ .act = act, .copy = *copy };
	return step;
}

static struct plan plan_new(struct arena *a)
{
	return (struct plan){
		arena_array(a, STEPS_MAX, sizeof(struct show_step)), 0
	};
}

/* Nothing can be written into it afterwards. */
static bool is_fixed(const struct part *p)
{
	return p->data || (p->has_file && (p->kind == CHAN_STICKER ||
					   p->kind == CHAN_VIDEO_NOTE));
}

/* Of several files the first carries the words. */
static bool has_words(const struct part *p)
{
	return !is_fixed(p) && (!p->has_file || p->file == 0);
}

static void plan_edit(struct plan *p, const struct shown *s, const char *place,
		      int64_t place_id, const struct part *want, size_t n_want)
{
	size_t n_have = parts_at(s, place, place_id);

	if (n_have == 0)
		return;
	for (size_t i = 0; i < n_want || i < n_have; i++) {
		const struct shown_copy *c = copy_at(s, place, place_id, i);
		struct shown_copy fresh = { .place = place,
					    .place_id = place_id,
					    .part = (int)i };

		if (i >= n_want && c)
			add(p, SHOW_DELETE, c)->forgets = true;
		else if (i < n_want && c && has_words(&want[i]))
			add(p, SHOW_EDIT, c)->part = want[i];
		else if (i < n_want && !c && !want[i].has_file)
			add(p, SHOW_SEND, &fresh)->part = want[i];
	}
}

void show_plan_buyer(struct arena *a, const struct shown *s,
		     struct show_step **steps, size_t *n)
{
	const struct delivery *d = &s->d;
	const struct chan *chan = chan_of(d->source, tg_place_owner(d->chat));
	struct plan p = plan_new(a);
	struct part *want;
	size_t n_want;
	struct err ignored = { 0 };
	bool ours = strcmp(d->author, "operator") == 0 ||
		    strcmp(d->author, "robot") == 0;

	bool takes_back = ours && strcmp(d->deleted_by, "operator") == 0;

	for (size_t i = 0; takes_back && i < s->n_copies; i++)
		if (strcmp(s->copies[i].place, d->source) == 0 &&
		    s->copies[i].place_id == d->source_id)
			add(&p, SHOW_DELETE, &s->copies[i]);
	if (ours && !show_is_deleted(s) && (chan->can & CHAN_CAN_EDIT) &&
	    compose_buyer(a, d, chan, &want, &n_want, &ignored))
		plan_edit(&p, s, d->source, d->source_id, want, n_want);
	*steps = p.steps;
	*n = p.n;
}

const char *show_note(struct arena *a, const struct shown *s,
		      const struct part *part)
{
	if (show_is_deleted(s))
		return part->text;
	return arena_printf(
		a,
		"✏️ Сообщение изменено. Теперь в "
		"нём:\n%s",
		s->d.text);
}

static void plan_note(struct arena *a, struct plan *p, const struct shown *s,
		      const struct shown_copy *copy, const struct part *part)
{
	add(p, SHOW_SAY, copy)->part = (struct part){
		.kind = CHAN_TEXT,
		.text = show_note(a, s, part),
	};
}

/* What it was before, so that we know what the copies are. */
static void parts_before(struct arena *a, const struct shown *s,
			 struct part **parts, size_t *n)
{
	struct delivery d = s->d;

	d.deleted_by = "";
	compose_team(a, &d, &chan_telegram, parts, n);
}

static void plan_deleted(struct arena *a, struct plan *p, const struct shown *s,
			 const struct part *words)
{
	int64_t group = s->d.topic_group_id;
	size_t n_have = parts_at(s, "telegram", group), n_before;
	const struct shown_copy *c;
	struct part *before;

	parts_before(a, s, &before, &n_before);
	for (size_t i = 0; i < n_have; i++) {
		c = copy_at(s, "telegram", group, i);
		if (!c)
			continue;
		if (i > 0) {
			add(p, SHOW_DELETE, c);
			continue;
		}
		if (n_before && is_fixed(before)) {
			plan_note(a, p, s, c, words);
			continue;
		}
		add(p, SHOW_EDIT, c)->part = (struct part){
			.kind = n_before ? before->kind : CHAN_TEXT,
			.text = words->text,
		};
	}
}

/* Texts that travelled together change together, as far as they still fit. */
static void plan_company(struct arena *a, struct plan *p, const struct shown *s,
			 const struct shown_copy *copy,
			 const struct delivery *company, size_t n)
{
	size_t fit = n - 1, n_parts;
	struct part *parts;

	compose_team(a, &company[0], &chan_telegram, &parts, &n_parts);
	compose_joined(a, &company[0], company + 1, &fit, &chan_telegram, parts,
		       n_parts);
	if (n_parts != 1 || fit != n - 1) {
		compose_team(a, &s->d, &chan_telegram, &parts, &n_parts);
		plan_note(a, p, s, copy, parts);
		return;
	}
	add(p, SHOW_EDIT, copy)->part = parts[0];
}

void show_plan_team(struct arena *a, const struct shown *s,
		    const struct delivery *company, size_t n_company,
		    struct show_step **steps, size_t *n)
{
	int64_t group = s->d.topic_group_id;
	const struct shown_copy *first =
		show_is_written_there(s) ? NULL
					 : copy_at(s, "telegram", group, 0);
	struct plan p = plan_new(a);
	struct part *want;
	size_t n_want;

	if (first && n_company > 1) {
		plan_company(a, &p, s, first, company, n_company);
	} else if (first) {
		compose_team(a, &s->d, &chan_telegram, &want, &n_want);
		if (show_is_deleted(s))
			plan_deleted(a, &p, s, want);
		else
			plan_edit(&p, s, "telegram", group, want, n_want);
	}
	*steps = p.steps;
	*n = p.n;
}

const char *show_refusal(struct arena *a, const struct shown *s,
			 const char *reason)
{
	if (show_is_deleted(s))
		return arena_printf(
			a,
			"🗑 Не удалось удалить у "
			"покупателя: "
			"%s",
			reason);
	return arena_printf(a,
			    "✏️ Правка не дошла: %s. У "
			    "покупателя "
			    "остался "
			    "прежний текст.",
			    reason);
}

const char *show_success(const struct shown *s)
{
	if (!show_is_written_there(s) || !show_is_deleted(s))
		return NULL;
	return strcmp(s->d.deleted_by, "operator") == 0
		       ? "🗑 Удалено у покупателя"
		       : "🗑 Удалено у покупателя в "
			 "приложении";
}
