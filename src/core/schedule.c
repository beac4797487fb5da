/*
 * schedule.c - the windows of an auto-reply, and dates that have others.
 */
#include "config.h"

#include <string.h>

#include "core/schedule.h"

#define HOURS_MAX 24

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Two digits. */
static int pair(const char *s)
{
	return (s[0] - '0') * 10 + s[1] - '0';
}

/* Minutes since midnight, -1: not HH:MM. */
static int read_minutes(const char *s, bool may_be_24)
{
	int hours, minutes;

	if (strlen(s) != 5 || s[2] != ':' || !is_digit(s[0]) ||
	    !is_digit(s[1]) || !is_digit(s[3]) || !is_digit(s[4]))
		return -1;
	hours = pair(s);
	minutes = pair(s + 3);
	if (minutes > 59 || hours > HOURS_MAX ||
	    (hours == HOURS_MAX && (minutes > 0 || !may_be_24)))
		return -1;
	return hours * 60 + minutes;
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int schedule_read_date(const char *s)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30,
				    31, 31, 30, 31, 30, 31 };
	int year, month, day;

	if (strlen(s) != 10 || s[4] != '-' || s[7] != '-')
		return 0;
	for (size_t i = 0; i < 10; i++)
		if (i != 4 && i != 7 && !is_digit(s[i]))
			return 0;
	year = pair(s) * 100 + pair(s + 2);
	month = pair(s + 5);
	day = pair(s + 8);
	if (year < 1970 || month < 1 || month > 12 || day < 1 ||
	    day > days[month - 1] + (month == 2 && is_leap(year)))
		return 0;
	return year;
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

/* NULL, and noted, when it is absent. */
static const char *demand_text(struct fields *f, const char *key)
{
	const char *text = NULL;

	fields_text(f, key, &text);
	if (!text && !json_object_object_get_ex(f->o, key, NULL))
		problems_add(f->problems, fields_name(f, key), "is required");
	return text;
}

static int check_time(struct fields *f, const char *key, bool may_be_24)
{
	const char *text = demand_text(f, key);
	int minutes;

	if (!text)
		return -1;
	minutes = read_minutes(text, may_be_24);
	if (minutes < 0)
		problems_add(f->problems, fields_name(f, key),
			     "must be a time: HH:MM");
	return minutes;
}

static void check_window(struct json_object *window, const char *path,
			 bool with_days, struct problems *p)
{
	struct fields f;
	int from, to;

	if (!fields_init(&f, window, path, p))
		return;
	if (with_days)
		check_days(&f);
	from = check_time(&f, "from", false);
	to = check_time(&f, "to", true);
	if (from >= 0 && from == to)
		problems_add(p, fields_name(&f, "to"),
			     "must differ from the begin; a whole day is "
			     "from 00:00 to 24:00");
	fields_end(&f);
}

static void check_each(struct json_object *windows, const char *path,
		       bool with_days, struct problems *p)
{
	size_t n = windows ? json_object_array_length(windows) : 0;

	for (size_t i = 0; i < n; i++)
		check_window(json_object_array_get_idx(windows, i),
			     arena_printf(p->a, "%s.windows[%zu]", path, i),
			     with_days, p);
}

void schedule_check_windows(struct json_object *windows, const char *path,
			    struct problems *p)
{
	check_each(windows, path, true, p);
}

/* Exactly one rule; a shorter day may be like another one. */
static void check_rule(struct fields *f)
{
	size_t n_before = f->problems->n;
	int64_t like = 0, early = 0;
	bool off = false;
	struct json_object *windows;
	int n;

	fields_bool(f, "off", &off);
	fields_int(f, "like", &like, 1, 7);
	fields_int(f, "early_minutes", &early, 1, SCHEDULE_EARLY_MAX_MINUTES);
	windows = fields_array(f, "windows", SCHEDULE_DATE_WINDOWS_MAX);
	check_each(windows, f->path, false, f->problems);
	n = off + (windows != NULL) + (like > 0 || early > 0);
	if (n != 1 && f->problems->n == n_before)
		problems_add(f->problems, f->path,
			     "must have one of: off, like, windows, "
			     "early_minutes; early_minutes also beside like");
}

static const char *date_of(struct json_object *dates, size_t i)
{
	return json_str(json_object_array_get_idx(dates, i), "date", "");
}

static void check_date(struct json_object *dates, size_t i, const char *path,
		       struct problems *p)
{
	const char *name = "", *date;
	struct fields f;

	if (!fields_init(&f, json_object_array_get_idx(dates, i), path, p))
		return;
	date = demand_text(&f, "date");
	if (date && !schedule_read_date(date))
		problems_add(p, fields_name(&f, "date"),
			     "must be a date: YYYY-MM-DD");
	for (size_t k = 0; date && k < i; k++)
		if (strcmp(date, date_of(dates, k)) == 0) {
			problems_add(p, fields_name(&f, "date"),
				     "must differ from the others");
			break;
		}
	fields_text(&f, "name", &name);
	problems_check_text(p, fields_name(&f, "name"), name, 0,
			    SCHEDULE_DATE_NAME_MAX);
	check_rule(&f);
	fields_end(&f);
}

void schedule_check_dates(struct json_object *dates, const char *path,
			  struct problems *p)
{
	size_t n = dates ? json_object_array_length(dates) : 0;

	for (size_t i = 0; i < n; i++)
		check_date(dates, i,
			   arena_printf(p->a, "%s.dates[%zu]", path, i), p);
}
