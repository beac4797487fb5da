/*
 * bot.c - a client's Telegram bots, as they were set up.
 */
#include "config.h"

#include "store/bot.h"

static const struct stmt insert = {
	"bot_insert",
	"INSERT INTO bots (client_id, telegram_id, token_sealed, token_tail,"
	"  group_chat_id, topic_mode, status, webhook_secret_sealed,"
	"  webhook_secret_hash, created_at, updated_at)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) RETURNING id",
};

bool bot_insert(struct db *db, struct arena *a, struct bot *b, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &insert,
		    DB_ARGS(arg_i64(a, b->client_id),
			    arg_i64(a, b->telegram_id), b->token_sealed,
			    b->token_tail, arg_id(a, b->group_chat_id),
			    arg_bool(b->topic_mode), b->status,
			    b->webhook_secret_sealed, b->webhook_secret_hash,
			    arg_time(a, b->created_at)),
		    &r, err))
		return false;
	b->id = rows_i64(&r, 0, 0);
	return true;
}

#define BOT_COLUMNS                                                    \
	"SELECT id, client_id, telegram_id, token_sealed, token_tail," \
	"  username, name, group_chat_id, group_title, topic_mode,"    \
	"  status, last_error, warning, checked_at,"                   \
	"  webhook_secret_sealed, webhook_secret_hash,"                \
	"  webhook_old_hash, webhook_set_at, seen_chat_id,"            \
	"  seen_chat_title, (SELECT s.id FROM telegram_sources s"      \
	"   WHERE s.bot_id = bots.id) AS source_id, created_at,"       \
	"  updated_at"                                                 \
	" FROM bots WHERE ($1::bigint IS NULL OR client_id = $1)"

static const struct stmt find = { "bot_find", BOT_COLUMNS " AND id = $2" };

static const struct stmt lock = {
	"bot_lock",
	BOT_COLUMNS " AND id = $2 FOR NO KEY UPDATE",
};

static const struct stmt lock_known = {
	"bot_lock_known",
	BOT_COLUMNS " AND telegram_id = $2 FOR NO KEY UPDATE",
};

static const struct stmt list_all = {
	"bots_list",
	BOT_COLUMNS " AND id > $2 ORDER BY id LIMIT $3",
};

static const char *maybe_str(const struct rows *r, int row, int column)
{
	return rows_null(r, row, column) ? NULL : rows_str(r, row, column);
}

static struct bot read_bot(const struct rows *r, int row)
{
	return (struct bot){
		.id = rows_i64(r, row, 0),
		.client_id = rows_i64(r, row, 1),
		.telegram_id = rows_i64(r, row, 2),
		.token_sealed = rows_str(r, row, 3),
		.token_tail = rows_str(r, row, 4),
		.username = rows_str(r, row, 5),
		.name = rows_str(r, row, 6),
		.group_chat_id = rows_i64(r, row, 7),
		.group_title = rows_str(r, row, 8),
		.topic_mode = rows_bool(r, row, 9),
		.status = rows_str(r, row, 10),
		.last_error = maybe_str(r, row, 11),
		.warning = maybe_str(r, row, 12),
		.checked_at = rows_time(r, row, 13),
		.webhook_secret_sealed = rows_str(r, row, 14),
		.webhook_secret_hash = rows_str(r, row, 15),
		.webhook_old_hash = maybe_str(r, row, 16),
		.webhook_set_at = rows_time(r, row, 17),
		.seen_chat_id = rows_i64(r, row, 18),
		.seen_chat_title = rows_str(r, row, 19),
		.source_id = rows_i64(r, row, 20),
		.created_at = rows_time(r, row, 21),
		.updated_at = rows_time(r, row, 22),
	};
}

static bool get(struct db *db, struct arena *a, const struct stmt *s,
		int64_t client_id, int64_t id, struct bot *b, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, s, DB_ARGS(arg_id(a, client_id), arg_i64(a, id)),
		      &r, err))
		return false;
	if (r.n == 0)
		return err_set(err, ERR_MISSING, "there is no such bot");
	*b = read_bot(&r, 0);
	return true;
}

bool bot_find(struct db *db, struct arena *a, int64_t client_id, int64_t id,
	      struct bot *b, struct err *err)
{
	return get(db, a, &find, client_id, id, b, err);
}

bool bot_lock(struct db *db, struct arena *a, int64_t client_id, int64_t id,
	      struct bot *b, struct err *err)
{
	return get(db, a, &lock, client_id, id, b, err);
}

bool bot_lock_known(struct db *db, struct arena *a, int64_t client_id,
		    int64_t telegram_id, struct bot *b, bool *found,
		    struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &lock_known,
		      DB_ARGS(arg_i64(a, client_id), arg_i64(a, telegram_id)),
		      &r, err))
		return false;
	*found = r.n == 1;
	if (*found)
		*b = read_bot(&r, 0);
	return true;
}

bool bots_list(struct db *db, struct arena *a, int64_t client_id, int64_t after,
	       int limit, struct bot **list, size_t *n, struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &list_all,
		    DB_ARGS(arg_id(a, client_id), arg_i64(a, after),
			    arg_i64(a, limit)),
		    &r, err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		(*list)[i] = read_bot(&r, i);
	return true;
}

static const struct stmt update = {
	"bot_store",
	"UPDATE bots SET token_sealed = $3, token_tail = $4,"
	"  group_chat_id = $5, group_title = $6, topic_mode = $7, status = $8,"
	"  last_error = $9, webhook_secret_sealed = $10,"
	"  webhook_secret_hash = $11, webhook_old_hash = $12,"
	"  updated_at = $13"
	" WHERE client_id = $1 AND id = $2",
};

bool bot_store(struct db *db, struct arena *a, const struct bot *b,
	       struct err *err)
{
	return db_exec(db, &update,
		       DB_ARGS(arg_i64(a, b->client_id), arg_i64(a, b->id),
			       b->token_sealed, b->token_tail,
			       arg_id(a, b->group_chat_id), b->group_title,
			       arg_bool(b->topic_mode), b->status,
			       b->last_error, b->webhook_secret_sealed,
			       b->webhook_secret_hash, b->webhook_old_hash,
			       arg_time(a, b->updated_at)),
		       err);
}

static const struct stmt used = {
	"bot_used",
	"SELECT (SELECT count(id) FROM projects"
	"         WHERE client_id = $1 AND bot_id = $2),"
	"  (SELECT count(id) FROM avito_accounts"
	"    WHERE client_id = $1 AND bot_id = $2),"
	"  (SELECT count(id) FROM telegram_sources"
	"    WHERE client_id = $1 AND bot_id = $2),"
	"  (SELECT count(x.id) FROM deliveries x"
	"    JOIN dialogs g ON g.client_id = $1 AND g.id = x.dialog_id"
	"    WHERE x.client_id = $1 AND g.bot_id = $2"
	"     AND x.direction = 'team'"
	"     AND x.state IN ('queued', 'sending', 'unsure'))",
};

bool bot_used(struct db *db, struct arena *a, const struct bot *b,
	      struct bot_use *use, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &used,
		    DB_ARGS(arg_i64(a, b->client_id), arg_i64(a, b->id)), &r,
		    err))
		return false;
	use->projects = rows_i64(&r, 0, 0);
	use->accounts = rows_i64(&r, 0, 1);
	use->sources = rows_i64(&r, 0, 2);
	use->open_deliveries = rows_i64(&r, 0, 3);
	return true;
}

static const struct stmt forget = {
	"bot_forget",
	"UPDATE dialogs SET bot_id = NULL, group_chat_id = NULL,"
	"  topic_id = NULL, card_message_id = NULL"
	" WHERE client_id = $1 AND bot_id = $2",
};

static const struct stmt remove_bot = {
	"bot_delete",
	"DELETE FROM bots WHERE client_id = $1 AND id = $2",
};

bool bot_delete(struct db *db, struct arena *a, const struct bot *b,
		struct err *err)
{
	struct db_args args =
		DB_ARGS(arg_i64(a, b->client_id), arg_i64(a, b->id));

	return db_exec(db, &forget, args, err) &&
	       db_exec(db, &remove_bot, args, err);
}
