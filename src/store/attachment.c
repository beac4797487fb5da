/*
 * attachment.c - the file of a message.
 */
#include "config.h"

#include "store/attachment.h"

static const struct stmt find = {
	"attachment_find",
	"SELECT f.client_id, f.mime, f.name, f.sha256, f.sha256 = '',"
	"  m.deleted_at IS NOT NULL"
	" FROM attachments f"
	" JOIN messages m ON m.client_id = f.client_id AND m.id = f.message_id"
	" JOIN dialogs g ON g.client_id = m.client_id AND g.id = m.dialog_id"
	" WHERE f.id = $3 AND NOT m.is_parked"
	"  AND ($1::bigint IS NULL OR f.client_id = $1)"
	"  AND ($2::bigint IS NULL OR g.assignee_id = $2)",
};

bool attachment_find(struct db *db, struct arena *a, int64_t client_id,
		     int64_t assignee_id, int64_t id, struct attachment *f,
		     struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &find,
		      DB_ARGS(arg_id(a, client_id), arg_id(a, assignee_id),
			      arg_i64(a, id)),
		      &r, err))
		return false;
	if (r.n == 0)
		return err_set(err, ERR_MISSING, "there is no such file");
	*f = (struct attachment){
		.client_id = rows_i64(&r, 0, 0),
		.mime = rows_str(&r, 0, 1),
		.name = rows_str(&r, 0, 2),
		.sha256 = rows_str(&r, 0, 3),
		.is_gone = rows_bool(&r, 0, 4),
		.is_deleted = rows_bool(&r, 0, 5),
	};
	return true;
}

static const struct stmt stored = {
	"attachment_stored",
	"UPDATE attachments SET sha256 = $3, mime = $4, bytes = $5"
	" WHERE client_id = $1 AND id = $2",
};

bool attachment_stored(struct db *db, struct arena *a, int64_t client_id,
		       int64_t id, const char *sha256, const char *mime,
		       int64_t bytes, struct err *err)
{
	return db_exec(db, &stored,
		       DB_ARGS(arg_i64(a, client_id), arg_i64(a, id), sha256,
			       mime, arg_i64(a, bytes)),
		       err);
}

static const struct stmt gone = {
	"attachment_gone",
	"UPDATE attachments SET sha256 = '' WHERE client_id = $1 AND id = $2",
};

bool attachment_gone(struct db *db, struct arena *a, int64_t client_id,
		     int64_t id, struct err *err)
{
	return db_exec(db, &gone,
		       DB_ARGS(arg_i64(a, client_id), arg_i64(a, id)), err);
}

/* A file that was sent to a bot is that bot's to fetch. */
static const struct stmt source = {
	"attachment_source",
	"SELECT f.client_id, f.kind, f.url, f.ref, f.mime, f.name,"
	"  coalesce(f.sha256, ''), f.bytes, m.origin, m.origin_id, g.source,"
	"  g.source_id, a.avito_user_id, a.token_sealed, a.token_generation,"
	"  a.token_expires_at, b.token_sealed, s.token_sealed"
	" FROM attachments f"
	" JOIN messages m ON m.client_id = f.client_id AND m.id = f.message_id"
	" JOIN dialogs g ON g.client_id = m.client_id AND g.id = m.dialog_id"
	" LEFT JOIN avito_accounts a ON g.source = 'avito'"
	"  AND a.client_id = g.client_id AND a.id = g.source_id"
	" LEFT JOIN telegram_sources t ON g.source = 'telegram'"
	"  AND t.client_id = g.client_id AND t.id = g.source_id"
	" LEFT JOIN bots s ON s.client_id = t.client_id AND s.id = t.bot_id"
	" LEFT JOIN bots b ON b.client_id = g.client_id AND b.id = g.bot_id"
	" WHERE f.id = $1",
};

bool attachment_source(struct db *db, struct arena *a, int64_t id,
		       struct delivery *d, struct err *err)
{
	struct delivery_file *f = arena_alloc(a, sizeof(*f));
	struct rows r;

	if (!db_maybe(db, a, &source, DB_ARGS(arg_i64(a, id)), &r, err))
		return false;
	if (r.n == 0)
		return err_set(err, ERR_MISSING, "there is no such file");
	*f = (struct delivery_file){
		.id = id,
		.kind = rows_str(&r, 0, 1),
		.url = rows_str(&r, 0, 2),
		.ref = rows_str(&r, 0, 3),
		.mime = rows_str(&r, 0, 4),
		.name = rows_str(&r, 0, 5),
		.sha256 = rows_str(&r, 0, 6),
		.bytes = rows_i64(&r, 0, 7),
	};
	*d = (struct delivery){
		.client_id = rows_i64(&r, 0, 0),
		.files = f,
		.n_files = 1,
		.origin = rows_str(&r, 0, 8),
		.origin_id = rows_i64(&r, 0, 9),
		.source = rows_str(&r, 0, 10),
		.source_id = rows_i64(&r, 0, 11),
		.account_user_id = rows_i64(&r, 0, 12),
		.account_token = rows_str(&r, 0, 13),
		.account_token_generation = rows_i64(&r, 0, 14),
		.account_token_expires_at = rows_time(&r, 0, 15),
		.bot_token = rows_str(&r, 0, 16),
		.source_bot_token = rows_str(&r, 0, 17),
	};
	return true;
}
