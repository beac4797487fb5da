/*
 * tenant.c - a client of ours: whom everything else belongs to.
 */
#include "config.h"

#include "store/tenant.h"

static const struct stmt insert = {
	"tenant_insert",
	"INSERT INTO clients (name, defaults, created_at)"
	" VALUES ($1, $2, $3) RETURNING id",
};

bool tenant_insert(struct db *db, struct arena *a, struct tenant *t,
		   struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &insert,
		    DB_ARGS(t->name, t->defaults, arg_time(a, t->created_at)),
		    &r, err))
		return false;
	t->id = rows_i64(&r, 0, 0);
	return true;
}

#define TENANT_COLUMNS "SELECT id, name, defaults, created_at FROM clients"

static const struct stmt find = {
	"tenant_find",
	TENANT_COLUMNS " WHERE id = $1",
};

static const struct stmt lock = {
	"tenant_lock",
	TENANT_COLUMNS " WHERE id = $1 FOR NO KEY UPDATE",
};

static const struct stmt list_all = {
	"tenants_list",
	TENANT_COLUMNS " WHERE id > $1 ORDER BY id LIMIT $2",
};

static struct tenant read_tenant(const struct rows *r, int row)
{
	return (struct tenant){
		.id = rows_i64(r, row, 0),
		.name = rows_str(r, row, 1),
		.defaults = rows_str(r, row, 2),
		.created_at = rows_time(r, row, 3),
	};
}

static bool get(struct db *db, struct arena *a, const struct stmt *s,
		int64_t id, struct tenant *t, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, s, DB_ARGS(arg_i64(a, id)), &r, err))
		return false;
	if (r.n == 0)
		return err_set(err, ERR_MISSING, "there is no such client");
	*t = read_tenant(&r, 0);
	return true;
}

bool tenant_find(struct db *db, struct arena *a, int64_t id, struct tenant *t,
		 struct err *err)
{
	return get(db, a, &find, id, t, err);
}

bool tenant_lock(struct db *db, struct arena *a, int64_t id, struct tenant *t,
		 struct err *err)
{
	return get(db, a, &lock, id, t, err);
}

bool tenants_list(struct db *db, struct arena *a, int64_t after, int limit,
		  struct tenant **list, size_t *n, struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &list_all,
		    DB_ARGS(arg_i64(a, after), arg_i64(a, limit)), &r, err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		(*list)[i] = read_tenant(&r, i);
	return true;
}

static const struct stmt update = {
	"tenant_store",
	"UPDATE clients SET name = $2, defaults = $3 WHERE id = $1",
};

bool tenant_store(struct db *db, struct arena *a, const struct tenant *t,
		  struct err *err)
{
	return db_exec(db, &update,
		       DB_ARGS(arg_i64(a, t->id), t->name, t->defaults), err);
}

static const struct stmt used = {
	"tenant_used",
	"SELECT (SELECT count(id) FROM projects WHERE client_id = $1),"
	"  (SELECT count(id) FROM bots WHERE client_id = $1),"
	"  (SELECT count(id) FROM avito_accounts WHERE client_id = $1)",
};

bool tenant_used(struct db *db, struct arena *a, int64_t id,
		 struct tenant_use *use, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &used, DB_ARGS(arg_i64(a, id)), &r, err))
		return false;
	use->projects = rows_i64(&r, 0, 0);
	use->bots = rows_i64(&r, 0, 1);
	use->accounts = rows_i64(&r, 0, 2);
	return true;
}

static const struct stmt free_tasks = {
	"tenant_free_tasks",
	"UPDATE tasks SET client_id = NULL WHERE client_id = $1"
	" AND kind IN ('bot.unhook', 'avito.unsubscribe')",
};

static const struct stmt remove_tenant = {
	"tenant_delete",
	"DELETE FROM clients WHERE id = $1",
};

bool tenant_delete(struct db *db, struct arena *a, int64_t id, struct err *err)
{
	struct db_args args = DB_ARGS(arg_i64(a, id));

	return db_exec(db, &free_tasks, args, err) &&
	       db_exec(db, &remove_tenant, args, err);
}
