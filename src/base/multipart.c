/*
 * multipart.c - a multipart/form-data body (RFC 7578).
 */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/multipart.h"
#include "base/secret.h"

/* So random that looking for it inside the parts is not worth the time. */
#define BOUNDARY_BYTES 18

/* As browsers write names: percent signs for what would end the quotes. */
static void add_quoted(struct buf *b, const char *s)
{
	buf_add_char(b, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\r' || *s == '\n')
			buf_addf(b, "%%%02X", (unsigned)*s);
		else
			buf_add_char(b, *s);
	}
	buf_add_char(b, '"');
}

static void add_head(struct buf *b, const struct http_part *part)
{
	buf_add_str(b, "Content-Disposition: form-data; name=");
	add_quoted(b, part->name);
	if (part->filename) {
		buf_add_str(b, "; filename=");
		add_quoted(b, part->filename);
	}
	buf_add_str(b, "\r\n");
	/* A type with a line break inside would add headers. */
	if (part->mime && !part->mime[strcspn(part->mime, "\r\n")])
		buf_addf(b, "Content-Type: %s\r\n", part->mime);
	buf_add_str(b, "\r\n");
}

void multipart_write(struct arena *a, const struct http_part *parts,
		     size_t n_parts, struct multipart *out)
{
	const char *boundary = secret_random(a, BOUNDARY_BYTES).bytes;
	struct iovec *piece;
	struct buf b;

	out->mime =
		arena_printf(a, "multipart/form-data; boundary=%s", boundary);
	out->n_pieces = 2 * n_parts + 1;
	out->pieces = arena_array(a, out->n_pieces, sizeof(*out->pieces));
	piece = out->pieces;
	for (size_t i = 0; i < n_parts; i++) {
		buf_init(&b, a, SIZE_MAX / 4);
		buf_addf(&b, "%s--%s\r\n", i ? "\r\n" : "", boundary);
		add_head(&b, &parts[i]);
		*piece++ = (struct iovec){ b.s, b.len };
		/* iovec knows no const; the pieces are only read. */
		*piece++ = (struct iovec){ (void *)(uintptr_t)parts[i].bytes,
					   parts[i].len };
	}
	buf_init(&b, a, SIZE_MAX / 4);
	buf_addf(&b, "%s--%s--\r\n", n_parts ? "\r\n" : "", boundary);
	*piece = (struct iovec){ b.s, b.len };
}
