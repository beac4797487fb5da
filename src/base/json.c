/*
 * json.c - JSON from strangers, read without surprises (over json-c).
 */
#include "config.h"

#include <limits.h>
#include <string.h>

#include <json-c/json_visit.h>

#include "base/json.h"
#include "base/text.h"

static void put_object(void *o)
{
	json_object_put(o);
}

static void free_tokener(void *tok)
{
	json_tokener_free(tok);
}

static bool is_white(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!s[i] || !strchr(" \t\r\n", s[i]))
			return false;
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* How long the number at s is; 0 when it is none that JSON knows. */
static size_t number_len(const char *s, size_t len)
{
	size_t i = s[0] == '-';

	if (i + 1 < len && s[i] == '0' && is_digit(s[i + 1]))
		return 0;
	for (; i < len && s[i] && strchr("0123456789.eE+-", s[i]); i++)
		if (s[i] == '.' && (i + 1 == len || !is_digit(s[i + 1])))
			return 0;
	return i;
}

/* json-c takes what JSON is not even when told to be strict: NaN and Infinity
 * (their letters begin nothing else outside strings), '...', -01, 1. and
 * control characters inside strings.  Nobody else (PostgreSQL, browsers)
 * would read that back. */
static bool is_lax(const char *s, size_t len)
{
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		if (s[i] == '"') {
			quoted = !quoted;
		} else if (quoted) {
			if ((unsigned char)s[i] < ' ')
				return true;
			i += s[i] == '\\';
		} else if (s[i] && strchr("NI'", s[i])) {
			return true;
		} else if (s[i] == '-' || is_digit(s[i])) {
			size_t n = number_len(s + i, len - i);

			if (n == 0)
				return true;
			i += n - 1;
		}
	}
	return false;
}

bool json_read(struct arena *a, const char *s, size_t len,
	       struct json_object **out, struct err *err)
{
	struct json_tokener *tok;
	struct json_object *o;
	enum json_tokener_error code;
	size_t end;

	if (len > INT_MAX)
		return err_set(err, ERR_INPUT, "the text is too long");
	/* json-c's own check lets overlong forms and surrogates pass. */
	if (!text_is_utf8(s, len))
		return err_set(err, ERR_INPUT, "the text is not valid UTF-8");
	if (is_lax(s, len))
		return err_set(err, ERR_INPUT, "the text is not valid JSON");
	tok = json_tokener_new_ex(JSON_DEPTH_MAX);
	if (!tok)
		die("out of memory");
	arena_defer(a, free_tokener, tok);
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT |
					    JSON_TOKENER_ALLOW_TRAILING_CHARS);
	o = json_tokener_parse_ex(tok, s, (int)len);
	code = json_tokener_get_error(tok);
	end = json_tokener_get_parse_end(tok);
	if (code == json_tokener_continue && !o && len > 0) {
		/* A bare number ends only where something follows it. */
		o = json_tokener_parse_ex(tok, "", 1);
		code = json_tokener_get_error(tok);
		end = len;
	}
	if (o)
		arena_defer(a, put_object, o);
	if (code != json_tokener_success)
		return err_set(err, ERR_INPUT,
			       "the text is not valid JSON (near byte %zu: %s)",
			       end, json_tokener_error_desc(code));
	if (!is_white(s + end, len - end))
		return err_set(err, ERR_INPUT,
			       "the text is not valid JSON (something follows "
			       "the value at byte %zu)",
			       end);
	*out = o;
	return true;
}

static void clean_string(struct json_object *o)
{
	const char *s = json_object_get_string(o);
	size_t len = (size_t)json_object_get_string_len(o);
	struct arena a = { 0 };
	char *clean;

	if (!memchr(s, '\0', len))
		return;
	clean = text_clean(&a, s, len);
	json_object_set_string(o, clean);
	arena_release(&a);
}

static int clean_visit(struct json_object *o, int flags,
		       struct json_object *parent UNUSED,
		       const char *key UNUSED, size_t *index UNUSED,
		       void *arg UNUSED)
{
	if (flags != JSON_C_VISIT_SECOND &&
	    json_object_is_type(o, json_type_string))
		clean_string(o);
	return JSON_C_VISIT_RETURN_CONTINUE;
}

bool json_read_clean(struct arena *a, const char *s, size_t len,
		     struct json_object **out, struct err *err)
{
	if (!text_is_utf8(s, len)) {
		/* A raw NUL outside a string stays what it is: no JSON. */
		s = text_clean(a, s, len);
		len = strlen(s);
	}
	if (!json_read(a, s, len, out, err))
		return false;
	json_c_visit(*out, 0, clean_visit, NULL);
	return true;
}

static int nul_visit(struct json_object *o, int flags UNUSED,
		     struct json_object *parent UNUSED, const char *key UNUSED,
		     size_t *index UNUSED, void *found)
{
	if (json_object_is_type(o, json_type_string) &&
	    memchr(json_object_get_string(o), '\0',
		   (size_t)json_object_get_string_len(o)))
		*(bool *)found = true;
	return JSON_C_VISIT_RETURN_CONTINUE;
}

bool json_has_nul(struct json_object *o)
{
	bool found = false;

	json_c_visit(o, 0, nul_visit, &found);
	return found;
}

struct json_object *json_member(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	if (o && json_object_is_type(o, json_type_object))
		json_object_object_get_ex(o, key, &v);
	return v;
}

static struct json_object *typed(struct json_object *o, const char *key,
				 enum json_type type)
{
	struct json_object *v = json_member(o, key);

	return v && json_object_is_type(v, type) ? v : NULL;
}

struct json_object *json_object_at(struct json_object *o, const char *key)
{
	return typed(o, key, json_type_object);
}

struct json_object *json_array_at(struct json_object *o, const char *key)
{
	return typed(o, key, json_type_array);
}

const char *json_str(struct json_object *o, const char *key, const char *def)
{
	struct json_object *v = typed(o, key, json_type_string);

	return v ? json_object_get_string(v) : def;
}

int64_t json_i64(struct json_object *o, const char *key, int64_t def)
{
	struct json_object *v = typed(o, key, json_type_int);

	return v ? json_object_get_int64(v) : def;
}

bool json_flag(struct json_object *o, const char *key, bool def)
{
	struct json_object *v = typed(o, key, json_type_boolean);

	return v ? json_object_get_boolean(v) : def;
}

struct json_object *json_new(struct arena *a)
{
	struct json_object *o = json_object_new_object();

	if (!o)
		die("out of memory");
	arena_defer(a, put_object, o);
	return o;
}

void json_put(struct json_object *o, const char *key, struct json_object *v)
{
	if (json_object_object_add(o, key, v) != 0)
		die("out of memory");
}

void json_put_str(struct json_object *o, const char *key, const char *value)
{
	json_put(o, key, value ? json_object_new_string(value) : NULL);
}

void json_put_i64(struct json_object *o, const char *key, int64_t value)
{
	json_put(o, key, json_object_new_int64(value));
}

void json_put_bool(struct json_object *o, const char *key, bool value)
{
	json_put(o, key, json_object_new_boolean(value));
}

const char *json_text(struct json_object *o)
{
	return json_object_to_json_string_ext(
		o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}
