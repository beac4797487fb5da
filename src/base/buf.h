/*
 * buf.h - text that grows up to a ceiling.
 *
 * Lives in an arena.  Going over the ceiling adds nothing more and sets the
 * sticky flag `overflow`, tested once at the end, so that building text is
 * free of checks.  `s` is always NUL-terminated.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct buf {
	char *s;
	size_t len;
	size_t size;
	size_t max;
	bool overflow;
	struct arena *a;
};

/* At most max bytes of content. */
void buf_init(struct buf *b, struct arena *a, size_t max);
void buf_add(struct buf *b, const char *s, size_t len);
void buf_add_str(struct buf *b, const char *s);
void buf_add_char(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* & < > " ' as entities: for element content and quoted attributes. */
void buf_add_html(struct buf *b, const char *s);

/* Percent-encodes all but RFC 3986's unreserved characters: for one path
 * segment or one query value. */
void buf_add_url(struct buf *b, const char *s);

/* RFC 4648's base32 in capitals, without padding. */
void buf_add_base32(struct buf *b, const void *bytes, size_t len);

/* Forget the content, keep the memory. */
void buf_clear(struct buf *b);

#endif
