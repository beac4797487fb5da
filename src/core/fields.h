/*
 * fields.h - the members of a JSON object, read strictly.
 *
 * A reader leaves *out alone when the member is absent, so what stands there
 * before is the default.  A member of the wrong type, and with fields_end()
 * one that nobody asked for, becomes a problem under its full name.
 */
#ifndef CORE_FIELDS_H
#define CORE_FIELDS_H

#include "base/json.h"
#include "core/problems.h"

#define FIELDS_MAX 16

struct fields {
	struct json_object *o;
	const char *path; /* "auto_reply.windows[0]", or "" at the top */
	struct problems *problems;
	const char *asked[FIELDS_MAX];
	size_t n_asked;
};

/* False, and noted, when `o` is no object. */
bool fields_init(struct fields *f, struct json_object *o, const char *path,
		 struct problems *problems);

/* The member's full name. */
const char *fields_name(const struct fields *f, const char *key);

void fields_text(struct fields *f, const char *key, const char **out);
void fields_bool(struct fields *f, const char *key, bool *out);
void fields_int(struct fields *f, const char *key, int64_t *out, int64_t min,
		int64_t max);

/* NULL when absent or wrong. */
struct json_object *fields_array(struct fields *f, const char *key, size_t max);
struct json_object *fields_object(struct fields *f, const char *key);

/*
 * Lists without anything twice, of at most `max` items: texts that are not
 * blank and have at most max_len characters, ids, or words of `words`, whose
 * list ends with NULL.  A list that is absent or wrong is an empty one.
 */
struct json_object *fields_texts(struct fields *f, const char *key, size_t max,
				 size_t max_len);
struct json_object *fields_ids(struct fields *f, const char *key, size_t max);
struct json_object *fields_words(struct fields *f, const char *key,
				 const char *const *words);

/* The text "id" of item i, which `f` reads: from 1 to max_len characters, and
 * not that of an item before it. */
const char *fields_own_id(struct fields *f, struct json_object *array, size_t i,
			  size_t max_len);

void fields_end(struct fields *f);

#endif
