/*
 * problems.c - all that is wrong with an input, field by field.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/problems.h"

static void add(struct problems *p, const char *field, const char *text,
		const char *said)
{
	if (p->n == PROBLEMS_MAX)
		return;
	p->list[p->n++] = (struct problem){
		.field = arena_printf(p->a, "%s%s", p->prefix ? p->prefix : "",
				      field),
		.text = text_clean(p->a, text, strlen(text)),
		.said = text_clean(p->a, said, strlen(said)),
	};
}

void problems_add(struct problems *p, const char *field, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX], said[ERR_SAID_MAX];
	va_list ap;

	va_start(ap, fmt);
	err_write(text, said, fmt, ap);
	va_end(ap);
	add(p, field, text, said);
}

void problems_add_err(struct problems *p, const char *field,
		      const struct err *err)
{
	add(p, field, err->text, err->said);
}

bool problems_none(const struct problems *p, struct err *err)
{
	if (p->n == 0)
		return true;
	err_field(err, p->list[0].field, "%s", p->list[0].text);
	snprintf(err->said, sizeof(err->said), "%s", p->list[0].said);
	return false;
}

void problems_check_text(struct problems *p, const char *field, const char *s,
			 size_t min, size_t max)
{
	size_t len = text_points(s);

	if (min > 0 && text_is_blank(s))
		problems_add(p, field, "must not be empty");
	else if (len < min || len > max)
		problems_add(p, field, "must have from %zu to %zu characters",
			     min, max);
}

void problems_check_email(struct problems *p, const char *field, const char *s)
{
	const char *at = strchr(s, '@');

	if (!at || at == s || !at[1] || strchr(at + 1, '@') ||
	    strpbrk(s, " \t\r\n<>,;\"") || text_points(s) > EMAIL_MAX)
		problems_add(p, field, "must be an e-mail address");
}

void problems_check_word(struct problems *p, const char *field, const char *s,
			 const char *const *words)
{
	const char *all = words[0];

	for (size_t i = 0; words[i]; i++) {
		if (strcmp(s, words[i]) == 0)
			return;
		if (i > 0)
			all = arena_printf(p->a, "%s, %s", all, words[i]);
	}
	problems_add(p, field, "must be one of: %s", all);
}
