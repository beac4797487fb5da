/*
 * image_size.c - how large a picture is, by its file's head.
 */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "core/image_size.h"

/* What is left of the head. */
struct head {
	const unsigned char *s;
	size_t len;
};

static unsigned big(const unsigned char *s, int bytes)
{
	unsigned n = 0;

	while (bytes--)
		n = n << 8 | *s++;
	return n;
}

static unsigned little(const unsigned char *s, int bytes)
{
	unsigned n = 0;

	while (bytes--)
		n = n << 8 | s[bytes];
	return n;
}

static bool is_at(const struct head *h, size_t at, const char *magic)
{
	size_t len = strlen(magic);

	return h->len >= at + len && memcmp(h->s + at, magic, len) == 0;
}

static bool answer(unsigned w, unsigned h, int *width, int *height)
{
	if (w == 0 || h == 0 || w > INT32_MAX || h > INT32_MAX)
		return false;
	*width = (int)w;
	*height = (int)h;
	return true;
}

static bool read_png(const struct head *h, int *width, int *height)
{
	return h->len >= 24 && is_at(h, 12, "IHDR") &&
	       answer(big(h->s + 16, 4), big(h->s + 20, 4), width, height);
}

static bool read_gif(const struct head *h, int *width, int *height)
{
	return h->len >= 10 &&
	       answer(little(h->s + 6, 2), little(h->s + 8, 2), width, height);
}

/* SOF0 to SOF15 hold the size; DHT, JPG and DAC lie among their numbers. */
static bool is_frame(unsigned marker)
{
	return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 &&
	       marker != 0xc8 && marker != 0xcc;
}

static bool read_jpeg(const struct head *h, int *width, int *height)
{
	size_t at = 2;

	while (at + 9 <= h->len && h->s[at] == 0xff) {
		unsigned marker = h->s[at + 1];

		if (is_frame(marker))
			return answer(big(h->s + at + 7, 2),
				      big(h->s + at + 5, 2), width, height);
		/* A marker may be padded; others come with their length. */
		at += marker == 0xff ? 1 : 2 + big(h->s + at + 2, 2);
	}
	return false;
}

static bool read_webp(const struct head *h, int *width, int *height)
{
	const unsigned char *s = h->s;

	if (h->len < 30)
		return false;
	if (is_at(h, 12, "VP8X"))
		return answer(1 + little(s + 24, 3), 1 + little(s + 27, 3),
			      width, height);
	if (is_at(h, 12, "VP8 "))
		return answer(little(s + 26, 2) & 0x3fff,
			      little(s + 28, 2) & 0x3fff, width, height);
	if (is_at(h, 12, "VP8L") && s[20] == 0x2f)
		return answer(1 + (little(s + 21, 4) & 0x3fff),
			      1 + (little(s + 21, 4) >> 14 & 0x3fff), width,
			      height);
	return false;
}

bool image_size(const char *bytes, size_t len, int *width, int *height)
{
	struct head h = { (const unsigned char *)bytes, len };

	if (is_at(&h, 0, "\x89PNG\r\n\x1a\n"))
		return read_png(&h, width, height);
	if (is_at(&h, 0, "GIF87a") || is_at(&h, 0, "GIF89a"))
		return read_gif(&h, width, height);
	if (is_at(&h, 0, "\xff\xd8\xff"))
		return read_jpeg(&h, width, height);
	if (is_at(&h, 0, "RIFF") && is_at(&h, 8, "WEBP"))
		return read_webp(&h, width, height);
	return false;
}
