/*
 * sticker.c - a still WebP image as a PNG (over libwebp and libpng).
 */
#include "config.h"

#include <setjmp.h>
#include <stdint.h>

#include <png.h>
#include <webp/decode.h>

#include "convert/sticker.h"

#define BYTES_PER_PIXEL 4

struct image {
	int width, height;
	uint8_t *pixels; /* red, green, blue, alpha */
};

static size_t row_bytes(const struct image *im)
{
	return (size_t)im->width * BYTES_PER_PIXEL;
}

/* Its head tells the size before anything is allocated for it. */
static bool measure(const char *webp, size_t len, struct image *im,
		    struct err *err)
{
	WebPBitstreamFeatures f;

	if (WebPGetFeatures((const uint8_t *)webp, len, &f) != VP8_STATUS_OK)
		return err_set(err, ERR_INPUT, "it is no WebP image");
	if (f.has_animation)
		return err_set(err, ERR_INPUT, "it moves");
	if (f.width <= 0 || f.height <= 0 ||
	    f.width > STICKER_PIXELS_MAX / f.height)
		return err_set(err, ERR_INPUT, "it has %d by %d pixels",
			       f.width, f.height);
	im->width = f.width;
	im->height = f.height;
	return true;
}

static bool decode(struct arena *a, const char *webp, size_t len,
		   struct image *im, struct err *err)
{
	size_t size;

	if (!measure(webp, len, im, err))
		return false;
	size = row_bytes(im) * (size_t)im->height;
	im->pixels = arena_alloc(a, size);
	if (!WebPDecodeRGBAInto((const uint8_t *)webp, len, im->pixels, size,
				(int)row_bytes(im)))
		return err_set(err, ERR_INPUT, "it is broken");
	return true;
}

static void put(png_structp png, png_bytep bytes, size_t len)
{
	buf_add(png_get_io_ptr(png), (const char *)bytes, len);
}

static void flush(png_structp png UNUSED)
{
}

/* What libpng has to say is for nobody: setjmp() tells that it failed. */
static void failed(png_structp png, png_const_charp text UNUSED)
{
	png_longjmp(png, 1);
}

static void warned(png_structp png UNUSED, png_const_charp text UNUSED)
{
}

static bool encode(const struct image *im, struct buf *out, struct err *err)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL,
						  failed, warned);
	png_infop info = png ? png_create_info_struct(png) : NULL;

	if (!info || setjmp(png_jmpbuf(png))) {
		png_destroy_write_struct(&png, &info);
		return err_set(err, ERR_DOWN, "libpng has failed");
	}
	png_set_write_fn(png, out, put, flush);
	png_set_IHDR(png, info, (png_uint_32)im->width, (png_uint_32)im->height,
		     8, PNG_COLOR_TYPE_RGB_ALPHA, PNG_INTERLACE_NONE,
		     PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_write_info(png, info);
	for (int y = 0; y < im->height; y++)
		png_write_row(png, im->pixels + (size_t)y * row_bytes(im));
	png_write_end(png, info);
	png_destroy_write_struct(&png, &info);
	return true;
}

bool sticker_png(struct arena *a, const char *webp, size_t len, struct buf *png,
		 struct err *err)
{
	struct image im = { 0 };

	buf_init(png, a, STICKER_PNG_MAX);
	if (!decode(a, webp, len, &im, err) || !encode(&im, png, err))
		return false;
	return !png->overflow ||
	       err_set(err, ERR_INPUT, "its PNG has more than %d bytes",
		       STICKER_PNG_MAX);
}
