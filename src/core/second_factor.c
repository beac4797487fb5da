/*
 * second_factor.c - a code from the phone besides the password.
 */
#include "config.h"

#include <string.h>

#include "core/second_factor.h"
#include "core/totp.h"

#define COLUMN "users.totp_secret"

bool second_factor_start(struct db *db, struct arena *a, int64_t user_id,
			 struct secret *secret, struct err *err)
{
	struct second_factor f;

	if (!second_factor_lock(db, a, user_id, &f, err))
		return false;
	if (f.confirmed_at)
		return err_set(err, ERR_CONFLICT,
			       "the second factor is switched on already; "
			       "switch it off first");
	*secret = totp_secret_new(a);
	return second_factor_put_secret(db, a, user_id,
					seal(a, COLUMN, *secret), err);
}

bool second_factor_pending(struct db *db, struct arena *a, int64_t user_id,
			   struct secret *secret, struct err *err)
{
	struct second_factor f;

	if (!second_factor_find(db, a, user_id, &f, err))
		return false;
	if (f.confirmed_at || !*f.secret_sealed)
		return err_set(err, ERR_MISSING,
			       "no second factor waits for its first code");
	return unseal(a, COLUMN, f.secret_sealed, secret, err);
}

/* As apps show it: "123 456". */
static const char *without_spaces(struct arena *a, const char *typed)
{
	char *code = arena_alloc(a, strlen(typed) + 1), *end = code;

	for (; *typed; typed++)
		if (*typed != ' ' && *typed != '-')
			*end++ = *typed;
	return code;
}

/* f is locked. */
static bool spend_totp(struct db *db, struct arena *a, int64_t user_id,
		       const struct second_factor *f, const char *code,
		       int64_t now, bool *right, struct err *err)
{
	struct secret secret;
	int64_t step;

	*right = false;
	if (!unseal(a, COLUMN, f->secret_sealed, &secret, err))
		return false;
	step = totp_find(secret, without_spaces(a, code), now, f->used_step);
	if (!step)
		return true;
	*right = true;
	return second_factor_put_step(db, a, user_id, step, err);
}

static bool spend(struct db *db, struct arena *a, int64_t user_id,
		  const struct second_factor *f, const char *code, int64_t now,
		  bool *right, struct err *err)
{
	const char *hash = recovery_hash(a, code);

	if (hash)
		return second_factor_take_code(db, a, user_id, hash, right,
					       err);
	return spend_totp(db, a, user_id, f, code, now, right, err);
}

bool second_factor_check(struct db *db, struct arena *a, int64_t user_id,
			 const char *code, int64_t now, bool *right,
			 struct err *err)
{
	struct second_factor f;

	*right = false;
	if (!second_factor_lock(db, a, user_id, &f, err))
		return false;
	return !f.confirmed_at ||
	       spend(db, a, user_id, &f, code, now, right, err);
}

static bool new_codes(struct db *db, struct arena *a, int64_t user_id,
		      struct secret codes[RECOVERY_CODES], struct err *err)
{
	const char *hashes[RECOVERY_CODES];

	for (size_t i = 0; i < RECOVERY_CODES; i++) {
		codes[i] = recovery_code_new(a);
		hashes[i] = recovery_hash(a, codes[i].bytes);
	}
	return second_factor_put_codes(db, a, user_id, hashes, RECOVERY_CODES,
				       err);
}

static bool refuse(struct err *err)
{
	return err_field(err, "code",
			 "this code is wrong or was used before; wait for the "
			 "next one, and check the clock of the phone");
}

bool second_factor_confirm(struct db *db, struct arena *a, int64_t user_id,
			   const char *code, int64_t now,
			   struct secret codes[RECOVERY_CODES], struct err *err)
{
	struct second_factor f;
	bool right;

	if (!second_factor_lock(db, a, user_id, &f, err))
		return false;
	if (f.confirmed_at || !*f.secret_sealed)
		return err_set(err, ERR_CONFLICT,
			       "no second factor waits for its first code");
	if (!spend_totp(db, a, user_id, &f, code, now, &right, err))
		return false;
	return right ? second_factor_put_confirmed(db, a, user_id, now, err) &&
			       new_codes(db, a, user_id, codes, err)
		     : refuse(err);
}

/* A code is asked for once more before something is changed. */
static bool insist(struct db *db, struct arena *a, int64_t user_id,
		   const char *code, int64_t now, struct err *err)
{
	struct second_factor f;
	bool right;

	if (!second_factor_lock(db, a, user_id, &f, err))
		return false;
	if (!f.confirmed_at)
		return err_set(err, ERR_CONFLICT,
			       "the second factor is not switched on");
	return spend(db, a, user_id, &f, code, now, &right, err) &&
	       (right || refuse(err));
}

bool second_factor_renew_codes(struct db *db, struct arena *a, int64_t user_id,
			       const char *code, int64_t now,
			       struct secret codes[RECOVERY_CODES],
			       struct err *err)
{
	return insist(db, a, user_id, code, now, err) &&
	       new_codes(db, a, user_id, codes, err);
}

bool second_factor_drop(struct db *db, struct arena *a, int64_t user_id,
			const char *code, int64_t now, struct err *err)
{
	return insist(db, a, user_id, code, now, err) &&
	       second_factor_put_secret(db, a, user_id, NULL, err);
}

bool second_factor_reset(struct db *db, struct arena *a, int64_t user_id,
			 struct err *err)
{
	return second_factor_put_secret(db, a, user_id, NULL, err);
}
