/*
 * auto_reply.c - an auto-reply as it is set up.
 */
#include "config.h"

#include <string.h>

#include "core/auto_reply.h"
#include "core/auto_text.h"
#include "core/fields.h"
#include "store/project.h"

#define TIMEZONE_MAX 64

static const char *const modes[] = { "always", "interval", NULL };

static struct json_object *parse(struct arena *a, const char *json)
{
	struct json_object *o;
	struct err err = { 0 };

	return json_read(a, json, strlen(json), &o, &err) ? o : NULL;
}

const char *auto_reply_merge(struct arena *a, const char *json,
			     struct json_object *change)
{
	struct json_object *merged = parse(a, json);

	if (!json_object_is_type(merged, json_type_object))
		merged = json_new(a);
	json_object_object_foreach(change, key, v)
	{
		json_put(merged, key, json_object_get(v));
	}
	return json_text(merged);
}

static void check_step(struct json_object *step, size_t i, struct problems *p)
{
	const char *path = arena_printf(p->a, "auto_reply.steps[%zu]", i);
	int64_t after = 0;
	const char *text = "";
	struct fields f;

	if (!fields_init(&f, step, path, p))
		return;
	fields_int(&f, "after_minutes", &after, 1, AUTO_REPLY_STEP_MAX_MIN);
	fields_text(&f, "text", &text);
	fields_end(&f);
	if (!json_object_object_get_ex(step, "after_minutes", NULL))
		problems_add(p, fields_name(&f, "after_minutes"),
			     "is required");
	auto_text_check(p, fields_name(&f, "text"), text, 1,
			AUTO_REPLY_TEXT_MAX);
}

static void check_steps(struct json_object *steps, struct problems *p)
{
	size_t n = steps ? json_object_array_length(steps) : 0;

	for (size_t i = 0; i < n; i++)
		check_step(json_object_array_get_idx(steps, i), i, p);
}

static bool check_zone(struct db *db, struct arena *a, const char *zone,
		       struct problems *p, struct err *err)
{
	bool known = false;

	/* Asking reads a folder of files on the server's side. */
	if (strcmp(zone, AUTO_REPLY_TIMEZONE) == 0)
		return true;
	if (strlen(zone) <= TIMEZONE_MAX &&
	    !timezone_known(db, a, zone, &known, err))
		return false;
	if (!known)
		problems_add(p, "auto_reply.timezone",
			     "must be a time zone like Europe/Moscow");
	return true;
}

struct setup {
	bool enabled;
	const char *mode, *timezone, *text;
	struct json_object *windows, *dates, *steps; /* NULL: none */
	int64_t delay_s; /* -1: the installation's */
	int64_t repeat_h;
};

static bool is_open_some_day(const struct setup *r)
{
	if (r->windows && json_object_array_length(r->windows) > 0)
		return true;
	for (size_t i = 0; r->dates && i < json_object_array_length(r->dates);
	     i++) {
		struct json_object *date =
			json_object_array_get_idx(r->dates, i);
		struct json_object *windows = json_array_at(date, "windows");

		if (windows && json_object_array_length(windows) > 0)
			return true;
	}
	return false;
}

static void check_whole(const struct setup *r, struct problems *p)
{
	problems_check_word(p, "auto_reply.mode", r->mode, modes);
	auto_text_check(p, "auto_reply.text", r->text, r->enabled ? 1 : 0,
			AUTO_REPLY_TEXT_MAX);
	schedule_check_windows(r->windows, "auto_reply", p);
	schedule_check_dates(r->dates, "auto_reply", p);
	check_steps(r->steps, p);
	if (r->enabled && strcmp(r->mode, "interval") == 0 &&
	    !is_open_some_day(r))
		problems_add(p, "auto_reply.windows",
			     "must have a window in the mode interval");
}

static void put_list(struct json_object *o, const char *key,
		     struct json_object *list)
{
	json_put(o, key,
		 list ? json_object_get(list) : json_object_new_array());
}

static const char *complete(struct arena *a, const struct setup *r)
{
	struct json_object *o = json_new(a);

	json_put_bool(o, "enabled", r->enabled);
	json_put_str(o, "mode", r->mode);
	json_put_str(o, "timezone", r->timezone);
	put_list(o, "windows", r->windows);
	put_list(o, "dates", r->dates);
	json_put(o, "delay_seconds",
		 r->delay_s < 0 ? NULL : json_object_new_int64(r->delay_s));
	json_put_str(o, "text", r->text);
	put_list(o, "steps", r->steps);
	json_put_i64(o, "repeat_after_hours", r->repeat_h);
	return json_text(o);
}

static void read_setup(struct fields *f, struct setup *r)
{
	fields_bool(f, "enabled", &r->enabled);
	fields_text(f, "mode", &r->mode);
	fields_text(f, "timezone", &r->timezone);
	r->windows = fields_array(f, "windows", SCHEDULE_WINDOWS_MAX);
	r->dates = fields_array(f, "dates", SCHEDULE_DATES_MAX);
	fields_int(f, "delay_seconds", &r->delay_s, 0, AUTO_REPLY_DELAY_MAX_S);
	fields_text(f, "text", &r->text);
	r->steps = fields_array(f, "steps", AUTO_REPLY_STEPS_MAX);
	fields_int(f, "repeat_after_hours", &r->repeat_h, 1,
		   AUTO_REPLY_REPEAT_MAX_H);
	fields_end(f);
}

bool auto_reply_check(struct db *db, struct arena *a, const char **json,
		      struct problems *p, struct err *err)
{
	struct setup r = {
		.mode = modes[0],
		.timezone = AUTO_REPLY_TIMEZONE,
		.text = "",
		.delay_s = -1,
		.repeat_h = AUTO_REPLY_REPEAT_H,
	};
	struct json_object *o = parse(a, *json);
	size_t n_before = p->n;
	struct fields f;

	if (!fields_init(&f, o, "auto_reply", p))
		return true;
	/* null stands for "not set". */
	if (json_object_object_get_ex(o, "delay_seconds", NULL) &&
	    !json_member(o, "delay_seconds"))
		json_object_object_del(o, "delay_seconds");
	read_setup(&f, &r);
	check_whole(&r, p);
	if (!check_zone(db, a, r.timezone, p, err))
		return false;
	if (p->n == n_before)
		*json = complete(a, &r);
	return true;
}

static void read_steps(struct arena *a, struct json_object *list,
		       struct auto_reply *r)
{
	r->n_steps = list ? json_object_array_length(list) : 0;
	r->steps = arena_array(a, r->n_steps, sizeof(*r->steps));
	for (size_t i = 0; i < r->n_steps; i++) {
		struct json_object *o = json_object_array_get_idx(list, i);

		r->steps[i] = (struct auto_step){
			.after_min = json_i64(o, "after_minutes", 0),
			.text = json_str(o, "text", ""),
		};
	}
}

void auto_reply_read(struct arena *a, const char *json, int64_t delay_s,
		     struct auto_reply *r)
{
	struct json_object *o = parse(a, json);

	*r = (struct auto_reply){
		.json = json,
		.enabled = json_flag(o, "enabled", false),
		.is_interval = strcmp(json_str(o, "mode", ""), "interval") == 0,
		.timezone = json_str(o, "timezone", AUTO_REPLY_TIMEZONE),
		.text = json_str(o, "text", ""),
		.delay_s = json_i64(o, "delay_seconds", delay_s),
		.repeat_h =
			json_i64(o, "repeat_after_hours", AUTO_REPLY_REPEAT_H),
	};
	read_steps(a, json_array_at(o, "steps"), r);
}
