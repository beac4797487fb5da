/*
 * throttle.h - how often somebody may do what costs us or guesses at secrets.
 *
 * Sliding windows in Redis, of ten minutes for proofs of who one is and of one
 * minute for requests; without it each process counts by itself
 * (store/window.h).  A try counts before it is known how it ends, so that many
 * at once gain nothing.  Addresses count by IPv4 address or IPv6 /64, which is
 * what one subscriber has.  Without windows (NULL) nothing is limited.
 */
#ifndef CORE_THROTTLE_H
#define CORE_THROTTLE_H

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

/* That attempt was right: those before it do not count against the account any
 * more.  Those of the address do, or an account of one's own would buy tries
 * at others. */
void sign_in_was_right(struct windows *w, struct arena *a, int64_t user_id);

/* A code of the second factor, by somebody who knew the password: as many in
 * ten minutes as there are attempts at an account, however often signing in is
 * begun anew for them. */
bool code_allowed(struct windows *w, struct arena *a, const struct settings *s,
		  int64_t user_id, int64_t now, struct err *err);

/* A code or password that somebody signed in types once more: five in ten
 * minutes for a user. */
bool proof_allowed(struct windows *w, struct arena *a, int64_t user_id,
		   int64_t now, struct err *err);

/* One more request of somebody who is signed in: so many a minute, by all of
 * their sessions and programs together. */
bool request_allowed(struct windows *w, struct arena *a,
		     const struct settings *s, int64_t user_id, int64_t now,
		     struct err *err);

#endif
