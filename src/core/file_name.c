/*
 * file_name.c - names that strangers gave to files.
 */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "core/file_name.h"

#define EXTENSION_MAX 16 /* bytes, its dot included */

/* No letters of any script: they are not seen, or turn what is. */
static const struct {
	uint32_t first, last;
} unseen[] = {
	{ 0x0000, 0x001f }, { 0x007f, 0x009f },   { 0x00ad, 0x00ad },
	{ 0x061c, 0x061c }, { 0x180e, 0x180e },   { 0x200b, 0x200f },
	{ 0x2028, 0x202e }, { 0x2060, 0x206f },   { 0xfeff, 0xfeff },
	{ 0xfff9, 0xfffb }, { 0xe0000, 0xe007f },
};

/* The character at *s, which moves behind it. */
static uint32_t next_point(const char **s)
{
	const unsigned char *u = (const unsigned char *)*s;
	int more = u[0] < 0xc0 ? 0 : u[0] < 0xe0 ? 1 : u[0] < 0xf0 ? 2 : 3;
	uint32_t point = more ? u[0] & (0x3f >> more) : u[0];

	for (int i = 1; i <= more; i++)
		point = point << 6 | (u[i] & 0x3f);
	*s += more + 1;
	return point;
}

static bool may_stay(uint32_t point)
{
	for (size_t i = 0; i < ARRAY_LEN(unseen); i++)
		if (point >= unseen[i].first && point <= unseen[i].last)
			return false;
	return point > 0x7f || !strchr(":*?\"<>|", (int)point);
}

static const char *base_name(const char *s)
{
	for (const char *p = s; *p; p++)
		if (*p == '/' || *p == '\\')
			s = p + 1;
	return s;
}

/* The last whole character that begins within so many bytes ends there. */
static size_t whole(const char *s, size_t max)
{
	while (max && ((unsigned char)s[max] & 0xc0) == 0x80)
		max--;
	return max;
}

static char *trim(char *s)
{
	size_t len;

	s += strspn(s, " .");
	for (len = strlen(s); len && strchr(" .", s[len - 1]); len--)
		s[len - 1] = '\0';
	return s;
}

static const char *cut(struct arena *a, const char *s)
{
	const char *dot = strrchr(s, '.');
	size_t tail = dot ? strlen(dot) : 0;

	if (strlen(s) <= FILE_NAME_MAX)
		return s;
	if (tail > EXTENSION_MAX)
		tail = 0;
	/* A name that is cut at a space ends in front of it. */
	return trim(arena_printf(a, "%.*s%s",
				 (int)whole(s, FILE_NAME_MAX - tail), s,
				 tail ? dot : ""));
}

const char *file_name_clean(struct arena *a, const char *name)
{
	const char *s = base_name(name), *from = s;
	struct buf b;

	buf_init(&b, a, strlen(s));
	while (*s) {
		if (may_stay(next_point(&s)))
			buf_add(&b, from, (size_t)(s - from));
		from = s;
	}
	return cut(a, trim(b.s));
}

const char *file_name_disposition(struct arena *a, const char *name,
				  bool is_inline)
{
	const char *clean = file_name_clean(a, name);
	struct buf b;
	bool plain = true;

	buf_init(&b, a, 8 * FILE_NAME_MAX);
	buf_add_str(&b, is_inline ? "inline" : "attachment");
	if (!*clean)
		return b.s;
	buf_add_str(&b, "; filename=\"");
	for (const char *s = clean; *s;) {
		uint32_t point = next_point(&s);
		/* Some readers undo percent-encoding even here. */
		bool fits = point < 0x7f && point != '%';

		buf_add_char(&b, fits ? (char)point : '_');
		plain &= fits;
	}
	buf_add_char(&b, '"');
	if (!plain) {
		buf_add_str(&b, "; filename*=UTF-8''");
		buf_add_url(&b, clean);
	}
	return b.s;
}
