/*
 * link_token.c - what the master bot gave somebody to sign in with.
 */
#include "config.h"

#include "store/link_token.h"

static const struct stmt find = {
	"link_token_find",
	"SELECT f.link_token_id, f.telegram_user_id, f.invite_id, f.client_id,"
	"  set_config('app.link_token_id', f.link_token_id::text, true)"
	" FROM find_link_token($1, $2) f",
};

static const struct stmt held = {
	"link_token_held",
	"SELECT username, first_name, update_id, created_at, expires_at"
	" FROM link_tokens WHERE id = $1",
};

bool link_token_find(struct db *db, struct arena *a, const char *hash,
		     int64_t now, struct link_token *t, struct err *err)
{
	struct rows r;

	*t = (struct link_token){ .hash = hash };
	if (!db_maybe(db, a, &find, DB_ARGS(hash, arg_time(a, now)), &r, err))
		return false;
	if (r.n == 0)
		return true;
	t->id = rows_i64(&r, 0, 0);
	t->telegram_user_id = rows_i64(&r, 0, 1);
	t->invite_id = rows_i64(&r, 0, 2);
	t->client_id = rows_i64(&r, 0, 3);
	if (!db_one(db, a, &held, DB_ARGS(arg_i64(a, t->id)), &r, err))
		return false;
	t->username = rows_str(&r, 0, 0);
	t->first_name = rows_str(&r, 0, 1);
	t->update_id = rows_i64(&r, 0, 2);
	t->created_at = rows_time(&r, 0, 3);
	t->expires_at = rows_time(&r, 0, 4);
	return true;
}

/* Of two at once the second waits for the first and finds it used. */
static const struct stmt take = {
	"link_token_take",
	"UPDATE link_tokens SET used_at = $2"
	" WHERE id = $1 AND used_at IS NULL AND expires_at > $2",
};

bool link_token_take(struct db *db, struct arena *a, int64_t id, int64_t now,
		     bool *taken, struct err *err)
{
	if (!db_exec(db, &take, DB_ARGS(arg_i64(a, id), arg_time(a, now)), err))
		return false;
	*taken = db_touched(db) == 1;
	return true;
}

static const struct stmt lock = {
	"link_token_lock",
	"SELECT pg_advisory_xact_lock(hashtextextended("
	"  'link_token:' || $1, 0))",
};

static const struct stmt count = {
	"link_token_count",
	"SELECT count(*), min(created_at) FROM link_tokens WHERE "
	"telegram_user_id = $1"
	" AND ($2::bigint IS NULL OR update_id IS DISTINCT FROM $2)"
	" AND created_at > $3",
};

bool link_token_count(struct db *db, struct arena *a, int64_t telegram_user_id,
		      int64_t update_id, int64_t since, int64_t *n,
		      int64_t *first_at, struct err *err)
{
	const char *person = arg_i64(a, telegram_user_id);
	struct rows r;

	if (!db_exec(db, &lock, DB_ARGS(person), err) ||
	    !db_one(db, a, &count,
		    DB_ARGS(person, arg_id(a, update_id), arg_time(a, since)),
		    &r, err))
		return false;
	*n = rows_i64(&r, 0, 0);
	*first_at = rows_time(&r, 0, 1);
	return true;
}

static const struct stmt end = {
	"link_token_end",
	"UPDATE link_tokens SET expires_at = $2 WHERE telegram_user_id = $1"
	" AND used_at IS NULL AND expires_at > $2",
};

static const struct stmt put = {
	"link_token_put",
	"INSERT INTO link_tokens (token_hash, telegram_user_id, username,"
	"  first_name, invite_id, update_id, created_at, expires_at)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
	" ON CONFLICT ON CONSTRAINT link_tokens_update DO UPDATE SET"
	"  token_hash = excluded.token_hash, username = excluded.username,"
	"  first_name = excluded.first_name, invite_id = excluded.invite_id,"
	"  created_at = excluded.created_at, expires_at = excluded.expires_at,"
	"  used_at = NULL",
};

bool link_token_put(struct db *db, struct arena *a, const struct link_token *t,
		    struct err *err)
{
	const char *person = arg_i64(a, t->telegram_user_id);
	const char *now = arg_time(a, t->created_at);

	return db_exec(db, &end, DB_ARGS(person, now), err) &&
	       db_exec(db, &put,
		       DB_ARGS(t->hash, person, t->username, t->first_name,
			       arg_id(a, t->invite_id), arg_id(a, t->update_id),
			       now, arg_time(a, t->expires_at)),
		       err);
}

static const struct stmt may_make = {
	"link_token_may_make",
	"SELECT set_config('app.link_maker', 'true', true)",
};

bool link_token_may_make(struct db *db, struct err *err)
{
	return db_exec(db, &may_make, DB_NO_ARGS, err);
}
