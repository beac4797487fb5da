/*
 * session.c - who is asking: sessions and what sign-in reads of a user.
 */
#include "config.h"

#include "store/session.h"

static const struct stmt find = {
	"session_find",
	"SELECT f.user_id, f.client_id, f.role,"
	"  set_config('app.user_id', f.user_id::text, true),"
	"  set_config('app.client_id', coalesce(f.client_id::text, ''), true),"
	"  set_config('app.role', f.role, true)"
	" FROM find_session($1, $2) f",
};

bool session_find(struct db *db, struct arena *a, int64_t id, int64_t now,
		  struct session_row *s, struct err *err)
{
	struct rows r;

	*s = (struct session_row){ .id = id };
	if (!db_maybe(db, a, &find, DB_ARGS(arg_i64(a, id), arg_time(a, now)),
		      &r, err))
		return false;
	if (r.n == 0)
		return true;
	s->user_id = rows_i64(&r, 0, 0);
	s->client_id = rows_i64(&r, 0, 1);
	s->role = rows_str(&r, 0, 2);
	return true;
}

/* Two requests of one session at once: the second leaves it to the first. */
static const struct stmt touch = {
	"session_touch",
	"UPDATE sessions SET seen_at = $2 WHERE id ="
	" (SELECT id FROM sessions WHERE id = $1 AND seen_at < $3"
	"  FOR UPDATE SKIP LOCKED)",
};

void session_touch(struct db *db, struct arena *a, int64_t id, int64_t now,
		   int64_t before)
{
	db_queue(
		db, &touch,
		DB_ARGS(arg_i64(a, id), arg_time(a, now), arg_time(a, before)));
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

static const struct stmt user = {
	"session_user",
	"SELECT id, client_id, login, name, role, password_hash, assigned_only"
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
	};
	return true;
}

static const struct stmt insert = {
	"session_add",
	"INSERT INTO sessions (client_id, user_id, user_agent, address,"
	"   refreshed_at, created_at, seen_at, expires_at)"
	" VALUES ($1, $2, $3, $4, $5, $5, $5, $6) RETURNING id",
};

bool session_add(struct db *db, struct arena *a, const struct session_new *s,
		 int64_t *id, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &insert,
		    DB_ARGS(arg_id(a, s->client_id), arg_i64(a, s->user_id),
			    s->user_agent, s->address, arg_time(a, s->now),
			    arg_time(a, s->expires_at)),
		    &r, err))
		return false;
	*id = rows_i64(&r, 0, 0);
	return true;
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
