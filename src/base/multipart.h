/*
 * multipart.h - a multipart/form-data body (RFC 7578).
 *
 * Written as a list of pieces, so that a file's bytes are not copied: they
 * must stay until the call has ended.
 */
#ifndef BASE_MULTIPART_H
#define BASE_MULTIPART_H

#include <stddef.h>

#include <sys/uio.h>

#include "base/arena.h"
#include "base/http.h"

struct multipart {
	const char *mime; /* Content-Type with the boundary */
	struct iovec *pieces;
	size_t n_pieces;
};

void multipart_write(struct arena *a, const struct http_part *parts,
		     size_t n_parts, struct multipart *out);

#endif
