/*
 * user.c - who may sign in: the rules for people and their passwords.
 */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "core/hash_gate.h"
#include "core/user.h"
#include "store/tenant.h"

const char *const user_roles[] = { "admin", "owner", "manager", NULL };

bool password_check(struct secret password, struct err *err)
{
	size_t len = password.len ? text_points(password.bytes) : 0;

	if (len < PASSWORD_MIN || len > PASSWORD_MAX ||
	    password.len > PASSWORD_BYTES_MAX)
		return err_field(err, "password",
				 "must have from %d to %d characters",
				 PASSWORD_MIN, PASSWORD_MAX);
	return true;
}

static void check_login(const struct user *u, struct problems *p)
{
	size_t len = text_points(u->login);

	if (len < LOGIN_MIN || len > LOGIN_MAX || strpbrk(u->login, " \t\r\n"))
		problems_add(p, "login",
			     "must have from %d to %d characters and no "
			     "spaces",
			     LOGIN_MIN, LOGIN_MAX);
}

/* Otherwise one person's login could be what another one signs in with. */
static void check_new_login(const struct user *u, struct problems *p)
{
	if (strchr(u->login, '@'))
		problems_add(p, "login",
			     "must not be an e-mail address; that is a field "
			     "of its own");
}

/* What stays as it was is as confirmed as it was. */
static void vouch(struct user *u, const struct user *before, bool believed,
		  int64_t now)
{
	int64_t since = believed ? now : 0;

	u->email_confirmed_at = *u->email ? since : 0;
	u->telegram_confirmed_at = u->telegram_user_id ? since : 0;
	if (before && strcasecmp(u->email, before->email) == 0)
		u->email_confirmed_at = before->email_confirmed_at;
	if (before && u->telegram_user_id == before->telegram_user_id)
		u->telegram_confirmed_at = before->telegram_confirmed_at;
}

void user_check(const struct user *u, struct secret password,
		struct problems *problems)
{
	bool is_admin = strcmp(u->role, "admin") == 0;
	struct err bad = { 0 };

	check_login(u, problems);
	problems_check_text(problems, "name", u->name, 1, USER_NAME_MAX);
	problems_check_word(problems, "role", u->role, user_roles);
	if (is_admin && u->client_id)
		problems_add(problems, "client_id",
			     "an administrator belongs to no client");
	if (!is_admin && !u->client_id)
		problems_add(problems, "client_id",
			     "an owner or manager belongs to a client");
	if (u->assigned_only && strcmp(u->role, "manager") != 0)
		problems_add(problems, "assigned_only", "is for managers only");
	if (u->email && *u->email)
		problems_check_email(problems, "email", u->email);
	if (u->telegram_user_id < 0)
		problems_add(problems, "telegram_user_id",
			     "must be a person's id");
	if (password.len && !password_check(password, &bad))
		problems_add_err(problems, "password", &bad);
}

/* What the constraints' names mean to people. */
static bool explain(struct err *err)
{
	if (strcmp(err->field, "users_login") == 0)
		err_field(err, "login", "this login is taken");
	else if (strcmp(err->field, "users_email") == 0)
		err_field(err, "email", "this e-mail belongs to another user");
	else if (strcmp(err->field, "users_telegram") == 0 ||
		 strcmp(err->field, "users_telegram_client") == 0)
		err_field(err, "telegram_user_id",
			  "this Telegram account belongs to another user");
	else if (strcmp(err->field, "users_client_id_fkey") == 0)
		return err_field(err, "client_id", "there is no such client");
	else
		return false;
	err->kind = ERR_CONFLICT;
	return false;
}

bool user_password_hash(struct arena *a, struct secret password,
			const char **hash, struct err *err)
{
	bool ok;

	if (!hash_gate_enter(err))
		return false;
	ok = hash_gate_hash(a, password, hash, err);
	hash_gate_leave();
	return ok;
}

bool user_add(struct db *db, struct arena *a, int64_t by_client, struct user *u,
	      struct secret password, int64_t now, struct err *err)
{
	struct problems problems = { .a = a };
	const char *hash = NULL;

	u->created_at = now;
	if (!u->email)
		u->email = "";
	vouch(u, NULL, by_client == 0, now);
	user_check(u, password, &problems);
	check_new_login(u, &problems);
	if (!problems_none(&problems, err) ||
	    (password.len && !user_password_hash(a, password, &hash, err)))
		return false;
	return user_insert(db, a, u, hash, err) || explain(err);
}

/* A client keeps an owner who can sign in, unless an administrator decides;
 * the installation keeps an administrator. */
static bool check_not_last(struct db *db, struct arena *a, int64_t by_client,
			   const struct user *before, struct err *err)
{
	struct tenant t;
	int64_t n;

	if (strcmp(before->role, "manager") == 0 || before->disabled_at ||
	    (before->client_id && !by_client))
		return true;
	/* Locked: two of them shall not dismiss each other at once. */
	if (!(before->client_id ? tenant_lock(db, a, before->client_id, &t, err)
				: users_lock_admins(db, err)) ||
	    !users_count_others(db, a, before, before->role, &n, err))
		return false;
	return n > 0 || err_set(err, ERR_CONFLICT,
				"this is the last %s; make another one first",
				before->role);
}

/* Out at once, and in no more by what was given out before. */
static bool end_access(struct db *db, struct arena *a, int64_t id, int64_t now,
		       struct err *err)
{
	return user_end_sessions(db, a, id, now, err) &&
	       user_end_tokens(db, a, id, now, err);
}

/* Whoever may do less from now on has kept no invite to more. */
static bool dismiss(struct db *db, struct arena *a, int64_t by_client,
		    const struct user *u, int64_t now, struct err *err)
{
	return check_not_last(db, a, by_client, u, err) &&
	       user_end_invites(db, a, u->id, now, err);
}

bool user_change(struct db *db, struct arena *a, int64_t by_client,
		 const struct user *before, struct user *u,
		 struct secret password, int64_t now, struct problems *problems,
		 struct err *err)
{
	bool dismissed = strcmp(u->role, before->role) != 0 ||
			 (u->disabled_at && !before->disabled_at);

	user_check(u, password, problems);
	vouch(u, before, by_client == 0, now);
	if (strcmp(u->login, before->login) != 0)
		check_new_login(u, problems);
	if (!problems_none(problems, err) ||
	    (dismissed && !dismiss(db, a, by_client, before, now, err)) ||
	    (!user_store(db, a, u, err) && !explain(err)))
		return false;
	if (u->disabled_at && !before->disabled_at &&
	    !end_access(db, a, u->id, now, err))
		return false;
	return !password.len ||
	       user_set_password(db, a, u->id, password, now, err);
}

bool user_remove(struct db *db, struct arena *a, int64_t by_client,
		 const struct user *u, int64_t now, struct err *err)
{
	return dismiss(db, a, by_client, u, now, err) &&
	       user_delete(db, a, u, err);
}

bool user_set_password(struct db *db, struct arena *a, int64_t id,
		       struct secret password, int64_t now, struct err *err)
{
	const char *hash;

	return password_check(password, err) &&
	       user_password_hash(a, password, &hash, err) &&
	       user_put_password(db, a, id, hash, err) &&
	       end_access(db, a, id, now, err);
}

bool user_choose_password(struct db *db, struct arena *a, int64_t id,
			  struct secret password, struct err *err)
{
	const char *hash;

	return password_check(password, err) &&
	       user_password_hash(a, password, &hash, err) &&
	       user_put_password(db, a, id, hash, err) &&
	       user_password_chosen(db, a, id, err);
}

bool user_disable(struct db *db, struct arena *a, int64_t id, int64_t now,
		  struct err *err)
{
	return user_put_disabled(db, a, id, now, err) &&
	       user_end_invites(db, a, id, now, err) &&
	       end_access(db, a, id, now, err);
}
