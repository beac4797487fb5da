/*
 * cursor.c - a place in a list, opaque to callers.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "web/cursor.h"

static const char digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static char *encode(struct arena *a, const char *s, size_t len)
{
	char *out = arena_alloc(a, len * 2 + 4), *o = out;
	unsigned bits = 0, have = 0;

	for (size_t i = 0; i < len; i++) {
		bits = (bits << 8 | (unsigned char)s[i]) & 0xffff;
		for (have += 8; have >= 6; have -= 6)
			*o++ = digits[bits >> (have - 6) & 63];
	}
	if (have)
		*o++ = digits[bits << (6 - have) & 63];
	*o = '\0';
	return out;
}

const char *cursor_text(struct arena *a, int64_t after, int64_t after_id)
{
	char *s = arena_printf(a, "%" PRId64 ".%" PRId64, after, after_id);

	return encode(a, s, strlen(s));
}

static bool decode(const char *s, char out[CURSOR_MAX])
{
	unsigned bits = 0, have = 0;
	size_t n = 0;

	for (; *s; s++) {
		const char *digit = strchr(digits, *s);

		if (!digit || n == CURSOR_MAX - 1)
			return false;
		bits = (bits << 6 | (unsigned)(digit - digits)) & 0xffff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[n++] = (char)(bits >> have & 0xff);
		}
	}
	out[n] = '\0';
	return strlen(out) == n;
}

bool cursor_read(const char *s, int64_t *after, int64_t *after_id)
{
	char text[CURSOR_MAX];
	long long first, second;
	char *dot;

	if (strlen(s) > CURSOR_MAX || !decode(s, text))
		return false;
	dot = strchr(text, '.');
	if (!dot)
		return false;
	*dot = '\0';
	if (!text_read_i64(text, 0, INT64_MAX - 1, &first) ||
	    !text_read_i64(dot + 1, 0, INT64_MAX - 1, &second))
		return false;
	*after = first;
	*after_id = second;
	return true;
}
