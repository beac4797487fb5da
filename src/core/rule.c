/*
 * rule.c - a project's keyword rules: as they are set up, and applied.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "core/automate.h"
#include "core/dialog.h"
#include "core/rule.h"
#include "store/rule.h"
#include "store/task.h"
#include "store/user.h"

#define HOUR_US (3600 * CLOCK_SECOND_US)

static const char *const whens[] = { "any", "first", NULL };

/* ---- as they are set up ---- */

static void check_user(struct db *db, struct arena *a, int64_t client_id,
		       int64_t user_id, const char *name, struct problems *p,
		       struct err *err)
{
	struct user u;

	if (client_id && user_find(db, a, client_id, user_id, &u, err))
		return;
	if (client_id && err->kind != ERR_MISSING)
		return;
	*err = (struct err){ 0 };
	problems_add(p, name, "there is no such user");
}

static void check_action(struct db *db, struct arena *a, int64_t client_id,
			 struct json_object *action, const char *path,
			 struct problems *p, struct err *err)
{
	const char *send = NULL, *label = NULL;
	int64_t user_id = 0;
	struct fields f;

	fields_init(&f, action, path, p);
	fields_text(&f, "send", &send);
	fields_int(&f, "assign", &user_id, 1, INT64_MAX - 1);
	fields_text(&f, "label", &label);
	fields_end(&f);
	if (send)
		auto_text_check(p, fields_name(&f, "send"), send, 1,
				AUTO_REPLY_TEXT_MAX);
	if (label)
		problems_check_text(p, fields_name(&f, "label"), label, 1,
				    DIALOG_LABEL_MAX);
	if (user_id)
		check_user(db, a, client_id, user_id, fields_name(&f, "assign"),
			   p, err);
	if (json_object_object_length(action) > 1)
		problems_add(p, path,
			     "must be one thing: send, assign or label");
}

/* NULL: no object. */
static struct json_object *check_rule(struct db *db, struct arena *a,
				      int64_t client_id,
				      struct json_object *array, size_t i,
				      struct problems *p, struct err *err)
{
	const char *name = "", *when = whens[0], *id;
	int64_t repeat_h = RULE_REPEAT_H;
	bool enabled = true, stop = false;
	struct json_object *action, *o;
	struct word_list words;
	struct fields f;

	if (!fields_init(&f, json_object_array_get_idx(array, i),
			 arena_printf(a, "rules[%zu]", i), p))
		return NULL;
	id = fields_own_id(&f, array, i, RULE_ID_MAX);
	fields_text(&f, "name", &name);
	problems_check_text(p, fields_name(&f, "name"), name, 0, RULE_NAME_MAX);
	fields_bool(&f, "enabled", &enabled);
	fields_text(&f, "when", &when);
	problems_check_word(p, fields_name(&f, "when"), when, whens);
	words_read(&f, &words);
	action = fields_object(&f, "action");
	if (action)
		check_action(db, a, client_id, action,
			     fields_name(&f, "action"), p, err);
	fields_bool(&f, "stop", &stop);
	fields_int(&f, "repeat_after_hours", &repeat_h, 1, RULE_REPEAT_MAX_H);
	fields_end(&f);

	o = json_object_new_object();
	json_put_str(o, "id", id);
	json_put_str(o, "name", name);
	json_put_bool(o, "enabled", enabled);
	json_put_str(o, "when", when);
	words_put(o, &words);
	json_put(o, "action",
		 action ? json_object_get(action) : json_object_new_object());
	json_put_bool(o, "stop", stop);
	json_put_i64(o, "repeat_after_hours", repeat_h);
	return o;
}

bool rules_check(struct db *db, struct arena *a, int64_t client_id,
		 const char **json, struct problems *p, struct err *err)
{
	struct json_object *array, *out = json_new(a);
	struct json_object *rules = json_object_new_array();
	struct err bad = { 0 };

	json_put(out, "rules", rules);
	if (!json_read(a, *json, strlen(*json), &array, &bad) ||
	    !json_object_is_type(array, json_type_array)) {
		problems_add(p, "rules", "must be an array");
		return true;
	}
	if (json_object_array_length(array) > RULES_MAX) {
		problems_add(p, "rules", "must have at most %d items",
			     RULES_MAX);
		return true;
	}
	for (size_t i = 0; i < json_object_array_length(array) && !err->kind;
	     i++)
		json_object_array_add(
			rules, check_rule(db, a, client_id, array, i, p, err));
	if (err->kind)
		return false;
	*json = json_text(rules);
	return words_check(db, a, "rules", *json, p, err);
}

/* ---- as they are ---- */

static struct rule read_rule(struct json_object *o)
{
	struct json_object *action = json_object_at(o, "action");

	return (struct rule){
		.id = json_str(o, "id", ""),
		.name = json_str(o, "name", ""),
		.enabled = json_flag(o, "enabled", false),
		.stop = json_flag(o, "stop", false),
		.first_only = strcmp(json_str(o, "when", ""), "first") == 0,
		.send = json_str(action, "send", NULL),
		.assign = json_i64(action, "assign", 0),
		.label = json_str(action, "label", NULL),
		.repeat_us = json_i64(o, "repeat_after_hours", RULE_REPEAT_H) *
			     HOUR_US,
	};
}

bool rules_read(struct arena *a, const char *json, struct rule **list,
		size_t *n, struct err *err)
{
	struct json_object *array;

	if (!json_read(a, json, strlen(json), &array, err))
		return false;
	*n = json_object_array_length(array);
	*list = arena_array(a, *n, sizeof(**list));
	for (size_t i = 0; i < *n; i++)
		(*list)[i] = read_rule(json_object_array_get_idx(array, i));
	return true;
}

bool rule_applies(const struct rule *r, struct json_object *found,
		  bool is_first)
{
	if (!r->enabled || (r->first_only && !is_first))
		return false;
	for (size_t i = 0; i < json_object_array_length(found); i++) {
		struct json_object *id = json_object_array_get_idx(found, i);

		if (strcmp(json_object_get_string(id), r->id) == 0)
			return true;
	}
	return false;
}

bool rule_text(struct arena *a, const char *json, const char *id,
	       const char **text, struct err *err)
{
	struct rule *list;
	size_t n;

	*text = NULL;
	if (!rules_read(a, json, &list, &n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].id, id) == 0 && list[i].enabled)
			*text = list[i].send;
	return true;
}

/* ---- applied ---- */

struct work {
	struct db *db;
	struct arena *a;
	const struct rule_question *q;
	struct rule_case c;
};

static bool mark(const struct work *w, const struct rule *r, const char *state,
		 const char *reason, int64_t *id, struct err *err)
{
	struct rule_mark m = {
		.client_id = w->q->client_id,
		.dialog_id = w->c.dialog_id,
		.message_id = w->q->message_id,
		.rule_id = r->id,
		.state = state,
		.reason = reason,
		.asked_at = w->c.written_at,
		.now = w->q->now,
		.repeat_us = r->repeat_us,
	};

	return rule_mark(w->db, w->a, &m, id, err);
}

static bool send_text(const struct work *w, const struct rule *r,
		      struct err *err)
{
	struct task t = {
		.client_id = w->q->client_id,
		.kind = "auto_reply.send",
		.due_at = w->q->now,
		.request_id = w->q->request_id,
	};

	if (w->c.created_at - w->c.written_at > AUTOMATE_TOO_OLD_US)
		return mark(w, r, "dropped", "the message came too late",
			    &t.subject_id, err);
	return mark(w, r, "pending", "", &t.subject_id, err) &&
	       (!t.subject_id || task_add(w->db, w->a, &t, err));
}

/* NULL: the dialog may become theirs. */
static const char *why_not(struct arena *a, const struct user *u,
			   const struct rule *r)
{
	if (!u->id)
		return arena_printf(a, "there is no user %" PRId64, r->assign);
	if (u->disabled_at)
		return arena_printf(a, "user %" PRId64 " is disabled",
				    r->assign);
	return NULL;
}

static bool assign(const struct work *w, const struct rule *r, struct err *err)
{
	struct user u = { 0 };
	const char *refusal;
	int64_t id;

	if (!user_find(w->db, w->a, w->q->client_id, r->assign, &u, err)) {
		if (err->kind != ERR_MISSING)
			return false;
		*err = (struct err){ 0 };
	}
	refusal = why_not(w->a, &u, r);
	if (refusal)
		return mark(w, r, "dropped", refusal, &id, err);
	return mark(w, r, "sent",
		    arena_printf(w->a, "assigned to user %" PRId64, r->assign),
		    &id, err) &&
	       (!id || dialog_assign(w->db, w->a, w->q->client_id,
				     w->c.dialog_id, r->assign, err));
}

static bool label(const struct work *w, const struct rule *r, struct err *err)
{
	int64_t id;

	return mark(w, r, "sent", "labelled", &id, err) &&
	       (!id ||
		dialog_label(w->db, w->a, w->q->client_id, w->c.dialog_id,
			     r->label, DIALOG_LABELS_MAX, err));
}

static bool act(const struct work *w, const struct rule *r, struct err *err)
{
	if (r->send)
		return send_text(w, r, err);
	if (r->assign)
		return assign(w, r, err);
	if (r->label)
		return label(w, r, err);
	return true;
}

bool rules_apply(struct db *db, struct arena *a, const struct rule_question *q,
		 struct rule_outcome *outcome, struct err *err)
{
	struct work w = { .db = db, .a = a, .q = q };
	struct json_object *found;
	struct rule *list;
	size_t n;

	*outcome = (struct rule_outcome){ 0 };
	if (!rule_case_find(db, a, q->client_id, q->message_id, &w.c, err))
		return false;
	if (!w.c.dialog_id)
		return true;
	if (!json_read(a, w.c.found, strlen(w.c.found), &found, err) ||
	    !rules_read(a, w.c.rules, &list, &n, err))
		return false;
	for (size_t i = 0; i < n && !outcome->stopped; i++) {
		if (!rule_applies(&list[i], found, w.c.is_first))
			continue;
		if (!act(&w, &list[i], err))
			return false;
		outcome->stopped = list[i].stop;
	}
	return true;
}
