/*
 * auto_reply.c - a project's auto-reply as it is set up.
 */
#include "config.h"

#include <string.h>

#include "core/auto_reply.h"
#include "core/fields.h"
#include "store/project.h"

#define TIMEZONE_MAX 64
#define HOURS_MAX    24

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

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Minutes since midnight, -1: not HH:MM. */
static int read_minutes(const char *s, bool may_be_24)
{
	int hours, minutes;

	if (strlen(s) != 5 || s[2] != ':' || !is_digit(s[0]) ||
	    !is_digit(s[1]) || !is_digit(s[3]) || !is_digit(s[4]))
		return -1;
	hours = (s[0] - '0') * 10 + s[1] - '0';
	minutes = (s[3] - '0') * 10 + s[4] - '0';
	if (minutes > 59 || hours > HOURS_MAX ||
	    (hours == HOURS_MAX && (minutes > 0 || !may_be_24)))
		return -1;
	return hours * 60 + minutes;
}

static void check_days(struct fields *f)
{
	struct json_object *days = fields_array(f, "days", 7);
	const char *name = fields_name(f, "days");
	bool seen[8] = { false };
	size_t n;

	if (!days) {
		if (!json_object_object_get_ex(f->o, "days", NULL))
			problems_add(f->problems, name, "is required");
		return;
	}
	n = json_object_array_length(days);
	if (n == 0)
		problems_add(f->problems, name, "must name at least one day");
	for (size_t i = 0; i < n; i++) {
		struct json_object *v = json_object_array_get_idx(days, i);
		int64_t day = json_object_is_type(v, json_type_int)
				      ? json_object_get_int64(v)
				      : 0;

		if (day < 1 || day > 7 || seen[day]) {
			problems_add(f->problems, name,
				     "must be different numbers from 1 "
				     "(Monday) to 7 (Sunday)");
			return;
		}
		seen[day] = true;
	}
}

static int check_time(struct fields *f, const char *key, bool may_be_24)
{
	const char *text = NULL, *name = fields_name(f, key);
	int minutes;

	fields_text(f, key, &text);
	if (!text) {
		if (!json_object_object_get_ex(f->o, key, NULL))
			problems_add(f->problems, name, "is required");
		return -1;
	}
	minutes = read_minutes(text, may_be_24);
	if (minutes < 0)
		problems_add(f->problems, name, "must be a time: HH:MM");
	return minutes;
}

static void check_window(struct json_object *window, size_t i,
			 struct problems *p)
{
	const char *path = arena_printf(p->a, "auto_reply.windows[%zu]", i);
	struct fields f;
	int from, to;

	if (!fields_init(&f, window, path, p))
		return;
	check_days(&f);
	from = check_time(&f, "from", false);
	to = check_time(&f, "to", true);
	if (from >= 0 && from == to)
		problems_add(p, fields_name(&f, "to"),
			     "must differ from the begin; a whole day is "
			     "from 00:00 to 24:00");
	fields_end(&f);
}

static void check_windows(struct json_object *windows, struct problems *p)
{
	size_t n = windows ? json_object_array_length(windows) : 0;

	for (size_t i = 0; i < n; i++)
		check_window(json_object_array_get_idx(windows, i), i, p);
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

struct auto_reply {
	bool enabled;
	const char *mode, *timezone, *text;
	struct json_object *windows; /* NULL: none */
	int64_t delay_s;             /* -1: the installation's */
	int64_t repeat_h;
};

static void check_whole(const struct auto_reply *r, struct problems *p)
{
	problems_check_word(p, "auto_reply.mode", r->mode, modes);
	problems_check_text(p, "auto_reply.text", r->text, r->enabled ? 1 : 0,
			    AUTO_REPLY_TEXT_MAX);
	if (r->enabled && strcmp(r->mode, "interval") == 0 &&
	    (!r->windows || json_object_array_length(r->windows) == 0))
		problems_add(p, "auto_reply.windows",
			     "must have a window in the mode interval");
}

static const char *complete(struct arena *a, const struct auto_reply *r)
{
	struct json_object *o = json_new(a);

	json_put_bool(o, "enabled", r->enabled);
	json_put_str(o, "mode", r->mode);
	json_put_str(o, "timezone", r->timezone);
	json_put(o, "windows",
		 r->windows ? json_object_get(r->windows)
			    : json_object_new_array());
	json_put(o, "delay_seconds",
		 r->delay_s < 0 ? NULL : json_object_new_int64(r->delay_s));
	json_put_str(o, "text", r->text);
	json_put_i64(o, "repeat_after_hours", r->repeat_h);
	return json_text(o);
}

bool auto_reply_check(struct db *db, struct arena *a, const char **json,
		      struct problems *p, struct err *err)
{
	struct auto_reply r = {
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
	fields_bool(&f, "enabled", &r.enabled);
	fields_text(&f, "mode", &r.mode);
	fields_text(&f, "timezone", &r.timezone);
	r.windows = fields_array(&f, "windows", AUTO_REPLY_WINDOWS_MAX);
	fields_int(&f, "delay_seconds", &r.delay_s, 0, AUTO_REPLY_DELAY_MAX_S);
	fields_text(&f, "text", &r.text);
	fields_int(&f, "repeat_after_hours", &r.repeat_h, 1,
		   AUTO_REPLY_REPEAT_MAX_H);
	fields_end(&f);
	check_windows(r.windows, p);
	check_whole(&r, p);
	if (!check_zone(db, a, r.timezone, p, err))
		return false;
	if (p->n == n_before)
		*json = complete(a, &r);
	return true;
}
