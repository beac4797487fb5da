/*
 * audit.c - who did what to which object, from where, and what changed.
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mask.h"
#include "base/text.h"
#include "core/audit.h"
#include "store/audit.h"

/* UTF-16 units of a text: enough to recognize it by. */
#define TEXT_MAX 500

/* Units of a member's JSON, however deep; a whole entry stays small. */
#define MEMBER_MAX 4000

/* Of what is told about the visitor, by the visitor. */
#define LOGIN_MAX 64
#define AGENT_MAX 256

/* Units of either side in a log line, which ends at 4 kB. */
#define TOLD_MAX 600

/* "bot_username,name,…" */
#define NAMES_MAX 500

static const char *cut(struct arena *a, const char *s, size_t max)
{
	if (text_units(s) <= max)
		return s;
	return arena_printf(a, "%s…", text_cut(a, s, max - 1));
}

/* What comes from outside may be no text at all. */
static const char *cut_foreign(struct arena *a, const char *s, size_t max)
{
	return s ? cut(a, text_clean(a, s, strlen(s)), max) : "";
}

static bool names_secret(const char *name)
{
	static const char *const words[] = { "secret", "token", "password",
					     "hash", "code" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcasestr(name, words[i]))
			return true;
	return false;
}

static const char *text_shown(struct arena *a, const char *name, const char *s)
{
	s = text_clean(a, s, strlen(s));
	/* A webhook's address holds its secret. */
	return cut(a, strcasestr(name, "url") ? url_masked(a, s) : s, TEXT_MAX);
}

static struct json_object *shown(struct arena *a, const char *name,
				 struct json_object *v);

static struct json_object *object_shown(struct arena *a, struct json_object *o)
{
	struct json_object *copy = json_object_new_object();

	json_object_object_foreach(o, name, member)
	{
		struct json_object *v = shown(a, name, member);
		const char *text = json_text(v);

		if (text_units(text) <= MEMBER_MAX) {
			json_put(copy, name, v);
		} else {
			json_put_str(copy, name, cut(a, text, MEMBER_MAX));
			json_object_put(v);
		}
	}
	return copy;
}

static struct json_object *array_shown(struct arena *a, const char *name,
				       struct json_object *array)
{
	struct json_object *copy = json_object_new_array();

	for (size_t i = 0; i < json_object_array_length(array); i++)
		json_object_array_add(
			copy,
			shown(a, name, json_object_array_get_idx(array, i)));
	return copy;
}

/* A copy for whoever reads the audit.  That a secret is there, and what is
 * but yes or no, gives nothing away. */
static struct json_object *shown(struct arena *a, const char *name,
				 struct json_object *v)
{
	if (!v || json_object_is_type(v, json_type_boolean))
		return json_object_get(v);
	if (names_secret(name))
		return json_object_new_string("***");
	switch (json_object_get_type(v)) {
	case json_type_string:
		return json_object_new_string(
			text_shown(a, name, json_object_get_string(v)));
	case json_type_object:
		return object_shown(a, v);
	case json_type_array:
		return array_shown(a, name, v);
	default:
		return json_object_get(v);
	}
}

static struct json_object *side_shown(struct arena *a, struct json_object *o)
{
	struct json_object *holder;

	if (!o)
		return NULL;
	o = object_shown(a, o);
	holder = json_new(a);
	json_put(holder, "side", o);
	return o;
}

/* What differs goes into *old_only and *new_only, objects within objects
 * member by member. */
static void diff(struct json_object *before, struct json_object *after,
		 struct json_object *old_only, struct json_object *new_only)
{
	struct json_object *other, *inner_old, *inner_new;

	json_object_object_foreach(before, name, value)
	{
		if (!json_object_object_get_ex(after, name, &other)) {
			json_put(old_only, name, json_object_get(value));
			continue;
		}
		if (json_object_equal(value, other))
			continue;
		if (!json_object_is_type(value, json_type_object) ||
		    !json_object_is_type(other, json_type_object)) {
			json_put(old_only, name, json_object_get(value));
			json_put(new_only, name, json_object_get(other));
			continue;
		}
		inner_old = json_object_new_object();
		inner_new = json_object_new_object();
		diff(value, other, inner_old, inner_new);
		json_put(old_only, name, inner_old);
		json_put(new_only, name, inner_new);
	}
	json_object_object_foreach(after, key, v)
	{
		if (!json_object_object_get_ex(before, key, NULL))
			json_put(new_only, key, json_object_get(v));
	}
}

/* False: there was a before and an after, and no difference. */
static bool reduce(struct arena *a, struct audit_entry *e)
{
	struct json_object *old_only, *new_only;

	if (e->before && e->after) {
		old_only = json_new(a);
		new_only = json_new(a);
		diff(e->before, e->after, old_only, new_only);
		/* The entry has a time of its own. */
		json_object_object_del(old_only, "updated_at");
		json_object_object_del(new_only, "updated_at");
		if (!json_object_object_length(old_only) &&
		    !json_object_object_length(new_only))
			return false;
		e->before = old_only;
		e->after = new_only;
	}
	e->before = side_shown(a, e->before);
	e->after = side_shown(a, e->after);
	return true;
}

bool audit_add(struct db *db, struct arena *a, struct audit_entry *e,
	       struct err *err)
{
	struct audit_row row;

	e->stored = false;
	if (!reduce(a, e))
		return true;
	e->object = e->object ? e->object : "";
	e->address = e->address ? e->address : "";
	e->request_id = e->request_id ? e->request_id : "";
	e->user_agent = cut_foreign(a, e->user_agent, AGENT_MAX);
	if (e->login)
		e->login = cut_foreign(a, e->login, LOGIN_MAX);
	row = (struct audit_row){
		.client_id = e->client_id,
		.at = e->now,
		.actor = e->actor,
		.user_id = e->user_id,
		.login = e->login,
		.action = e->action,
		.object = e->object,
		.address = e->address,
		.user_agent = e->user_agent,
		.request_id = e->request_id,
		.before = e->before ? json_text(e->before) : NULL,
		.after = e->after ? json_text(e->after) : NULL,
	};
	if (!audit_insert(db, a, &row, err))
		return false;
	e->login = row.login;
	e->stored = true;
	return true;
}

static void add_name(struct buf *names, const char *name)
{
	if (names->len)
		buf_add_char(names, ',');
	buf_add_str(names, name);
}

/* "name,role" of a change; of what was made or removed it would be all. */
static const char *changed(struct arena *a, const struct audit_entry *e)
{
	struct buf names;

	buf_init(&names, a, NAMES_MAX);
	if (!e->before || !e->after)
		return "";
	json_object_object_foreach(e->before, gone, before)
	{
		(void)before;
		if (!json_object_object_get_ex(e->after, gone, NULL))
			add_name(&names, gone);
	}
	json_object_object_foreach(e->after, name, after)
	{
		(void)after;
		add_name(&names, name);
	}
	return names.s;
}

static const char *told(struct arena *a, struct json_object *o)
{
	return o ? cut(a, json_text(o), TOLD_MAX) : "";
}

void audit_tell(struct arena *a, const struct audit_entry *e)
{
	if (!e->stored)
		return;
	log_info("audit", lf_str("action", e->action),
		 lf_str("object", e->object), lf_str("actor", e->actor),
		 lf_int("user_id", e->user_id), lf_str("login", e->login),
		 lf_int("client_id", e->client_id),
		 lf_str("address", e->address),
		 lf_str("user_agent", e->user_agent),
		 lf_str("changed", changed(a, e)),
		 lf_str("before", told(a, e->before)),
		 lf_str("after", told(a, e->after)));
}

bool audit_visit(struct db *db, struct arena *a, struct audit_entry *e,
		 struct err *err)
{
	if (e->client_id)
		audit_bind(db, a, e->client_id);
	return audit_add(db, a, e, err);
}

bool audit_visitor(struct db *db, struct arena *a, struct audit_entry *e,
		   struct err *err)
{
	bool ok = db_begin(db, err) && audit_visit(db, a, e, err);

	if (!db_finish(db, ok, err))
		return false;
	audit_tell(a, e);
	return true;
}
