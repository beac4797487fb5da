/*
 * mask.h - addresses as a log may hold them.
 */
#ifndef BASE_MASK_H
#define BASE_MASK_H

#include "base/arena.h"

/* "https://host/bot123:***": for logs.  Masks /bot<token>/, webhook secrets,
 * passwords and query strings; takes any text and a bare path, too. */
const char *url_masked(struct arena *a, const char *url);

#endif
