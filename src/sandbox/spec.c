/*
 * spec.c - which parameters a call takes, in one line of text.
 */
#include "config.h"

#include <string.h>

#include "sandbox/journal.h"
#include "sandbox/spec.h"

bool spec_next(const char **at, struct spec_entry *e)
{
	const char *p = *at + strspn(*at, " ");
	size_t len = strcspn(p, ":");

	if (!*p || p[len] != ':')
		return false;
	e->name = p;
	e->len = (int)len;
	e->kind = p[len + 1];
	e->required = p[len + 2] == '!';
	*at = p + len + 2 + e->required;
	return true;
}

bool spec_find(const char *spec, const char *name, struct spec_entry *e)
{
	size_t len = strlen(name);

	while (spec_next(&spec, e)) {
		if ((size_t)e->len == len && memcmp(e->name, name, len) == 0)
			return true;
	}
	return false;
}

bool spec_kind_fits(char kind, struct json_object *v)
{
	enum json_type t = json_object_get_type(v);

	switch (kind) {
	case 'I':
		return t == json_type_int;
	case 'N':
		return t == json_type_int || t == json_type_double;
	case 'B':
		return t == json_type_boolean;
	case 'O':
		return t == json_type_object;
	case 'A':
		return t == json_type_array;
	case 'C':
		return t == json_type_int || t == json_type_string;
	default:
		return t == json_type_string;
	}
}

const char *spec_kind_name(char kind)
{
	switch (kind) {
	case 'I':
		return "a whole number";
	case 'N':
		return "a number";
	case 'B':
		return "true or false";
	case 'O':
		return "an object";
	case 'A':
		return "an array";
	case 'C':
		return "a number or a name";
	default:
		return "a text";
	}
}

void spec_check(const char *spec, struct json_object *o, const char *service,
		const char *method)
{
	if (!json_object_is_type(o, json_type_object)) {
		violation(service, method, "%s where an object belongs",
			  json_object_to_json_string_ext(
				  o, JSON_C_TO_STRING_PLAIN));
		return;
	}
	json_object_object_foreach(o, name, v)
	{
		struct spec_entry e;

		if (!spec_find(spec, name, &e))
			violation(service, method, "unknown parameter %s",
				  name);
		else if (!spec_kind_fits(e.kind, v))
			violation(service, method,
				  "parameter %s: %s where %s belongs", name,
				  json_object_to_json_string_ext(
					  v, JSON_C_TO_STRING_PLAIN),
				  spec_kind_name(e.kind));
	}
}
