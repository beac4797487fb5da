/*
 * user.c - who may sign in: the rules for people and their passwords.
 */
#include "config.h"

#include <string.h>

#include "base/text.h"
#include "core/user.h"

bool password_check(struct secret password, struct err *err)
{
	if (password.len < PASSWORD_MIN || password.len > PASSWORD_MAX)
		return err_field(err, "password",
				 "must have from %d to %d characters",
				 PASSWORD_MIN, PASSWORD_MAX);
	return true;
}

static bool is_role(const char *role)
{
	static const char *const roles[] = { "admin", "owner", "manager" };

	for (size_t i = 0; i < ARRAY_LEN(roles); i++)
		if (strcmp(role, roles[i]) == 0)
			return true;
	return false;
}

static bool check(const struct user *u, struct err *err)
{
	bool is_admin = strcmp(u->role, "admin") == 0;

	if (!*u->login || text_points(u->login) > LOGIN_MAX ||
	    strpbrk(u->login, " \t\r\n"))
		return err_field(err, "login",
				 "must have from 1 to %d characters and no "
				 "spaces",
				 LOGIN_MAX);
	if (text_is_blank(u->name) || text_points(u->name) > USER_NAME_MAX)
		return err_field(err, "name",
				 "must have from 1 to %d characters",
				 USER_NAME_MAX);
	if (!is_role(u->role))
		return err_field(err, "role",
				 "must be admin, owner or manager");
	if (is_admin && u->client_id)
		return err_field(err, "client_id",
				 "an administrator belongs to no client");
	if (!is_admin && !u->client_id)
		return err_field(err, "client_id",
				 "an owner or manager belongs to a client");
	return true;
}

static void taken(struct err *err, const char *field, const char *text)
{
	err_field(err, field, "%s", text);
	err->kind = ERR_CONFLICT;
}

/* What the constraints' names mean to people. */
static bool explain(struct err *err)
{
	if (strcmp(err->field, "users_login") == 0)
		taken(err, "login", "this login is taken");
	else if (strcmp(err->field, "users_telegram") == 0)
		taken(err, "telegram_user_id",
		      "this Telegram account belongs to another user");
	else if (strcmp(err->field, "users_client_id_fkey") == 0)
		err_field(err, "client_id", "there is no such client");
	return false;
}

bool user_add(struct db *db, struct arena *a, struct user *u,
	      struct secret password, int64_t now, struct err *err)
{
	const char *hash = NULL;

	u->created_at = now;
	if (!check(u, err))
		return false;
	if (password.len && (!password_check(password, err) ||
			     !password_hash(a, password, &hash, err)))
		return false;
	return user_insert(db, a, u, hash, err) || explain(err);
}

bool user_set_password(struct db *db, struct arena *a, int64_t id,
		       struct secret password, int64_t now, struct err *err)
{
	const char *hash;

	return password_check(password, err) &&
	       password_hash(a, password, &hash, err) &&
	       user_put_password(db, a, id, hash, err) &&
	       user_end_sessions(db, a, id, now, err);
}

bool user_disable(struct db *db, struct arena *a, int64_t id, int64_t now,
		  struct err *err)
{
	return user_put_disabled(db, a, id, now, err) &&
	       user_end_sessions(db, a, id, now, err);
}
