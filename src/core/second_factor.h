/*
 * second_factor.h - a code from the phone besides the password.
 *
 * A person starts with a secret, which does nothing until a first code proves
 * that an app has it; then it is switched on, with ten recovery codes that are
 * shown once.  Codes may be typed with spaces and dashes.  Each is good once:
 * the person's row is locked while a code is looked at, so of two that bring
 * the same one at once one is refused.
 *
 * All run inside the caller's transaction, which must be bound to the person,
 * to their client or to an administrator.  A code that was taken comes back
 * when that transaction is rolled back; wrong codes change nothing, so whoever
 * asks has to limit the tries.
 */
#ifndef CORE_SECOND_FACTOR_H
#define CORE_SECOND_FACTOR_H

#include "base/secret.h"
#include "core/recovery.h"
#include "store/second_factor.h"

/* A new secret in place of one that was not confirmed.  ERR_CONFLICT: it is
 * switched on already. */
bool second_factor_start(struct db *db, struct arena *a, int64_t user_id,
			 struct secret *secret, struct err *err);

/* The secret that waits for its first code.  ERR_MISSING: there is none. */
bool second_factor_pending(struct db *db, struct arena *a, int64_t user_id,
			   struct secret *secret, struct err *err);

/* Switches it on.  ERR_INPUT (code): this is not the app's code; ERR_CONFLICT:
 * there is nothing to confirm. */
bool second_factor_confirm(struct db *db, struct arena *a, int64_t user_id,
			   const char *code, int64_t now,
			   struct secret codes[RECOVERY_CODES],
			   struct err *err);

/* *right: this was the app's code or a recovery code, and is spent now.  Never
 * right when no second factor is switched on. */
bool second_factor_check(struct db *db, struct arena *a, int64_t user_id,
			 const char *code, int64_t now, bool *right,
			 struct err *err);

/* Both need a code (ERR_INPUT) and that it is switched on (ERR_CONFLICT).
 * The recovery codes from before are worthless afterwards. */
bool second_factor_renew_codes(struct db *db, struct arena *a, int64_t user_id,
			       const char *code, int64_t now,
			       struct secret codes[RECOVERY_CODES],
			       struct err *err);
bool second_factor_drop(struct db *db, struct arena *a, int64_t user_id,
			const char *code, int64_t now, struct err *err);

/* Without a code, by somebody who may do that to another person. */
bool second_factor_reset(struct db *db, struct arena *a, int64_t user_id,
			 struct err *err);

#endif
