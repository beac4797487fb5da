/*
 * recovery.h - codes for the day when the phone is gone.
 *
 * "7k3hq-x9m2w-c4tnb": 75 random bits, so that a stored SHA-256 gives nothing
 * away; digits and letters of Crockford's base32, which leaves out i, l, o and
 * u.  Shown once, stored by hash, each good for one sign-in.
 */
#ifndef CORE_RECOVERY_H
#define CORE_RECOVERY_H

#include "base/arena.h"
#include "base/secret.h"

#define RECOVERY_CODES 10

struct secret recovery_code_new(struct arena *a);

/* What is stored of a code, as people type it: in any case, with any spaces
 * and dashes, o for 0, i and l for 1.  NULL: this is no recovery code. */
const char *recovery_hash(struct arena *a, const char *typed);

#endif
