/*
 * fuzz_part_reader.c - any bytes as a multipart form that comes bit by bit:
 * it is read as parts.c reads it at once.  The first line is the Content-Type,
 * its first byte how large the bits are.
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "harness/fuzz.h"
#include "web/part_reader.h"
#include "web/parts.h"

#define PARTS_MAX 200

struct rest {
	const char *s;
	size_t len, bite;
};

static size_t read_bite(void *from, char *s, size_t len)
{
	struct rest *r = from;
	size_t n = r->len < len ? r->len : len;

	if (n > r->bite)
		n = r->bite;
	memcpy(s, r->s, n);
	r->s += n;
	r->len -= n;
	return n;
}

static bool is_same(const char *a, const char *b)
{
	return !a == !b && (!a || strcmp(a, b) == 0);
}

static void check_part(struct arena *a, struct part_reader *r,
		       const struct http_part *part,
		       const struct http_part *whole, struct err *err)
{
	const char *bytes;
	struct buf b;
	size_t len;

	FUZZ_CHECK(is_same(part->name, whole->name));
	FUZZ_CHECK(is_same(part->filename, whole->filename));
	FUZZ_CHECK(is_same(part->mime, whole->mime));
	buf_init(&b, a, SIZE_MAX / 2);
	while (part_bytes(r, &bytes, &len, err) && len)
		buf_add(&b, bytes, len);
	FUZZ_CHECK(err->kind == ERR_NONE);
	FUZZ_CHECK(b.len == whole->len &&
		   memcmp(b.s, whole->bytes, b.len) == 0);
}

/* Of a form that parts.c refuses: nothing is read for ever. */
static void drain(struct part_reader *r, struct err *err)
{
	struct http_part part;
	const char *bytes;
	size_t len;

	while (part_next(r, &part, err) && part.name)
		while (part_bytes(r, &bytes, &len, err) && len)
			;
}

static void compare(struct arena *a, struct part_reader *r, const char *type,
		    const char *body, size_t len)
{
	struct http_part *parts, part;
	struct err err = { 0 }, other = { 0 };
	size_t n;

	if (!parts_read(a, type, body, len, PARTS_MAX, &parts, &n, &other)) {
		if (n < PARTS_MAX) {
			drain(r, &err);
			FUZZ_CHECK(is_same(err.text, other.text));
		}
		return;
	}
	for (size_t i = 0; i < n; i++) {
		FUZZ_CHECK(part_next(r, &part, &err) && part.name);
		check_part(a, r, &part, &parts[i], &err);
	}
	FUZZ_CHECK(part_next(r, &part, &err) && !part.name);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct arena a;
	const char *s = (const char *)bytes, *type;
	const char *end = len ? memchr(s, '\n', len) : NULL;
	struct rest rest;
	struct part_reader r = { .read = read_bite, .from = &rest };
	struct err err = { 0 };

	if (!end || end == s)
		return 0;
	type = arena_strn(&a, s + 1, (size_t)(end - s - 1));
	rest = (struct rest){ end + 1, len - (size_t)(end + 1 - s),
			      1 + bytes[0] * 5u };
	if (part_reader_init(&r, &a, type, PART_WINDOW_MIN, &err))
		compare(&a, &r, type, rest.s, rest.len);
	else
		FUZZ_CHECK(err.kind == ERR_INPUT);
	arena_reset(&a);
	return 0;
}
