/*
 * parts.h - a multipart/form-data body (RFC 7578) taken apart.
 *
 * Strict: what browsers and base/multipart.h write is read, and little else;
 * in particular there is nothing in front of the first part or behind the
 * last one, and no part is encoded.  The work grows with the body's length,
 * whatever the body holds.
 */
#ifndef WEB_PARTS_H
#define WEB_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/http.h"

/*
 * At most `max` parts, in their order; `bytes` point into the body; names are
 * as part_head_read() says.  `type` is the request's Content-Type.  False:
 * ERR_INPUT.
 */
bool parts_read(struct arena *a, const char *type, const char *body, size_t len,
		size_t max, struct http_part **parts, size_t *n,
		struct err *err);

#endif
