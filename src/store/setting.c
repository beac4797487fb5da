/*
 * setting.c - what administrators set in the cabinet.
 */
#include "config.h"

#include "store/setting.h"

static const struct stmt find = {
	"setting_find",
	"SELECT value, value_sealed FROM settings WHERE name = $1",
};

bool setting_find(struct db *db, struct arena *a, const char *name,
		  struct setting *v, struct err *err)
{
	struct rows r;

	*v = (struct setting){ 0 };
	if (!db_maybe(db, a, &find, DB_ARGS(name), &r, err))
		return false;
	if (r.n && !rows_null(&r, 0, 0))
		v->value = rows_str(&r, 0, 0);
	if (r.n && !rows_null(&r, 0, 1))
		v->sealed = rows_str(&r, 0, 1);
	return true;
}

static const struct stmt put = {
	"setting_put",
	"INSERT INTO settings (name, value, value_sealed, updated_at)"
	" VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO UPDATE SET"
	"  value = excluded.value, value_sealed = excluded.value_sealed,"
	"  updated_at = excluded.updated_at",
};

static const struct stmt drop = {
	"setting_drop",
	"DELETE FROM settings WHERE name = $1",
};

bool setting_put(struct db *db, struct arena *a, const char *name,
		 const struct setting *v, int64_t now, struct err *err)
{
	if (!v->value && !v->sealed)
		return db_exec(db, &drop, DB_ARGS(name), err);
	return db_exec(db, &put,
		       DB_ARGS(name, v->value, v->sealed, arg_time(a, now)),
		       err);
}
