/*
 * part_head.h - what stands above the parts of a multipart/form-data body
 * (RFC 7578).
 *
 * For parts.c, which has the whole body, and part_reader.c, which reads it bit
 * by bit.
 */
#ifndef WEB_PART_HEAD_H
#define WEB_PART_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/http.h"

/* Bytes, with the empty line that ends it. */
#define PART_HEAD_MAX 2048
#define PART_HEAD_END "\r\n\r\n"

/* What stands behind each part, "\r\n--boundary", by the request's
 * Content-Type.  NULL: that names no boundary, or two. */
const char *part_delimiter(struct arena *a, const char *type);

/*
 * The headers of one part, without the empty line.  The name is UTF-8 without
 * control characters; a filename is UTF-8, keeps nothing of a path, and may be
 * empty where no file was chosen.  False: ERR_INPUT.
 */
bool part_head_read(struct arena *a, const char *s, size_t len,
		    struct http_part *part, struct err *err);

/* "the form is not well formed: ..." */
bool part_malformed(struct err *err, const char *what);

#endif
