/*
 * qr.h - a QR code as an SVG image (libqrencode).
 *
 * Black on white whatever the page's colours, with the quiet zone that readers
 * need; attributes only, so that no Content-Security-Policy objects.
 */
#ifndef WEB_QR_H
#define WEB_QR_H

#include "base/arena.h"

/* Bytes that surely fit, at the error correction that we use. */
#define QR_TEXT_MAX 2331

/* A unit of the image is a module of the code. */
const char *qr_svg(struct arena *a, const char *text);

#endif
