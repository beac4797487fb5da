/*
 * session.c - a request on behalf of somebody.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "core/session.h"
#include "store/session.h"

/* seen_at is for people to look at: a write a minute is enough. */
#define TOUCH_AFTER_US (60 * CLOCK_SECOND_US)

enum role role_read(const char *word)
{
	if (strcmp(word, "admin") == 0)
		return ROLE_ADMIN;
	if (strcmp(word, "owner") == 0)
		return ROLE_OWNER;
	return strcmp(word, "manager") == 0 ? ROLE_MANAGER : ROLE_NONE;
}

/* What find_session() may not tell: it answers with ids alone. */
static bool read_limits(struct db *db, struct arena *a, struct session *s,
			struct err *err)
{
	struct session_user u;

	if (!session_user(db, a, s->user_id, &u, err))
		return false;
	s->assigned_only = u.assigned_only;
	return true;
}

bool session_begin(struct db *db, struct arena *a,
		   const struct token_keys *keys, const char *token,
		   int64_t now, struct session *s, struct err *err)
{
	int64_t user_id, session_id;
	struct session_row row;

	*s = (struct session){ 0 };
	if (!access_token_read(a, keys, token, now, &user_id, &session_id))
		return err_set(err, ERR_AUTH,
			       "the access token is not valid or has expired");
	if (!db_begin(db, err) ||
	    !session_find(db, a, session_id, now, &row, err))
		return false;
	if (row.user_id != user_id)
		return err_set(err, ERR_AUTH,
			       "the session has ended; sign in again");
	session_touch(db, a, session_id, now, now - TOUCH_AFTER_US);
	*s = (struct session){
		.id = session_id,
		.user_id = row.user_id,
		.client_id = row.client_id,
		.role = role_read(row.role),
	};
	return s->role != ROLE_MANAGER || read_limits(db, a, s, err);
}
