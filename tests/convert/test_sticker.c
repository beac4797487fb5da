/*
 * test_sticker.c - a still sticker becomes a PNG, whatever else is refused.
 */
#include "config.h"

#include <png.h>

#include "convert/sticker.h"
#include "harness/unit.h"

/* A sticker of the corpus: 16 by 12, its left half red, the upper right
 * quarter clear, the lower one half clear blue. */
static bool convert(const char *name, struct buf *png, struct err *err)
{
	size_t len;
	const char *webp = unit_file(
		arena_printf(&unit_arena, "fuzz/corpus/sticker/%s", name),
		&len);

	*err = (struct err){ 0 };
	return sticker_png(&unit_arena, webp, len, png, err);
}

static const unsigned char *decode(const struct buf *b, png_image *im)
{
	unsigned char *pixels;

	*im = (png_image){ .version = PNG_IMAGE_VERSION };
	if (!png_image_begin_read_from_memory(im, b->s, b->len))
		return NULL;
	im->format = PNG_FORMAT_RGBA;
	pixels = arena_alloc(&unit_arena, PNG_IMAGE_SIZE(*im));
	return png_image_finish_read(im, NULL, pixels, 0, NULL) ? pixels : NULL;
}

static void assert_pixel(const unsigned char *pixels, size_t at,
			 const char *rgba)
{
	const unsigned char *p = pixels + at * 4;

	UNIT_ASSERT_STR(arena_printf(&unit_arena, "%02x%02x%02x%02x", p[0],
				     p[1], p[2], p[3]),
			rgba);
}

static void still_sticker_keeps_its_colours_and_what_is_clear(void)
{
	const unsigned char *pixels;
	struct buf png;
	struct err err;
	png_image im;

	CU_ASSERT_TRUE_FATAL(convert("still.webp", &png, &err));
	pixels = decode(&png, &im);
	CU_ASSERT_PTR_NOT_NULL_FATAL(pixels);
	UNIT_ASSERT_INT(im.width, 16);
	UNIT_ASSERT_INT(im.height, 12);
	assert_pixel(pixels, 0, "ff0000ff");
	assert_pixel(pixels, 15, "0000ff00");
	assert_pixel(pixels, 11 * 16 + 15, "0000ff80");
}

static void lossy_and_opaque_ones_are_read_as_well(void)
{
	struct buf png;
	struct err err;
	png_image im;

	CU_ASSERT_TRUE(convert("lossy.webp", &png, &err));
	CU_ASSERT_PTR_NOT_NULL(decode(&png, &im));
	CU_ASSERT_TRUE(convert("opaque.webp", &png, &err));
	CU_ASSERT_PTR_NOT_NULL(decode(&png, &im));
}

static void assert_refused(const char *name, const char *reason)
{
	struct buf png;
	struct err err;

	CU_ASSERT_FALSE(convert(name, &png, &err));
	CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
	UNIT_ASSERT_STR(err.text, reason);
}

static void moving_one_is_refused(void)
{
	assert_refused("moving.webp", "it moves");
}

static void broken_ones_are_refused(void)
{
	assert_refused("cut.webp", "it is broken");
	assert_refused("scrambled.webp", "it is broken");
}

static void huge_one_is_refused_before_memory_is_taken(void)
{
	assert_refused("huge.webp", "it has 16384 by 16384 pixels");
}

static void what_is_no_webp_is_refused(void)
{
	struct err err = { 0 };
	struct buf png;

	CU_ASSERT_FALSE(sticker_png(&unit_arena, "", 0, &png, &err));
	CU_ASSERT_FALSE(sticker_png(&unit_arena, "GIF89a", 6, &png, &err));
	UNIT_ASSERT_STR(err.text, "it is no WebP image");
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(still_sticker_keeps_its_colours_and_what_is_clear),
		UNIT_TEST(lossy_and_opaque_ones_are_read_as_well),
		UNIT_TEST(moving_one_is_refused),
		UNIT_TEST(broken_ones_are_refused),
		UNIT_TEST(huge_one_is_refused_before_memory_is_taken),
		UNIT_TEST(what_is_no_webp_is_refused),
	};

	return unit_main("sticker", tests, ARRAY_LEN(tests), argc, argv);
}
