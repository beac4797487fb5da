/*
 * fields.c - the members of a JSON object, read strictly.
 */
#include "config.h"

#include <string.h>

#include "core/fields.h"

bool fields_init(struct fields *f, struct json_object *o, const char *path,
		 struct problems *problems)
{
	*f = (struct fields){ .o = o, .path = path, .problems = problems };
	if (json_object_is_type(o, json_type_object))
		return true;
	problems_add(problems, path, "must be an object");
	return false;
}

const char *fields_name(const struct fields *f, const char *key)
{
	return *f->path ? arena_printf(f->problems->a, "%s.%s", f->path, key)
			: key;
}

#define bad(f, key, ...) \
	problems_add((f)->problems, fields_name(f, key), __VA_ARGS__)

/* NULL: absent, or not of that type, which is noted. */
static struct json_object *look(struct fields *f, const char *key,
				enum json_type type, const char *type_name)
{
	struct json_object *v;

	if (f->n_asked == FIELDS_MAX)
		bug("fields: more than %d", FIELDS_MAX);
	f->asked[f->n_asked++] = key;
	if (!json_object_object_get_ex(f->o, key, &v))
		return NULL;
	if (json_object_is_type(v, type))
		return v;
	bad(f, key, "must be %s", type_name);
	return NULL;
}

void fields_text(struct fields *f, const char *key, const char **out)
{
	struct json_object *v = look(f, key, json_type_string, "a string");

	if (!v)
		return;
	if (json_has_nul(v))
		bad(f, key, "must not contain the character U+0000");
	else
		*out = json_object_get_string(v);
}

void fields_bool(struct fields *f, const char *key, bool *out)
{
	struct json_object *v =
		look(f, key, json_type_boolean, "true or false");

	if (v)
		*out = json_object_get_boolean(v);
}

void fields_int(struct fields *f, const char *key, int64_t *out, int64_t min,
		int64_t max)
{
	struct json_object *v = look(f, key, json_type_int, "a whole number");
	int64_t value;

	if (!v)
		return;
	value = json_object_get_int64(v);
	if (value < min || value > max)
		bad(f, key, "must be from %lld to %lld", (long long)min,
		    (long long)max);
	else
		*out = value;
}

struct json_object *fields_array(struct fields *f, const char *key, size_t max)
{
	struct json_object *v = look(f, key, json_type_array, "an array");

	if (!v || json_object_array_length(v) <= max)
		return v;
	bad(f, key, "must have at most %zu items", max);
	return NULL;
}

struct json_object *fields_object(struct fields *f, const char *key)
{
	return look(f, key, json_type_object, "an object");
}

static bool was_asked(const struct fields *f, const char *key)
{
	for (size_t i = 0; i < f->n_asked; i++)
		if (strcmp(f->asked[i], key) == 0)
			return true;
	return false;
}

void fields_end(struct fields *f)
{
	json_object_object_foreach(f->o, key, v)
	{
		(void)v;
		if (!was_asked(f, key))
			bad(f, key, "is not known here");
	}
}
