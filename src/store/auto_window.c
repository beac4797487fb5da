/*
 * auto_window.c - when the windows of an auto-reply are open.
 */
#include "config.h"

#include "base/json.h"
#include "store/auto_window.h"

static const struct stmt windows_at = {
	"auto_windows_at",
	"SELECT t.n - 1, o.begins_at, o.ends_at, o.day, o.special"
	" FROM jsonb_array_elements_text($2::jsonb) WITH ORDINALITY t (at, n),"
	" LATERAL auto_reply_occurrence($1::jsonb, t.at::timestamptz) o",
};

bool auto_windows_at(struct db *db, struct arena *a, const char *settings,
		     const int64_t *at, size_t n, struct auto_window *list,
		     struct err *err)
{
	const char **texts = arena_array(a, n, sizeof(*texts));
	struct rows r;

	for (size_t i = 0; i < n; i++) {
		texts[i] = arg_time(a, at[i]);
		list[i] = (struct auto_window){ .day = "", .special = "" };
	}
	if (!db_all(db, a, &windows_at,
		    DB_ARGS(settings, arg_array(a, texts, n)), &r, err))
		return false;
	for (int i = 0; i < r.n; i++)
		list[rows_i64(&r, i, 0)] = (struct auto_window){
			.is_open = true,
			.begins_at = rows_time(&r, i, 1),
			.ends_at = rows_time(&r, i, 2),
			.day = rows_str(&r, i, 3),
			.special = rows_str(&r, i, 4),
		};
	return true;
}

bool auto_window_at(struct db *db, struct arena *a, const char *settings,
		    int64_t at, struct auto_window *w, struct err *err)
{
	return auto_windows_at(db, a, settings, &at, 1, w, err);
}

static bool ask_text(struct db *db, struct arena *a, const struct stmt *s,
		     struct db_args args, const char **text, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, s, args, &r, err))
		return false;
	*text = rows_str(&r, 0, 0);
	return true;
}

static const struct stmt clock_shown = {
	"auto_window_clock",
	"SELECT to_char($2::timestamptz AT TIME ZONE $1,"
	"  'YYYY-MM-DD HH24:MI:SS')",
};

bool auto_window_clock(struct db *db, struct arena *a, const char *zone,
		       int64_t at, const char **shown, struct err *err)
{
	return ask_text(db, a, &clock_shown, DB_ARGS(zone, arg_time(a, at)),
			shown, err);
}

static const struct stmt special_of = {
	"auto_window_special",
	"SELECT (SELECT d FROM jsonb_array_elements("
	"   coalesce($1::jsonb->'dates', '[]')) d WHERE d->>'date' ="
	"  ($2::timestamptz AT TIME ZONE ($1::jsonb->>'timezone'))::date::text"
	"  LIMIT 1)",
};

bool auto_window_special(struct db *db, struct arena *a, const char *settings,
			 int64_t at, const char **special, struct err *err)
{
	return ask_text(db, a, &special_of, DB_ARGS(settings, arg_time(a, at)),
			special, err);
}
