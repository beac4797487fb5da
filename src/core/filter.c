/*
 * filter.c - a project's filters as they are set up.
 */
#include "config.h"

#include <string.h>

#include "chan/chan.h"
#include "core/filter.h"

static const char *const actions[] = { "hide", "drop", "pass", NULL };
static const char *const directions[] = { "buyer", "seller", "system", NULL };

struct filter {
	const char *id, *name, *action;
	bool enabled;
	struct word_list words;
	struct json_object *items, *buyers, *kinds, *directions;
};

static bool is_empty(struct json_object *list)
{
	return json_object_array_length(list) == 0;
}

/* One that would apply to everything is more likely a mistake: who means it
 * names all directions. */
static bool has_condition(const struct filter *r)
{
	return !is_empty(r->items) || !is_empty(r->buyers) ||
	       !is_empty(r->words.list) || !is_empty(r->kinds) ||
	       !is_empty(r->directions);
}

static void read_action(struct fields *f, struct filter *r)
{
	fields_text(f, "action", &r->action);
	if (r->action)
		problems_check_word(f->problems, fields_name(f, "action"),
				    r->action, actions);
	else if (!json_object_object_get_ex(f->o, "action", NULL))
		problems_add(f->problems, fields_name(f, "action"),
			     "is required");
}

static void read_kinds(struct fields *f, struct filter *r)
{
	const char *kinds[CHAN_KINDS + 1] = { NULL };

	for (int i = 0; i < CHAN_KINDS; i++)
		kinds[i] = chan_kind_name(i);
	r->kinds = fields_words(f, "kinds", kinds);
}

static void read_filter(struct fields *f, struct filter *r)
{
	size_t n_before = f->problems->n;

	fields_text(f, "name", &r->name);
	problems_check_text(f->problems, fields_name(f, "name"), r->name, 0,
			    FILTER_NAME_MAX);
	fields_bool(f, "enabled", &r->enabled);
	read_action(f, r);
	r->items = fields_ids(f, "items", FILTER_ITEMS_MAX);
	r->buyers =
		fields_texts(f, "buyers", FILTER_BUYERS_MAX, FILTER_BUYER_MAX);
	words_read(f, &r->words);
	read_kinds(f, r);
	r->directions = fields_words(f, "directions", directions);
	fields_end(f);
	if (r->enabled && f->problems->n == n_before && !has_condition(r))
		problems_add(f->problems, f->path,
			     "must have a condition; all directions stand for "
			     "every message");
}

static struct json_object *complete(const struct filter *r)
{
	struct json_object *o = json_object_new_object();

	json_put_str(o, "id", r->id);
	json_put_str(o, "name", r->name);
	json_put_bool(o, "enabled", r->enabled);
	json_put_str(o, "action", r->action ? r->action : "");
	json_put(o, "items", json_object_get(r->items));
	json_put(o, "buyers", json_object_get(r->buyers));
	words_put(o, &r->words);
	json_put(o, "kinds", json_object_get(r->kinds));
	json_put(o, "directions", json_object_get(r->directions));
	return o;
}

/* NULL: no object. */
static struct json_object *check_filter(struct json_object *array, size_t i,
					struct problems *p)
{
	struct filter r = { .name = "", .enabled = true };
	struct json_object *o;
	struct fields f;

	if (!fields_init(&f, json_object_array_get_idx(array, i),
			 arena_printf(p->a, "filters[%zu]", i), p))
		return NULL;
	r.id = fields_own_id(&f, array, i, FILTER_ID_MAX);
	read_filter(&f, &r);
	o = complete(&r);
	if (strlen(json_text(o)) > FILTER_MAX_BYTES)
		problems_add(p, f.path, "must have at most %d bytes",
			     FILTER_MAX_BYTES);
	return o;
}

bool filters_check(struct db *db, struct arena *a, const char **json,
		   struct problems *p, struct err *err)
{
	struct json_object *array, *out = json_new(a);
	struct json_object *filters = json_object_new_array();
	struct err bad = { 0 };

	json_put(out, "filters", filters);
	if (!json_read(a, *json, strlen(*json), &array, &bad) ||
	    !json_object_is_type(array, json_type_array)) {
		problems_add(p, "filters", "must be an array");
		return true;
	}
	if (json_object_array_length(array) > FILTERS_MAX) {
		problems_add(p, "filters", "must have at most %d items",
			     FILTERS_MAX);
		return true;
	}
	for (size_t i = 0; i < json_object_array_length(array); i++)
		json_object_array_add(filters, check_filter(array, i, p));
	*json = json_text(filters);
	return words_check(db, a, "filters", *json, p, err);
}
