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

void fields_end(struct fields *f);

#endif
