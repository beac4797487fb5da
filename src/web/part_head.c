/*
 * part_head.c - what stands above the parts of a multipart/form-data body.
 */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "web/part_head.h"

#define BOUNDARY_MAX 70 /* RFC 2046 */
#define NAME_MAX_LEN 128
#define FILE_MAX_LEN 1024
#define WHITE        " \t"

bool part_malformed(struct err *err, const char *what)
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

const char *part_delimiter(struct arena *a, const char *type)
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
	return !*type && boundary && is_boundary(boundary)
		       ? arena_printf(a, "\r\n--%s", boundary)
		       : NULL;
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
		return part_malformed(err,
				      "a part without Content-Disposition: "
				      "form-data");
	value += 9;
	while (param_next(a, &value, &name, &text)) {
		text = unescape(a, text);
		if (strcasecmp(name, "name") == 0 && !part->name &&
		    is_clean(text, NAME_MAX_LEN))
			part->name = text;
		else if (strcasecmp(name, "filename") == 0 && !part->filename &&
			 strlen(text) <= FILE_MAX_LEN &&
			 text_is_utf8(text, strlen(text)))
			part->filename = base_name(text);
		else
			return part_malformed(err,
					      "a part's name cannot be read");
	}
	if (*value || !part->name || !*part->name)
		return part_malformed(err, "a part's name cannot be read");
	return true;
}

static bool read_header(struct arena *a, char *line, struct http_part *part,
			struct err *err)
{
	char *value = strchr(line, ':');
	size_t len;

	if (!value || value == line)
		return part_malformed(err, "a part's header has no name");
	*value++ = '\0';
	value += strspn(value, WHITE);
	for (len = strlen(value); len && strchr(WHITE, value[len - 1]); len--)
		value[len - 1] = '\0';
	if (strcasecmp(line, "Content-Disposition") == 0)
		return read_disposition(a, value, part, err);
	if (strcasecmp(line, "Content-Type") == 0) {
		if (part->mime || !is_clean(value, NAME_MAX_LEN))
			return part_malformed(err,
					      "a part's type cannot be read");
		part->mime = value;
	}
	/* Base64 would be stored as it is written. */
	if (strcasecmp(line, "Content-Transfer-Encoding") == 0 &&
	    strcasecmp(value, "binary") != 0 &&
	    strcasecmp(value, "8bit") != 0 && strcasecmp(value, "7bit") != 0)
		return part_malformed(err, "a part is encoded");
	return true;
}

bool part_head_read(struct arena *a, const char *s, size_t len,
		    struct http_part *part, struct err *err)
{
	char *text = arena_strn(a, s, len), *line;

	if (strlen(text) != len)
		return part_malformed(err, "U+0000 in a part's headers");
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
		return part_malformed(err,
				      "a part without Content-Disposition: "
				      "form-data");
	return true;
}
