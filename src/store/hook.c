/*
 * hook.c - what a webhook needs to know before its client is known.
 */
#include "config.h"

#include "store/hook.h"

static const struct stmt find_bot = {
	"hook_find_bot",
	"SELECT client_id, set_config('app.client_id', client_id::text, true)"
	" FROM find_bot_hook($1, $2)",
};

bool hook_find_bot(struct db *db, struct arena *a, int64_t bot_id,
		   const char *secret_hash, int64_t *client_id, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &find_bot,
		      DB_ARGS(arg_i64(a, bot_id), secret_hash), &r, err))
		return false;
	*client_id = r.n ? rows_i64(&r, 0, 0) : 0;
	return true;
}

static const struct stmt find_source = {
	"hook_find_source",
	"SELECT client_id, bot_id,"
	"  set_config('app.client_id', client_id::text, true)"
	" FROM find_source_hook($1, $2)",
};

bool hook_find_source(struct db *db, struct arena *a, int64_t source_id,
		      const char *secret_hash, int64_t *client_id,
		      int64_t *bot_id, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &find_source,
		      DB_ARGS(arg_i64(a, source_id), secret_hash), &r, err))
		return false;
	*client_id = r.n ? rows_i64(&r, 0, 0) : 0;
	if (r.n)
		*bot_id = rows_i64(&r, 0, 1);
	return true;
}

static const struct stmt find_avito = {
	"hook_find_avito",
	"SELECT client_id, avito_user_id,"
	"  set_config('app.client_id', client_id::text, true)"
	" FROM find_avito_hook($1, $2)",
};

bool hook_find_avito(struct db *db, struct arena *a, int64_t account_id,
		     const char *secret_hash, int64_t *client_id,
		     int64_t *avito_user_id, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &find_avito,
		      DB_ARGS(arg_i64(a, account_id), secret_hash), &r, err))
		return false;
	*client_id = r.n ? rows_i64(&r, 0, 0) : 0;
	*avito_user_id = r.n ? rows_i64(&r, 0, 1) : 0;
	return true;
}

static const struct stmt seen = {
	"update_seen",
	"INSERT INTO telegram_updates (client_id, bot_id, update_id,"
	"  received_at) VALUES ($1, $2, $3, $4)"
	" ON CONFLICT DO NOTHING RETURNING 1",
};

bool update_seen(struct db *db, struct arena *a, int64_t client_id,
		 int64_t bot_id, int64_t update_id, int64_t now, bool *fresh,
		 struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &seen,
		      DB_ARGS(arg_i64(a, client_id), arg_i64(a, bot_id),
			      arg_i64(a, update_id), arg_time(a, now)),
		      &r, err))
		return false;
	*fresh = r.n == 1;
	return true;
}

static const struct stmt forget = {
	"update_forget",
	"DELETE FROM telegram_updates"
	" WHERE client_id = $1 AND bot_id = $2 AND update_id = $3",
};

void update_queue_forget(struct db *db, struct arena *a, int64_t client_id,
			 int64_t bot_id, int64_t update_id)
{
	db_queue(db, &forget,
		 DB_ARGS(arg_i64(a, client_id), arg_i64(a, bot_id),
			 arg_i64(a, update_id)));
}

static const struct stmt quarantine_insert = {
	"quarantine_add",
	"INSERT INTO quarantine (client_id, source, source_id, reason, body,"
	"  created_at, request_id) VALUES ($1, $2, $3, $4, $5, $6, $7)",
};

bool quarantine_add(struct db *db, struct arena *a, int64_t client_id,
		    const char *source, int64_t source_id, const char *reason,
		    const char *body, int64_t now, const char *request_id,
		    struct err *err)
{
	return db_exec(db, &quarantine_insert,
		       DB_ARGS(arg_i64(a, client_id), source,
			       arg_i64(a, source_id), reason, body,
			       arg_time(a, now), request_id),
		       err);
}

/* Never rebound silently, and only by an owner whose Telegram is linked. */
static const struct stmt seen_in_group = {
	"bot_seen_in_group",
	"UPDATE bots b SET seen_chat_id = $3, seen_chat_title = $4,"
	"  group_chat_id = CASE WHEN b.group_chat_id IS NULL AND EXISTS ("
	"    SELECT 1 FROM users u WHERE u.client_id = $1"
	"     AND u.telegram_user_id = $5 AND u.role = 'owner'"
	"     AND u.disabled_at IS NULL) THEN $3 ELSE b.group_chat_id END,"
	"  group_title = CASE WHEN b.group_chat_id = $3 THEN $4"
	"                ELSE b.group_title END,"
	"  updated_at = $6"
	" WHERE b.client_id = $1 AND b.id = $2",
};

bool bot_seen_in_group(struct db *db, struct arena *a, int64_t client_id,
		       int64_t bot_id, int64_t chat_id, const char *title,
		       int64_t by_telegram_user, int64_t now, struct err *err)
{
	return db_exec(db, &seen_in_group,
		       DB_ARGS(arg_i64(a, client_id), arg_i64(a, bot_id),
			       arg_i64(a, chat_id), title,
			       arg_i64(a, by_telegram_user), arg_time(a, now)),
		       err);
}

static const struct stmt is_named = {
	"bot_is_named",
	"SELECT 1 FROM bots WHERE client_id = $1 AND id = $2"
	" AND lower(username) = lower($3)",
};

bool bot_is_named(struct db *db, struct arena *a, int64_t client_id,
		  int64_t bot_id, const char *username, bool *yes,
		  struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &is_named,
		      DB_ARGS(arg_i64(a, client_id), arg_i64(a, bot_id),
			      username),
		      &r, err))
		return false;
	*yes = r.n == 1;
	return true;
}

static const struct stmt migrate_bots = {
	"group_migrated_bots",
	"UPDATE bots SET group_chat_id = $3"
	" WHERE client_id = $1 AND group_chat_id = $2",
};

static const struct stmt migrate_dialogs = {
	"group_migrated_dialogs",
	"UPDATE dialogs SET group_chat_id = $3, topic_id = NULL,"
	"  card_message_id = NULL"
	" WHERE client_id = $1 AND group_chat_id = $2",
};

bool group_migrated(struct db *db, struct arena *a, int64_t client_id,
		    int64_t old_chat_id, int64_t new_chat_id, struct err *err)
{
	struct db_args args =
		DB_ARGS(arg_i64(a, client_id), arg_i64(a, old_chat_id),
			arg_i64(a, new_chat_id));

	return db_exec(db, &migrate_bots, args, err) &&
	       db_exec(db, &migrate_dialogs, args, err);
}
