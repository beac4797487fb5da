/*
 * projects.c - how the chats of a group of sources are worked on.
 */
#include "config.h"

#include "core/auto_reply.h"
#include "core/filter.h"
#include "core/project.h"
#include "core/rule.h"
#include "core/slug.h"
#include "web/api/api.h"
#include "web/api/object.h"

static struct json_object *project_json(struct req *rq, const struct project *p)
{
	struct json_object *o = json_new(rq->a);

	json_put_i64(o, "id", p->id);
	json_put_i64(o, "client_id", p->client_id);
	json_put_str(o, "name", p->name);
	json_put_str(o, "slug", p->slug);
	json_put_str(o, "description", p->description);
	json_put_id(o, "bot_id", p->bot_id);
	json_put_bool(o, "require_quote", p->require_quote);
	json_put_str(o, "greeting", p->greeting);
	json_put_stored(rq, o, "filters", p->filters);
	json_put_stored(rq, o, "rules", p->rules);
	json_put_stored(rq, o, "auto_reply", p->auto_reply);
	json_put_str(o, "operators", p->operators);
	json_put_str(o, "fallback", p->fallback);
	json_put_bool(o, "hide_system_messages", p->hide_system_messages);
	json_put_time(rq, o, "created_at", p->created_at);
	json_put_time(rq, o, "updated_at", p->updated_at);
	return o;
}

static void audit(struct req *rq, const char *action, int64_t id,
		  const struct project *before, const struct project *after)
{
	req_audit(rq, action, req_object(rq, "project", id),
		  before ? project_json(rq, before) : NULL,
		  after ? project_json(rq, after) : NULL);
}

static void read_form(struct req *rq, struct project *p, bool creating)
{
	struct form *f = &rq->body, auto_reply;
	struct json_object *list;

	form_text(f, "name", &p->name, PROJECT_NAME_MAX,
		  FORM_REQUIRED_IF(creating));
	form_text(f, "slug", &p->slug, SLUG_MAX, FORM_OPTIONAL);
	form_text(f, "description", &p->description, PROJECT_DESCRIPTION_MAX,
		  FORM_BLANK);
	form_id(f, "bot_id", &p->bot_id, FORM_NULL);
	form_bool(f, "require_quote", &p->require_quote, FORM_OPTIONAL);
	form_text(f, "greeting", &p->greeting, PROJECT_GREETING_MAX,
		  FORM_BLANK);
	list = form_array(f, "filters", FILTERS_MAX, FORM_OPTIONAL);
	if (list)
		p->filters = json_text(list);
	list = form_array(f, "rules", RULES_MAX, FORM_OPTIONAL);
	if (list)
		p->rules = json_text(list);
	/* Core knows what belongs into it. */
	if (form_object(f, "auto_reply", &auto_reply, FORM_OPTIONAL))
		p->auto_reply =
			auto_reply_merge(rq->a, p->auto_reply, auto_reply.o);
	form_word(f, "operators", &p->operators, project_operators,
		  FORM_OPTIONAL);
	form_word(f, "fallback", &p->fallback, project_fallbacks,
		  FORM_OPTIONAL);
	form_bool(f, "hide_system_messages", &p->hide_system_messages,
		  FORM_OPTIONAL);
}

enum http_status api_project_list(struct req *rq)
{
	int64_t client_id = req_list_client(rq);
	struct page page = req_page(rq);
	struct json_object *items;
	struct project *list;
	size_t n, shown;

	if (req_bad(rq) || !projects_list(rq->db, rq->a, client_id, page.after,
					  page.limit + 1, &list, &n, &rq->err))
		return reply_err(rq);
	shown = n > (size_t)page.limit ? (size_t)page.limit : n;
	items = json_object_new_array();
	for (size_t i = 0; i < shown; i++)
		json_object_array_add(
			items, json_object_get(project_json(rq, &list[i])));
	return reply_list(rq, items, n > shown, shown ? list[shown - 1].id : 0,
			  0);
}

enum http_status api_project_create(struct req *rq)
{
	struct problems problems = { .a = rq->a };
	int64_t client_id = req_new_client(rq);
	struct project p = { .auto_reply = "{}" };

	/* What is there is checked even when nobody says whose it is. */
	if (client_id && rq->err.kind == ERR_NONE &&
	    !project_init(rq->db, rq->a, client_id, &p, &rq->err))
		return reply_err(rq);
	read_form(rq, &p, true);
	if (req_bad(rq))
		return reply_err(rq);
	if (!project_add(rq->db, rq->a, &p, rq->now, &problems, &rq->err))
		return reply_refused(rq, &problems);
	audit(rq, "project.create", p.id, NULL, &p);
	return reply_json(rq, HTTP_CREATED, project_json(rq, &p));
}

enum http_status api_project_get(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	struct project p;

	if (req_bad(rq) ||
	    !project_find(rq->db, rq->a, req_client(rq), id, &p, &rq->err))
		return reply_err(rq);
	return reply_json(rq, HTTP_OK, project_json(rq, &p));
}

enum http_status reply_project_change(struct req *rq,
				      const struct project *before,
				      const struct project *p)
{
	audit(rq, "project.change", p->id, before, p);
	rq->ring = p->bot_id != before->bot_id;
	return reply_json(rq, HTTP_OK, project_json(rq, p));
}

enum http_status api_project_change(struct req *rq)
{
	struct problems problems = { .a = rq->a };
	int64_t id = req_path_i64(rq, "id");
	struct project before, p;

	if (rq->err.kind ||
	    !project_lock(rq->db, rq->a, req_client(rq), id, &before, &rq->err))
		return reply_err(rq);
	p = before;
	read_form(rq, &p, false);
	if (req_bad(rq))
		return reply_err(rq);
	if (!project_change(rq->db, rq->a, &before, &p, rq->now, &problems,
			    &rq->err))
		return reply_refused(rq, &problems);
	return reply_project_change(rq, &before, &p);
}

enum http_status api_project_remove(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	struct project p;

	if (req_bad(rq) ||
	    !project_lock(rq->db, rq->a, req_client(rq), id, &p, &rq->err) ||
	    !project_remove(rq->db, rq->a, &p, &rq->err))
		return reply_err(rq);
	audit(rq, "project.delete", p.id, &p, NULL);
	return reply_empty(rq);
}
