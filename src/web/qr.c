/*
 * qr.c - a QR code as an SVG image (libqrencode).
 */
#include "config.h"

#include <string.h>

#include <qrencode.h>

#include "base/buf.h"
#include "base/err.h"
#include "web/qr.h"

#define QUIET 4 /* modules on each side, as the standard asks */

/* The largest code, of 177 modules a side, in runs of at least two. */
#define SVG_MAX (512 * 1024)

static void qr_free(void *code)
{
	QRcode_free(code);
}

static bool is_dark(const QRcode *code, int x, int y)
{
	return x < code->width && code->data[y * code->width + x] & 1;
}

/* One line along the middle of each run of dark modules in a row. */
static void add_runs(struct buf *b, const QRcode *code, int y)
{
	for (int x = 0; x < code->width; x++) {
		int begin = x;

		while (is_dark(code, x, y))
			x++;
		if (x > begin)
			buf_addf(b, "M%d %d.5h%d", begin + QUIET, y + QUIET,
				 x - begin);
	}
}

const char *qr_svg(struct arena *a, const char *text)
{
	size_t len = strlen(text);
	QRcode *code = len > QR_TEXT_MAX
			       ? NULL
			       : QRcode_encodeData((int)len,
						   (const unsigned char *)text,
						   0, QR_ECLEVEL_M);
	struct buf b;
	int side;

	if (!code)
		bug("qr_svg: %zu bytes do not fit", len);
	arena_defer(a, qr_free, code);
	side = code->width + 2 * QUIET;
	buf_init(&b, a, SVG_MAX);
	buf_addf(&b,
		 "<svg xmlns=\"http://www.w3.org/2000/svg\""
		 " viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\">"
		 "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>"
		 "<path stroke=\"#000\" d=\"",
		 side, side, side, side);
	for (int y = 0; y < code->width; y++)
		add_runs(&b, code, y);
	buf_add_str(&b, "\"/></svg>\n");
	return b.s;
}
