/*
 * sign_in_limit.h - how often somebody may try to prove who they are.
 *
 * Sliding windows of ten minutes in Redis; without it each process counts by
 * itself (store/window.h).  Every try counts, the right one as well, so that
 * how it ended need not be known.  Addresses count by IPv4 address or IPv6
 * /64, which is what one subscriber has.  Without windows (NULL) nothing is
 * limited.
 */
#ifndef CORE_SIGN_IN_LIMIT_H
#define CORE_SIGN_IN_LIMIT_H

#include "base/arena.h"
#include "base/err.h"
#include "core/settings.h"
#include "store/window.h"

/* A visitor's next attempt: at a known user, else (user_id 0) at the login that
 * was typed, else (NULL) at none in particular.  Both windows at once, or none
 * is counted.  ERR_LIMIT with retry_s. */
bool sign_in_allowed(struct windows *w, struct arena *a,
		     const struct settings *s, const char *address,
		     int64_t user_id, const char *login, int64_t now,
		     struct err *err);

/* A code or password that somebody signed in types once more: five in ten
 * minutes for a user. */
bool proof_allowed(struct windows *w, struct arena *a, int64_t user_id,
		   int64_t now, struct err *err);

#endif
