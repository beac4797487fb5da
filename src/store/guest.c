/*
 * guest.c - who writes to the master bot, and what they were invited to.
 */
#include "config.h"

#include "store/guest.h"

static const struct stmt find = {
	"guest_find",
	"SELECT u.id, u.disabled_at IS NOT NULL, c.name FROM users u"
	" LEFT JOIN clients c ON c.id = u.client_id"
	" WHERE u.telegram_user_id = $1"
	"  AND u.telegram_confirmed_at IS NOT NULL",
};

bool guest_find(struct db *db, struct arena *a, int64_t telegram_user_id,
		struct guest *g, struct err *err)
{
	struct rows r;

	*g = (struct guest){ .client = "" };
	if (!db_maybe(db, a, &find, DB_ARGS(arg_i64(a, telegram_user_id)), &r,
		      err))
		return false;
	if (r.n == 0)
		return true;
	g->user_id = rows_i64(&r, 0, 0);
	g->is_disabled = rows_bool(&r, 0, 1);
	g->client = rows_str(&r, 0, 2);
	return true;
}

static const struct stmt invite = {
	"guest_invite_find",
	"SELECT i.id, c.name, i.role, i.revoked_at IS NULL"
	"  AND i.expires_at > $2 AND i.uses < i.uses_max"
	" FROM invites i JOIN clients c ON c.id = i.client_id"
	" WHERE i.code_hash = $1",
};

bool guest_invite_find(struct db *db, struct arena *a, const char *code_hash,
		       int64_t now, struct guest_invite *i, struct err *err)
{
	struct rows r;

	*i = (struct guest_invite){ .client = "", .role = "" };
	if (!db_maybe(db, a, &invite, DB_ARGS(code_hash, arg_time(a, now)), &r,
		      err))
		return false;
	if (r.n == 0)
		return true;
	i->id = rows_i64(&r, 0, 0);
	i->client = rows_str(&r, 0, 1);
	i->role = rows_str(&r, 0, 2);
	i->is_good = rows_bool(&r, 0, 3);
	return true;
}
