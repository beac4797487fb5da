/*
 * schedule.h - the windows of an auto-reply, and dates that have others.
 *
 * windows: [{days: [1..7], from: "HH:MM", to: "HH:MM"}], as many in a day as
 * one likes.  Days are ISO: 1 is Monday.  A window that ends before it begins
 * crosses midnight; "24:00" ends one at midnight.
 *
 * dates: [{date: "YYYY-MM-DD", name?, and one of
 *	off: true                        no window begins on that date
 *	like: 1..7                       those of that day of the week
 *	windows: [{from, to}]            these
 *	early_minutes: 1..720            what begins at noon or later does so
 *	                                 much earlier: a shorter working day.
 *	                                 Also beside `like`.
 * }]
 *
 * A window belongs to the day on which it begins: that of an eve goes on into
 * a holiday, whatever the holiday says.
 */
#ifndef CORE_SCHEDULE_H
#define CORE_SCHEDULE_H

#include "core/fields.h"

#define SCHEDULE_WINDOWS_MAX       50
#define SCHEDULE_DATES_MAX         400
#define SCHEDULE_DATE_WINDOWS_MAX  10
#define SCHEDULE_DATE_NAME_MAX     100
#define SCHEDULE_EARLY_MAX_MINUTES 720

/* What is wrong is noted under "<path>.windows[2].from" and the like.  NULL
 * is an empty list. */
void schedule_check_windows(struct json_object *windows, const char *path,
			    struct problems *p);
void schedule_check_dates(struct json_object *dates, const char *path,
			  struct problems *p);

/* YYYY-MM-DD, and such a day exists.  Its year, or 0. */
int schedule_read_date(const char *s);

#endif
