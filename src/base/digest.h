/*
 * digest.h - SHA-256 of what comes bit by bit.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>

#include "base/arena.h"

struct digest {
	struct arena *a;
	void *state;
};

void digest_begin(struct digest *d, struct arena *a);
void digest_add(struct digest *d, const char *bytes, size_t len);

/* Lower-case hex; the digest has ended. */
const char *digest_finish(struct digest *d);

#endif
