/*
 * image_size.h - how large a picture is, by its file's head.
 *
 * Nothing is decoded: that would be for tuberry-convert.
 */
#ifndef CORE_IMAGE_SIZE_H
#define CORE_IMAGE_SIZE_H

#include <stdbool.h>
#include <stddef.h>

/* JPEG, PNG, GIF and WebP, of which the first bytes are here.  False: it is
 * none of them, or its size stands further behind. */
bool image_size(const char *bytes, size_t len, int *width, int *height);

#endif
