/*
 * fuzz_sticker.c - any bytes as a sticker: a PNG or a reason, and nothing
 * else.
 */
#include "config.h"

#include <string.h>

#include "convert/sticker.h"
#include "harness/fuzz.h"

#define SIGNATURE "\x89PNG\r\n\x1a\n"
#define TRAILER   "IEND\xae\x42\x60\x82"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct arena a;
	struct err err = { 0 };
	struct buf png;

	if (sticker_png(&a, (const char *)bytes, len, &png, &err)) {
		FUZZ_CHECK(png.len > 16);
		FUZZ_CHECK(memcmp(png.s, SIGNATURE, 8) == 0);
		FUZZ_CHECK(memcmp(png.s + png.len - 8, TRAILER, 8) == 0);
	} else {
		FUZZ_CHECK(err.kind == ERR_INPUT && *err.text);
	}
	arena_release(&a);
	return 0;
}
