/*
 * cursor.h - a place in a list, opaque to callers.
 *
 * Two numbers in URL-safe base64: what the list is ordered by, and the id of
 * the item there.  Not signed: whoever makes one up sees what any cursor
 * shows, their own rows from another place on.
 */
#ifndef WEB_CURSOR_H
#define WEB_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

#define CURSOR_MAX 64 /* characters */

const char *cursor_text(struct arena *a, int64_t after, int64_t after_id);

/* False: none of ours.  Both are then left alone. */
bool cursor_read(const char *s, int64_t *after, int64_t *after_id);

#endif
