/*
 * problems.h - all that is wrong with an input, field by field.
 *
 * A rule notes every bad field instead of stopping at the first, and asks
 * once at its end.  Messages live in the arena; the list belongs to the
 * caller, who shows it.
 */
#ifndef CORE_PROBLEMS_H
#define CORE_PROBLEMS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/* An answer that names more helps nobody; the rest is dropped. */
#define PROBLEMS_MAX 32

struct problem {
	const char *field, *text;
	const char *said; /* translated, or "" */
};

struct problems {
	struct arena *a;
	const char *prefix; /* in front of each field: "defaults."; or NULL */
	struct problem list[PROBLEMS_MAX];
	size_t n;
};

void problems_add(struct problems *p, const char *field, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/* A failure that concerns this field, with its message. */
void problems_add_err(struct problems *p, const char *field,
		      const struct err *err);

/* True when there are none, else *err is the first. */
bool problems_none(const struct problems *p, struct err *err);

/* From min to max characters; with min > 0 more than white space. */
void problems_check_text(struct problems *p, const char *field, const char *s,
			 size_t min, size_t max);

/* What a mail server would take is for it to say; this keeps out what is no
 * address at all. */
#define EMAIL_MAX 254 /* characters */
void problems_check_email(struct problems *p, const char *field, const char *s);

/* One of the words; the list ends with NULL. */
void problems_check_word(struct problems *p, const char *field, const char *s,
			 const char *const *words);

#endif
