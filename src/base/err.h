/*
 * err.h - one failure: a kind for the code, a message for people.
 *
 * What can fail for a reason worth telling returns bool and fills its last
 * argument.  The kind drives the code; the message is safe to show and says
 * what to do next.  All zero is "no error".
 *
 * Messages are English, for the API and the logs.  Whoever reads a page may
 * read them in another language: err_set_translator().
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

enum err_kind {
	ERR_NONE,
	ERR_INPUT,    /* 422 - the request itself is wrong; never retry */
	ERR_AUTH,     /* 401 - we do not know who is asking */
	ERR_DENIED,   /* 403 - we do, and the answer is no */
	ERR_MISSING,  /* 404 */
	ERR_CONFLICT, /* 409 - somebody was faster; reload and decide */
	ERR_LIMIT,    /* 429 - too much; retry after err.retry_s */
	ERR_DOWN,     /* 503 - a dependency is away; retry may help */
	ERR_UNSURE,   /* 504 - it may or may not have happened: look first */
};

#define ERR_FIELD_MAX 64
#define ERR_TEXT_MAX  320
#define ERR_SAID_MAX  (2 * ERR_TEXT_MAX) /* Cyrillic takes two bytes */

/* No pointers inside: an error survives the arena it arose in. */
struct err {
	enum err_kind kind;
	int retry_s; /* with ERR_LIMIT and ERR_DOWN; 0: not told */
	char field[ERR_FIELD_MAX]; /* with ERR_INPUT: the input's name, or "" */
	char text[ERR_TEXT_MAX];
	char said[ERR_SAID_MAX]; /* the same, translated; or "" */
};

/* Fill *err and return false, so that failing is one readable line.  Text
 * that does not fit is cut at a whole UTF-8 character. */
bool err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/* ERR_INPUT that names the field at fault. */
bool err_field(struct err *err, const char *field, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/* For pages: the translation, or the text where there is none. */
const char *err_said(const struct err *err);

/* What err_set() does with its format: both wordings, each cut to fit. */
void err_write(char text[ERR_TEXT_MAX], char said[ERR_SAID_MAX],
	       const char *fmt, va_list ap) PRINTF_LIKE(3, 0);

/* Process-wide: gives another format with the same conversions in the same
 * order, or NULL.  NULL ends the translation. */
void err_set_translator(const char *(*translate)(const char *fmt));

/* What the translator has for a format; NULL: nothing. */
const char *err_translated(const char *fmt) __attribute__((format_arg(1)));

/* Fixed lower-case word for logs and metrics: "input", "unsure", ... */
const char *err_kind_name(enum err_kind kind);

/* A failed start or lack of memory: one line on stderr, exit status 1. */
void die(const char *fmt, ...) PRINTF_LIKE(1, 2) NORETURN;

/* A broken invariant of ours: log it and abort() for a core dump. */
#define bug(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
void bug_at(const char *file, int line, const char *fmt, ...)
	PRINTF_LIKE(3, 4) NORETURN;

#endif
