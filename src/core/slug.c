/*
 * slug.c - a name as it stands in addresses.
 */
#include "config.h"

#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "core/slug.h"

#define FALLBACK "project"

/* Room behind a base for "-123456". */
#define NUMBER_MAX 7

/* From U+0430 (а) to U+044F (я). */
static const char *const cyrillic[] = {
	"a",  "b",  "v",  "g",    "d", "e", "zh", "z", "i",  "y",  "k",
	"l",  "m",  "n",  "o",    "p", "r", "s",  "t", "u",  "f",  "kh",
	"ts", "ch", "sh", "shch", "",  "y", "",   "e", "yu", "ya",
};

/* One character of UTF-8 in two bytes; 0 for anything else. */
static unsigned two_bytes(const char *s)
{
	unsigned char a = (unsigned char)s[0], b = (unsigned char)s[1];

	if ((a & 0xe0) != 0xc0 || (b & 0xc0) != 0x80)
		return 0;
	return (unsigned)(a & 0x1f) << 6 | (b & 0x3f);
}

/* NULL: no letter that we know. */
static const char *transliterate(unsigned c)
{
	if (c >= 0x0410 && c <= 0x042f)
		c += 0x20; /* А to а */
	if (c >= 0x0430 && c <= 0x044f)
		return cyrillic[c - 0x0430];
	return c == 0x0401 || c == 0x0451 ? "e" : NULL; /* Ё, ё */
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static void add_hyphen(struct buf *b)
{
	if (b->len > 0 && b->s[b->len - 1] != '-')
		buf_add_char(b, '-');
}

const char *slug_of(struct arena *a, const char *name)
{
	struct buf b;
	size_t len;

	buf_init(&b, a, 4 * strlen(name) + 1);
	for (const char *s = name; *s; s++) {
		unsigned c = two_bytes(s);
		const char *latin = c ? transliterate(c) : NULL;
		char low = *s >= 'A' && *s <= 'Z' ? (char)(*s | 0x20) : *s;

		if (latin)
			buf_add_str(&b, latin);
		else if (is_plain(low))
			buf_add_char(&b, low);
		else
			add_hyphen(&b);
		if (c)
			s++;
	}
	len = b.len < SLUG_MAX - NUMBER_MAX ? b.len : SLUG_MAX - NUMBER_MAX;
	while (len > 0 && b.s[len - 1] == '-')
		len--;
	return len ? arena_strn(a, b.s, len) : FALLBACK;
}

bool slug_is_valid(const char *s)
{
	size_t len = strlen(s);

	if (len == 0 || len > SLUG_MAX || s[0] == '-' || s[len - 1] == '-' ||
	    strstr(s, "--"))
		return false;
	for (; *s; s++)
		if (!is_plain(*s) && *s != '-')
			return false;
	return true;
}

static bool is_taken(const char *slug, const char *const *taken, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(slug, taken[i]) == 0)
			return true;
	return false;
}

const char *slug_free(struct arena *a, const char *base,
		      const char *const *taken, size_t n)
{
	const char *slug = base;

	/* Among n + 2 different ones one is free. */
	for (size_t i = 2; is_taken(slug, taken, n); i++)
		slug = arena_printf(a, "%s-%zu", base, i);
	return slug;
}
