/*
 * delivery_list.c - messages on their way, as an operator wants to see them.
 */
#include "config.h"

#include "store/delivery_list.h"

/* The states of the index deliveries_open. */
static const struct stmt lines = {
	"delivery_lines",
	"SELECT d.id, d.client_id, d.dialog_id, d.message_id, d.direction,"
	"  d.state, d.attempts, d.last_error, l.held_by, g.buyer_name,"
	"  g.item_title, d.created_at"
	" FROM deliveries d JOIN lanes l USING (dialog_id, direction)"
	" JOIN dialogs g ON g.id = d.dialog_id"
	" WHERE d.state IN ('queued', 'sending', 'unsure', 'dead')"
	"  AND ($1::text IS NULL OR d.state = $1)"
	" ORDER BY d.id LIMIT $2",
};

bool delivery_lines(struct db *db, struct arena *a, const char *state,
		    int limit, struct delivery_line **list, size_t *n,
		    struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &lines, DB_ARGS(state, arg_i64(a, limit)), &r, err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++) {
		(*list)[i] = (struct delivery_line){
			.id = rows_i64(&r, i, 0),
			.client_id = rows_i64(&r, i, 1),
			.dialog_id = rows_i64(&r, i, 2),
			.message_id = rows_i64(&r, i, 3),
			.direction = rows_str(&r, i, 4),
			.state = rows_str(&r, i, 5),
			.attempts = (int)rows_i64(&r, i, 6),
			.last_error = rows_str(&r, i, 7),
			.held_by = rows_str(&r, i, 8),
			.buyer_name = rows_str(&r, i, 9),
			.item_title = rows_str(&r, i, 10),
			.created_at = rows_time(&r, i, 11),
		};
	}
	return true;
}
