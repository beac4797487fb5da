/*
 * lease.h - the token under which a daemon holds what it works on.
 *
 * The first half of a token is its owner's, so that all that one daemon holds
 * is found when it has died; the rest is random, so that a daemon that lost
 * its lease to itself notices, too.
 */
#ifndef STORE_LEASE_H
#define STORE_LEASE_H

#include "base/arena.h"

/* As uuid reads it.  `owner` has as many hexadecimal digits at least, or is
 * NULL. */
const char *lease_token(struct arena *a, const char *owner);

/* All leases of an owner: lease_owner() is the statement's $1. */
#define LEASE_IS_OWNERS                                     \
	" lease_token >= ($1 || repeat('0', 16))::uuid AND" \
	" lease_token <= ($1 || repeat('f', 16))::uuid"
const char *lease_owner(struct arena *a, const char *owner);

#endif
