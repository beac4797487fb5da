/*
 * business.c - personal accounts that let a source's bot answer for them.
 */
#include "config.h"

#include "store/business.h"

#define BUSINESS_COLUMNS                                                   \
	"SELECT c.id, c.client_id, c.source_id, c.external_id,"            \
	"  c.user_id, c.user_name, c.username, c.user_chat_id,"            \
	"  c.is_enabled, c.can_reply, c.can_read, c.can_delete, c.told_at" \
	" FROM business_connections c"

static struct business read_business(const struct rows *r, int row)
{
	return (struct business){
		.id = rows_i64(r, row, 0),
		.client_id = rows_i64(r, row, 1),
		.source_id = rows_i64(r, row, 2),
		.external_id = rows_str(r, row, 3),
		.user_id = rows_i64(r, row, 4),
		.user_name = rows_str(r, row, 5),
		.username = rows_str(r, row, 6),
		.user_chat_id = rows_i64(r, row, 7),
		.is_enabled = rows_bool(r, row, 8),
		.can_reply = rows_bool(r, row, 9),
		.can_read = rows_bool(r, row, 10),
		.can_delete = rows_bool(r, row, 11),
		.told_at = rows_time(r, row, 12),
	};
}

/* The time is that of connecting: rights that change later carry the same. */
static const struct stmt store = {
	"business_store",
	"INSERT INTO business_connections AS c (client_id, source_id,"
	"  external_id, user_id, user_name, username, user_chat_id,"
	"  is_enabled, can_reply, can_read, can_delete, told_at, created_at)"
	" SELECT $1, s.id, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
	"  $12::timestamptz, $13::timestamptz"
	" FROM telegram_sources s WHERE s.client_id = $1 AND s.bot_id = $2"
	" ON CONFLICT ON CONSTRAINT business_connections_user DO UPDATE SET"
	"  external_id = excluded.external_id,"
	"  user_name = excluded.user_name, username = excluded.username,"
	"  user_chat_id = excluded.user_chat_id,"
	"  is_enabled = excluded.is_enabled, can_reply = excluded.can_reply,"
	"  can_read = excluded.can_read, can_delete = excluded.can_delete,"
	"  told_at = excluded.told_at"
	"  WHERE c.told_at <= excluded.told_at"
	" RETURNING c.id",
};

bool business_store(struct db *db, struct arena *a, struct business *b,
		    int64_t bot_id, int64_t now, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &store,
		      DB_ARGS(arg_i64(a, b->client_id), arg_i64(a, bot_id),
			      b->external_id, arg_i64(a, b->user_id),
			      b->user_name, b->username,
			      arg_i64(a, b->user_chat_id),
			      arg_bool(b->is_enabled), arg_bool(b->can_reply),
			      arg_bool(b->can_read), arg_bool(b->can_delete),
			      arg_time(a, b->told_at), arg_time(a, now)),
		      &r, err))
		return false;
	b->id = r.n ? rows_i64(&r, 0, 0) : 0;
	return true;
}

static const struct stmt find = {
	"business_find",
	"SELECT c.id, c.client_id, c.source_id, c.external_id,"
	"  c.user_id, c.user_name, c.username, c.user_chat_id,"
	"  c.is_enabled, c.can_reply, c.can_read, c.can_delete, c.told_at,"
	"  s.bot_id FROM business_connections c"
	" JOIN telegram_sources s ON s.client_id = c.client_id"
	"  AND s.id = c.source_id"
	" WHERE c.id = $1",
};

bool business_find(struct db *db, struct arena *a, int64_t id,
		   struct business *b, int64_t *bot_id, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &find, DB_ARGS(arg_i64(a, id)), &r, err))
		return false;
	if (r.n == 0)
		return err_set(err, ERR_MISSING,
			       "there is no such business connection");
	*b = read_business(&r, 0);
	*bot_id = rows_i64(&r, 0, 13);
	return true;
}

static const struct stmt refused = {
	"business_refused",
	"UPDATE business_connections SET can_reply = false,"
	"  is_enabled = is_enabled AND $3 WHERE id = $1 AND external_id = $2",
};

bool business_refused(struct db *db, struct arena *a, int64_t id,
		      const char *external_id, bool is_enabled, struct err *err)
{
	return db_exec(
		db, &refused,
		DB_ARGS(arg_i64(a, id), external_id, arg_bool(is_enabled)),
		err);
}

static const struct stmt list_of = {
	"businesses_list",
	BUSINESS_COLUMNS " JOIN jsonb_array_elements_text($1::jsonb) i (id)"
			 "  ON c.source_id = i.id::bigint"
			 " ORDER BY c.source_id, c.id",
};

bool businesses_list(struct db *db, struct arena *a, const int64_t *sources,
		     size_t n_sources, struct business **list, size_t *n,
		     struct err *err)
{
	const char **ids = arena_array(a, n_sources, sizeof(*ids));
	struct rows r;

	for (size_t i = 0; i < n_sources; i++)
		ids[i] = arg_i64(a, sources[i]);
	if (!db_all(db, a, &list_of, DB_ARGS(arg_array(a, ids, n_sources)), &r,
		    err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		(*list)[i] = read_business(&r, i);
	return true;
}
