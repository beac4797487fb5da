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
