/*
 * test_docs.c - the API's description tells of every route, and of no other.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web/call.h"
#include "web/page.h"

static struct json_object *api;

static void read_api(void)
{
	struct answer r = call_get(NULL, "/openapi.json");

	CU_ASSERT_PTR_NOT_NULL_FATAL(r.json);
	api = r.json;
}

/* "GET /api/me" for each, a line each, from both sides. */
static const char *method_key(enum http_method method)
{
	switch (method) {
	case GET:
		return "get";
	case POST:
		return "post";
	case PATCH:
		return "patch";
	case DELETE:
		break;
	}
	return "delete";
}

static const char *told(void)
{
	static const enum http_method methods[] = { GET, POST, PATCH, DELETE };
	struct buf b;

	buf_init(&b, &unit_arena, 65536);
	json_object_object_foreach(json_object_at(api, "paths"), path, item)
	{
		for (size_t i = 0; i < ARRAY_LEN(methods); i++)
			if (json_member(item, method_key(methods[i])))
				buf_addf(&b, "\n%s %s\n",
					 method_key(methods[i]), path);
	}
	return b.s;
}

/* The cabinet is for people, the rest for programs. */
static bool is_cabinet(const char *path)
{
	return path_is_page(path) && strncmp(path, "/docs", 5) != 0;
}

static const char *served(void)
{
	struct buf b;

	buf_init(&b, &unit_arena, 65536);
	for (size_t i = 0; i < n_routes; i++)
		if (!is_cabinet(routes[i].path))
			buf_addf(&b, "\n%s %s\n", method_key(routes[i].method),
				 routes[i].path);
	return b.s;
}

/* The lines of `list` that `other` lacks. */
static const char *missing(const char *list, const char *other)
{
	char *rest = arena_str(&unit_arena, list), *line;
	struct buf b;

	buf_init(&b, &unit_arena, 65536);
	while ((line = strsep(&rest, "\n")))
		if (*line &&
		    !strstr(other, arena_printf(&unit_arena, "\n%s\n", line)))
			buf_addf(&b, "%s\n", line);
	return b.s;
}

static void every_route_is_described(void)
{
	read_api();
	UNIT_ASSERT_STR(missing(served(), told()), "");
}

static void nothing_else_is_described(void)
{
	read_api();
	UNIT_ASSERT_STR(missing(told(), served()), "");
}

static void check_refs(struct json_object *o)
{
	const char *ref = json_str(o, "$ref", NULL);

	if (ref) {
		struct json_object *at = api;
		char *rest = arena_str(&unit_arena, ref + 2), *key;

		while ((key = strsep(&rest, "/")))
			at = json_member(at, key);
		if (!at)
			UNIT_ASSERT_STR(ref, "something that is there");
	}
	if (json_object_is_type(o, json_type_object)) {
		json_object_object_foreach(o, key, value)
		{
			(void)key;
			check_refs(value);
		}
	}
	if (json_object_is_type(o, json_type_array))
		for (size_t i = 0; i < json_object_array_length(o); i++)
			check_refs(json_object_array_get_idx(o, i));
}

static void every_reference_leads_somewhere(void)
{
	read_api();
	check_refs(api);
}

/* A route's needs and the description's security say the same. */
static void who_needs_to_sign_in_is_told(void)
{
	read_api();
	for (size_t i = 0; i < n_routes; i++) {
		const struct route *route = &routes[i];
		struct json_object *path =
			json_member(json_object_at(api, "paths"), route->path);
		struct json_object *op =
			json_member(path, method_key(route->method));
		bool open = route->needs == NEED_NONE ||
			    route->needs == NEED_ADMIN_IF_HIDDEN;

		if (is_cabinet(route->path))
			continue;
		if (open != (json_array_at(op, "security") != NULL))
			UNIT_ASSERT_STR(route->path,
					"told rightly whether to sign in");
	}
}

static void the_page_has_its_own_strict_policy(void)
{
	struct answer r = call_get(NULL, "/docs");

	UNIT_ASSERT_INT(r.status, 200);
	CU_ASSERT_PTR_NOT_NULL(strstr(r.headers, "default-src 'none'"));
	CU_ASSERT_PTR_NULL(strstr(r.text, "://"));
	UNIT_ASSERT_STR(call_get(NULL, "/docs/docs.js").mime,
			"text/javascript; charset=utf-8");
	UNIT_ASSERT_STR(call_get(NULL, "/docs/docs.css").mime,
			"text/css; charset=utf-8");
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(every_route_is_described),
		UNIT_TEST(nothing_else_is_described),
		UNIT_TEST(every_reference_leads_somewhere),
		UNIT_TEST(who_needs_to_sign_in_is_told),
		UNIT_TEST(the_page_has_its_own_strict_policy),
	};

	call_setup("host=/nonexistent dbname=none");
	return unit_main("web/docs", tests, ARRAY_LEN(tests), argc, argv);
}
