/*
 * person.c - what people change about their own account.
 */
#include "config.h"

#include <string.h>

#include "core/hash_gate.h"
#include "core/person.h"
#include "core/throttle.h"
#include "core/user.h"

const char *const token_scopes[] = { "read", "write", NULL };

static const char *const languages[] = { "", "ru", "en", NULL };

bool person_change(struct db *db, struct arena *a, const struct session_user *u,
		   struct problems *problems, struct err *err)
{
	problems_check_text(problems, "name", u->name, 1, USER_NAME_MAX);
	problems_check_word(problems, "language", u->language, languages);
	return problems_none(problems, err) &&
	       user_put_person(db, a, u->id, u->name, u->language, err);
}

static bool matches(const char *hash, struct secret password, bool *right,
		    struct err *err)
{
	if (!hash_gate_enter(err))
		return false;
	*right = hash_gate_matches(hash, password);
	hash_gate_leave();
	return true;
}

static bool check_old(struct arena *a, struct windows *w,
		      const struct session_user *u, struct secret old,
		      int64_t now, struct err *err)
{
	bool right = false;

	if (!*u->password_hash)
		return true;
	if (!proof_allowed(w, a, u->id, now, err) ||
	    !matches(u->password_hash, old, &right, err))
		return false;
	return right || err_field(err, "old_password",
				  "this is not your present password");
}

bool person_set_password(struct db *db, struct arena *a, struct windows *w,
			 const struct session *s, struct secret old,
			 struct secret password, int64_t now, struct err *err)
{
	struct session_user u;

	if (!session_user(db, a, s->user_id, &u, err) ||
	    !password_check(password, err) ||
	    !check_old(a, w, &u, old, now, err))
		return false;
	if (secret_equal(old, password))
		return err_field(err, "password",
				 "must differ from the present one");
	return user_choose_password(db, a, s->user_id, password, err) &&
	       sessions_end_others(db, a, s->user_id, s->id, now, err);
}

bool person_add_token(struct db *db, struct arena *a, const struct session *s,
		      struct api_token *t, struct secret *token,
		      struct problems *problems, int64_t now, struct err *err)
{
	struct api_token *list;
	size_t n;

	problems_check_text(problems, "name", t->name, 1, TOKEN_NAME_MAX);
	problems_check_word(problems, "scope", t->scope, token_scopes);
	if (!problems_none(problems, err) ||
	    !api_tokens_list(db, a, s->user_id, &list, &n, err))
		return false;
	if (n >= TOKENS_MAX)
		return err_set(err, ERR_CONFLICT,
			       "you have %d API tokens; revoke one first",
			       TOKENS_MAX);
	*token = api_token_new(a);
	t->client_id = s->client_id;
	t->user_id = s->user_id;
	t->tail = secret_tail(a, *token);
	t->created_at = now;
	t->last_used_address = "";
	return api_token_insert(db, a, t, secret_hash(a, *token), err);
}
