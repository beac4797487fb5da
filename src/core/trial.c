/*
 * trial.c - what filters or rules would have done with the last week's
 * messages.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "core/rule.h"
#include "core/trial.h"

#define WEEK_US      (7 * 86400 * CLOCK_SECOND_US)
#define MESSAGES_MAX 5000
/* Of which so many are judged by one statement: its time is looked at in
 * between. */
#define PART    100
#define TIME_MS 1500

static void note(struct trial_item *item, const struct trial_message *m)
{
	item->count++;
	if (item->n_examples < TRIAL_EXAMPLES)
		item->examples[item->n_examples++] = m;
}

/* A trial under way. */
struct trying {
	struct db *db;
	struct arena *a;
	const struct trial_question *q;
	struct trial *t;
	bool (*judge)(struct db *db, struct arena *a, int64_t client_id,
		      const char *json, const char *const *ids, size_t n_ids,
		      struct trial_message **list, size_t *n, struct err *err);
	bool (*take)(struct trying *w, const struct trial_message *m,
		     struct err *err);
	bool buyers_only;
	/* Of rules: */
	struct rule *rules;
	int64_t dialog_id;
	int64_t *acted_at; /* in that dialog, by rule; 0: not yet */
};

static bool take_all(struct trying *w, const struct trial_message *list,
		     size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (!w->take(w, &list[i], err))
			return false;
	w->t->messages += (int64_t)n;
	return true;
}

static bool run(struct trying *w, struct err *err)
{
	int64_t until_ms = clock_mono_ms() + TIME_MS;
	const struct trial_question *q = w->q;
	const char **ids;
	size_t n_ids, n, seen;
	bool all;

	w->t->since = q->now - WEEK_US;
	if (!trial_list(w->db, w->a, q->client_id, q->project_id, w->t->since,
			w->buyers_only, MESSAGES_MAX, &ids, &n_ids, &all, err))
		return false;
	for (seen = 0; seen < n_ids && clock_mono_ms() < until_ms;
	     seen += PART) {
		size_t part = n_ids - seen < PART ? n_ids - seen : PART;
		struct trial_message *list;

		if (!w->judge(w->db, w->a, q->client_id, q->json, ids + seen,
			      part, &list, &n, err) ||
		    !take_all(w, list, n, err))
			return false;
	}
	w->t->is_complete = all && seen >= n_ids;
	return true;
}

/* Names and places for what comes of them. */
static bool make_items(struct trying *w, struct err *err)
{
	struct trial *t = w->t;
	struct json_object *array;

	*t = (struct trial){ 0 };
	if (!json_read(w->a, w->q->json, strlen(w->q->json), &array, err))
		return false;
	t->n = json_object_array_length(array);
	t->items = arena_array(w->a, t->n, sizeof(*t->items));
	for (size_t i = 0; i < t->n; i++) {
		struct json_object *o = json_object_array_get_idx(array, i);

		t->items[i].id = json_str(o, "id", "");
		t->items[i].name = json_str(o, "name", "");
	}
	return true;
}

static bool take_filtered(struct trying *w, const struct trial_message *m,
			  struct err *err UNUSED)
{
	for (size_t i = 0; m->filter && i < w->t->n; i++)
		if (strcmp(w->t->items[i].id, m->filter) == 0)
			note(&w->t->items[i], m);
	return true;
}

bool trial_of_filters(struct db *db, struct arena *a,
		      const struct trial_question *q, struct trial *t,
		      struct err *err)
{
	struct trying w = {
		.db = db,
		.a = a,
		.q = q,
		.t = t,
		.judge = trial_filters,
		.take = take_filtered,
	};

	return make_items(&w, err) && run(&w, err);
}

static void act(struct trying *w, size_t i, const struct trial_message *m)
{
	const struct rule *r = &w->rules[i];
	int64_t *last = &w->acted_at[i];

	note(&w->t->items[i], m);
	if ((!r->send && !r->assign && !r->label) ||
	    (*last && m->written_at - *last < r->repeat_us))
		return;
	*last = m->written_at;
	w->t->items[i].acted++;
}

/* A dialog's messages come one behind the other. */
static bool take_asked(struct trying *w, const struct trial_message *m,
		       struct err *err)
{
	struct json_object *found;

	if (!json_read(w->a, m->found, strlen(m->found), &found, err))
		return false;
	if (m->dialog_id != w->dialog_id)
		memset(w->acted_at, 0, w->t->n * sizeof(*w->acted_at));
	w->dialog_id = m->dialog_id;
	for (size_t i = 0; i < w->t->n; i++) {
		if (!rule_applies(&w->rules[i], found, m->is_first))
			continue;
		act(w, i, m);
		if (w->rules[i].stop)
			break;
	}
	return true;
}

bool trial_of_rules(struct db *db, struct arena *a,
		    const struct trial_question *q, struct trial *t,
		    struct err *err)
{
	struct trying w = {
		.db = db,
		.a = a,
		.q = q,
		.t = t,
		.judge = trial_rules,
		.take = take_asked,
		.buyers_only = true,
	};
	size_t n;

	if (!make_items(&w, err) || !rules_read(a, q->json, &w.rules, &n, err))
		return false;
	w.acted_at = arena_array(a, n, sizeof(*w.acted_at));
	return run(&w, err);
}
