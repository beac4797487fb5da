/*
 * err.c - one failure: a kind for the code, a message for people.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"

static const char *(*translator)(const char *fmt);

void err_set_translator(const char *(*translate)(const char *fmt))
{
	translator = translate;
}

const char *err_translated(const char *fmt)
{
	return translator ? translator(fmt) : NULL;
}

const char *err_said(const struct err *err)
{
	return *err->said ? err->said : err->text;
}

/* vsnprintf() cuts bytes; people read characters. */
static void drop_half_char(char *s)
{
	size_t len = strlen(s), i = len;
	int need;

	while (i > 0 && ((unsigned char)s[i - 1] & 0xc0) == 0x80)
		i--;
	if (i == 0)
		return;
	need = (unsigned char)s[i - 1] >= 0xf0   ? 4
	       : (unsigned char)s[i - 1] >= 0xe0 ? 3
	       : (unsigned char)s[i - 1] >= 0xc0 ? 2
						 : 1;
	if (len - (i - 1) < (size_t)need)
		s[i - 1] = '\0';
}

void err_write(char text[ERR_TEXT_MAX], char said[ERR_SAID_MAX],
	       const char *fmt, va_list ap)
{
	va_list again;

	said[0] = '\0';
	va_copy(again, ap);
	if (vsnprintf(text, ERR_TEXT_MAX, fmt, ap) >= ERR_TEXT_MAX)
		drop_half_char(text);
	if (err_translated(fmt) &&
	    vsnprintf(said, ERR_SAID_MAX, err_translated(fmt), again) >=
		    ERR_SAID_MAX)
		drop_half_char(said);
	va_end(again);
}

static bool set_text(struct err *err, enum err_kind kind, const char *fmt,
		     va_list ap) PRINTF_LIKE(3, 0);

static bool set_text(struct err *err, enum err_kind kind, const char *fmt,
		     va_list ap)
{
	char text[ERR_TEXT_MAX], said[ERR_SAID_MAX];

	/* Built aside: an argument may be err->text itself. */
	err_write(text, said, fmt, ap);
	err->kind = kind;
	err->retry_s = 0;
	err->field[0] = '\0';
	memcpy(err->text, text, sizeof(text));
	memcpy(err->said, said, sizeof(said));
	return false;
}

bool err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_text(err, kind, fmt, ap);
	va_end(ap);
	return false;
}

bool err_field(struct err *err, const char *field, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_text(err, ERR_INPUT, fmt, ap);
	va_end(ap);
	snprintf(err->field, sizeof(err->field), "%s", field);
	return false;
}

const char *err_kind_name(enum err_kind kind)
{
	static const char *const names[] = {
		[ERR_NONE] = "none",       [ERR_INPUT] = "input",
		[ERR_AUTH] = "auth",       [ERR_DENIED] = "denied",
		[ERR_MISSING] = "missing", [ERR_CONFLICT] = "conflict",
		[ERR_LIMIT] = "limit",     [ERR_DOWN] = "down",
		[ERR_UNSURE] = "unsure",
	};

	return (size_t)kind < ARRAY_LEN(names) ? names[kind] : "unknown";
}

void die(const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_error("process.failed", lf_str("reason", text));
	exit(1);
}

void bug_at(const char *file, int line, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_error("process.bug", lf_str("file", file), lf_int("line", line),
		  lf_str("reason", text));
	abort();
}
