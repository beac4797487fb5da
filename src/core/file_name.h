/*
 * file_name.h - names that strangers gave to files.
 *
 * They are shown to people and offered by browsers as a name to save under.
 */
#ifndef CORE_FILE_NAME_H
#define CORE_FILE_NAME_H

#include <stdbool.h>

#include "base/arena.h"

/* Bytes: what file systems take, and 120 letters in Cyrillic. */
#define FILE_NAME_MAX 240

/*
 * Nothing of a path, no control characters, none that turn the direction of
 * the text or cannot be seen, none that a file system refuses, no dots or
 * white space at either end; a long one is cut in front of its extension.
 * `name` is UTF-8.  "" when nothing is left.
 */
const char *file_name_clean(struct arena *a, const char *name);

/*
 * Content-Disposition for that name (RFC 6266): quoted ASCII for old readers
 * and, where that is not all of it, filename* in UTF-8 (RFC 8187).
 */
const char *file_name_disposition(struct arena *a, const char *name,
				  bool is_inline);

#endif
