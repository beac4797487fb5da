/*
 * part_reader.c - a multipart/form-data body read bit by bit.
 */
#include "config.h"

#include <string.h>

#include "web/part_reader.h"

bool part_reader_init(struct part_reader *r, struct arena *a, const char *type,
		      size_t window, struct err *err)
{
	if (window < PART_WINDOW_MIN)
		bug("part_reader_init: a window of %zu bytes", window);
	r->a = a;
	r->delimiter = part_delimiter(a, type);
	if (!r->delimiter)
		return part_malformed(err, "its type names no boundary");
	r->window = arena_alloc(a, window);
	r->size = window;
	return true;
}

/* At least so many bytes are in the window, unless the body has fewer left. */
static void fill(struct part_reader *r, size_t wanted)
{
	if (r->len - r->at >= wanted)
		return;
	memmove(r->window, r->window + r->at, r->len - r->at);
	r->len -= r->at;
	r->at = 0;
	while (r->len < wanted && !r->ended) {
		size_t n =
			r->read(r->from, r->window + r->len, r->size - r->len);

		r->ended = n == 0;
		r->len += n;
	}
}

static bool take(struct part_reader *r, const char *s)
{
	size_t len = strlen(s);

	fill(r, len);
	if (r->len - r->at < len || memcmp(r->window + r->at, s, len) != 0)
		return false;
	r->at += len;
	return true;
}

static bool read_head(struct part_reader *r, struct http_part *part,
		      struct err *err)
{
	const char *end;
	size_t len;

	fill(r, PART_HEAD_MAX);
	len = r->len - r->at;
	end = memmem(r->window + r->at,
		     len < PART_HEAD_MAX ? len : PART_HEAD_MAX, PART_HEAD_END,
		     strlen(PART_HEAD_END));
	if (!end)
		return part_malformed(err, "a part's headers do not end");
	len = (size_t)(end - (r->window + r->at));
	if (!part_head_read(r->a, r->window + r->at, len, part, err))
		return false;
	r->at += len + strlen(PART_HEAD_END);
	r->in_part = true;
	return true;
}

/* Behind the last delimiter. */
static bool read_end(struct part_reader *r, struct err *err)
{
	take(r, "\r\n");
	fill(r, 1);
	return r->at == r->len ||
	       part_malformed(err, "something stands behind its end");
}

bool part_next(struct part_reader *r, struct http_part *part, struct err *err)
{
	*part = (struct http_part){ 0 };
	if (err->kind)
		return false;
	if (r->in_part)
		bug("part_next: a part has not been read to its end");
	/* The first one begins the body, without a line in front. */
	if (!r->began && !take(r, r->delimiter + 2))
		return part_malformed(err,
				      "it does not begin with its boundary");
	r->began = true;
	if (take(r, "--"))
		return read_end(r, err);
	if (!take(r, "\r\n"))
		return part_malformed(err, "a boundary is not followed by a "
					   "line end");
	return read_head(r, part, err);
}

bool part_bytes(struct part_reader *r, const char **bytes, size_t *len,
		struct err *err)
{
	size_t delimiter = strlen(r->delimiter), here;
	const char *end;

	fill(r, r->size - r->size / 4);
	here = r->len - r->at;
	*bytes = r->window + r->at;
	end = memmem(*bytes, here, r->delimiter, delimiter);
	if (!end && r->ended)
		return part_malformed(err, "a part does not end");
	/* The delimiter may have begun. */
	*len = end ? (size_t)(end - *bytes) : here - (delimiter - 1);
	r->at += *len;
	if (*len == 0) {
		r->at += delimiter;
		r->in_part = false;
	}
	return true;
}
