/*
 * buf.c - text that grows up to a ceiling.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"

#define FIRST_BYTES 256

void buf_init(struct buf *b, struct arena *a, size_t max)
{
	*b = (struct buf){ .a = a, .max = max };
	b->size = max < FIRST_BYTES ? max + 1 : FIRST_BYTES;
	b->s = arena_alloc(a, b->size);
}

/* Room for len more bytes and the NUL, or the flag. */
static bool reserve(struct buf *b, size_t len)
{
	size_t size = b->size;
	char *s;

	if (b->overflow || len > b->max - b->len) {
		b->overflow = true;
		return false;
	}
	if (len < b->size - b->len)
		return true;
	while (size - b->len <= len)
		size *= 2;
	s = arena_alloc(b->a, size);
	memcpy(s, b->s, b->len);
	b->s = s;
	b->size = size;
	return true;
}

void buf_add(struct buf *b, const char *s, size_t len)
{
	if (len == 0 || !reserve(b, len))
		return;
	memcpy(b->s + b->len, s, len);
	b->len += len;
	b->s[b->len] = '\0';
}

void buf_add_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_add_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0)
		bug("buf_addf: bad format");
	if (!reserve(b, (size_t)len))
		return;
	va_start(ap, fmt);
	vsnprintf(b->s + b->len, (size_t)len + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)len;
}

void buf_add_html(struct buf *b, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '&':
			buf_add_str(b, "&amp;");
			break;
		case '<':
			buf_add_str(b, "&lt;");
			break;
		case '>':
			buf_add_str(b, "&gt;");
			break;
		case '"':
			buf_add_str(b, "&quot;");
			break;
		case '\'':
			buf_add_str(b, "&#39;");
			break;
		default:
			buf_add_char(b, *s);
		}
	}
}

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr("-._~", c));
}

void buf_add_url(struct buf *b, const char *s)
{
	for (; *s; s++) {
		if (is_unreserved(*s))
			buf_add_char(b, *s);
		else
			buf_addf(b, "%%%02X", (unsigned)(unsigned char)*s);
	}
}

void buf_add_base32(struct buf *b, const void *bytes, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	const unsigned char *in = bytes;
	unsigned bits = 0; /* of which the last n are still to be written */
	int n = 0;

	for (size_t i = 0; i < len; i++) {
		bits = (bits << 8 | in[i]) & 0xfff;
		for (n += 8; n >= 5; n -= 5)
			buf_add_char(b, digits[bits >> (n - 5) & 31]);
	}
	if (n)
		buf_add_char(b, digits[bits << (5 - n) & 31]);
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->overflow = false;
	b->s[0] = '\0';
}
