/*
 * auto_reply.h - an auto-reply as it is set up, of a project or in its place
 * of one of its sources.
 *
 * {enabled, mode: "always"|"interval", timezone, windows, dates (both:
 * core/schedule.h), delay_seconds, text, steps: [{after_minutes, text}],
 * repeat_after_hours}.  Without delay_seconds (null) AUTO_REPLY_DELAY counts.
 * A step is a further text, so many minutes after the one before it; in the
 * mode interval only while a window is open.  Texts: core/auto_text.h.
 */
#ifndef CORE_AUTO_REPLY_H
#define CORE_AUTO_REPLY_H

#include "base/json.h"
#include "core/problems.h"
#include "core/schedule.h"
#include "store/db.h"

#define AUTO_REPLY_TEXT_MAX     1000
#define AUTO_REPLY_DELAY_MAX_S  3600
#define AUTO_REPLY_STEPS_MAX    10
#define AUTO_REPLY_STEP_MAX_MIN 10080 /* a week */
#define AUTO_REPLY_REPEAT_H     24
#define AUTO_REPLY_REPEAT_MAX_H 720
#define AUTO_REPLY_TIMEZONE     "Europe/Moscow"

/* `json` with the members of `change` put in; lists are replaced as a whole. */
const char *auto_reply_merge(struct arena *a, const char *json,
			     struct json_object *change);

/* *json: complete, with a default for each member that was absent.  What is
 * wrong is noted under "auto_reply".  False only when the database cannot be
 * asked for the time zone. */
bool auto_reply_check(struct db *db, struct arena *a, const char **json,
		      struct problems *p, struct err *err);

struct auto_step {
	int64_t after_min;
	const char *text;
};

/* One that has been checked, for use. */
struct auto_reply {
	const char *json; /* as store/auto_window.h takes it */
	bool enabled;
	bool is_interval; /* the mode; else always */
	const char *timezone, *text;
	int64_t delay_s; /* the installation's filled in */
	int64_t repeat_h;
	struct auto_step *steps;
	size_t n_steps;
};
void auto_reply_read(struct arena *a, const char *json, int64_t delay_s,
		     struct auto_reply *r);

#endif
