/*
 * router.c - find the row of the routing table that a request means.
 */
#include "config.h"

#include <string.h>

#include "web/routes.h"

static const struct {
	enum http_method method;
	const char *name;
} methods[] = {
	{ GET, "GET" },
	{ POST, "POST" },
	{ PATCH, "PATCH" },
	{ DELETE, "DELETE" },
};

const char *method_list(struct arena *a, unsigned wanted)
{
	const char *list = "";

	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		if (wanted & methods[i].method)
			list = arena_printf(a, "%s%s%s%s", list,
					    *list ? ", " : "", methods[i].name,
					    methods[i].method == GET ? ", HEAD"
								     : "");
	return list;
}

static const char *const needs_words[] = {
	[NEED_NONE] = "none",
	[NEED_SELF] = "self",
	[NEED_PERSON] = "person",
	[NEED_FACTOR] = "factor",
	[NEED_USER] = "user",
	[NEED_OWNER] = "owner",
	[NEED_KEEPER] = "keeper",
	[NEED_ADMIN] = "admin",
	[NEED_ADMIN_IF_HIDDEN] = "admin-if-hidden",
};

static const char *const body_words[] = {
	[BODY_NONE] = "none", [BODY_JSON] = "json", [BODY_FORM] = "form",
	[BODY_RAW] = "raw",   [BODY_FILE] = "file",
};

void routes_print(FILE *f)
{
	for (size_t i = 0; i < n_routes; i++)
		for (size_t m = 0; m < ARRAY_LEN(methods); m++)
			if (routes[i].method & methods[m].method)
				fprintf(f, "%s %s %s %s\n", methods[m].name,
					routes[i].path,
					needs_words[routes[i].needs],
					body_words[routes[i].body]);
}

/* Segment by segment; fills rq->params. */
static bool matches(struct req *rq, const char *pattern, const char *path)
{
	rq->n_params = 0;
	while (*pattern) {
		if (*pattern != '{') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		size_t name_len = strcspn(pattern + 1, "}");
		size_t value_len = strcspn(path, "/");

		if (value_len == 0 || rq->n_params == REQ_PARAMS_MAX)
			return false;
		rq->params[rq->n_params++] =
			(struct req_param){ pattern + 1, name_len,
					    arena_strn(rq->a, path,
						       value_len) };
		pattern += name_len + 2;
		path += value_len;
	}
	return *path == '\0';
}

const struct route *route_find(struct req *rq, enum route_pools pool,
			       unsigned *allowed)
{
	*allowed = 0;
	for (size_t i = 0; i < n_routes; i++) {
		const struct route *r = &routes[i];

		if (!(r->pools & pool) || !matches(rq, r->path, rq->path))
			continue;
		if (r->method & rq->method)
			return r;
		*allowed |= r->method;
	}
	return NULL;
}
