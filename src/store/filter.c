/*
 * filter.c - filters at work: how often each has applied, and on what it
 * would.
 */
#include "config.h"

#include "store/filter.h"

static const struct stmt list_hits = {
	"filter_hits_list",
	"SELECT filter_id, sum(hits)::bigint, max(last_at) FROM filter_hits"
	" WHERE client_id = $1 AND project_id = $2 GROUP BY filter_id",
};

bool filter_hits_list(struct db *db, struct arena *a, int64_t client_id,
		      int64_t project_id, struct filter_hits **list, size_t *n,
		      struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &list_hits,
		    DB_ARGS(arg_i64(a, client_id), arg_i64(a, project_id)), &r,
		    err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		(*list)[i] = (struct filter_hits){
			.id = rows_str(&r, i, 0),
			.hits = rows_i64(&r, i, 1),
			.last_at = rows_time(&r, i, 2),
		};
	return true;
}

static const struct stmt forget = {
	"filter_hits_forget",
	"DELETE FROM filter_hits WHERE client_id = $1 AND project_id = $2"
	" AND filter_id <> ALL (ARRAY(SELECT f->>'id'"
	"  FROM jsonb_array_elements($3::jsonb) f))",
};

bool filter_hits_forget(struct db *db, struct arena *a, int64_t client_id,
			int64_t project_id, const char *filters,
			struct err *err)
{
	return db_exec(
		db, &forget,
		DB_ARGS(arg_i64(a, client_id), arg_i64(a, project_id), filters),
		err);
}

static const struct stmt newest = {
	"filter_hits_newest",
	"SELECT coalesce(max(id), 0) FROM filter_hits",
};

/* The sums stand behind the newest, so that this comes to an end. */
static const struct stmt fold = {
	"filter_hits_fold",
	"WITH gone AS (DELETE FROM filter_hits WHERE id = ANY (ARRAY("
	"   SELECT id FROM filter_hits WHERE id <= $1 ORDER BY id LIMIT 5000))"
	"  RETURNING client_id, project_id, filter_id, hits, last_at)"
	" INSERT INTO filter_hits (client_id, project_id, filter_id, hits,"
	"  last_at)"
	" SELECT client_id, project_id, filter_id, sum(hits), max(last_at)"
	"  FROM gone GROUP BY client_id, project_id, filter_id",
};

bool filter_hits_fold(struct db *db, struct arena *a, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &newest, DB_NO_ARGS, &r, err))
		return false;
	do {
		if (!db_exec(db, &fold, DB_ARGS(rows_str(&r, 0, 0)), err))
			return false;
	} while (db_touched(db) > 0);
	return true;
}
