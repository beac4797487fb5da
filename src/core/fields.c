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

/* ---- lists ---- */

static void drop(void *o)
{
	json_object_put(o);
}

static struct json_object *empty_list(struct fields *f)
{
	struct json_object *o = json_object_new_array();

	arena_defer(f->problems->a, drop, o);
	return o;
}

static const char *item_name(const struct fields *f, const char *key, size_t i)
{
	return arena_printf(f->problems->a, "%s[%zu]", fields_name(f, key), i);
}

/* What one item must be; notes what it is not. */
struct item {
	struct fields *f;
	const char *name;
	struct json_object *v;
	const void *limit;
};

static bool is_twice(struct json_object *list, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (json_object_equal(json_object_array_get_idx(list, k),
				      json_object_array_get_idx(list, i)))
			return true;
	return false;
}

static struct json_object *read_list(struct fields *f, const char *key,
				     size_t max,
				     void (*check)(const struct item *it),
				     const void *limit)
{
	struct json_object *list = fields_array(f, key, max);
	size_t n_before = f->problems->n;

	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct item it = {
			.f = f,
			.name = item_name(f, key, i),
			.v = json_object_array_get_idx(list, i),
			.limit = limit,
		};

		check(&it);
		if (is_twice(list, i))
			problems_add(f->problems, it.name,
				     "must differ from the others");
	}
	return list && f->problems->n == n_before ? list : empty_list(f);
}

static void check_text(const struct item *it)
{
	const size_t *max_len = it->limit;

	if (!json_object_is_type(it->v, json_type_string))
		problems_add(it->f->problems, it->name, "must be a string");
	else if (json_has_nul(it->v))
		problems_add(it->f->problems, it->name,
			     "must not contain the character U+0000");
	else
		problems_check_text(it->f->problems, it->name,
				    json_object_get_string(it->v), 1, *max_len);
}

struct json_object *fields_texts(struct fields *f, const char *key, size_t max,
				 size_t max_len)
{
	return read_list(f, key, max, check_text, &max_len);
}

static void check_id(const struct item *it)
{
	/* A number that does not fit reads as the largest that does. */
	int64_t id = json_object_is_type(it->v, json_type_int)
			     ? json_object_get_int64(it->v)
			     : 0;

	if (id < 1 || id == INT64_MAX)
		problems_add(it->f->problems, it->name,
			     "must be a whole number above 0");
}

struct json_object *fields_ids(struct fields *f, const char *key, size_t max)
{
	return read_list(f, key, max, check_id, NULL);
}

static void check_word(const struct item *it)
{
	if (!json_object_is_type(it->v, json_type_string))
		problems_add(it->f->problems, it->name, "must be a string");
	else
		problems_check_word(it->f->problems, it->name,
				    json_object_get_string(it->v), it->limit);
}

struct json_object *fields_words(struct fields *f, const char *key,
				 const char *const *words)
{
	size_t n = 0;

	while (words[n])
		n++;
	return read_list(f, key, n, check_word, words);
}

const char *fields_own_id(struct fields *f, struct json_object *array, size_t i,
			  size_t max_len)
{
	const char *name = fields_name(f, "id"), *id = "";
	size_t n_before = f->problems->n;

	fields_text(f, "id", &id);
	if (f->problems->n == n_before)
		problems_check_text(f->problems, name, id, 1, max_len);
	for (size_t k = 0; *id && k < i; k++) {
		struct json_object *other = json_object_array_get_idx(array, k);

		if (strcmp(json_str(other, "id", ""), id) == 0) {
			problems_add(f->problems, name,
				     "must differ from the others");
			break;
		}
	}
	return id;
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
