/*
 * master_bot.c - how the master bot is doing.
 */
#include "config.h"

#include "store/master_bot.h"

static const struct stmt find = {
	"master_bot_find",
	"SELECT telegram_id, username, status, last_error, update_id, polled_at"
	" FROM master_bot WHERE id",
};

bool master_bot_find(struct db *db, struct arena *a, struct master_bot *m,
		     struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &find, DB_NO_ARGS, &r, err))
		return false;
	*m = (struct master_bot){
		.telegram_id = rows_i64(&r, 0, 0),
		.username = rows_str(&r, 0, 1),
		.status = rows_str(&r, 0, 2),
		.last_error = rows_null(&r, 0, 3) ? NULL : rows_str(&r, 0, 3),
		.update_id = rows_i64(&r, 0, 4),
		.polled_at = rows_time(&r, 0, 5),
	};
	return true;
}

/* Updates are counted for each bot by itself; a new token changes nothing in
 * that. */
static const struct stmt begin = {
	"master_bot_begin",
	"UPDATE master_bot SET"
	"  update_id = CASE WHEN telegram_id = $1 THEN update_id ELSE 0 END,"
	"  username = CASE WHEN telegram_id = $1 THEN username ELSE '' END,"
	"  telegram_id = $1, last_error = NULL, polled_at = NULL,"
	"  status = CASE WHEN $1 = 0 THEN 'off' ELSE 'checking' END"
	" WHERE id",
};

bool master_bot_begin(struct db *db, struct arena *a, int64_t telegram_id,
		      struct err *err)
{
	return db_exec(db, &begin, DB_ARGS(arg_i64(a, telegram_id)), err);
}

static const struct stmt record = {
	"master_bot_record",
	"UPDATE master_bot SET status = $2, last_error = $3,"
	"  username = coalesce($4, username) WHERE id AND telegram_id = $1",
};

bool master_bot_record(struct db *db, struct arena *a, int64_t telegram_id,
		       const char *status, const char *error,
		       const char *username, struct err *err)
{
	return db_exec(
		db, &record,
		DB_ARGS(arg_i64(a, telegram_id), status, error, username), err);
}

/* Not "less than": after a week without any, Telegram may begin anew. */
static const struct stmt advance = {
	"master_bot_advance",
	"UPDATE master_bot SET update_id = $3, polled_at = $4"
	" WHERE id AND telegram_id = $1 AND update_id = $2",
};

bool master_bot_advance(struct db *db, struct arena *a, int64_t telegram_id,
			int64_t from, int64_t to, int64_t now, bool *mine,
			struct err *err)
{
	if (!db_exec(db, &advance,
		     DB_ARGS(arg_i64(a, telegram_id), arg_i64(a, from),
			     arg_i64(a, to), arg_time(a, now)),
		     err))
		return false;
	*mine = db_touched(db) == 1;
	return true;
}

static const struct stmt is_clients = {
	"master_bot_is_clients",
	"SELECT 1 FROM bots WHERE telegram_id = $1",
};

bool master_bot_is_clients(struct db *db, struct arena *a, int64_t telegram_id,
			   bool *yes, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &is_clients, DB_ARGS(arg_i64(a, telegram_id)), &r,
		      err))
		return false;
	*yes = r.n == 1;
	return true;
}
