/*
 * test_image_size.c - how large a picture is, by its head.
 */
#include "config.h"

#include "core/image_size.h"
#include "harness/unit.h"

static int width, height;

static bool measure(const char *bytes, size_t len)
{
	width = height = -1;
	return image_size(bytes, len, &width, &height);
}

static void assert_size(const char *path, int w, int h)
{
	size_t len;
	const char *bytes = unit_file(path, &len);

	CU_ASSERT_TRUE(measure(bytes, len));
	UNIT_ASSERT_INT(width, w);
	UNIT_ASSERT_INT(height, h);
	/* However it is cut, nothing behind its end is read. */
	for (size_t i = 0; i < len && i < 2000; i++) {
		char *cut = arena_alloc(&unit_arena, i);

		memcpy(cut, bytes, i);
		measure(cut, i);
	}
}

static void webp_of_each_kind_is_measured(void)
{
	assert_size("fuzz/corpus/sticker/still.webp", 16, 12);
	assert_size("fuzz/corpus/sticker/lossy.webp", 16, 12);
	assert_size("fuzz/corpus/sticker/opaque.webp", 2, 2);
	assert_size("fuzz/corpus/sticker/moving.webp", 16, 12);
}

static void png_and_gif_are_measured(void)
{
	CU_ASSERT_TRUE(
		measure("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\0\7", 24));
	UNIT_ASSERT_INT(width, 256);
	UNIT_ASSERT_INT(height, 7);
	CU_ASSERT_TRUE(measure("GIF89a\x01\x02\x03\x00", 10));
	UNIT_ASSERT_INT(width, 513);
	UNIT_ASSERT_INT(height, 3);
}

static void jpeg_is_measured_behind_its_other_segments(void)
{
	static const char jpeg[] = "\xff\xd8\xff\xe0\0\10"
				   "JFIF\0\1"
				   "\xff\xc4\0\4xy\xff\xff"
				   "\xff\xc2\0\13\10\0\x10\0\x20\3";

	CU_ASSERT_TRUE(measure(jpeg, sizeof(jpeg) - 1));
	UNIT_ASSERT_INT(width, 32);
	UNIT_ASSERT_INT(height, 16);
}

static void what_is_no_picture_or_has_no_size_is_told(void)
{
	CU_ASSERT_FALSE(measure("", 0));
	CU_ASSERT_FALSE(measure("hello, world, this is a text", 28));
	CU_ASSERT_FALSE(measure("GIF89a\0\0\0\0", 10));
	CU_ASSERT_FALSE(measure("\xff\xd8\xff\xe0\0\0\0\0\0\0\0", 11));
	CU_ASSERT_FALSE(measure("RIFF....WEBPVP8L....\x2f", 21));
	CU_ASSERT_FALSE(measure(
		"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff\xff\0\0\0\7", 24));
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(webp_of_each_kind_is_measured),
		UNIT_TEST(png_and_gif_are_measured),
		UNIT_TEST(jpeg_is_measured_behind_its_other_segments),
		UNIT_TEST(what_is_no_picture_or_has_no_size_is_told),
	};

	return unit_main("image_size", tests, ARRAY_LEN(tests), argc, argv);
}
