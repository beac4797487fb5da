/*
 * user.c - the people who sign in.
 */
#include "config.h"

#include "store/user.h"

static const struct stmt insert = {
	"user_insert",
	"INSERT INTO users (client_id, login, name, role, telegram_user_id,"
	"  assigned_only, password_hash, created_at, email,"
	"  email_confirmed_at, telegram_confirmed_at, must_change_password)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, coalesce($9, ''), $10, $11,"
	"  $12) RETURNING id",
};

bool user_insert(struct db *db, struct arena *a, struct user *u,
		 const char *password_hash, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &insert,
		    DB_ARGS(arg_id(a, u->client_id), u->login, u->name, u->role,
			    arg_id(a, u->telegram_user_id),
			    arg_bool(u->assigned_only), password_hash,
			    arg_time(a, u->created_at), u->email,
			    arg_time(a, u->email_confirmed_at),
			    arg_time(a, u->telegram_confirmed_at),
			    arg_bool(u->must_change_password)),
		    &r, err))
		return false;
	u->id = rows_i64(&r, 0, 0);
	return true;
}

#define USER_COLUMNS                                                           \
	"id, client_id, login, name, role, telegram_user_id,"                  \
	"  assigned_only, disabled_at, created_at, email,"                     \
	"  email_confirmed_at, telegram_confirmed_at,"                         \
	"  must_change_password, totp_confirmed_at IS NOT NULL, signed_in_at," \
	"  (SELECT c.name FROM clients c WHERE c.id = users.client_id)"

static const struct stmt by_login = {
	"user_by_login",
	"SELECT " USER_COLUMNS " FROM users WHERE lower(login) = lower($1)"
	" FOR NO KEY UPDATE",
};

static const struct stmt find = {
	"user_find",
	"SELECT " USER_COLUMNS
	" FROM users WHERE ($1::bigint IS NULL OR client_id = $1)"
	" AND id = $2",
};

static const struct stmt lock = {
	"user_lock",
	"SELECT " USER_COLUMNS
	" FROM users WHERE ($1::bigint IS NULL OR client_id = $1)"
	" AND id = $2 FOR NO KEY UPDATE",
};

static const struct stmt list_some = {
	"users_list",
	"SELECT " USER_COLUMNS
	" FROM users WHERE ($1::bigint IS NULL OR client_id = $1)"
	" AND id > $2 ORDER BY id LIMIT $3",
};

static const struct stmt all = {
	"users_all",
	"SELECT " USER_COLUMNS " FROM users ORDER BY id",
};

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
		.email = rows_str(r, row, 9),
		.email_confirmed_at = rows_time(r, row, 10),
		.telegram_confirmed_at = rows_time(r, row, 11),
		.must_change_password = rows_bool(r, row, 12),
		.second_factor = rows_bool(r, row, 13),
		.signed_in_at = rows_time(r, row, 14),
		.client_name = rows_str(r, row, 15),
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

static bool get(struct db *db, struct arena *a, const struct stmt *s,
		int64_t client_id, int64_t id, struct user *u, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, s, DB_ARGS(arg_id(a, client_id), arg_i64(a, id)),
		      &r, err))
		return false;
	if (r.n == 0)
		return err_set(err, ERR_MISSING, "there is no such user");
	*u = read_user(&r, 0);
	return true;
}

bool user_find(struct db *db, struct arena *a, int64_t client_id, int64_t id,
	       struct user *u, struct err *err)
{
	return get(db, a, &find, client_id, id, u, err);
}

bool user_lock(struct db *db, struct arena *a, int64_t client_id, int64_t id,
	       struct user *u, struct err *err)
{
	return get(db, a, &lock, client_id, id, u, err);
}

static void read_users(struct arena *a, const struct rows *r,
		       struct user **list, size_t *n)
{
	*n = (size_t)r->n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r->n; i++)
		(*list)[i] = read_user(r, i);
}

bool users_list(struct db *db, struct arena *a, int64_t client_id,
		int64_t after, int limit, struct user **list, size_t *n,
		struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &list_some,
		    DB_ARGS(arg_id(a, client_id), arg_i64(a, after),
			    arg_i64(a, limit)),
		    &r, err))
		return false;
	read_users(a, &r, list, n);
	return true;
}

bool users_all(struct db *db, struct arena *a, struct user **list, size_t *n,
	       struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &all, DB_NO_ARGS, &r, err))
		return false;
	read_users(a, &r, list, n);
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

static const struct stmt count_others = {
	"users_count_others",
	"SELECT count(id) FROM users"
	" WHERE client_id IS NOT DISTINCT FROM $1::bigint AND id <> $2"
	"  AND role = $3 AND disabled_at IS NULL",
};

bool users_count_others(struct db *db, struct arena *a, const struct user *u,
			const char *role, int64_t *n, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &count_others,
		    DB_ARGS(arg_id(a, u->client_id), arg_i64(a, u->id), role),
		    &r, err))
		return false;
	*n = rows_i64(&r, 0, 0);
	return true;
}

static const struct stmt lock_admins = {
	"users_lock_admins",
	"SELECT pg_advisory_xact_lock(hashtextextended('admins', 0))",
};

bool users_lock_admins(struct db *db, struct err *err)
{
	return db_exec(db, &lock_admins, DB_NO_ARGS, err);
}

/* A number that somebody wrote here is a note until its holder proves it. */
static const struct stmt update = {
	"user_store",
	"UPDATE users SET login = $2, name = $3, role = $4,"
	"  telegram_user_id = $5, assigned_only = $6, disabled_at = $7,"
	"  email = $8, email_confirmed_at = $9, telegram_confirmed_at = $10,"
	"  must_change_password = $11"
	" WHERE id = $1",
};

bool user_store(struct db *db, struct arena *a, const struct user *u,
		struct err *err)
{
	return db_exec(db, &update,
		       DB_ARGS(arg_i64(a, u->id), u->login, u->name, u->role,
			       arg_id(a, u->telegram_user_id),
			       arg_bool(u->assigned_only),
			       arg_time(a, u->disabled_at), u->email,
			       arg_time(a, u->email_confirmed_at),
			       arg_time(a, u->telegram_confirmed_at),
			       arg_bool(u->must_change_password)),
		       err);
}

static const struct stmt put_person = {
	"user_put_person",
	"UPDATE users SET name = $2, language = $3 WHERE id = $1",
};

bool user_put_person(struct db *db, struct arena *a, int64_t id,
		     const char *name, const char *language, struct err *err)
{
	return db_exec(db, &put_person, DB_ARGS(arg_i64(a, id), name, language),
		       err);
}

static const struct stmt unassign = {
	"user_unassign",
	"UPDATE dialogs SET assignee_id = NULL"
	" WHERE client_id = $1 AND assignee_id = $2",
};

static const struct stmt remove_user = {
	"user_delete",
	"DELETE FROM users WHERE id = $1",
};

bool user_delete(struct db *db, struct arena *a, const struct user *u,
		 struct err *err)
{
	return db_exec(db, &unassign,
		       DB_ARGS(arg_i64(a, u->client_id), arg_i64(a, u->id)),
		       err) &&
	       db_exec(db, &remove_user, DB_ARGS(arg_i64(a, u->id)), err);
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

static const struct stmt password_chosen = {
	"user_password_chosen",
	"UPDATE users SET must_change_password = false WHERE id = $1",
};

bool user_password_chosen(struct db *db, struct arena *a, int64_t id,
			  struct err *err)
{
	return db_exec(db, &password_chosen, DB_ARGS(arg_i64(a, id)), err);
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

static const struct stmt end_tokens = {
	"user_end_tokens",
	"UPDATE api_tokens SET revoked_at = $2"
	" WHERE user_id = $1 AND revoked_at IS NULL",
};

bool user_end_tokens(struct db *db, struct arena *a, int64_t id, int64_t at,
		     struct err *err)
{
	return db_exec(db, &end_tokens,
		       DB_ARGS(arg_i64(a, id), arg_time(a, at)), err);
}

static const struct stmt end_invites = {
	"user_end_invites",
	"UPDATE invites SET revoked_at = $2"
	" WHERE created_by = $1 AND revoked_at IS NULL",
};

bool user_end_invites(struct db *db, struct arena *a, int64_t id, int64_t at,
		      struct err *err)
{
	return db_exec(db, &end_invites,
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
