/*
 * calendar.c - a year's production calendar, taken into an auto-reply's dates.
 */
#include "config.h"

#include <string.h>

#include "core/auto_reply.h"
#include "core/calendar.h"
#include "core/fields.h"

#define FRIDAY        5
#define SUNDAY        7
#define SHORT_MINUTES 60
#define DATE_LEN      10

static const char *const kinds[] = { "holiday", "workday", "short", NULL };

/* What a list in Russian calls them. */
static const struct {
	const char *word, *kind;
} words[] = {
	{ "праздник", "holiday" },  { "выходной", "holiday" },
	{ "рабочий", "workday" },   { "сокращённый", "short" },
	{ "сокращенный", "short" },
};

/* 1 is Monday; the date has been checked. */
static int weekday(const char *date)
{
	static const int shift[] = { 0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4 };
	int y = schedule_read_date(date);
	int m = (date[5] - '0') * 10 + date[6] - '0';
	int d = (date[8] - '0') * 10 + date[9] - '0';
	int day;

	y -= m < 3;
	day = (y + y / 4 - y / 100 + y / 400 + shift[m - 1] + d) % 7;
	return day ? day : SUNDAY;
}

static bool is_known(const struct calendar *c, const char *date)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->days[i].date, date) == 0)
			return true;
	return false;
}

static void check_day(const struct calendar *c, struct calendar_day *day,
		      const char *path, struct problems *p)
{
	const char *field = arena_printf(p->a, "%s.date", path);

	if (!schedule_read_date(day->date))
		problems_add(p, field, "must be a date: YYYY-MM-DD");
	else if (is_known(c, day->date))
		problems_add(p, field, "must differ from the others");
	problems_check_word(p, arena_printf(p->a, "%s.kind", path), day->kind,
			    kinds);
	problems_check_text(p, arena_printf(p->a, "%s.name", path), day->name,
			    0, SCHEDULE_DATE_NAME_MAX);
}

void calendar_read_days(struct arena *a, struct json_object *list,
			struct calendar *c, struct problems *p)
{
	size_t n = json_object_array_length(list);

	c->days = arena_array(a, n, sizeof(*c->days));
	for (size_t i = 0; i < n; i++) {
		const char *path = arena_printf(a, "days[%zu]", i);
		struct calendar_day day = { "", "", "" };
		struct fields f;

		if (!fields_init(&f, json_object_array_get_idx(list, i), path,
				 p))
			continue;
		fields_text(&f, "date", &day.date);
		fields_text(&f, "kind", &day.kind);
		fields_text(&f, "name", &day.name);
		fields_end(&f);
		check_day(c, &day, path, p);
		c->days[c->n++] = day;
	}
}

static const char *kind_of(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i].word, word) == 0)
			return words[i].kind;
	return word;
}

static bool is_kind(const char *word)
{
	size_t i = 0;

	while (kinds[i] && strcmp(kinds[i], word) != 0)
		i++;
	return kinds[i] != NULL;
}

/* The next word of a line. */
static const char *word(struct arena *a, const char **at)
{
	const char *begin = *at + strspn(*at, " \t;,");
	size_t len = strcspn(begin, " \t;,");

	*at = begin + len;
	return arena_strn(a, begin, len);
}

static void read_line(struct arena *a, const char *line, size_t number,
		      struct calendar *c, struct problems *p)
{
	struct calendar_day day;

	day.date = word(a, &line);
	day.kind = kind_of(word(a, &line));
	day.name = line + strspn(line, " \t;,");
	if (!schedule_read_date(day.date) || !is_kind(day.kind))
		problems_add(p, "text",
			     "line %zu must be a date (YYYY-MM-DD), a kind "
			     "(holiday, workday, short) and, if you like, a "
			     "name",
			     number);
	else if (is_known(c, day.date))
		problems_add(p, "text", "line %zu names a date again", number);
	else if (c->n == SCHEDULE_DATES_MAX)
		problems_add(p, "text", "line %zu is more than %d dates",
			     number, SCHEDULE_DATES_MAX);
	else
		c->days[c->n++] = day;
}

void calendar_read_text(struct arena *a, const char *text, struct calendar *c,
			struct problems *p)
{
	c->days = arena_array(a, SCHEDULE_DATES_MAX, sizeof(*c->days));
	for (size_t number = 1; *text; number++) {
		size_t len = strcspn(text, "\n");
		char *line = arena_strn(a, text, len);

		text += len + (text[len] == '\n');
		while (len > 0 && strchr(" \t\r", line[len - 1]))
			line[--len] = '\0';
		if (line[strspn(line, " \t")] && line[0] != '#')
			read_line(a, line, number, c, p);
	}
}

static struct json_object *rule_of(const struct calendar_day *day)
{
	struct json_object *o = json_object_new_object();
	bool is_weekend = weekday(day->date) > FRIDAY;

	json_put_str(o, "date", day->date);
	if (*day->name)
		json_put_str(o, "name", day->name);
	if (strcmp(day->kind, "holiday") == 0)
		json_put_i64(o, "like", SUNDAY);
	else if (is_weekend)
		json_put_i64(o, "like", FRIDAY);
	else if (strcmp(day->kind, "workday") == 0)
		json_put_i64(o, "like", weekday(day->date));
	if (strcmp(day->kind, "short") == 0)
		json_put_i64(o, "early_minutes", SHORT_MINUTES);
	return o;
}

static bool is_replaced(const struct calendar *c, const char *date)
{
	for (size_t i = 0; i < c->n; i++)
		if (strncmp(c->days[i].date, date,
			    c->replaces ? strlen("YYYY") : DATE_LEN) == 0)
			return true;
	return false;
}

static int by_date(const void *a, const void *b)
{
	struct json_object *const *x = a, *const *y = b;

	return strcmp(json_str(*x, "date", ""), json_str(*y, "date", ""));
}

const char *calendar_put(struct arena *a, const char *auto_reply,
			 const struct calendar *c)
{
	struct json_object *dates = json_object_new_array();
	struct json_object *o = NULL, *old, *change = json_new(a);
	struct err ignored = { 0 };

	json_put(change, "dates", dates);
	json_read(a, auto_reply, strlen(auto_reply), &o, &ignored);
	old = json_array_at(o, "dates");
	for (size_t i = 0; old && i < json_object_array_length(old); i++) {
		struct json_object *date = json_object_array_get_idx(old, i);

		if (!is_replaced(c, json_str(date, "date", "")))
			json_object_array_add(dates, json_object_get(date));
	}
	for (size_t i = 0; i < c->n; i++)
		json_object_array_add(dates, rule_of(&c->days[i]));
	json_object_array_sort(dates, by_date);
	return auto_reply_merge(a, auto_reply, change);
}
