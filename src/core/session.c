/*
 * session.c - a request on behalf of somebody.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/auth.h"
#include "core/session.h"
#include "store/api_token.h"
#include "store/session.h"

/* seen_at is for people to look at: a write a minute is enough. */
#define TOUCH_AFTER_US (60 * CLOCK_SECOND_US)

static const struct {
	const char *word;
	enum role role;
} roles[] = {
	{ "admin", ROLE_ADMIN },
	{ "owner", ROLE_OWNER },
	{ "manager", ROLE_MANAGER },
};

enum role role_read(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(roles); i++)
		if (strcmp(word, roles[i].word) == 0)
			return roles[i].role;
	return ROLE_NONE;
}

const char *role_word(enum role role)
{
	for (size_t i = 0; i < ARRAY_LEN(roles); i++)
		if (role == roles[i].role)
			return roles[i].word;
	return NULL;
}

static bool has_ended(struct err *err)
{
	return err_set(err, ERR_AUTH, "the session has ended; sign in again");
}

static bool by_access_token(struct db *db, struct arena *a,
			    const struct settings *s, const char *token,
			    int64_t now, struct session_row *row,
			    struct err *err)
{
	struct token_keys keys = auth_keys(s);
	int64_t user_id, session_id;

	if (!access_token_read(a, &keys, token, now, &user_id, &session_id))
		return err_set(err, ERR_AUTH,
			       "the access token is not valid or has expired");
	if (!db_begin(db, err) ||
	    !session_find(db, a, session_id, now, row, err))
		return false;
	return row->user_id == user_id || has_ended(err);
}

static bool by_api_token(struct db *db, struct arena *a, const char *token,
			 struct session_row *row, struct err *err)
{
	const char *hash =
		secret_hash(a, (struct secret){ token, strlen(token) });

	if (!db_begin(db, err) || !session_find_token(db, a, hash, row, err))
		return false;
	return row->user_id != 0 ||
	       err_set(err, ERR_AUTH,
		       "the API token is not valid or was revoked");
}

static bool by_cookie(struct db *db, struct arena *a, const char *cookie,
		      int64_t now, struct session_row *row, struct err *err)
{
	const char *hash =
		secret_hash(a, (struct secret){ cookie, strlen(cookie) });

	if (!db_begin(db, err) ||
	    !session_find_cookie(db, a, hash, now, row, err))
		return false;
	return row->user_id != 0 || has_ended(err);
}

static enum duty duty_of(const struct settings *s, const struct session_user *u)
{
	if (u->must_change_password)
		return DUTY_PASSWORD;
	if (s->admin_second_factor && !u->second_factor &&
	    role_read(u->role) == ROLE_ADMIN)
		return DUTY_SECOND_FACTOR;
	return DUTY_NONE;
}

/* What the lookups may not tell: they answer with ids alone. */
static bool read_user(struct db *db, struct arena *a, const struct settings *s,
		      struct session *session, struct err *err)
{
	struct session_user u;

	if (!session_user(db, a, session->user_id, &u, err))
		return false;
	session->assigned_only = u.assigned_only;
	session->login = u.login;
	session->name = u.name;
	session->language = u.language;
	session->duty = duty_of(s, &u);
	return true;
}

static bool use_token(struct db *db, struct arena *a,
		      const struct credentials *c, int64_t now,
		      struct session *session, struct err *err)
{
	api_token_touch(db, a, session->token_id, c->address, now,
			now - TOUCH_AFTER_US);
	return api_token_reads_only(db, a, session->token_id,
				    &session->read_only, err);
}

bool session_begin(struct db *db, struct arena *a, const struct settings *s,
		   const struct credentials *c, int64_t now,
		   struct session *session, struct err *err)
{
	bool api = is_api_token(c->bearer), found;
	struct session_row row;

	*session = (struct session){ 0 };
	if (api)
		found = by_api_token(db, a, c->bearer, &row, err);
	else if (*c->bearer)
		found = by_access_token(db, a, s, c->bearer, now, &row, err);
	else if (*c->cookie)
		found = by_cookie(db, a, c->cookie, now, &row, err);
	else
		found = err_set(err, ERR_AUTH, "sign in first");
	if (!found)
		return false;
	*session = (struct session){
		.id = api ? 0 : row.id,
		.token_id = api ? row.id : 0,
		.user_id = row.user_id,
		.client_id = row.client_id,
		.role = role_read(row.role),
		.by_cookie = !*c->bearer,
	};
	if (api)
		return use_token(db, a, c, now, session, err) &&
		       read_user(db, a, s, session, err);
	session_touch(db, a, row.id, now, now - TOUCH_AFTER_US,
		      now + s->refresh_expires_s * CLOCK_SECOND_US);
	return read_user(db, a, s, session, err);
}
