/*
 * session.c - who is asking: sessions and what sign-in reads of a user.
 */
#include "config.h"

#include "store/session.h"

#define BIND                                                             \
	"  set_config('app.user_id', f.user_id::text, true),"            \
	"  set_config('app.client_id', coalesce(f.client_id::text, '')," \
	"   true), set_config('app.role', f.role, true)"

static const struct stmt find = {
	"session_find",
	"SELECT $1::bigint, f.user_id, f.client_id, f.role," BIND
	" FROM find_session($1, $2) f",
};

static const struct stmt find_cookie = {
	"session_find_cookie",
	"SELECT f.session_id, f.user_id, f.client_id, f.role," BIND
	" FROM find_cookie($1, $2) f",
};

static const struct stmt find_token = {
	"session_find_token",
	"SELECT f.token_id, f.user_id, f.client_id, f.role," BIND
	" FROM find_api_token($1) f",
};

static const struct stmt find_pending = {
	"session_find_pending",
	"SELECT $1::bigint, f.user_id, f.client_id, f.role," BIND
	" FROM find_pending($1, $2) f",
};

static bool find_by(struct db *db, struct arena *a, const struct stmt *stmt,
		    struct db_args args, struct session_row *s, struct err *err)
{
	struct rows r;

	*s = (struct session_row){ 0 };
	if (!db_maybe(db, a, stmt, args, &r, err))
		return false;
	if (r.n == 0)
		return true;
	s->id = rows_i64(&r, 0, 0);
	s->user_id = rows_i64(&r, 0, 1);
	s->client_id = rows_i64(&r, 0, 2);
	s->role = rows_str(&r, 0, 3);
	return true;
}

bool session_find(struct db *db, struct arena *a, int64_t id, int64_t now,
		  struct session_row *s, struct err *err)
{
	return find_by(db, a, &find, DB_ARGS(arg_i64(a, id), arg_time(a, now)),
		       s, err);
}

bool session_find_cookie(struct db *db, struct arena *a, const char *hash,
			 int64_t now, struct session_row *s, struct err *err)
{
	return find_by(db, a, &find_cookie, DB_ARGS(hash, arg_time(a, now)), s,
		       err);
}

bool session_find_token(struct db *db, struct arena *a, const char *hash,
			struct session_row *s, struct err *err)
{
	return find_by(db, a, &find_token, DB_ARGS(hash), s, err);
}

bool session_find_pending(struct db *db, struct arena *a, int64_t id,
			  int64_t now, struct session_row *s, struct err *err)
{
	return find_by(db, a, &find_pending,
		       DB_ARGS(arg_i64(a, id), arg_time(a, now)), s, err);
}

/* Two requests of one session at once: the second leaves it to the first. */
static const struct stmt touch = {
	"session_touch",
	"UPDATE sessions SET seen_at = $2, expires_at ="
	"  CASE WHEN cookie_hash IS NULL THEN expires_at"
	"   ELSE $4::timestamptz END"
	" WHERE id ="
	" (SELECT id FROM sessions WHERE id = $1 AND seen_at < $3"
	"  FOR UPDATE SKIP LOCKED)",
};

void session_touch(struct db *db, struct arena *a, int64_t id, int64_t now,
		   int64_t before, int64_t expires_at)
{
	db_queue(db, &touch,
		 DB_ARGS(arg_i64(a, id), arg_time(a, now), arg_time(a, before),
			 arg_time(a, expires_at)));
}

static const struct stmt find_login = {
	"session_find_login",
	"SELECT f.user_id, set_config('app.user_id', f.user_id::text, true)"
	" FROM find_login($1) f",
};

bool session_find_login(struct db *db, struct arena *a, const char *login,
			int64_t *user_id, struct err *err)
{
	struct rows r;

	*user_id = 0;
	if (!db_maybe(db, a, &find_login, DB_ARGS(login), &r, err))
		return false;
	if (r.n == 1)
		*user_id = rows_i64(&r, 0, 0);
	return true;
}

static const struct stmt bind = {
	"session_bind",
	"SELECT set_config('app.user_id', $1, true),"
	" set_config('app.client_id', coalesce($2, ''), true)",
};

bool session_bind(struct db *db, struct arena *a, int64_t user_id,
		  int64_t client_id, struct err *err)
{
	struct rows r;

	return db_one(db, a, &bind,
		      DB_ARGS(arg_i64(a, user_id), arg_id(a, client_id)), &r,
		      err);
}

static const struct stmt user = {
	"session_user",
	"SELECT id, client_id, login, name, role, password_hash, assigned_only,"
	"  email, language, must_change_password,"
	"  totp_confirmed_at IS NOT NULL, telegram_user_id"
	" FROM users WHERE id = $1",
};

bool session_user(struct db *db, struct arena *a, int64_t user_id,
		  struct session_user *u, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &user, DB_ARGS(arg_i64(a, user_id)), &r, err))
		return false;
	*u = (struct session_user){
		.id = rows_i64(&r, 0, 0),
		.client_id = rows_i64(&r, 0, 1),
		.login = rows_str(&r, 0, 2),
		.name = rows_str(&r, 0, 3),
		.role = rows_str(&r, 0, 4),
		.password_hash = rows_str(&r, 0, 5),
		.assigned_only = rows_bool(&r, 0, 6),
		.email = rows_str(&r, 0, 7),
		.language = rows_str(&r, 0, 8),
		.must_change_password = rows_bool(&r, 0, 9),
		.second_factor = rows_bool(&r, 0, 10),
		.telegram_user_id = rows_i64(&r, 0, 11),
	};
	return true;
}

static const struct stmt lock_password = {
	"session_lock_password",
	"SELECT password_hash FROM users WHERE id = $1 AND disabled_at IS NULL"
	" FOR NO KEY UPDATE",
};

bool session_lock_password(struct db *db, struct arena *a, int64_t user_id,
			   const char **hash, struct err *err)
{
	struct rows r;

	*hash = NULL;
	if (!db_maybe(db, a, &lock_password, DB_ARGS(arg_i64(a, user_id)), &r,
		      err))
		return false;
	if (r.n)
		*hash = rows_str(&r, 0, 0);
	return true;
}

static const struct stmt signed_in = {
	"session_signed_in",
	"UPDATE users SET signed_in_at = $2 WHERE id = $1",
};

static const struct stmt insert = {
	"session_add",
	"INSERT INTO sessions (client_id, user_id, user_agent, address, method,"
	"   cookie_hash, refreshed_at, created_at, seen_at, expires_at,"
	"   pending_until)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $7, $8, $9) RETURNING id",
};

bool session_add(struct db *db, struct arena *a, const struct session_new *s,
		 int64_t *id, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &insert,
		    DB_ARGS(arg_id(a, s->client_id), arg_i64(a, s->user_id),
			    s->user_agent, s->address, s->method,
			    s->cookie_hash, arg_time(a, s->now),
			    arg_time(a, s->expires_at),
			    arg_time(a, s->pending_until)),
		    &r, err))
		return false;
	*id = rows_i64(&r, 0, 0);
	if (!s->pending_until)
		db_queue(db, &signed_in,
			 DB_ARGS(arg_i64(a, s->user_id), arg_time(a, s->now)));
	return true;
}

static const struct stmt count_try = {
	"session_count_try",
	"UPDATE sessions SET code_tries = code_tries + 1 WHERE id = $1"
	" AND pending_until IS NOT NULL AND ended_at IS NULL"
	" RETURNING code_tries",
};

bool session_count_try(struct db *db, struct arena *a, int64_t id,
		       int64_t *tries, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &count_try, DB_ARGS(arg_i64(a, id)), &r, err))
		return false;
	*tries = r.n ? rows_i64(&r, 0, 0) : 0;
	return true;
}

static const struct stmt activate = {
	"session_activate",
	"WITH s AS (UPDATE sessions SET pending_until = NULL, cookie_hash = $2,"
	"   refreshed_at = $3, seen_at = $3, expires_at = $4"
	"  WHERE id = $1 AND pending_until IS NOT NULL AND ended_at IS NULL"
	"  RETURNING user_id)"
	" UPDATE users u SET signed_in_at = $3 FROM s WHERE u.id = s.user_id"
	" RETURNING u.id",
};

bool session_activate(struct db *db, struct arena *a, int64_t id,
		      const char *cookie_hash, int64_t now, int64_t expires_at,
		      struct err *err)
{
	struct rows r;

	return db_one(db, a, &activate,
		      DB_ARGS(arg_i64(a, id), cookie_hash, arg_time(a, now),
			      arg_time(a, expires_at)),
		      &r, err);
}

static const struct stmt generation_of = {
	"session_generation",
	"SELECT refresh_generation, refreshed_at FROM sessions WHERE id = $1"
	" FOR UPDATE",
};

bool session_generation(struct db *db, struct arena *a, int64_t id,
			int64_t *generation, int64_t *refreshed_at,
			struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &generation_of, DB_ARGS(arg_i64(a, id)), &r, err))
		return false;
	*generation = rows_i64(&r, 0, 0);
	*refreshed_at = rows_time(&r, 0, 1);
	return true;
}

static const struct stmt refresh = {
	"session_refresh",
	"UPDATE sessions SET refresh_generation = $2, refreshed_at = $3,"
	"  seen_at = $3, expires_at = $4 WHERE id = $1",
};

bool session_refresh(struct db *db, struct arena *a, int64_t id,
		     int64_t generation, int64_t now, int64_t expires_at,
		     struct err *err)
{
	return db_exec(db, &refresh,
		       DB_ARGS(arg_i64(a, id), arg_i64(a, generation),
			       arg_time(a, now), arg_time(a, expires_at)),
		       err);
}

static const struct stmt end = {
	"session_end",
	"UPDATE sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL",
};

bool session_end(struct db *db, struct arena *a, int64_t id, int64_t now,
		 struct err *err)
{
	return db_exec(db, &end, DB_ARGS(arg_i64(a, id), arg_time(a, now)),
		       err);
}

static const struct stmt list_live = {
	"sessions_list",
	"SELECT id, method, user_agent, address, cookie_hash IS NOT NULL,"
	"  created_at, seen_at, expires_at"
	" FROM sessions WHERE user_id = $1 AND ended_at IS NULL"
	"  AND pending_until IS NULL AND expires_at > $2"
	" ORDER BY seen_at DESC, id DESC",
};

bool sessions_list(struct db *db, struct arena *a, int64_t user_id, int64_t now,
		   struct session_info **list, size_t *n, struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &list_live,
		    DB_ARGS(arg_i64(a, user_id), arg_time(a, now)), &r, err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		(*list)[i] = (struct session_info){
			.id = rows_i64(&r, i, 0),
			.method = rows_str(&r, i, 1),
			.user_agent = rows_str(&r, i, 2),
			.address = rows_str(&r, i, 3),
			.browser = rows_bool(&r, i, 4),
			.created_at = rows_time(&r, i, 5),
			.seen_at = rows_time(&r, i, 6),
			.expires_at = rows_time(&r, i, 7),
		};
	return true;
}

static const struct stmt end_of = {
	"session_end_of",
	"UPDATE sessions SET ended_at = $3 WHERE user_id = $1 AND id = $2"
	" AND ended_at IS NULL",
};

bool session_end_of(struct db *db, struct arena *a, int64_t user_id, int64_t id,
		    int64_t now, struct err *err)
{
	if (!db_exec(db, &end_of,
		     DB_ARGS(arg_i64(a, user_id), arg_i64(a, id),
			     arg_time(a, now)),
		     err))
		return false;
	return db_touched(db) == 1 ||
	       err_set(err, ERR_MISSING, "there is no such session");
}

static const struct stmt end_others = {
	"sessions_end_others",
	"UPDATE sessions SET ended_at = $3 WHERE user_id = $1 AND id <> $2"
	" AND ended_at IS NULL",
};

bool sessions_end_others(struct db *db, struct arena *a, int64_t user_id,
			 int64_t keep, int64_t now, struct err *err)
{
	return db_exec(db, &end_others,
		       DB_ARGS(arg_i64(a, user_id), arg_i64(a, keep),
			       arg_time(a, now)),
		       err);
}
