/*
 * parts.c - a multipart/form-data body (RFC 7578) taken apart.
 */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "web/parts.h"

#define BOUNDARY_MAX 70 /* RFC 2046 */
#define HEAD_MAX     2048
#define NAME_MAX_LEN 128
#define FILE_MAX_LEN 255
#define WHITE        " \t"

/* What is left of the body. */
struct rest {
	const char *s;
	size_t len;
};

static bool malformed(struct err *err, const char *what)
{
	return err_set(err, ERR_INPUT, "the form is not well formed: %s", what);
}

static bool is_token_char(char c)
{
	return c > ' ' && c < 0x7f && !strchr("()<>@,;:\\\"/[]?=", c);
}

/*
 * The next "; name=value" or "; name="value"" of a header at *s.  Inside the
 * quotes a backslash is itself, as browsers have it.  False: there is none
 * left (*s is then at the end), or it is malformed.
 */
static bool param_next(struct arena *a, const char **s, const char **name,
		       const char **value)
{
	const char *at = *s + strspn(*s, WHITE), *from;

	if (*at == '\0')
		*s = at;
	if (*at++ != ';')
		return false;
	from = at += strspn(at, WHITE);
	while (is_token_char(*at))
		at++;
	if (at == from || *at != '=')
		return false;
	*name = arena_strn(a, from, (size_t)(at - from));
	from = ++at;
	if (*at == '"') {
		from = ++at;
		at += strcspn(at, "\"");
		if (!*at)
			return false;
		*value = arena_strn(a, from, (size_t)(at++ - from));
	} else {
		while (is_token_char(*at))
			at++;
		*value = arena_strn(a, from, (size_t)(at - from));
	}
	*s = at;
	return true;
}

static bool is_boundary(const char *s)
{
	size_t len = strlen(s);

	return len > 0 && len <= BOUNDARY_MAX && s[len - 1] != ' ' &&
	       strspn(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			 "abcdefghijklmnopqrstuvwxyz'()+_,-./:=? ") == len;
}

/* NULL: there is none, or two. */
static const char *boundary_of(struct arena *a, const char *type)
{
	const char *name, *value, *boundary = NULL;

	type += strcspn(type, ";");
	while (param_next(a, &type, &name, &value)) {
		if (strcasecmp(name, "boundary") != 0)
			continue;
		if (boundary)
			return NULL;
		boundary = value;
	}
	return !*type && boundary && is_boundary(boundary) ? boundary : NULL;
}

/* A name as browsers write it: percent signs for what would end the quotes,
 * and for nothing else. */
static const char *unescape(struct arena *a, const char *s)
{
	char *copy = arena_str(a, s), *out = copy;

	for (; *s; s++) {
		if (strncmp(s, "%22", 3) == 0)
			*out++ = '"';
		else if (strncasecmp(s, "%0D", 3) == 0)
			*out++ = '\r';
		else if (strncasecmp(s, "%0A", 3) == 0)
			*out++ = '\n';
		else {
			*out++ = *s;
			continue;
		}
		s += 2;
	}
	*out = '\0';
	return copy;
}

/* Fit to be shown, logged and compared. */
static bool is_clean(const char *s, size_t max)
{
	size_t len = strlen(s);

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] < ' ' || s[i] == 0x7f)
			return false;
	return len <= max && text_is_utf8(s, len);
}

/* What some senders put in front says how their disks look. */
static const char *base_name(const char *s)
{
	for (const char *p = s; *p; p++)
		if (*p == '/' || *p == '\\')
			s = p + 1;
	return strcmp(s, ".") == 0 || strcmp(s, "..") == 0 ? "" : s;
}

static bool read_disposition(struct arena *a, const char *value,
			     struct http_part *part, struct err *err)
{
	const char *name, *text;

	if (part->name || strncasecmp(value, "form-data", 9) != 0)
		return malformed(err, "a part without Content-Disposition: "
				      "form-data");
	value += 9;
	while (param_next(a, &value, &name, &text)) {
		text = unescape(a, text);
		if (strcasecmp(name, "name") == 0 && !part->name &&
		    is_clean(text, NAME_MAX_LEN))
			part->name = text;
		else if (strcasecmp(name, "filename") == 0 && !part->filename &&
			 is_clean(text, FILE_MAX_LEN))
			part->filename = base_name(text);
		else
			return malformed(err, "a part's name cannot be read");
	}
	if (*value || !part->name || !*part->name)
		return malformed(err, "a part's name cannot be read");
	return true;
}

static bool read_header(struct arena *a, char *line, struct http_part *part,
			struct err *err)
{
	char *value = strchr(line, ':');
	size_t len;

	if (!value || value == line)
		return malformed(err, "a part's header has no name");
	*value++ = '\0';
	value += strspn(value, WHITE);
	for (len = strlen(value); len && strchr(WHITE, value[len - 1]); len--)
		value[len - 1] = '\0';
	if (strcasecmp(line, "Content-Disposition") == 0)
		return read_disposition(a, value, part, err);
	if (strcasecmp(line, "Content-Type") == 0) {
		if (part->mime || !is_clean(value, FILE_MAX_LEN))
			return malformed(err, "a part's type cannot be read");
		part->mime = value;
	}
	/* Base64 would be stored as it is written. */
	if (strcasecmp(line, "Content-Transfer-Encoding") == 0 &&
	    strcasecmp(value, "binary") != 0 &&
	    strcasecmp(value, "8bit") != 0 && strcasecmp(value, "7bit") != 0)
		return malformed(err, "a part is encoded");
	return true;
}

/* The headers of one part, up to their empty line. */
static bool read_head(struct arena *a, struct rest *r, struct http_part *part,
		      struct err *err)
{
	size_t max = r->len < HEAD_MAX ? r->len : HEAD_MAX;
	const char *end = memmem(r->s, max, "\r\n\r\n", 4);
	char *text, *line;
	size_t len;

	if (!end)
		return malformed(err, "a part's headers do not end");
	len = (size_t)(end - r->s);
	text = arena_strn(a, r->s, len);
	r->s += len + 4;
	r->len -= len + 4;
	if (strlen(text) != len)
		return malformed(err, "U+0000 in a part's headers");
	while (text) {
		line = text;
		text = strstr(line, "\r\n");
		if (text) {
			*text = '\0';
			text += 2;
		}
		if (!read_header(a, line, part, err))
			return false;
	}
	if (!part->name)
		return malformed(err, "a part without Content-Disposition: "
				      "form-data");
	return true;
}

static bool take(struct rest *r, const char *s)
{
	size_t len = strlen(s);

	if (r->len < len || memcmp(r->s, s, len) != 0)
		return false;
	r->s += len;
	r->len -= len;
	return true;
}

/* A part's bytes, up to the delimiter, which is taken, too. */
static bool read_bytes(struct rest *r, const char *delimiter,
		       struct http_part *part)
{
	const char *end = memmem(r->s, r->len, delimiter, strlen(delimiter));

	if (!end)
		return false;
	part->bytes = r->s;
	part->len = (size_t)(end - r->s);
	r->s += part->len;
	r->len -= part->len;
	return take(r, delimiter);
}

bool parts_read(struct arena *a, const char *type, const char *body, size_t len,
		size_t max, struct http_part **parts, size_t *n,
		struct err *err)
{
	const char *boundary = boundary_of(a, type), *delimiter;
	struct rest r = { body, len };

	*n = 0;
	*parts = arena_array(a, max, sizeof(**parts));
	if (!boundary)
		return malformed(err, "its type names no boundary");
	delimiter = arena_printf(a, "\r\n--%s", boundary);
	/* The first one begins the body, without a line in front. */
	if (!take(&r, delimiter + 2))
		return malformed(err, "it does not begin with its boundary");
	while (!take(&r, "--")) {
		struct http_part *part = *parts + *n;

		if (!take(&r, "\r\n"))
			return malformed(err, "a boundary is not followed by "
					      "a line end");
		if (*n == max)
			return err_set(err, ERR_INPUT,
				       "the form has more than %zu fields",
				       max);
		if (!read_head(a, &r, part, err))
			return false;
		if (!read_bytes(&r, delimiter, part))
			return malformed(err, "a part does not end");
		(*n)++;
	}
	take(&r, "\r\n");
	if (r.len)
		return malformed(err, "something stands behind its end");
	return true;
}
