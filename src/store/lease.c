/*
 * lease.c - the token under which a daemon holds what it works on.
 */
#include "config.h"

#include "base/secret.h"
#include "store/lease.h"

/* Of 32 hexadecimal digits. */
#define OWNER_LEN 16

const char *lease_token(struct arena *a, const char *owner)
{
	const char *random = secret_hash(a, secret_random(a, 32));

	return arena_printf(a, "%.*s%.*s", OWNER_LEN, owner ? owner : random,
			    OWNER_LEN, random + OWNER_LEN);
}

const char *lease_owner(struct arena *a, const char *owner)
{
	return arena_strn(a, owner, OWNER_LEN);
}
