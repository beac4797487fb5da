/*
 * auto_window.c - when the windows of an auto-reply are open.
 */
#include "config.h"

#include "store/auto_window.h"

static struct auto_window read_window(const struct rows *r, int i)
{
	return (struct auto_window){
		.is_open = true,
		.begins_at = rows_time(r, i, 0),
		.ends_at = rows_time(r, i, 1),
		.day = rows_str(r, i, 2),
		.special = rows_str(r, i, 3),
	};
}

static const struct stmt window_at = {
	"auto_window_at",
	"SELECT begins_at, ends_at, day, special"
	" FROM auto_reply_occurrence($1::jsonb, $2)",
};

bool auto_window_at(struct db *db, struct arena *a, const char *settings,
		    int64_t at, struct auto_window *w, struct err *err)
{
	struct rows r;

	*w = (struct auto_window){ .day = "", .special = "" };
	if (!db_maybe(db, a, &window_at, DB_ARGS(settings, arg_time(a, at)), &r,
		      err))
		return false;
	if (r.n)
		*w = read_window(&r, 0);
	return true;
}

static const struct stmt windows_list = {
	"auto_windows_list",
	"SELECT o.begins_at, o.ends_at, o.day, o.special"
	" FROM (SELECT ($2::timestamptz AT TIME ZONE z)::date AS first,"
	"   ($3::timestamptz AT TIME ZONE z)::date AS last"
	"  FROM (SELECT $1::jsonb->>'timezone') s (z)) t,"
	" LATERAL auto_reply_openings($1::jsonb, t.first - 1, t.last) o"
	" ORDER BY o.begins_at, o.ends_at DESC",
};

bool auto_windows_list(struct db *db, struct arena *a, const char *settings,
		       int64_t from, int64_t to, struct auto_window **list,
		       size_t *n, struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &windows_list,
		    DB_ARGS(settings, arg_time(a, from), arg_time(a, to)), &r,
		    err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		(*list)[i] = read_window(&r, i);
	return true;
}

struct auto_window auto_window_in(const struct auto_window *list, size_t n,
				  int64_t at)
{
	for (size_t i = 0; i < n && list[i].begins_at <= at; i++)
		if (at < list[i].ends_at)
			return list[i];
	return (struct auto_window){ .day = "", .special = "" };
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
