/*
 * calendar.h - a year's production calendar, taken into an auto-reply's dates.
 *
 * A list of {date, kind, name?}, or the same as lines of text: "2026-01-01
 * holiday Новый год".  Kinds:
 *	holiday   nobody works: like Sunday
 *	workday   a day off that is worked on: like Friday; a day from Monday to
 *	          Friday like itself
 *	short     the working day ends an hour earlier
 */
#ifndef CORE_CALENDAR_H
#define CORE_CALENDAR_H

#include "base/json.h"
#include "core/problems.h"

struct calendar_day {
	const char *date, *kind, *name;
};

struct calendar {
	struct calendar_day *days;
	size_t n;
	/* Not only the dates named, but their whole years are replaced. */
	bool replaces;
};

/* What is wrong is noted under "days[3].kind" or, with its line, "text". */
void calendar_read_days(struct arena *a, struct json_object *list,
			struct calendar *c, struct problems *p);
void calendar_read_text(struct arena *a, const char *text, struct calendar *c,
			struct problems *p);

/* The auto-reply with the calendar's dates among its own, in order. */
const char *calendar_put(struct arena *a, const char *auto_reply,
			 const struct calendar *c);

#endif
