/*
 * telegram_source.c - clients' bots whose private chats are dialogs.
 */
#include "config.h"

#include "store/dialog_source.h"
#include "store/telegram_source.h"

static const struct stmt insert = {
	"telegram_source_insert",
	"INSERT INTO telegram_sources (client_id, project_id, bot_id,"
	"  monitoring, auto_reply, created_at, updated_at)"
	" VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING id",
};

bool telegram_source_insert(struct db *db, struct arena *a,
			    struct telegram_source *s, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &insert,
		    DB_ARGS(arg_i64(a, s->client_id), arg_i64(a, s->project_id),
			    arg_i64(a, s->bot_id), arg_bool(s->monitoring),
			    s->auto_reply, arg_time(a, s->created_at)),
		    &r, err))
		return false;
	s->id = rows_i64(&r, 0, 0);
	return true;
}

#define SOURCE_COLUMNS                                                        \
	"SELECT s.id, s.client_id, s.project_id, s.bot_id, s.monitoring,"     \
	"  s.auto_reply, s.created_at, s.updated_at,"                         \
	"  CASE WHEN b.status = 'checking' THEN 'checking'"                   \
	"   WHEN b.status = 'error' AND (b.token_refused"                     \
	"    OR b.webhook_error IS NOT NULL) THEN 'error'"                    \
	"   ELSE 'active' END,"                                               \
	"  CASE WHEN b.status = 'error' AND b.token_refused"                  \
	"   THEN b.last_error ELSE b.webhook_error END,"                      \
	"  b.telegram_id, b.token_tail, b.username, b.name, b.group_chat_id," \
	"  b.checked_at, b.webhook_secret_sealed, b.webhook_set_at"           \
	" FROM telegram_sources s"                                            \
	" JOIN bots b ON b.client_id = s.client_id AND b.id = s.bot_id"       \
	" WHERE ($1::bigint IS NULL OR s.client_id = $1)"

static const struct stmt find = {
	"telegram_source_find",
	SOURCE_COLUMNS " AND s.id = $2",
};

static const struct stmt lock = {
	"telegram_source_lock",
	SOURCE_COLUMNS " AND s.id = $2 FOR NO KEY UPDATE OF s",
};

static const struct stmt list_all = {
	"telegram_sources_list",
	SOURCE_COLUMNS " AND ($2::bigint IS NULL OR s.project_id = $2)"
		       " AND s.id > $3 ORDER BY s.id LIMIT $4",
};

static const char *maybe_str(const struct rows *r, int row, int column)
{
	return rows_null(r, row, column) ? NULL : rows_str(r, row, column);
}

static struct telegram_source read_source(const struct rows *r, int row)
{
	struct telegram_source s = {
		.id = rows_i64(r, row, 0),
		.client_id = rows_i64(r, row, 1),
		.project_id = rows_i64(r, row, 2),
		.bot_id = rows_i64(r, row, 3),
		.monitoring = rows_bool(r, row, 4),
		.auto_reply = maybe_str(r, row, 5),
		.created_at = rows_time(r, row, 6),
		.updated_at = rows_time(r, row, 7),
		.status = rows_str(r, row, 8),
		.last_error = maybe_str(r, row, 9),
	};

	s.bot = (struct bot){
		.id = s.bot_id,
		.client_id = s.client_id,
		.telegram_id = rows_i64(r, row, 10),
		.token_tail = rows_str(r, row, 11),
		.username = rows_str(r, row, 12),
		.name = rows_str(r, row, 13),
		.group_chat_id = rows_i64(r, row, 14),
		.checked_at = rows_time(r, row, 15),
		.webhook_secret_sealed = rows_str(r, row, 16),
		.webhook_set_at = rows_time(r, row, 17),
		.source_id = s.id,
	};
	return s;
}

static bool get(struct db *db, struct arena *a, const struct stmt *statement,
		int64_t client_id, int64_t id, struct telegram_source *s,
		struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, statement,
		      DB_ARGS(arg_id(a, client_id), arg_i64(a, id)), &r, err))
		return false;
	if (r.n == 0)
		return err_set(err, ERR_MISSING,
			       "there is no such Telegram source");
	*s = read_source(&r, 0);
	return true;
}

bool telegram_source_find(struct db *db, struct arena *a, int64_t client_id,
			  int64_t id, struct telegram_source *s,
			  struct err *err)
{
	return get(db, a, &find, client_id, id, s, err);
}

bool telegram_source_lock(struct db *db, struct arena *a, int64_t client_id,
			  int64_t id, struct telegram_source *s,
			  struct err *err)
{
	return get(db, a, &lock, client_id, id, s, err);
}

bool telegram_sources_list(struct db *db, struct arena *a, int64_t client_id,
			   int64_t project_id, int64_t after, int limit,
			   struct telegram_source **list, size_t *n,
			   struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &list_all,
		    DB_ARGS(arg_id(a, client_id), arg_id(a, project_id),
			    arg_i64(a, after), arg_i64(a, limit)),
		    &r, err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		(*list)[i] = read_source(&r, i);
	return true;
}

static const struct stmt update = {
	"telegram_source_store",
	"UPDATE telegram_sources SET project_id = $3, monitoring = $4,"
	"  auto_reply = $5, updated_at = $6 WHERE client_id = $1 AND id = $2",
};

bool telegram_source_store(struct db *db, struct arena *a,
			   const struct telegram_source *s, struct err *err)
{
	return db_exec(db, &update,
		       DB_ARGS(arg_i64(a, s->client_id), arg_i64(a, s->id),
			       arg_i64(a, s->project_id),
			       arg_bool(s->monitoring), s->auto_reply,
			       arg_time(a, s->updated_at)),
		       err);
}

static const struct stmt remove_source = {
	"telegram_source_delete",
	"DELETE FROM telegram_sources WHERE client_id = $1 AND id = $2",
};

bool telegram_source_delete(struct db *db, struct arena *a,
			    const struct telegram_source *s, struct err *err)
{
	return dialogs_delete_of(db, a, s->client_id, "telegram", s->id, err) &&
	       db_exec(db, &remove_source,
		       DB_ARGS(arg_i64(a, s->client_id), arg_i64(a, s->id)),
		       err);
}
