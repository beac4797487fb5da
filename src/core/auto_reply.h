/*
 * auto_reply.h - a project's auto-reply as it is set up.
 *
 * {enabled, mode: "always"|"interval", timezone, windows: [{days: [1..7],
 * from: "HH:MM", to: "HH:MM"}], delay_seconds, text, repeat_after_hours}.
 * Days are ISO: 1 is Monday.  A window may cross midnight; "24:00" ends one
 * at midnight.  Without delay_seconds (null) AUTO_REPLY_DELAY counts.
 */
#ifndef CORE_AUTO_REPLY_H
#define CORE_AUTO_REPLY_H

#include "base/json.h"
#include "core/problems.h"
#include "store/db.h"

#define AUTO_REPLY_TEXT_MAX     1000
#define AUTO_REPLY_WINDOWS_MAX  50
#define AUTO_REPLY_DELAY_MAX_S  3600
#define AUTO_REPLY_REPEAT_H     24
#define AUTO_REPLY_REPEAT_MAX_H 720
#define AUTO_REPLY_TIMEZONE     "Europe/Moscow"

/* `json` with the members of `change` put in; a window list is replaced as a
 * whole. */
const char *auto_reply_merge(struct arena *a, const char *json,
			     struct json_object *change);

/* *json: complete, with a default for each member that was absent.  What is
 * wrong is noted under "auto_reply".  False only when the database cannot be
 * asked for the time zone. */
bool auto_reply_check(struct db *db, struct arena *a, const char **json,
		      struct problems *p, struct err *err);

#endif
