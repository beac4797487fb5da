/*
 * user.c - the people who sign in.
 */
#include "config.h"

#include "store/user.h"

static const struct stmt insert = {
	"user_insert",
	"INSERT INTO users (client_id, login, name, role, telegram_user_id,"
	"  assigned_only, password_hash, created_at)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
};

bool user_insert(struct db *db, struct arena *a, struct user *u,
		 const char *password_hash, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &insert,
		    DB_ARGS(arg_id(a, u->client_id), u->login, u->name, u->role,
			    arg_id(a, u->telegram_user_id),
			    arg_bool(u->assigned_only), password_hash,
			    arg_time(a, u->created_at)),
		    &r, err))
		return false;
	u->id = rows_i64(&r, 0, 0);
	return true;
}

#define USER_COLUMNS                                                 \
	"SELECT id, client_id, login, name, role, telegram_user_id," \
	"  assigned_only, disabled_at, created_at FROM users"

static const struct stmt by_login = {
	"user_by_login",
	USER_COLUMNS " WHERE lower(login) = lower($1)",
};

static const struct stmt all = { "users_all", USER_COLUMNS " ORDER BY id" };

static struct user read_user(const struct rows *r, int row)
{
	return (struct user){
		.id = rows_i64(r, row, 0),
		.client_id = rows_i64(r, row, 1),
		.login = rows_str(r, row, 2),
		.name = rows_str(r, row, 3),
		.role = rows_str(r, row, 4),
		.telegram_user_id = rows_i64(r, row, 5),
		.assigned_only = rows_bool(r, row, 6),
		.disabled_at = rows_time(r, row, 7),
		.created_at = rows_time(r, row, 8),
	};
}

bool user_by_login(struct db *db, struct arena *a, const char *login,
		   struct user *u, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &by_login, DB_ARGS(login), &r, err))
		return false;
	*u = read_user(&r, 0);
	return true;
}

bool users_all(struct db *db, struct arena *a, struct user **list, size_t *n,
	       struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &all, DB_NO_ARGS, &r, err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		(*list)[i] = read_user(&r, i);
	return true;
}

static const struct stmt count_admins = {
	"users_count_admins",
	"SELECT count(id) FROM users WHERE role = 'admin'"
	" AND disabled_at IS NULL",
};

bool users_count_admins(struct db *db, struct arena *a, int64_t *n,
			struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &count_admins, DB_NO_ARGS, &r, err))
		return false;
	*n = rows_i64(&r, 0, 0);
	return true;
}

static const struct stmt put_password = {
	"user_put_password",
	"UPDATE users SET password_hash = $2 WHERE id = $1",
};

bool user_put_password(struct db *db, struct arena *a, int64_t id,
		       const char *password_hash, struct err *err)
{
	return db_exec(db, &put_password,
		       DB_ARGS(arg_i64(a, id), password_hash), err);
}

static const struct stmt put_disabled = {
	"user_put_disabled",
	"UPDATE users SET disabled_at = coalesce(disabled_at, $2)"
	" WHERE id = $1",
};

bool user_put_disabled(struct db *db, struct arena *a, int64_t id, int64_t at,
		       struct err *err)
{
	return db_exec(db, &put_disabled,
		       DB_ARGS(arg_i64(a, id), arg_time(a, at)), err);
}

static const struct stmt end_sessions = {
	"user_end_sessions",
	"UPDATE sessions SET ended_at = $2"
	" WHERE user_id = $1 AND ended_at IS NULL",
};

bool user_end_sessions(struct db *db, struct arena *a, int64_t id, int64_t at,
		       struct err *err)
{
	return db_exec(db, &end_sessions,
		       DB_ARGS(arg_i64(a, id), arg_time(a, at)), err);
}
