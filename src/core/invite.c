/*
 * invite.c - the rules for invitations.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "core/invite.h"

#define CODE_BYTES 16
#define DAY_US     (86400 * CLOCK_SECOND_US)

const char *const invite_roles[] = { "owner", "manager", NULL };

const char *invite_status(const struct invite *i, int64_t now)
{
	if (i->revoked_at)
		return "revoked";
	if (i->uses >= i->uses_max)
		return "used";
	return i->expires_at <= now ? "expired" : "active";
}

static void check(const struct invite_wish *w, struct problems *problems)
{
	problems_check_word(problems, "role", w->role, invite_roles);
	if (strcmp(w->role, "owner") == 0 && w->maker < ROLE_OWNER)
		problems_add(problems, "role", "is above your own");
	if (w->assigned_only && strcmp(w->role, "manager") != 0)
		problems_add(problems, "assigned_only", "is for managers only");
	if (w->uses < 1 || w->uses > INVITE_USES_MAX)
		problems_add(problems, "uses_max", "must be from 1 to %d",
			     INVITE_USES_MAX);
	if (w->days < 1 || w->days > INVITE_DAYS_MAX)
		problems_add(problems, "days", "must be from 1 to %d",
			     INVITE_DAYS_MAX);
}

static bool explain(struct err *err)
{
	if (strcmp(err->field, "invites_client_id_fkey") == 0)
		err_field(err, "client_id", "there is no such client");
	return false;
}

bool invite_create(struct db *db, struct arena *a,
		   const struct invite_wish *wish, int64_t now,
		   struct invite *i, struct secret *code,
		   struct problems *problems, struct err *err)
{
	check(wish, problems);
	if (!problems_none(problems, err))
		return false;
	*code = secret_random(a, CODE_BYTES);
	*i = (struct invite){
		.client_id = wish->client_id,
		.code_tail = secret_tail(a, *code),
		.role = wish->role,
		.assigned_only = wish->assigned_only,
		.uses_max = wish->uses,
		.expires_at = now + wish->days * DAY_US,
		.created_at = now,
		.created_by = wish->maker_id,
	};
	return invite_insert(db, a, i, secret_hash(a, *code), err) ||
	       explain(err);
}

static bool useless(struct err *err)
{
	return err_set(err, ERR_MISSING,
		       "the invite is used up, revoked or expired; ask for "
		       "another one");
}

bool invite_take(struct db *db, struct arena *a, int64_t client_id, int64_t id,
		 int64_t now, struct invite *i, struct err *err)
{
	bool taken;

	return invite_count(db, a, client_id, id, now, i, &taken, err) &&
	       (taken || useless(err));
}

const char *invite_link(struct arena *a, const char *bot_name,
			struct secret code)
{
	if (!bot_name || !*bot_name)
		return NULL;
	return arena_printf(a, "https://t.me/%s?start=%s", bot_name,
			    code.bytes);
}
