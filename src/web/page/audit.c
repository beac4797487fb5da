/*
 * audit.c - the page of who did what.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "web/audit.h"
#include "web/cursor.h"
#include "web/language.h"
#include "web/page.h"
#include "web/page/pages.h"
#include "web/user_agent.h"

/* Of the path to the next page: four texts, each character three bytes as
 * many in a URL. */
#define PATH_BYTES_MAX 16384

#define NOTHING "—"

/* A value as people read it; NULL: it is not there. */
static const char *value_text(struct json_object *o, const char *name)
{
	struct json_object *v;

	if (!o || !json_object_object_get_ex(o, name, &v))
		return NULL;
	if (!v)
		return NOTHING;
	if (!json_object_is_type(v, json_type_string))
		return json_text(v);
	return *json_object_get_string(v) ? json_object_get_string(v) : NOTHING;
}

/* What was made without it, or deleted without it, did not change by it. */
static bool is_idle(const char *old, const char *new)
{
	return !(old && new) && strcmp(old ? old : new, NOTHING) == 0;
}

static void add_change(struct json_object *list, const char *name,
		       struct json_object *before, struct json_object *after)
{
	const char *old = value_text(before, name);
	const char *new = value_text(after, name);
	struct json_object *o;

	if (is_idle(old, new))
		return;
	o = json_object_new_object();
	json_put_str(o, "name", name);
	json_put_str(o, "before", old);
	json_put_str(o, "after", new);
	json_put_bool(o, "is_both", old && new);
	json_object_array_add(list, o);
}

static struct json_object *read_stored(struct req *rq, const char *json)
{
	struct json_object *o = NULL;
	struct err err = { 0 };

	if (json && !json_read(rq->a, json, strlen(json), &o, &err))
		bug("an entry of the audit cannot be read");
	return o;
}

static struct json_object *changes_json(struct req *rq,
					const struct audit_row *e)
{
	struct json_object *before = read_stored(rq, e->before);
	struct json_object *after = read_stored(rq, e->after);
	struct json_object *list = json_object_new_array();

	if (before) {
		json_object_object_foreach(before, name, old)
		{
			(void)old;
			add_change(list, name, before, after);
		}
	}
	if (after) {
		json_object_object_foreach(after, key, new)
		{
			(void)new;
			if (!value_text(before, key))
				add_change(list, key, before, after);
		}
	}
	return list;
}

static const char *url_text(struct req *rq, const char *s)
{
	struct buf b;

	buf_init(&b, rq->a, PATH_BYTES_MAX);
	buf_add_url(&b, s);
	return b.s;
}

/* An action that the texts do not know is shown as it is. */
static struct json_object *entry_json(struct req *rq, struct json_object *t,
				      const struct audit_row *e)
{
	struct json_object *actions = json_object_at(t, "actions");
	struct json_object *actors = json_object_at(t, "actors");
	struct json_object *o = json_object_new_object();

	json_put_str(o, "at", clock_text(rq->a, e->at));
	json_put_str(o, "when", page_when(rq, e->at));
	json_put_str(o, "login", e->login);
	json_put_str(o, "by", json_str(actors, e->actor, NULL));
	json_put_str(o, "what", json_str(actions, e->action, e->action));
	json_put_str(o, "object", e->object);
	json_put_str(o, "object_url", url_text(rq, e->object));
	json_put(o, "changes", changes_json(rq, e));
	json_put_str(o, "address", e->address);
	json_put_str(o, "device", user_agent_words(rq->a, e->user_agent));
	return o;
}

static const char *id_text(struct req *rq, int64_t id)
{
	return id ? arena_printf(rq->a, "%" PRId64, id) : "";
}

/* What the form and the link to the next page say. */
static struct json_object *asked_json(struct req *rq,
				      const struct audit_filter *f)
{
	struct json_object *o = json_object_new_object();

	json_put_str(o, "action", f->action ? f->action : "");
	json_put_str(o, "object", f->object ? f->object : "");
	json_put_str(o, "user_id", id_text(rq, f->user_id));
	json_put_str(o, "client_id",
		     req_client(rq) ? "" : id_text(rq, f->client_id));
	return o;
}

/* NULL: this is the last page. */
static const char *next_path(struct req *rq, const struct audit_found *found,
			     struct json_object *asked)
{
	struct buf b;

	if (!found->more)
		return NULL;
	buf_init(&b, rq->a, PATH_BYTES_MAX);
	buf_addf(&b, "%s?limit=%d&cursor=", rq->path, found->asked.limit - 1);
	buf_add_url(&b, cursor_text(rq->a, 0, found->list[found->n - 1].id));
	json_object_object_foreach(asked, name, value)
	{
		if (!json_object_get_string_len(value))
			continue;
		buf_addf(&b, "&%s=", name);
		buf_add_url(&b, json_object_get_string(value));
	}
	return b.s;
}

/* For the field where an action is asked for, in the order of the texts. */
static struct json_object *actions_json(struct json_object *t)
{
	struct json_object *list = json_object_new_array();

	json_object_object_foreach(json_object_at(t, "actions"), action, name)
	{
		struct json_object *o = json_object_new_object();

		json_put_str(o, "action", action);
		json_put_str(o, "name", json_object_get_string(name));
		json_object_array_add(list, o);
	}
	return list;
}

enum http_status page_audit(struct req *rq)
{
	struct json_object *t =
		json_object_at(language_texts(language_of(rq)), "audit");
	struct json_object *entries = json_object_new_array();
	struct json_object *asked, *o = json_new(rq->a);
	enum http_status status = HTTP_OK;
	struct audit_found found;

	json_put(o, "entries", entries);
	json_put(o, "actions", actions_json(t));
	rq->query.inputs = true;
	if (!req_audit_find(rq, &found))
		status = page_refused(rq, o);
	for (size_t i = 0; i < found.n; i++)
		json_object_array_add(entries,
				      entry_json(rq, t, &found.list[i]));
	asked = asked_json(rq, &found.asked);
	json_put(o, "asked", asked);
	json_put_bool(o, "is_found", found.n > 0);
	json_put_str(o, "next", next_path(rq, &found, asked));
	return reply_page(rq, status, "audit", o);
}
