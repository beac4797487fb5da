/*
 * sticker.h - a still WebP image as a PNG.
 *
 * For services that take no stickers.  The bytes are a stranger's and their
 * decoder has a history: only tuberry-convert calls this, behind its limits
 * (cell.h).
 */
#ifndef CONVERT_STICKER_H
#define CONVERT_STICKER_H

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* Telegram's stickers have 512 kB and 512 pixels a side. */
#define STICKER_BYTES_MAX  (4 * 1024 * 1024)
#define STICKER_PIXELS_MAX (2048 * 2048)
#define STICKER_PNG_MAX    (16 * 1024 * 1024)

/* ERR_INPUT: it is no WebP, moves, has too many pixels, or is broken. */
bool sticker_png(struct arena *a, const char *webp, size_t len, struct buf *png,
		 struct err *err);

#endif
