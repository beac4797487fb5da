/*
 * link.c - the one-time link that the master bot gives.
 */
#include "config.h"

#include "base/clock.h"
#include "base/text.h"
#include "core/link.h"

#define TOKEN_BYTES 32
/* Telegram's own limits, in UTF-16 units. */
#define NAME_MAX_UNITS 64

bool link_find(struct db *db, struct arena *a, struct secret token, int64_t now,
	       struct link *l, struct err *err)
{
	struct link_token t;

	if (!link_token_find(db, a, secret_hash(a, token), now, &t, err))
		return false;
	if (!t.id)
		return err_set(err, ERR_MISSING,
			       "the link is used or no longer valid; write "
			       "/start to the bot for a new one");
	*l = (struct link){
		.id = t.id,
		.telegram_user_id = t.telegram_user_id,
		.username = t.username,
		.first_name = t.first_name,
		.invite_id = t.invite_id,
		.client_id = t.client_id,
		.expires_at = t.expires_at,
	};
	return true;
}

bool link_take(struct db *db, struct arena *a, const struct link *l,
	       int64_t now, struct err *err)
{
	bool taken;

	if (!link_token_take(db, a, l->id, now, &taken, err))
		return false;
	return taken || err_set(err, ERR_CONFLICT,
				"the link has just been used; write /start to "
				"the bot for a new one");
}

static const char *clean(struct arena *a, const char *s)
{
	return s ? text_cut(a, s, NAME_MAX_UNITS) : "";
}

static bool check_asks(struct db *db, struct arena *a,
		       const struct link_new *for_whom, int64_t now,
		       struct err *err)
{
	int64_t n, first_at;

	if (!link_token_count(db, a, for_whom->telegram_user_id,
			      for_whom->update_id, now - LINK_ASKS_SPAN_US, &n,
			      &first_at, err))
		return false;
	if (n < LINK_ASKS_MAX)
		return true;
	err_set(err, ERR_LIMIT,
		"this person has asked for %d links within ten minutes; ask "
		"again later",
		LINK_ASKS_MAX);
	err->retry_s =
		(int)((first_at + LINK_ASKS_SPAN_US - now) / CLOCK_SECOND_US) +
		1;
	return false;
}

bool link_make(struct db *db, struct arena *a, const struct link_new *for_whom,
	       int64_t now, struct secret *token, int64_t *expires_at,
	       struct err *err)
{
	struct link_token t = {
		.telegram_user_id = for_whom->telegram_user_id,
		.username = clean(a, for_whom->username),
		.first_name = clean(a, for_whom->first_name),
		.invite_id = for_whom->invite_id,
		.update_id = for_whom->update_id,
		.created_at = now,
		.expires_at = now + LINK_LIFE_US,
	};

	if (!check_asks(db, a, for_whom, now, err))
		return false;
	*token = secret_random(a, TOKEN_BYTES);
	*expires_at = t.expires_at;
	t.hash = secret_hash(a, *token);
	return link_token_put(db, a, &t, err);
}

bool link_grant(struct db *db, struct arena *a, const struct link_new *for_whom,
		int64_t now, struct secret *token, int64_t *expires_at,
		struct err *err)
{
	bool ok = db_begin(db, err) && link_token_may_make(db, err) &&
		  link_make(db, a, for_whom, now, token, expires_at, err);

	return db_finish(db, ok, err);
}

const char *link_url(struct arena *a, const char *frontend_base_url,
		     struct secret token)
{
	return arena_printf(a, "%s/login?token=%s", frontend_base_url,
			    token.bytes);
}
