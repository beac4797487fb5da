/*
 * query.c - raw input turned into what forms read.
 */
#include "config.h"

#include <string.h>

#include <json-c/json_visit.h>

#include "base/text.h"
#include "web/query.h"

#define QUERY_FIELDS_MAX 32

void query_put(struct form *f, const char *name, const char *value)
{
	if (form_has(f, name))
		req_bad_field(f->rq, name, "is there twice");
	json_put_str(f->o, name, value);
}

bool query_fields(struct form *f, char *text, size_t max)
{
	size_t n = 0;

	while (text && *text) {
		char *value = strsep(&text, "&"), *name = strsep(&value, "=");

		if (!*name && !value)
			continue;
		if (!value)
			value = name + strlen(name);
		if (!text_unescape(name) || !text_unescape(value) || ++n > max)
			return false;
		query_put(f, name, value);
	}
	return true;
}

void query_read(struct req *rq)
{
	char *text = arena_str(rq->a, req_param(rq, "QUERY_STRING"));

	rq->query.o = json_new(rq->a);
	/* A page's filter is a form whose method is GET. */
	rq->query.inputs = strncmp(rq->path, "/api/", 5) != 0;
	if (!query_fields(&rq->query, text, QUERY_FIELDS_MAX))
		req_bad_field(rq, "query",
			      "is not well formed: percent-encoded UTF-8, at "
			      "most %d fields",
			      QUERY_FIELDS_MAX);
}

static int count_members(struct json_object *o, int flags,
			 struct json_object *parent UNUSED,
			 const char *key UNUSED, size_t *index UNUSED,
			 void *count)
{
	if (flags != JSON_C_VISIT_SECOND &&
	    json_object_is_type(o, json_type_object))
		*(size_t *)count += (size_t)json_object_object_length(o);
	return JSON_C_VISIT_RETURN_CONTINUE;
}

/* In valid JSON each member has exactly one colon outside of strings. */
static size_t count_colons(const char *s, size_t len)
{
	bool in_string = false;
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (in_string && s[i] == '\\')
			i++;
		else if (s[i] == '"')
			in_string = !in_string;
		else if (s[i] == ':' && !in_string)
			n++;
	}
	return n;
}

bool json_has_twice(const char *s, size_t len, struct json_object *o)
{
	size_t members = 0;

	json_c_visit(o, 0, count_members, &members);
	return count_colons(s, len) != members;
}
