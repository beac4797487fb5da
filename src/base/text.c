/*
 * text.c - UTF-8 from strangers, and lengths as Telegram counts them.
 */
#include "config.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* Bytes of the character at s, 0 when it is not valid UTF-8 (RFC 3629: no
 * overlong form, no surrogate, nothing above U+10FFFF). */
static size_t char_len(const char *s, size_t len)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t need;

	if (u[0] < 0x80)
		return 1;
	if (u[0] >= 0xc2 && u[0] <= 0xdf)
		need = 2;
	else if (u[0] >= 0xe0 && u[0] <= 0xef)
		need = 3;
	else if (u[0] >= 0xf0 && u[0] <= 0xf4)
		need = 4;
	else
		return 0;
	if (len < need)
		return 0;
	for (size_t i = 1; i < need; i++)
		if ((u[i] & 0xc0) != 0x80)
			return 0;
	if ((u[0] == 0xe0 && u[1] < 0xa0) || (u[0] == 0xed && u[1] > 0x9f) ||
	    (u[0] == 0xf0 && u[1] < 0x90) || (u[0] == 0xf4 && u[1] > 0x8f))
		return 0;
	return need;
}

bool text_is_utf8(const char *s, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		n = char_len(s + i, len - i);
		if (n == 0)
			return false;
	}
	return true;
}

char *text_clean(struct arena *a, const char *s, size_t len)
{
	struct buf b;
	size_t n;

	buf_init(&b, a, len > SIZE_MAX / 4 ? SIZE_MAX - 1 : len * 3);
	for (size_t i = 0; i < len; i += n) {
		n = char_len(s + i, len - i);
		if (n == 0 || s[i] == '\0') {
			buf_add_str(&b, REPLACEMENT);
			n = 1;
		} else {
			buf_add(&b, s + i, n);
		}
	}
	return b.s;
}

/* In valid UTF-8 the lead byte alone tells. */
static size_t lead_len(char c)
{
	unsigned char u = (unsigned char)c;

	return u < 0xc0 ? 1 : u < 0xe0 ? 2 : u < 0xf0 ? 3 : 4;
}

size_t text_units(const char *s)
{
	size_t units = 0;

	for (; *s; s++) {
		if (((unsigned char)*s & 0xc0) != 0x80)
			units += lead_len(*s) == 4 ? 2 : 1;
	}
	return units;
}

size_t text_points(const char *s)
{
	size_t points = 0;

	for (; *s; s++)
		points += ((unsigned char)*s & 0xc0) != 0x80;
	return points;
}

/* Bytes of the longest prefix of at most max units or points. */
static size_t prefix_len(const char *s, size_t max, bool by_units)
{
	size_t used = 0, i = 0;

	while (s[i]) {
		size_t n = lead_len(s[i]);
		size_t cost = by_units && n == 4 ? 2 : 1;

		if (used + cost > max)
			break;
		used += cost;
		i += n;
	}
	return i;
}

char *text_cut(struct arena *a, const char *s, size_t max_units)
{
	return arena_strn(a, s, prefix_len(s, max_units, true));
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

size_t text_fit(const char *s, size_t max, bool by_units)
{
	size_t len = prefix_len(s, max, by_units);

	if (!s[len])
		return len;
	if (len == 0)
		return lead_len(s[0]);
	for (size_t i = len; i > len / 2; i--)
		if (is_space(s[i - 1]))
			return i;
	return len;
}

bool text_is_blank(const char *s)
{
	while (is_space(*s))
		s++;
	return *s == '\0';
}

bool text_read_i64(const char *s, long long min, long long max, long long *out)
{
	long long value;
	char *end;

	if ((s[0] < '0' || s[0] > '9') &&
	    !(s[0] == '-' && s[1] >= '0' && s[1] <= '9'))
		return false;
	errno = 0;
	value = strtoll(s, &end, 10);
	if (errno || *end || value < min || value > max)
		return false;
	*out = value;
	return true;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool text_unescape(char *s)
{
	char *out = s, *start = s;

	for (; *s; s++) {
		if (*s == '+') {
			*out++ = ' ';
		} else if (*s == '%') {
			int high = hex_value(s[1]);
			int low = high < 0 ? -1 : hex_value(s[2]);

			if (low < 0 || (high == 0 && low == 0))
				return false;
			*out++ = (char)(high << 4 | low);
			s += 2;
		} else {
			*out++ = *s;
		}
	}
	*out = '\0';
	return text_is_utf8(start, (size_t)(out - start));
}
