/*
 * audit.c - who did what to which object: rows that are only ever added.
 */
#include "config.h"

#include "store/audit.h"

static const struct stmt bind = {
	"audit_bind",
	"SELECT set_config('app.client_id', $1, true)",
};

void audit_bind(struct db *db, struct arena *a, int64_t client_id)
{
	db_queue(db, &bind, DB_ARGS(arg_i64(a, client_id)));
}

/* Without RETURNING: who may add a row need not be allowed to read it. */
static const struct stmt insert = {
	"audit_insert",
	"WITH who AS (SELECT coalesce($5,"
	"   (SELECT login FROM users WHERE id = $4), '') AS login),"
	" added AS (INSERT INTO audit_log (client_id, at, actor, user_id,"
	"   login, action, object, address, user_agent, request_id, before,"
	"   after)"
	"  SELECT $1, $2, $3, $4, who.login, $6, $7, $8, $9, $10, $11, $12"
	"   FROM who)"
	" SELECT login FROM who",
};

bool audit_insert(struct db *db, struct arena *a, struct audit_row *row,
		  struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &insert,
		    DB_ARGS(arg_id(a, row->client_id), arg_time(a, row->at),
			    row->actor, arg_id(a, row->user_id), row->login,
			    row->action, row->object, row->address,
			    row->user_agent, row->request_id, row->before,
			    row->after),
		    &r, err))
		return false;
	row->login = rows_str(&r, 0, 0);
	return true;
}

/*
 * One statement for each filter that an index serves; what else is asked for
 * is looked at on the way along that index.  An action's family is what stands
 * in front of its first dot.
 */
#define LIST_WHERE(indexed)                                                \
	"SELECT id, client_id, at, actor, user_id, login, action, object," \
	"  address, user_agent, request_id, before, after FROM audit_log"  \
	" WHERE " indexed " AND id < coalesce($2, 9223372036854775807)"    \
	"  AND ($1::bigint IS NULL OR client_id = $1)"                     \
	"  AND ($4::bigint IS NULL OR user_id = $4)"                       \
	"  AND ($5::text IS NULL OR object = $5)"                          \
	"  AND ($6::text IS NULL OR action = $6 OR action ^@ ($6 || '.'))" \
	" ORDER BY id DESC LIMIT $3"

static const struct stmt list_all = {
	"audit_list_all",
	LIST_WHERE("id > 0"),
};
static const struct stmt list_object = {
	"audit_list_object",
	LIST_WHERE("object <> '' AND object = $5::text"),
};
static const struct stmt list_user = {
	"audit_list_user",
	LIST_WHERE("user_id = $4::bigint"),
};
static const struct stmt list_client = {
	"audit_list_client",
	LIST_WHERE("client_id = $1::bigint"),
};
static const struct stmt list_family = {
	"audit_list_family",
	LIST_WHERE("split_part(action, '.', 1) = split_part($6::text, '.', 1)"),
};

static const struct stmt *list_stmt(const struct audit_filter *f)
{
	if (f->object)
		return &list_object;
	if (f->user_id)
		return &list_user;
	if (f->client_id)
		return &list_client;
	return f->action ? &list_family : &list_all;
}

static struct audit_row read_row(const struct rows *r, int row)
{
	return (struct audit_row){
		.id = rows_i64(r, row, 0),
		.client_id = rows_i64(r, row, 1),
		.at = rows_time(r, row, 2),
		.actor = rows_str(r, row, 3),
		.user_id = rows_i64(r, row, 4),
		.login = rows_str(r, row, 5),
		.action = rows_str(r, row, 6),
		.object = rows_str(r, row, 7),
		.address = rows_str(r, row, 8),
		.user_agent = rows_str(r, row, 9),
		.request_id = rows_str(r, row, 10),
		.before = rows_null(r, row, 11) ? NULL : rows_str(r, row, 11),
		.after = rows_null(r, row, 12) ? NULL : rows_str(r, row, 12),
	};
}

bool audit_list(struct db *db, struct arena *a, const struct audit_filter *f,
		struct audit_row **list, size_t *n, struct err *err)
{
	struct rows r;

	if (!db_all(db, a, list_stmt(f),
		    DB_ARGS(arg_id(a, f->client_id), arg_id(a, f->before),
			    arg_i64(a, f->limit), arg_id(a, f->user_id),
			    f->object, f->action),
		    &r, err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		(*list)[i] = read_row(&r, i);
	return true;
}
