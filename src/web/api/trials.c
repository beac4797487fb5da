/*
 * trials.c - what a project's filters have done, and what filters or rules
 * would do.
 */
#include "config.h"

#include <string.h>

#include "core/filter.h"
#include "core/rule.h"
#include "core/trial.h"
#include "store/filter.h"
#include "store/project.h"
#include "web/api/api.h"
#include "web/api/object.h"

/* ---- hits ---- */

static const struct filter_hits *hits_of(const struct filter_hits *list,
					 size_t n, const char *id)
{
	static const struct filter_hits none;

	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].id, id) == 0)
			return &list[i];
	return &none;
}

static struct json_object *hits_json(struct req *rq, struct json_object *filter,
				     const struct filter_hits *h)
{
	struct json_object *o = json_object_new_object();

	json_put_str(o, "id", json_str(filter, "id", ""));
	json_put_str(o, "name", json_str(filter, "name", ""));
	json_put_bool(o, "enabled", json_flag(filter, "enabled", false));
	json_put_str(o, "action", json_str(filter, "action", ""));
	json_put_i64(o, "hits", h->hits);
	json_put_time(rq, o, "last_at", h->last_at);
	return o;
}

enum http_status api_filter_hits(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	struct json_object *filters, *items;
	struct filter_hits *list;
	struct project p;
	size_t n;

	if (req_bad(rq) ||
	    !project_find(rq->db, rq->a, req_client(rq), id, &p, &rq->err) ||
	    !filter_hits_list(rq->db, rq->a, p.client_id, p.id, &list, &n,
			      &rq->err) ||
	    !json_read(rq->a, p.filters, strlen(p.filters), &filters, &rq->err))
		return reply_err(rq);
	items = json_object_new_array();
	for (size_t i = 0; i < json_object_array_length(filters); i++) {
		struct json_object *f = json_object_array_get_idx(filters, i);

		json_object_array_add(
			items,
			hits_json(rq, f,
				  hits_of(list, n, json_str(f, "id", ""))));
	}
	return reply_list(rq, items, false, 0, 0);
}

/* ---- trials ---- */

static struct json_object *example_json(struct req *rq,
					const struct trial_message *m)
{
	struct json_object *o = json_object_new_object();

	json_put_i64(o, "id", m->id);
	json_put_i64(o, "dialog_id", m->dialog_id);
	json_put_str(o, "author", m->author);
	json_put_str(o, "kind", m->kind);
	json_put_str(o, "text", m->text);
	json_put_time(rq, o, "written_at", m->written_at);
	return o;
}

static struct json_object *item_json(struct req *rq,
				     const struct trial_item *item, bool acts)
{
	struct json_object *examples = json_object_new_array();
	struct json_object *o = json_object_new_object();

	json_put_str(o, "id", item->id);
	json_put_str(o, "name", item->name);
	json_put_i64(o, "count", item->count);
	if (acts)
		json_put_i64(o, "acted", item->acted);
	for (size_t i = 0; i < item->n_examples; i++)
		json_object_array_add(examples,
				      example_json(rq, item->examples[i]));
	json_put(o, "examples", examples);
	return o;
}

static enum http_status reply_trial(struct req *rq, const struct trial *t,
				    bool acts)
{
	struct json_object *items = json_object_new_array();
	struct json_object *o = json_new(rq->a);

	json_put_time(rq, o, "since", t->since);
	json_put_i64(o, "messages", t->messages);
	json_put_bool(o, "complete", t->is_complete);
	for (size_t i = 0; i < t->n; i++)
		json_object_array_add(items, item_json(rq, &t->items[i], acts));
	json_put(o, "items", items);
	return reply_json(rq, HTTP_OK, o);
}

/* What the body has in place of what is stored. */
static const char *read_list(struct req *rq, const char *key, size_t max)
{
	struct json_object *list =
		form_array(&rq->body, key, max, FORM_OPTIONAL);

	return list ? json_text(list) : NULL;
}

enum http_status api_filters_try(struct req *rq)
{
	struct problems problems = { .a = rq->a };
	int64_t id = req_path_i64(rq, "id");
	const char *filters = read_list(rq, "filters", FILTERS_MAX);
	struct trial_question q = { .project_id = id, .now = rq->now };
	struct project p;
	struct trial t;

	if (req_bad(rq) ||
	    !project_find(rq->db, rq->a, req_client(rq), id, &p, &rq->err))
		return reply_err(rq);
	if (filters &&
	    (!filters_check(rq->db, rq->a, &filters, &problems, &rq->err) ||
	     !problems_none(&problems, &rq->err)))
		return reply_refused(rq, &problems);
	q.client_id = p.client_id;
	q.json = filters ? filters : p.filters;
	if (!trial_of_filters(rq->db, rq->a, &q, &t, &rq->err))
		return reply_err(rq);
	return reply_trial(rq, &t, false);
}

enum http_status api_rules_try(struct req *rq)
{
	struct problems problems = { .a = rq->a };
	int64_t id = req_path_i64(rq, "id");
	const char *rules = read_list(rq, "rules", RULES_MAX);
	struct trial_question q = { .project_id = id, .now = rq->now };
	struct project p;
	struct trial t;

	if (req_bad(rq) ||
	    !project_find(rq->db, rq->a, req_client(rq), id, &p, &rq->err))
		return reply_err(rq);
	if (rules && (!rules_check(rq->db, rq->a, p.client_id, &rules,
				   &problems, &rq->err) ||
		      !problems_none(&problems, &rq->err)))
		return reply_refused(rq, &problems);
	q.client_id = p.client_id;
	q.json = rules ? rules : p.rules;
	if (!trial_of_rules(rq->db, rq->a, &q, &t, &rq->err))
		return reply_err(rq);
	return reply_trial(rq, &t, true);
}
