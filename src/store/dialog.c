/*
 * dialog.c - buyers' chats as the people of a client see them.
 */
#include "config.h"

#include "base/buf.h"
#include "store/dialog.h"

#define PATTERN_MAX_BYTES 4096

#define DIALOG_COLUMNS                                                  \
	"SELECT id, client_id, project_id, source, source_id,"          \
	"  external_chat_id, buyer_external_id, buyer_name, buyer_url," \
	"  item_id, item_title, item_price, item_url, bot_id,"          \
	"  group_chat_id, topic_id, status, assignee_id, unread_count," \
	"  last_message_at, waiting_since, created_at,"                 \
	"  to_jsonb(labels), buyer_language, origin, connection_id,"    \
	"  blocked_at, auto_reply_last_sent_at FROM dialogs"            \
	" WHERE ($1::bigint IS NULL OR client_id = $1)"                 \
	"  AND ($2::bigint IS NULL OR assignee_id = $2)"

static const struct stmt find = {
	"dialog_find",
	DIALOG_COLUMNS " AND id = $3",
};

static const struct stmt lock = {
	"dialog_lock",
	DIALOG_COLUMNS " AND id = $3 FOR NO KEY UPDATE",
};

static struct dialog read_dialog(const struct rows *r, int row)
{
	return (struct dialog){
		.id = rows_i64(r, row, 0),
		.client_id = rows_i64(r, row, 1),
		.project_id = rows_i64(r, row, 2),
		.source = rows_str(r, row, 3),
		.source_id = rows_i64(r, row, 4),
		.external_chat_id = rows_str(r, row, 5),
		.buyer_external_id = rows_str(r, row, 6),
		.buyer_name = rows_str(r, row, 7),
		.buyer_url = rows_str(r, row, 8),
		.item_id = rows_i64(r, row, 9),
		.item_title = rows_str(r, row, 10),
		.item_price = rows_str(r, row, 11),
		.item_url = rows_str(r, row, 12),
		.bot_id = rows_i64(r, row, 13),
		.group_chat_id = rows_i64(r, row, 14),
		.topic_id = rows_i64(r, row, 15),
		.status = rows_str(r, row, 16),
		.assignee_id = rows_i64(r, row, 17),
		.unread_count = (int)rows_i64(r, row, 18),
		.last_message_at = rows_time(r, row, 19),
		.waiting_since = rows_time(r, row, 20),
		.created_at = rows_time(r, row, 21),
		.labels = rows_str(r, row, 22),
		.buyer_language = rows_str(r, row, 23),
		.origin = rows_str(r, row, 24),
		.connection_id = rows_i64(r, row, 25),
		.blocked_at = rows_time(r, row, 26),
		.auto_reply_last_sent_at = rows_time(r, row, 27),
	};
}

static bool get(struct db *db, struct arena *a, const struct stmt *s,
		int64_t client_id, int64_t assignee_id, int64_t id,
		struct dialog *d, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, s,
		      DB_ARGS(arg_id(a, client_id), arg_id(a, assignee_id),
			      arg_i64(a, id)),
		      &r, err))
		return false;
	if (r.n == 0)
		return err_set(err, ERR_MISSING, "there is no such dialog");
	*d = read_dialog(&r, 0);
	return true;
}

bool dialog_find(struct db *db, struct arena *a, int64_t client_id,
		 int64_t assignee_id, int64_t id, struct dialog *d,
		 struct err *err)
{
	return get(db, a, &find, client_id, assignee_id, id, d, err);
}

bool dialog_lock(struct db *db, struct arena *a, int64_t client_id,
		 int64_t assignee_id, int64_t id, struct dialog *d,
		 struct err *err)
{
	return get(db, a, &lock, client_id, assignee_id, id, d, err);
}

/* For ILIKE: what people type means itself. */
static const char *pattern(struct arena *a, const char *q)
{
	struct buf b;

	if (!q)
		return NULL;
	buf_init(&b, a, PATTERN_MAX_BYTES);
	buf_add_char(&b, '%');
	for (; *q; q++) {
		if (*q == '%' || *q == '_' || *q == '\\')
			buf_add_char(&b, '\\');
		buf_add_char(&b, *q);
	}
	buf_add_char(&b, '%');
	return b.s;
}

static const struct stmt list_some = {
	"dialogs_list",
	DIALOG_COLUMNS
	" AND ($3::bigint IS NULL OR project_id = $3)"
	" AND CASE WHEN $4::text IS NULL THEN status <> 'archived'"
	"  ELSE status = $4 END"
	" AND ($5::boolean IS NULL OR (unread_count > 0) = $5)"
	" AND (NOT $6::boolean OR assignee_id IS NULL)"
	" AND ($7::text IS NULL OR buyer_name ILIKE $8 OR item_title ILIKE $8"
	"  OR buyer_external_id = $7 OR external_chat_id = $7"
	"  OR item_id::text = $7)"
	" AND ($9::timestamptz IS NULL OR (last_message_at, id) < ($9, $10))"
	" AND ($12::text IS NULL OR $12 = ANY (labels))"
	" ORDER BY last_message_at DESC, id DESC LIMIT $11",
};

bool dialogs_list(struct db *db, struct arena *a, const struct dialog_filter *f,
		  struct dialog **list, size_t *n, struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &list_some,
		    DB_ARGS(arg_id(a, f->client_id), arg_id(a, f->assignee_id),
			    arg_id(a, f->project_id), f->status,
			    f->by_unread ? arg_bool(f->unread) : NULL,
			    arg_bool(f->unassigned), f->q, pattern(a, f->q),
			    arg_time(a, f->before_at), arg_i64(a, f->before_id),
			    arg_i64(a, f->limit), f->label),
		    &r, err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		(*list)[i] = read_dialog(&r, i);
	return true;
}

static const struct stmt update = {
	"dialog_store",
	"UPDATE dialogs SET status = $3, assignee_id = $4,"
	"  labels = ARRAY(SELECT jsonb_array_elements_text($5::jsonb))"
	" WHERE client_id = $1 AND id = $2",
};

bool dialog_store(struct db *db, struct arena *a, const struct dialog *d,
		  struct err *err)
{
	return db_exec(db, &update,
		       DB_ARGS(arg_i64(a, d->client_id), arg_i64(a, d->id),
			       d->status, arg_id(a, d->assignee_id), d->labels),
		       err);
}

static const struct stmt set_read = {
	"dialog_set_read",
	"UPDATE dialogs SET unread_count = 0 WHERE client_id = $1 AND id = $2",
};

bool dialog_set_read(struct db *db, struct arena *a, const struct dialog *d,
		     struct err *err)
{
	return db_exec(db, &set_read,
		       DB_ARGS(arg_i64(a, d->client_id), arg_i64(a, d->id)),
		       err);
}
