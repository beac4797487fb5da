/*
 * auth.c - signing in and staying signed in.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "core/auth.h"
#include "core/hash_gate.h"
#include "core/second_factor.h"
#include "core/throttle.h"

/* A client whose answer was lost asks again with the former token. */
#define REUSE_GRACE_US (30 * CLOCK_SECOND_US)
#define AGENT_MAX      256
#define COOKIE_BYTES   32
#define CODE_TRIES     5
#define LOGIN_TOLD     64 /* of what was typed as login, characters */

struct token_keys auth_keys(const struct settings *s)
{
	return (struct token_keys){ s->jwt_secret, s->jwt_secret_old };
}

static void grant_fill(struct arena *a, const struct settings *s,
		       int64_t generation, int64_t now, struct entry *e)
{
	struct token_keys keys = auth_keys(s);
	struct grant *g = &e->grant;

	g->expires_in_s = s->jwt_expires_s;
	g->access_token =
		access_token(a, &keys, e->user.id, e->session_id, now,
			     now + s->jwt_expires_s * CLOCK_SECOND_US);
	g->refresh_token = refresh_token(a, &keys, e->session_id, generation);
}

/* What the visitor holds from now on; *hash is what the database knows of a
 * browser's, NULL for a program. */
static void make_cookie(struct arena *a, const struct visitor *v,
			struct entry *e, const char **hash)
{
	struct secret cookie;

	*hash = NULL;
	if (!v->browser)
		return;
	cookie = secret_random(a, COOKIE_BYTES);
	*hash = secret_hash(a, cookie);
	e->cookie = cookie.bytes;
}

struct audit_entry visitor_entry(const struct visitor *v, const char *action)
{
	return (struct audit_entry){
		.actor = "user",
		.action = action,
		.address = v->address,
		.user_agent = v->user_agent,
		.request_id = v->request_id,
		.now = v->now,
	};
}

/* For the audit, in the transaction; *told when that has been committed. */
static bool note(struct db *db, struct arena *a, const struct visitor *v,
		 const struct session_user *u, const char *action,
		 int64_t session_id, const char *how, struct audit_entry **told,
		 struct err *err)
{
	struct audit_entry *e = arena_alloc(a, sizeof(*e));

	*e = visitor_entry(v, action);
	e->client_id = u->client_id;
	e->user_id = u->id;
	e->login = u->login;
	e->after = json_new(a);
	if (session_id)
		e->object = arena_printf(a, "session:%" PRId64, session_id);
	json_put_str(e->after, "by", how);
	*told = e;
	return audit_visit(db, a, e, err);
}

static int64_t session_end_at(const struct settings *s, int64_t now)
{
	return now + s->refresh_expires_s * CLOCK_SECOND_US;
}

bool auth_enter(struct db *db, struct arena *a, const struct settings *s,
		int64_t user_id, const char *method, const struct visitor *v,
		struct entry *e, struct err *err)
{
	const char *agent = text_clean(a, v->user_agent, strlen(v->user_agent));
	struct token_keys keys = auth_keys(s);
	struct session_new row = {
		.user_id = user_id,
		.user_agent = text_cut(a, agent, AGENT_MAX),
		.address = v->address,
		.method = method,
		.now = v->now,
		.expires_at = session_end_at(s, v->now),
	};

	*e = (struct entry){ 0 };
	if (!session_user(db, a, user_id, &e->user, err))
		return false;
	row.client_id = e->user.client_id;
	if (e->user.second_factor)
		row.pending_until = v->now + AUTH_PENDING_S * CLOCK_SECOND_US;
	else
		make_cookie(a, v, e, &row.cookie_hash);
	if (!session_add(db, a, &row, &e->session_id, err))
		return false;
	if (e->user.second_factor) {
		e->challenge = challenge_token(a, &keys, e->session_id);
		return true;
	}
	if (!v->browser)
		grant_fill(a, s, 1, v->now, e);
	return note(db, a, v, &e->user, "sign_in", e->session_id, method,
		    &e->audited, err);
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

static bool wrong(struct err *err)
{
	return err_set(err, ERR_AUTH, "login or password is wrong");
}

/* Hashing takes a while, so no transaction is open meanwhile.  Whoever put the
 * user out by then has ended all sessions but this one, so it must not be. */
static bool enter_again(struct db *db, struct arena *a,
			const struct settings *s, const char *login,
			const struct session_user *proven,
			const struct visitor *v, struct entry *e,
			struct err *err)
{
	const char *hash = NULL;
	int64_t user_id;
	bool ok;

	ok = db_begin(db, err) &&
	     session_find_login(db, a, login, &user_id, err) &&
	     (user_id == proven->id || wrong(err)) &&
	     session_lock_password(db, a, user_id, &hash, err) &&
	     ((hash && strcmp(hash, proven->password_hash) == 0) ||
	      wrong(err)) &&
	     auth_enter(db, a, s, user_id, "password", v, e, err);
	return db_finish(db, ok, err);
}

/* Whoever it was is told the same, also when the audit cannot be written. */
static bool refuse(struct db *db, struct arena *a, const struct visitor *v,
		   const char *login, const struct session_user *u,
		   struct err *err)
{
	struct audit_entry e = visitor_entry(v, "sign_in.refused");
	struct err ignored = { 0 };

	e.client_id = u->client_id;
	e.user_id = u->id;
	e.login = text_cut(a, text_clean(a, login, strlen(login)), LOGIN_TOLD);
	e.after = json_new(a);
	json_put_str(e.after, "by", "password");
	audit_visitor(db, a, &e, &ignored);
	return wrong(err);
}

bool auth_login(struct db *db, struct arena *a, const struct settings *s,
		const char *login, struct secret password,
		const struct visitor *v, struct entry *e, struct err *err)
{
	struct session_user u;
	bool allowed, right = false;

	/* Whom the gate sends away has not made an attempt: who comes again as
	 * told would soon have none left. */
	if (!hash_gate_may_come(err) || !find_user(db, a, login, &u, err) ||
	    !hash_gate_enter(err))
		return false;
	allowed = sign_in_allowed(v->windows, a, s, v->address, u.id, login,
				  v->now, err);
	if (allowed)
		right = hash_gate_matches(u.password_hash, password);
	hash_gate_leave();
	if (!allowed)
		return false;
	if (!right)
		return refuse(db, a, v, login, &u, err);
	if (!enter_again(db, a, s, login, &u, v, e, err))
		return false;
	/* A password alone is half the proof: each challenge may try codes. */
	if (!e->challenge)
		sign_in_was_right(v->windows, a, u.id);
	return true;
}

static bool begin_anew(struct err *err)
{
	return err_set(err, ERR_AUTH,
		       "signing in took too long or too many codes were wrong; "
		       "begin anew");
}

/* True also for a wrong code (*right false): that it was tried is kept. */
static bool try_code(struct db *db, struct arena *a, const struct settings *s,
		     const char *code, const struct visitor *v, struct entry *e,
		     bool *right, struct err *err)
{
	const char *hash;
	int64_t tries;

	if (!session_count_try(db, a, e->session_id, &tries, err))
		return false;
	if (!tries)
		return begin_anew(err);
	if (!second_factor_check(db, a, e->user.id, code, v->now, right, err))
		return false;
	if (!*right)
		return (tries < CODE_TRIES ||
			session_end(db, a, e->session_id, v->now, err)) &&
		       note(db, a, v, &e->user, "sign_in.refused",
			    e->session_id, "code", &e->audited, err);
	make_cookie(a, v, e, &hash);
	return session_activate(db, a, e->session_id, hash, v->now,
				session_end_at(s, v->now), err) &&
	       note(db, a, v, &e->user, "sign_in", e->session_id, "code",
		    &e->audited, err);
}

bool auth_second(struct db *db, struct arena *a, const struct settings *s,
		 const char *challenge, const char *code,
		 const struct visitor *v, struct entry *e, struct err *err)
{
	struct token_keys keys = auth_keys(s);
	struct session_row row;
	bool ok, right = false;

	*e = (struct entry){ 0 };
	if (!challenge_token_read(a, &keys, challenge, &e->session_id))
		return begin_anew(err);
	ok = db_begin(db, err) &&
	     session_find_pending(db, a, e->session_id, v->now, &row, err);
	if (ok && row.user_id == 0)
		ok = begin_anew(err);
	ok = ok && session_user(db, a, row.user_id, &e->user, err) &&
	     code_allowed(v->windows, a, s, row.user_id, v->now, err) &&
	     try_code(db, a, s, code, v, e, &right, err);
	if (!db_finish(db, ok, err))
		return false;
	if (!right) {
		audit_tell(a, e->audited);
		return err_set(err, ERR_AUTH, "the code is wrong");
	}
	sign_in_was_right(v->windows, a, e->user.id);
	if (!v->browser)
		grant_fill(a, s, 1, v->now, e);
	return true;
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
		return session_refresh(db, a, session_id, *generation, now,
				       session_end_at(s, now), err);
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
		  const char *token, const struct visitor *v, struct entry *e,
		  struct err *err)
{
	struct token_keys keys = auth_keys(s);
	bool ok, reused = false;
	struct session_row row;
	int64_t generation;

	*e = (struct entry){ 0 };
	if (!refresh_token_read(a, &keys, token, &e->session_id, &generation))
		return err_set(err, ERR_AUTH, "the refresh token is not valid");
	ok = db_begin(db, err) &&
	     session_find(db, a, e->session_id, v->now, &row, err);
	if (ok && row.user_id == 0)
		ok = err_set(err, ERR_AUTH,
			     "the session has ended; sign in again");
	ok = ok && session_user(db, a, row.user_id, &e->user, err) &&
	     rotate(db, a, s, e->session_id, v->now, &generation, &reused, err);
	ok = ok &&
	     (!reused || note(db, a, v, &e->user, "session.reused",
			      e->session_id, "refresh", &e->audited, err));
	if (!db_finish(db, ok, err))
		return false;
	if (reused) {
		audit_tell(a, e->audited);
		log_warn("auth.refresh_reused",
			 lf_int("session", e->session_id),
			 lf_int("user_id", row.user_id));
		return err_set(err, ERR_AUTH,
			       "this refresh token was used before, so the "
			       "session was ended; sign in again");
	}
	grant_fill(a, s, generation, v->now, e);
	return true;
}
