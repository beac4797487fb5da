/*
 * form.c - the fields of a JSON object, a query string or a page's form, read
 * strictly.
 */
#include "config.h"

#include <string.h>

#include "base/text.h"
#include "web/form.h"
#include "web/req.h"

static const char *full_name(const struct form *f, const char *key)
{
	return f->prefix ? arena_printf(f->rq->a, "%s%s", f->prefix, key) : key;
}

#define bad(f, key, ...) req_bad_field((f)->rq, full_name(f, key), __VA_ARGS__)

bool form_has(const struct form *f, const char *key)
{
	return f->o && json_object_object_get_ex(f->o, key, NULL);
}

enum presence { ABSENT, IS_NULL, PRESENT };

static bool is_unfilled(const struct form *f, struct json_object *v,
			unsigned flags)
{
	return f->inputs && v && !(flags & FORM_BLANK) &&
	       json_object_get_string_len(v) == 0;
}

static enum presence look(struct form *f, const char *key, unsigned flags,
			  struct json_object **v)
{
	if (f->n_asked == FORM_FIELDS_MAX)
		bug("form: more than %d fields", FORM_FIELDS_MAX);
	f->asked[f->n_asked++] = key;
	*v = NULL;
	if (!f->o || !json_object_object_get_ex(f->o, key, v) ||
	    (is_unfilled(f, *v, flags) && !(flags & FORM_NULL))) {
		*v = NULL;
		if (flags & FORM_REQUIRED)
			bad(f, key, "is required");
		return ABSENT;
	}
	if (*v && !is_unfilled(f, *v, flags))
		return PRESENT;
	if (flags & FORM_NULL)
		return IS_NULL;
	bad(f, key, "must not be null");
	return ABSENT;
}

/* NULL: wrong, and noted. */
static const char *text_of(struct form *f, const char *key,
			   struct json_object *v, size_t max, unsigned flags)
{
	const char *s;

	if (!json_object_is_type(v, json_type_string)) {
		bad(f, key, "must be a string");
		return NULL;
	}
	s = json_object_get_string(v);
	if (strlen(s) != (size_t)json_object_get_string_len(v)) {
		bad(f, key, "must not contain the character U+0000");
		return NULL;
	}
	if (!(flags & FORM_BLANK) && text_is_blank(s)) {
		bad(f, key, "must not be empty");
		return NULL;
	}
	if (text_points(s) > max) {
		bad(f, key, "must have at most %zu characters", max);
		return NULL;
	}
	return s;
}

void form_text(struct form *f, const char *key, const char **out, size_t max,
	       unsigned flags)
{
	struct json_object *v;
	enum presence there = look(f, key, flags, &v);
	const char *s;

	if (there == IS_NULL)
		*out = NULL;
	if (there != PRESENT)
		return;
	s = text_of(f, key, v, max, flags);
	if (s)
		*out = s;
}

void form_secret(struct form *f, const char *key, struct secret *out,
		 size_t max, unsigned flags)
{
	const char *s = NULL;

	form_text(f, key, &s, max, flags);
	if (s)
		*out = secret_copy(f->rq->a, s, strlen(s));
}

static bool i64_of(const struct form *f, struct json_object *v, long long *out)
{
	if (f->texts)
		return text_read_i64(json_object_get_string(v), INT64_MIN,
				     INT64_MAX, out);
	if (!json_object_is_type(v, json_type_int))
		return false;
	/* json-c cuts what is larger to the largest, which no limit allows. */
	*out = json_object_get_int64(v);
	return true;
}

void form_i64(struct form *f, const char *key, int64_t *out, int64_t min,
	      int64_t max, unsigned flags)
{
	struct json_object *v;
	enum presence there = look(f, key, flags, &v);
	long long value;

	if (there == IS_NULL)
		*out = 0;
	if (there != PRESENT)
		return;
	if (!i64_of(f, v, &value))
		bad(f, key, "must be a whole number");
	else if (value < min || value > max)
		bad(f, key, "must be from %lld to %lld", (long long)min,
		    (long long)max);
	else
		*out = value;
}

void form_id(struct form *f, const char *key, int64_t *out, unsigned flags)
{
	form_i64(f, key, out, 1, INT64_MAX - 1, flags);
}

static bool bool_of(const struct form *f, struct json_object *v, bool *out)
{
	static const struct {
		const char *word;
		bool value, inputs_only;
	} words[] = {
		{ "true", true, false }, { "false", false, false },
		{ "on", true, true },    { "off", false, true },
		{ "1", true, true },     { "0", false, true },
	};

	if (json_object_is_type(v, json_type_boolean)) {
		*out = json_object_get_boolean(v);
		return true;
	}
	for (size_t i = 0; f->texts && i < ARRAY_LEN(words); i++) {
		if ((f->inputs || !words[i].inputs_only) &&
		    strcmp(json_object_get_string(v), words[i].word) == 0) {
			*out = words[i].value;
			return true;
		}
	}
	return false;
}

void form_bool(struct form *f, const char *key, bool *out, unsigned flags)
{
	struct json_object *v;

	if (look(f, key, flags, &v) != PRESENT)
		return;
	if (!bool_of(f, v, out))
		bad(f, key, "must be true or false");
}

static const char *list_of(struct arena *a, const char *const *words)
{
	const char *text = words[0];

	for (words++; *words; words++)
		text = arena_printf(a, "%s, %s", text, *words);
	return text;
}

void form_word(struct form *f, const char *key, const char **out,
	       const char *const *words, unsigned flags)
{
	struct json_object *v;
	enum presence there = look(f, key, flags, &v);

	if (there == IS_NULL)
		*out = NULL;
	if (there != PRESENT)
		return;
	for (size_t i = 0; words[i] && json_object_is_type(v, json_type_string);
	     i++) {
		if (strcmp(words[i], json_object_get_string(v)) == 0) {
			*out = words[i];
			return;
		}
	}
	bad(f, key, "must be one of: %s", list_of(f->rq->a, words));
}

bool form_object(struct form *f, const char *key, struct form *sub,
		 unsigned flags)
{
	struct json_object *v;
	enum presence there = look(f, key, flags, &v);

	*sub = (struct form){
		.rq = f->rq,
		.prefix = arena_printf(f->rq->a, "%s.", full_name(f, key)),
	};
	if (there != PRESENT)
		return false;
	if (!json_object_is_type(v, json_type_object)) {
		bad(f, key, "must be an object");
		return false;
	}
	sub->o = v;
	return true;
}

struct json_object *form_array(struct form *f, const char *key, size_t max,
			       unsigned flags)
{
	struct json_object *v;

	if (look(f, key, flags, &v) != PRESENT)
		return NULL;
	if (!json_object_is_type(v, json_type_array)) {
		bad(f, key, "must be an array");
		return NULL;
	}
	if (json_object_array_length(v) > max) {
		bad(f, key, "must have at most %zu items", max);
		return NULL;
	}
	return v;
}

bool form_item(struct form *f, const char *key, struct json_object *array,
	       size_t i, struct form *sub)
{
	struct json_object *v = json_object_array_get_idx(array, i);
	const char *name = arena_printf(f->rq->a, "%s[%zu]", key, i);

	*sub = (struct form){
		.rq = f->rq,
		.prefix = arena_printf(f->rq->a, "%s.", full_name(f, name)),
	};
	if (!json_object_is_type(v, json_type_object)) {
		bad(f, name, "must be an object");
		return false;
	}
	sub->o = v;
	return true;
}

static bool was_asked(const struct form *f, const char *key)
{
	for (size_t i = 0; i < f->n_asked; i++)
		if (strcmp(f->asked[i], key) == 0)
			return true;
	return false;
}

void form_end(struct form *f)
{
	if (!f->o)
		return;
	json_object_object_foreach(f->o, key, v)
	{
		(void)v;
		if (!was_asked(f, key))
			bad(f, key, "is not known here");
	}
}
