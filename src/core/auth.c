/*
 * auth.c - signing in, staying signed in, signing out.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "core/auth.h"
#include "core/hash_gate.h"

/* A client whose answer was lost asks again with the former token. */
#define REUSE_GRACE_US (30 * CLOCK_SECOND_US)
#define AGENT_MAX      256

struct token_keys auth_keys(const struct settings *s)
{
	return (struct token_keys){ s->jwt_secret, s->jwt_secret_old };
}

static void grant_fill(struct arena *a, const struct settings *s,
		       int64_t session_id, int64_t generation, int64_t now,
		       struct grant *g)
{
	struct token_keys keys = auth_keys(s);

	g->expires_in_s = s->jwt_expires_s;
	g->access_token =
		access_token(a, &keys, g->user.id, session_id, now,
			     now + s->jwt_expires_s * CLOCK_SECOND_US);
	g->refresh_token = refresh_token(a, &keys, session_id, generation);
}

/* An unknown login is a user without a hash. */
static bool find_user(struct db *db, struct arena *a, const char *login,
		      struct session_user *u, struct err *err)
{
	int64_t user_id;
	bool ok;

	*u = (struct session_user){ .password_hash = "" };
	ok = db_begin(db, err) &&
	     session_find_login(db, a, login, &user_id, err) &&
	     (user_id == 0 || session_user(db, a, user_id, u, err));
	return db_finish(db, ok, err);
}

/* Hashing takes a while, so no transaction is open meanwhile: the login is
 * looked up once more, as the user may be gone by then. */
static bool open_session(struct db *db, struct arena *a,
			 const struct settings *s, const char *login,
			 const struct visitor *v, struct grant *g,
			 struct err *err)
{
	int64_t now = v->now, session_id = 0, user_id;
	const char *agent = text_clean(a, v->user_agent, strlen(v->user_agent));
	struct session_new row = {
		.client_id = g->user.client_id,
		.user_id = g->user.id,
		.user_agent = text_cut(a, agent, AGENT_MAX),
		.address = v->address,
		.now = now,
		.expires_at = now + s->refresh_expires_s * CLOCK_SECOND_US,
	};
	bool ok;

	ok = db_begin(db, err) &&
	     session_find_login(db, a, login, &user_id, err);
	if (ok && user_id != g->user.id)
		ok = err_set(err, ERR_AUTH, "login or password is wrong");
	ok = ok && session_add(db, a, &row, &session_id, err);
	if (!db_finish(db, ok, err))
		return false;
	grant_fill(a, s, session_id, 1, now, g);
	return true;
}

bool auth_login(struct db *db, struct arena *a, const struct settings *s,
		const char *login, struct secret password,
		const struct visitor *v, struct grant *g, struct err *err)
{
	bool right;

	if (!find_user(db, a, login, &g->user, err) || !hash_gate_enter(err))
		return false;
	right = password_matches(g->user.password_hash, password);
	hash_gate_leave();
	if (!right) {
		log_info("auth.refused", lf_int("user_id", g->user.id));
		return err_set(err, ERR_AUTH, "login or password is wrong");
	}
	return open_session(db, a, s, login, v, g, err);
}

/* *generation: in, what the token says; out, its successor's.  *reused: the
 * token was used before, the session has been ended. */
static bool rotate(struct db *db, struct arena *a, const struct settings *s,
		   int64_t session_id, int64_t now, int64_t *generation,
		   bool *reused, struct err *err)
{
	int64_t current, refreshed_at;

	if (!session_generation(db, a, session_id, &current, &refreshed_at,
				err))
		return false;
	if (*generation == current) {
		*generation = current + 1;
		return session_refresh(
			db, a, session_id, *generation, now,
			now + s->refresh_expires_s * CLOCK_SECOND_US, err);
	}
	if (*generation == current - 1 &&
	    now - refreshed_at <= REUSE_GRACE_US) {
		*generation = current;
		return true;
	}
	*reused = true;
	return session_end(db, a, session_id, now, err);
}

bool auth_refresh(struct db *db, struct arena *a, const struct settings *s,
		  const char *token, int64_t now, struct grant *g,
		  struct err *err)
{
	struct token_keys keys = auth_keys(s);
	int64_t session_id, generation;
	struct session_row row;
	bool ok, reused = false;

	if (!refresh_token_read(a, &keys, token, &session_id, &generation))
		return err_set(err, ERR_AUTH, "the refresh token is not valid");
	ok = db_begin(db, err) &&
	     session_find(db, a, session_id, now, &row, err);
	if (ok && row.user_id == 0)
		ok = err_set(err, ERR_AUTH,
			     "the session has ended; sign in again");
	ok = ok && session_user(db, a, row.user_id, &g->user, err) &&
	     rotate(db, a, s, session_id, now, &generation, &reused, err);
	if (!db_finish(db, ok, err))
		return false;
	if (reused) {
		log_warn("auth.refresh_reused", lf_int("session", session_id),
			 lf_int("user_id", row.user_id));
		return err_set(err, ERR_AUTH,
			       "this refresh token was used before, so the "
			       "session was ended; sign in again");
	}
	grant_fill(a, s, session_id, generation, now, g);
	return true;
}
