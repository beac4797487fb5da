/*
 * form.h - queries, urlencoded bodies and multipart bodies as fields.
 *
 * Everything lives in the arena given; values are NUL-terminated but may hold
 * NULs of their own, so `len` counts.
 */
#ifndef SANDBOX_FORM_H
#define SANDBOX_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct field {
	const char *name;
	const char *value;
	size_t len;
	const char *filename; /* NULL: no file */
	const char *mime;     /* the part's Content-Type, or NULL */
};

struct form {
	struct field *fields;
	size_t n, size;
};

/* Decodes %XX (and '+' when asked); a broken escape stays as it is. */
char *url_decode(struct arena *a, const char *s, size_t len, bool plus,
		 size_t *out_len);

void form_read_query(struct arena *a, const char *s, size_t len,
		     struct form *f);
/* False: not a multipart body. */
bool form_read_multipart(struct arena *a, const char *content_type,
			 const char *s, size_t len, struct form *f);

/* The first of that name; NULL when there is none. */
const struct field *form_find(const struct form *f, const char *name);
const char *form_value(const struct form *f, const char *name, const char *def);

#endif
