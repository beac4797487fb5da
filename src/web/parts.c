/*
 * parts.c - a multipart/form-data body (RFC 7578) taken apart.
 */
#include "config.h"

#include <string.h>

#include "web/part_head.h"
#include "web/parts.h"

/* What is left of the body. */
struct rest {
	const char *s;
	size_t len;
};

/* The headers of one part, up to their empty line. */
static bool read_head(struct arena *a, struct rest *r, struct http_part *part,
		      struct err *err)
{
	size_t max = r->len < PART_HEAD_MAX ? r->len : PART_HEAD_MAX;
	const char *end = memmem(r->s, max, PART_HEAD_END, 4);
	size_t len;

	if (!end)
		return part_malformed(err, "a part's headers do not end");
	len = (size_t)(end - r->s);
	if (!part_head_read(a, r->s, len, part, err))
		return false;
	r->s += len + 4;
	r->len -= len + 4;
	return true;
}

static bool take(struct rest *r, const char *s)
{
	size_t len = strlen(s);

	if (r->len < len || memcmp(r->s, s, len) != 0)
		return false;
	r->s += len;
	r->len -= len;
	return true;
}

/* A part's bytes, up to the delimiter, which is taken, too. */
static bool read_bytes(struct rest *r, const char *delimiter,
		       struct http_part *part)
{
	const char *end = memmem(r->s, r->len, delimiter, strlen(delimiter));

	if (!end)
		return false;
	part->bytes = r->s;
	part->len = (size_t)(end - r->s);
	r->s += part->len;
	r->len -= part->len;
	return take(r, delimiter);
}

bool parts_read(struct arena *a, const char *type, const char *body, size_t len,
		size_t max, struct http_part **parts, size_t *n,
		struct err *err)
{
	const char *delimiter = part_delimiter(a, type);
	struct rest r = { body, len };

	*n = 0;
	*parts = arena_array(a, max, sizeof(**parts));
	if (!delimiter)
		return part_malformed(err, "its type names no boundary");
	/* The first one begins the body, without a line in front. */
	if (!take(&r, delimiter + 2))
		return part_malformed(err,
				      "it does not begin with its boundary");
	while (!take(&r, "--")) {
		struct http_part *part = *parts + *n;

		if (!take(&r, "\r\n"))
			return part_malformed(err,
					      "a boundary is not followed by "
					      "a line end");
		if (*n == max)
			return err_set(err, ERR_INPUT,
				       "the form has more than %zu fields",
				       max);
		if (!read_head(a, &r, part, err))
			return false;
		if (!read_bytes(&r, delimiter, part))
			return part_malformed(err, "a part does not end");
		(*n)++;
	}
	take(&r, "\r\n");
	if (r.len)
		return part_malformed(err, "something stands behind its end");
	return true;
}
