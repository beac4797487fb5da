/*
 * form.c - queries, urlencoded bodies and multipart bodies as fields.
 */
#include "config.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "sandbox/form.h"

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *url_decode(struct arena *a, const char *s, size_t len, bool plus,
		 size_t *out_len)
{
	char *out = arena_alloc(a, len + 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (s[i] == '%' && i + 2 < len && hex(s[i + 1]) >= 0 &&
		    hex(s[i + 2]) >= 0) {
			out[n++] = (char)(hex(s[i + 1]) * 16 + hex(s[i + 2]));
			i += 2;
		} else {
			out[n++] = plus && s[i] == '+' ? ' ' : s[i];
		}
	}
	if (out_len)
		*out_len = n;
	return out;
}

static struct field *add(struct arena *a, struct form *f)
{
	if (f->n == f->size) {
		size_t size = f->size ? f->size * 2 : 8;
		struct field *fields =
			arena_array(a, size, sizeof(struct field));

		if (f->n)
			memcpy(fields, f->fields, f->n * sizeof(*fields));
		f->fields = fields;
		f->size = size;
	}
	return &f->fields[f->n++];
}

void form_read_query(struct arena *a, const char *s, size_t len, struct form *f)
{
	const char *end = s + len;

	while (s < end) {
		const char *amp = memchr(s, '&', (size_t)(end - s));
		const char *stop = amp ? amp : end;
		const char *eq = memchr(s, '=', (size_t)(stop - s));
		const char *name_end = eq ? eq : stop;

		if (stop > s) {
			struct field *field = add(a, f);

			field->name = url_decode(a, s, (size_t)(name_end - s),
						 true, NULL);
			if (eq)
				field->value = url_decode(
					a, eq + 1, (size_t)(stop - eq - 1),
					true, &field->len);
			else
				field->value = "";
		}
		s = stop + 1;
	}
}

/* name=value or name="value" inside a header line; NULL when not there. */
static const char *header_param(struct arena *a, const char *line,
				const char *name)
{
	size_t len = strlen(name);
	const char *p = line;

	while ((p = strchr(p, ';'))) {
		const char *end;

		p += 1 + strspn(p + 1, " \t");
		if (strncasecmp(p, name, len) != 0 || p[len] != '=')
			continue;
		p += len + 1;
		if (*p == '"') {
			end = strchr(++p, '"');
			return end ? arena_strn(a, p, (size_t)(end - p)) : NULL;
		}
		return arena_strn(a, p, strcspn(p, "; \t"));
	}
	return NULL;
}

static void part_headers(struct arena *a, char *head, struct field *field)
{
	char *next;

	for (char *line = head; line; line = next) {
		next = strstr(line, "\r\n");
		if (next) {
			*next = '\0';
			next += 2;
		}
		if (strncasecmp(line, "content-disposition:", 20) == 0) {
			field->name = header_param(a, line, "name");
			field->filename = header_param(a, line, "filename");
		} else if (strncasecmp(line, "content-type:", 13) == 0) {
			line += 13 + strspn(line + 13, " \t");
			field->mime = arena_str(a, line);
		}
	}
}

bool form_read_multipart(struct arena *a, const char *content_type,
			 const char *s, size_t len, struct form *f)
{
	const char *boundary = header_param(a, content_type, "boundary");
	const char *end = s + len, *mark;
	size_t mark_len;

	if (!boundary || !*boundary)
		return false;
	mark = arena_printf(a, "\r\n--%s", boundary);
	mark_len = strlen(mark);
	/* The first boundary may stand at the very start. */
	if (len < mark_len - 2 || memcmp(s, mark + 2, mark_len - 2) != 0)
		return false;
	s += mark_len - 2;
	while (end - s >= 2 && memcmp(s, "\r\n", 2) == 0) {
		const char *head = s + 2;
		const char *body = memmem(s, (size_t)(end - s), "\r\n\r\n", 4);
		const char *stop;
		struct field *field;

		if (!body)
			return false;
		body += 4;
		stop = memmem(body - 2, (size_t)(end - body + 2), mark,
			      mark_len);
		if (!stop)
			return false;
		field = add(a, f);
		if (body - 4 > head)
			part_headers(
				a,
				arena_strn(a, head, (size_t)(body - 4 - head)),
				field);
		if (!field->name)
			return false;
		field->len = stop > body ? (size_t)(stop - body) : 0;
		field->value = arena_strn(a, body, field->len);
		s = stop + mark_len;
	}
	return end - s >= 2 && memcmp(s, "--", 2) == 0;
}

const struct field *form_find(const struct form *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++) {
		if (strcmp(f->fields[i].name, name) == 0)
			return &f->fields[i];
	}
	return NULL;
}

const char *form_value(const struct form *f, const char *name, const char *def)
{
	const struct field *field = form_find(f, name);

	return field ? field->value : def;
}
