/*
 * fuzz_rich.c - any bytes as a text and its formatting, with a line between
 * them: whatever is done to it stays well-formed and within its text.
 */
#include "config.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "chan/rich.h"
#include "harness/fuzz.h"

#define PIECES_MAX 64
#define PIECE_MAX  40

static void check(struct arena *a, const struct rich *r)
{
	size_t units = text_units(r->text);
	const char *json = rich_entities(a, r), *plain = rich_plain(a, r);
	struct rich again = rich_read(a, r->text, json);

	FUZZ_CHECK(text_is_utf8(r->text, strlen(r->text)));
	FUZZ_CHECK(text_is_utf8(plain, strlen(plain)));
	FUZZ_CHECK(strlen(plain) >= strlen(r->text));
	for (size_t i = 0; i < r->n; i++)
		FUZZ_CHECK(r->marks[i].units > 0 &&
			   r->marks[i].offset + r->marks[i].units <= units);
	/* What we write is what we read. */
	FUZZ_CHECK(again.n == r->n);
}

static void split(struct arena *a, const struct rich *r, bool by_units)
{
	size_t n, len = 0;
	struct rich *list =
		rich_split(a, r, PIECE_MAX, by_units, PIECES_MAX, &n);

	FUZZ_CHECK(n <= PIECES_MAX);
	for (size_t i = 0; i < n; i++) {
		check(a, &list[i]);
		len = by_units ? text_units(list[i].text)
			       : text_points(list[i].text);
		FUZZ_CHECK(len <= PIECE_MAX && !text_is_blank(list[i].text));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct arena a;
	const char *line = memchr(bytes, '\n', len);
	size_t text_len = line ? (size_t)(line - (const char *)bytes) : len;
	const char *text = text_clean(&a, (const char *)bytes, text_len);
	const char *entities =
		line ? arena_strn(&a, line + 1, len - text_len - 1) : NULL;
	struct rich r = rich_read(&a, text, entities), under;

	check(&a, &r);
	under = rich_under(&a, "💬 Анна:\n", &r);
	check(&a, &under);
	FUZZ_CHECK(under.n == r.n);
	split(&a, &r, true);
	split(&a, &under, false);
	arena_reset(&a);
	return 0;
}
