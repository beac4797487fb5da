/*
 * delivery_list.c - messages on their way, as an operator wants to see them.
 */
#include "config.h"

#include "store/delivery_list.h"

#define LINE_COLUMNS                                                   \
	"SELECT d.id, d.client_id, d.dialog_id, d.message_id,"         \
	"  d.direction, d.state, d.attempts, d.last_error, l.held_by," \
	"  g.buyer_name, g.item_title, d.created_at, d.updated_at,"    \
	"  m.kind, m.text, m.deleted_at IS NOT NULL"                   \
	" FROM deliveries d JOIN lanes l USING (dialog_id, direction)" \
	" JOIN dialogs g ON g.id = d.dialog_id"                        \
	" JOIN messages m ON m.id = d.message_id"

/* The states of the index deliveries_open. */
#define IS_OPEN "d.state IN ('queued', 'sending', 'unsure', 'dead')"

#define IS_VISIBLE                                 \
	"($1::bigint IS NULL OR d.client_id = $1)" \
	" AND ($2::bigint IS NULL OR g.assignee_id = $2)"

static struct delivery_line read_line(const struct rows *r, int row)
{
	return (struct delivery_line){
		.id = rows_i64(r, row, 0),
		.client_id = rows_i64(r, row, 1),
		.dialog_id = rows_i64(r, row, 2),
		.message_id = rows_i64(r, row, 3),
		.direction = rows_str(r, row, 4),
		.state = rows_str(r, row, 5),
		.attempts = (int)rows_i64(r, row, 6),
		.last_error = rows_str(r, row, 7),
		.held_by = rows_str(r, row, 8),
		.buyer_name = rows_str(r, row, 9),
		.item_title = rows_str(r, row, 10),
		.created_at = rows_time(r, row, 11),
		.updated_at = rows_time(r, row, 12),
		.kind = rows_str(r, row, 13),
		.text = rows_str(r, row, 14),
		.is_deleted = rows_bool(r, row, 15),
	};
}

static void read_lines(struct arena *a, const struct rows *r,
		       struct delivery_line **list, size_t *n)
{
	*n = (size_t)r->n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r->n; i++)
		(*list)[i] = read_line(r, i);
}

static const struct stmt lines = {
	"delivery_lines",
	LINE_COLUMNS " WHERE " IS_OPEN " AND ($1::text IS NULL OR d.state = $1)"
		     " ORDER BY d.id LIMIT $2",
};

bool delivery_lines(struct db *db, struct arena *a, const char *state,
		    int limit, struct delivery_line **list, size_t *n,
		    struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &lines, DB_ARGS(state, arg_i64(a, limit)), &r, err))
		return false;
	read_lines(a, &r, list, n);
	return true;
}

/* Two statements, so that the usual one walks the index of the open ones. */
static const struct stmt list_open = {
	"deliveries_list_open",
	LINE_COLUMNS " WHERE " IS_VISIBLE " AND " IS_OPEN
		     " AND ($3::bigint IS NULL OR d.dialog_id = $3)"
		     " AND ($4::bigint IS NULL OR d.id < $4)"
		     " ORDER BY d.id DESC LIMIT $5",
};

static const struct stmt list_state = {
	"deliveries_list_state",
	LINE_COLUMNS " WHERE " IS_VISIBLE " AND d.state = $6"
		     " AND ($3::bigint IS NULL OR d.dialog_id = $3)"
		     " AND ($4::bigint IS NULL OR d.id < $4)"
		     " ORDER BY d.id DESC LIMIT $5",
};

bool deliveries_list(struct db *db, struct arena *a,
		     const struct delivery_filter *f,
		     struct delivery_line **list, size_t *n, struct err *err)
{
	struct db_args args =
		DB_ARGS(arg_id(a, f->client_id), arg_id(a, f->assignee_id),
			arg_id(a, f->dialog_id), arg_id(a, f->before),
			arg_i64(a, f->limit), f->state);
	struct rows r;

	if (!f->state)
		args.n--;
	if (!db_all(db, a, f->state ? &list_state : &list_open, args, &r, err))
		return false;
	read_lines(a, &r, list, n);
	return true;
}

static const struct stmt find = {
	"delivery_find",
	LINE_COLUMNS " WHERE " IS_VISIBLE " AND d.id = $3",
};

bool delivery_find(struct db *db, struct arena *a, int64_t client_id,
		   int64_t assignee_id, int64_t id, struct delivery_line *d,
		   struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &find,
		      DB_ARGS(arg_id(a, client_id), arg_id(a, assignee_id),
			      arg_i64(a, id)),
		      &r, err))
		return false;
	if (r.n == 0)
		return err_set(err, ERR_MISSING, "there is no such delivery");
	*d = read_line(&r, 0);
	return true;
}

/* What travelled inside another's message has that one's attempts. */
static const struct stmt attempts = {
	"delivery_attempts",
	"SELECT id, part, action, started_at, finished_at, outcome, status,"
	"  detail, request_id FROM attempts"
	" WHERE client_id = $1 AND delivery_id IN ($2, (SELECT leader_id"
	"   FROM deliveries WHERE client_id = $1 AND id = $2)) ORDER BY id",
};

bool delivery_attempts(struct db *db, struct arena *a,
		       const struct delivery_line *d,
		       struct attempt_line **list, size_t *n, struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &attempts,
		    DB_ARGS(arg_i64(a, d->client_id), arg_i64(a, d->id)), &r,
		    err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++) {
		(*list)[i] = (struct attempt_line){
			.id = rows_i64(&r, i, 0),
			.part = (int)rows_i64(&r, i, 1),
			.action = rows_str(&r, i, 2),
			.started_at = rows_time(&r, i, 3),
			.finished_at = rows_time(&r, i, 4),
			.outcome = rows_str(&r, i, 5),
			.status = (int)rows_i64(&r, i, 6),
			.detail = rows_str(&r, i, 7),
			.request_id = rows_str(&r, i, 8),
		};
	}
	return true;
}
