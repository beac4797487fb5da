/*
 * text.h - UTF-8 from strangers, and lengths as Telegram counts them.
 *
 * Telegram counts text in UTF-16 code units (telegram.md names them "units"
 * here); PostgreSQL refuses invalid UTF-8 and U+0000.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* Valid UTF-8 without surrogates; U+0000 counts as valid here. */
bool text_is_utf8(const char *s, size_t len);

/* A copy in which each invalid byte and each U+0000 became U+FFFD. */
char *text_clean(struct arena *a, const char *s, size_t len);

/* Length of valid UTF-8 in UTF-16 units, and in code points. */
size_t text_units(const char *s);
size_t text_points(const char *s);

/* A copy of at most max units, never cutting a character. */
char *text_cut(struct arena *a, const char *s, size_t max_units);

/* The first part of s that fits in max: ends behind the last white space in
 * its second half if there is one, else at the last whole character.  Returns
 * its length in bytes; 0 only for the empty string.  `by_units` counts UTF-16
 * units, else code points. */
size_t text_fit(const char *s, size_t max, bool by_units);

/* No character but white space. */
bool text_is_blank(const char *s);

/* Percent-encoding undone in place, "+" a space.  False: a broken escape,
 * U+0000, or no UTF-8. */
bool text_unescape(char *s);

/* A whole decimal number in [min, max], nothing around it. */
bool text_read_i64(const char *s, long long min, long long max, long long *out);

#endif
