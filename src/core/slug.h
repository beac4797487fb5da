/*
 * slug.h - a name as it stands in addresses: "Шины на Ленина" becomes
 * "shiny-na-lenina".
 */
#ifndef CORE_SLUG_H
#define CORE_SLUG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

#define SLUG_MAX 64

/* Cyrillic is transliterated; what is left of nothing is "project". */
const char *slug_of(struct arena *a, const char *name);

/* Lower-case letters and digits, single hyphens between them. */
bool slug_is_valid(const char *s);

/* `base`, or the first of base-2, base-3, … that is not among those taken. */
const char *slug_free(struct arena *a, const char *base,
		      const char *const *taken, size_t n);

#endif
