/*
 * auto_window.h - when the windows of an auto-reply are open.
 *
 * PostgreSQL evaluates them by its database of time zones, so clock changes
 * and new laws are its business; the SQL is in sql/0005_sources.sql.
 */
#ifndef STORE_AUTO_WINDOW_H
#define STORE_AUTO_WINDOW_H

#include "store/db.h"

/* One opening of a window: [begins_at, ends_at). */
struct auto_window {
	bool is_open; /* false: no window holds that instant */
	int64_t begins_at, ends_at;
	const char *day;     /* "2026-12-31", on which it begins */
	const char *special; /* JSON: the entry of `dates` that decided; "" */
};

/* `settings` as core/auto_reply.h has completed them. */
bool auto_window_at(struct db *db, struct arena *a, const char *settings,
		    int64_t at, struct auto_window *w, struct err *err);

/* All openings that begin on the days of that time, or the day before, for
 * auto_window_in(). */
bool auto_windows_list(struct db *db, struct arena *a, const char *settings,
		       int64_t from, int64_t to, struct auto_window **list,
		       size_t *n, struct err *err);

/* The one of such a list that auto_window_at() would find. */
struct auto_window auto_window_in(const struct auto_window *list, size_t n,
				  int64_t at);

/* "2026-12-31 23:59:59": what the clocks of that zone show. */
bool auto_window_clock(struct db *db, struct arena *a, const char *zone,
		       int64_t at, const char **shown, struct err *err);

/* The day's entry of `dates`, JSON; "" when it has none. */
bool auto_window_special(struct db *db, struct arena *a, const char *settings,
			 int64_t at, const char **special, struct err *err);

#endif
