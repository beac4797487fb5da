/*
 * fuzz_image_size.c - any bytes as a picture's head: no size, or a sensible
 * one.
 */
#include "config.h"

#include "core/image_size.h"
#include "harness/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	int width = 0, height = 0;

	if (image_size((const char *)bytes, len, &width, &height))
		FUZZ_CHECK(width > 0 && height > 0);
	else
		FUZZ_CHECK(width == 0 && height == 0);
	return 0;
}
