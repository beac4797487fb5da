/*
 * sign_up.c - the account of somebody whom Telegram vouches for.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "core/installation.h"
#include "core/invite.h"
#include "core/sign_up.h"
#include "core/tenant.h"
#include "core/user.h"
#include "store/sign_up.h"

#define PASSWORD_BYTES 12
#define SUFFIX_BYTES   4
/* A random suffix that is taken, too, does not come twice. */
#define LOGIN_TRIES 4

const char *newcomer_name(struct arena *a, const char *first_name,
			  const char *last_name, const char *username)
{
	const char *name =
		arena_printf(a, "%s%s%s", first_name,
			     *first_name && *last_name ? " " : "", last_name);

	if (text_is_blank(name))
		name = username;
	return text_cut(a, text_clean(a, name, strlen(name)), USER_NAME_MAX);
}

void newcomer_check(const struct newcomer *n, struct problems *problems)
{
	problems_check_text(problems, "name", n->name, 0, USER_NAME_MAX);
	if (*n->email)
		problems_check_email(problems, "email", n->email);
}

bool telegram_proof_spend(struct db *db, struct arena *a,
			  const struct telegram_proof *p, struct err *err)
{
	bool taken;

	if (!proof_spend(db, a, p->proof_hash, p->expires_at, &taken, err))
		return false;
	return !taken || err_set(err, ERR_AUTH,
				 "this sign-in with Telegram was used already; "
				 "begin again");
}

bool account_find(struct db *db, struct arena *a, int64_t telegram_user_id,
		  struct account *account, struct err *err)
{
	struct user u;

	*account = (struct account){ 0 };
	if (!telegram_find(db, a, telegram_user_id, &account->user_id,
			   &account->client_id, err))
		return false;
	if (!account->user_id)
		return true;
	if (!user_find(db, a, 0, account->user_id, &u, err))
		return false;
	account->login = u.login;
	account->role = u.role;
	return !u.disabled_at ||
	       err_set(err, ERR_DENIED,
		       "the account of this Telegram user is disabled; ask "
		       "whoever manages it");
}

/* The login is the Telegram number.  Somebody may have chosen it before, which
 * must not keep its owner out. */
static bool insert(struct db *db, struct arena *a, struct sign_up_row *row,
		   struct account *account, struct err *err)
{
	const char *number = arena_printf(a, "%" PRId64, row->telegram_user_id);

	row->login = number;
	for (int i = 0; i < LOGIN_TRIES; i++) {
		if (!sign_up_insert(db, a, row, &account->user_id, err)) {
			if (strcmp(err->field, "users_telegram") == 0)
				err_set(err, ERR_CONFLICT,
					"this Telegram account has got an "
					"account at this very moment; sign in "
					"again");
			return false;
		}
		account->login = row->login;
		if (account->user_id)
			return true;
		row->login = arena_printf(a, "%s-%s", number,
					  secret_random(a, SUFFIX_BYTES).bytes);
	}
	bug("sign-up: random logins are taken");
}

static bool may_begin(struct db *db, struct arena *a, struct err *err)
{
	bool open;

	if (!sign_up_open(db, a, &open, err))
		return false;
	return open || err_set(err, ERR_DENIED,
			       "nobody gets an account here without an "
			       "invite; ask for one whom you work with");
}

static bool begin_client(struct db *db, struct arena *a, const char *name,
			 struct sign_up_row *row, struct err *err)
{
	row->role = "owner";
	return may_begin(db, a, err) &&
	       client_begin(db, a, text_cut(a, name, TENANT_NAME_MAX), row->now,
			    &row->client_id, err);
}

static bool join_client(struct db *db, struct arena *a,
			const struct newcomer *n, struct sign_up_row *row,
			struct err *err)
{
	struct invite i;

	if (!invite_take(db, a, n->invite_client_id, n->invite_id, row->now, &i,
			 err))
		return false;
	row->client_id = i.client_id;
	row->role = i.role;
	row->assigned_only = i.assigned_only;
	return true;
}

/* Hashing first: it takes a while, and nothing is locked yet. */
static bool make(struct db *db, struct arena *a, const struct newcomer *n,
		 int64_t now, struct account *account, struct err *err)
{
	const char *name = text_is_blank(n->name)
				   ? arena_printf(a, "Telegram %" PRId64,
						  n->telegram_user_id)
				   : n->name;
	struct sign_up_row row = {
		.telegram_user_id = n->telegram_user_id,
		.name = name,
		.email = n->email,
		.now = now,
	};

	account->is_new = true;
	account->password = secret_random(a, PASSWORD_BYTES);
	if (!user_password_hash(a, account->password, &row.password_hash, err))
		return false;
	if (!(n->invite_id ? join_client(db, a, n, &row, err)
			   : begin_client(db, a, name, &row, err)) ||
	    !telegram_claim(db, a, row.client_id, n->telegram_user_id, err) ||
	    !insert(db, a, &row, account, err))
		return false;
	account->client_id = row.client_id;
	account->role = row.role;
	return true;
}

bool account_open(struct db *db, struct arena *a, const struct newcomer *n,
		  int64_t now, struct account *account, struct err *err)
{
	struct problems problems = { .a = a };

	if (!account_find(db, a, n->telegram_user_id, account, err))
		return false;
	if (account->user_id)
		return true;
	newcomer_check(n, &problems);
	return problems_none(&problems, err) &&
	       make(db, a, n, now, account, err);
}

bool account_place(struct db *db, struct arena *a, const struct newcomer *n,
		   int64_t now, const char **client_name, struct err *err)
{
	struct tenant t;
	struct invite i;

	*client_name = NULL;
	if (!n->invite_id)
		return may_begin(db, a, err);
	if (!client_enter(db, a, n->invite_client_id, err) ||
	    !invite_find(db, a, n->invite_client_id, n->invite_id, &i, err) ||
	    !tenant_find(db, a, n->invite_client_id, &t, err))
		return false;
	*client_name = t.name;
	return strcmp(invite_status(&i, now), "active") == 0 ||
	       err_set(err, ERR_MISSING,
		       "the invite is used up, revoked or expired; ask for "
		       "another one");
}

bool account_link(struct db *db, struct arena *a, int64_t client_id,
		  int64_t user_id, int64_t telegram_user_id, int64_t now,
		  struct err *err)
{
	if (telegram_claim(db, a, client_id, telegram_user_id, err) &&
	    telegram_confirm(db, a, user_id, telegram_user_id, now, err))
		return true;
	if (strcmp(err->field, "users_telegram") == 0)
		err_set(err, ERR_CONFLICT,
			"this Telegram account belongs to another account");
	return false;
}
