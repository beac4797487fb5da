/*
 * sign_up.c - accounts for people whom Telegram vouches for.
 */
#include "config.h"

#include "store/sign_up.h"

/* Without a conflict target: naming one takes the right to read. */
static const struct stmt spend = {
	"proof_spend",
	"INSERT INTO spent_proofs (proof_hash, expires_at) VALUES ($1, $2)"
	" ON CONFLICT DO NOTHING",
};

bool proof_spend(struct db *db, struct arena *a, const char *proof_hash,
		 int64_t expires_at, bool *taken, struct err *err)
{
	if (!db_exec(db, &spend, DB_ARGS(proof_hash, arg_time(a, expires_at)),
		     err))
		return false;
	*taken = db_touched(db) == 0;
	return true;
}

static const struct stmt find = {
	"telegram_find",
	"SELECT f.user_id, f.client_id,"
	"  set_config('app.user_id', f.user_id::text, true),"
	"  set_config('app.client_id', coalesce(f.client_id::text, ''), true)"
	" FROM find_telegram($1) f",
};

bool telegram_find(struct db *db, struct arena *a, int64_t telegram_user_id,
		   int64_t *user_id, int64_t *client_id, struct err *err)
{
	struct rows r;

	*user_id = *client_id = 0;
	if (!db_maybe(db, a, &find, DB_ARGS(arg_i64(a, telegram_user_id)), &r,
		      err))
		return false;
	if (r.n == 1) {
		*user_id = rows_i64(&r, 0, 0);
		*client_id = rows_i64(&r, 0, 1);
	}
	return true;
}

/* The policy lets nobody write a client but the one the transaction is bound
 * to, so the number comes before the row. */
static const struct stmt take_number = {
	"client_number",
	"SELECT n.id, set_config('app.client_id', n.id::text, true)"
	" FROM (SELECT nextval('clients_id_seq') AS id) n",
};

static const struct stmt insert_client = {
	"client_begin",
	"INSERT INTO clients (id, name, created_at) OVERRIDING SYSTEM VALUE"
	" VALUES ($1, $2, $3)",
};

bool client_begin(struct db *db, struct arena *a, const char *name, int64_t now,
		  int64_t *client_id, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &take_number, DB_NO_ARGS, &r, err))
		return false;
	*client_id = rows_i64(&r, 0, 0);
	return db_exec(db, &insert_client,
		       DB_ARGS(arg_i64(a, *client_id), name, arg_time(a, now)),
		       err);
}

static const struct stmt enter = {
	"client_enter",
	"SELECT set_config('app.client_id', $1, true)",
};

bool client_enter(struct db *db, struct arena *a, int64_t client_id,
		  struct err *err)
{
	return db_exec(db, &enter, DB_ARGS(arg_i64(a, client_id)), err);
}

static const struct stmt insert = {
	"sign_up_insert",
	"WITH made AS ("
	"  INSERT INTO users (client_id, login, name, email, role,"
	"    assigned_only, telegram_user_id, telegram_confirmed_at,"
	"    password_hash, created_at)"
	"  VALUES ($1, $2, $3, $4, $5, $6, $7, $9, $8, $9)"
	"  ON CONFLICT (lower(login)) DO NOTHING RETURNING id)"
	" SELECT id, set_config('app.user_id', id::text, true) FROM made",
};

bool sign_up_insert(struct db *db, struct arena *a, const struct sign_up_row *u,
		    int64_t *user_id, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &insert,
		      DB_ARGS(arg_i64(a, u->client_id), u->login, u->name,
			      u->email, u->role, arg_bool(u->assigned_only),
			      arg_i64(a, u->telegram_user_id), u->password_hash,
			      arg_time(a, u->now)),
		      &r, err))
		return false;
	*user_id = r.n == 1 ? rows_i64(&r, 0, 0) : 0;
	return true;
}

static const struct stmt of_user = {
	"telegram_of",
	"SELECT telegram_user_id FROM users"
	" WHERE id = $1 AND telegram_confirmed_at IS NOT NULL",
};

bool telegram_of(struct db *db, struct arena *a, int64_t user_id,
		 int64_t *telegram_user_id, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &of_user, DB_ARGS(arg_i64(a, user_id)), &r, err))
		return false;
	*telegram_user_id = r.n == 1 ? rows_i64(&r, 0, 0) : 0;
	return true;
}

static const struct stmt claim = {
	"telegram_claim",
	"UPDATE users SET telegram_user_id = NULL"
	" WHERE client_id = $1 AND telegram_user_id = $2"
	"  AND telegram_confirmed_at IS NULL",
};

bool telegram_claim(struct db *db, struct arena *a, int64_t client_id,
		    int64_t telegram_user_id, struct err *err)
{
	return db_exec(
		db, &claim,
		DB_ARGS(arg_i64(a, client_id), arg_i64(a, telegram_user_id)),
		err);
}

static const struct stmt confirm = {
	"telegram_confirm",
	"UPDATE users SET telegram_user_id = $2, telegram_confirmed_at = $3"
	" WHERE id = $1",
};

bool telegram_confirm(struct db *db, struct arena *a, int64_t user_id,
		      int64_t telegram_user_id, int64_t now, struct err *err)
{
	return db_exec(db, &confirm,
		       DB_ARGS(arg_i64(a, user_id),
			       arg_i64(a, telegram_user_id), arg_time(a, now)),
		       err);
}
