/*
 * counter.c - what /metrics counts and must survive the process.
 */
#include "config.h"

#include "store/counter.h"

static const struct stmt add = {
	"counter_add",
	"INSERT INTO counters (name, value) VALUES ($1, $2)"
	" ON CONFLICT (name) DO UPDATE"
	"  SET value = counters.value + excluded.value",
};

bool counter_add(struct db *db, struct arena *a, const char *name, int64_t n,
		 struct err *err)
{
	return db_exec(db, &add, DB_ARGS(name, arg_i64(a, n)), err);
}

void counter_queue(struct db *db, struct arena *a, const char *name, int64_t n)
{
	db_queue(db, &add, DB_ARGS(name, arg_i64(a, n)));
}

static const struct stmt read_all = {
	"counters_read",
	"SELECT name, value FROM counters ORDER BY name",
};

bool counters_read(struct db *db, struct arena *a, struct counter **list,
		   size_t *n, struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &read_all, DB_NO_ARGS, &r, err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		(*list)[i] = (struct counter){ .name = rows_str(&r, i, 0),
					       .value = rows_i64(&r, i, 1) };
	return true;
}
