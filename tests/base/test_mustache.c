/*
 * test_mustache.c - what the specification leaves open, and the limits.
 *
 * Its own examples are in test_mustache_spec.c.
 */
#include "config.h"

#include <string.h>

#include "base/json.h"
#include "base/mustache.h"
#include "harness/unit.h"

#define OUT_MAX 4096

static struct mustache_set set;
static struct err err;

/* Adds a template, or leaves the reason in err. */
static bool add(const char *name, const char *text)
{
	set.a = &unit_arena;
	err = (struct err){ 0 };
	return mustache_add(&set, name, text, strlen(text), &err);
}

static bool render_named(const char *name, const char *data, unsigned flags,
			 struct buf *out)
{
	struct json_object *o;

	buf_init(out, &unit_arena, OUT_MAX);
	return json_read(&unit_arena, data, strlen(data), &o, &err) &&
	       mustache_render(&set, name, o, flags, out, &err);
}

/* One template's text, or what is wrong with it. */
static const char *render(const char *text, const char *data, unsigned flags)
{
	struct buf out;

	set = (struct mustache_set){ 0 };
	return add("t", text) && render_named("t", data, flags, &out)
		       ? out.s
		       : err.text;
}

static const char *fault(const char *text)
{
	set = (struct mustache_set){ 0 };
	return add("t", text) ? "none" : err.text;
}

static void there_is_none_of_null_false_zero_and_empty(void)
{
	static const char *const none[] = { "null", "false", "0",
					    "0.0",  "\"\"",  "[]" };
	static const char *const any[] = { "true", "1", "\"0\"", "[0]", "{}" };

	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		UNIT_ASSERT_STR(
			render("{{#a}}any{{/a}}{{^a}}none{{/a}}",
			       arena_printf(&unit_arena, "{\"a\":%s}", none[i]),
			       0),
			"none");
	for (size_t i = 0; i < ARRAY_LEN(any); i++)
		UNIT_ASSERT_STR(
			render("{{#a}}any{{/a}}{{^a}}none{{/a}}",
			       arena_printf(&unit_arena, "{\"a\":%s}", any[i]),
			       0),
			"any");
}

static void quotes_are_escaped_for_attributes(void)
{
	UNIT_ASSERT_STR(render("<a title='{{a}}'>", "{\"a\":\"'\\\"<>&\"}", 0),
			"<a title='&#39;&quot;&lt;&gt;&amp;'>");
}

static void a_list_or_object_is_no_text(void)
{
	UNIT_ASSERT_STR(render("[{{a}}{{{b}}}]", "{\"a\":[1],\"b\":{}}", 0),
			"[]");
	UNIT_ASSERT_STR(render("{{a}}", "{\"a\":[1]}", MUSTACHE_STRICT),
			"template t: a is no text");
}

static void strict_refuses_what_is_not_known(void)
{
	UNIT_ASSERT_STR(render("{{a.b}}", "{\"a\":{}}", MUSTACHE_STRICT),
			"template t: a.b is not known");
	UNIT_ASSERT_STR(render("{{#a}}{{/a}}", "{}", MUSTACHE_STRICT),
			"template t: a is not known");
	UNIT_ASSERT_STR(render("{{^a}}{{/a}}", "{}", MUSTACHE_STRICT),
			"template t: a is not known");
	UNIT_ASSERT_STR(render("{{>a}}", "{}", MUSTACHE_STRICT),
			"template t: a is no template");
	UNIT_ASSERT_STR(
		render("{{a}}{{#a}}{{/a}}", "{\"a\":null}", MUSTACHE_STRICT),
		"");
}

static void a_fault_is_named_with_its_line(void)
{
	UNIT_ASSERT_STR(fault("a\n{{b"),
			"template t, line 2: a tag is not closed");
	UNIT_ASSERT_STR(fault("{{{a}} b"),
			"template t, line 1: a tag is not closed");
	UNIT_ASSERT_STR(fault("\n\n{{#a}}\n"),
			"template t, line 4: a section is not closed");
	UNIT_ASSERT_STR(fault("{{#a}}{{#b}}{{/a}}{{/b}}"),
			"template t, line 1: this section was not opened last");
	UNIT_ASSERT_STR(fault("{{/a}}"),
			"template t, line 1: this section was not opened last");
	UNIT_ASSERT_STR(fault("{{a b}}"),
			"template t, line 1: a name must be one word");
	UNIT_ASSERT_STR(fault("{{}}"),
			"template t, line 1: a name must be one word");
	UNIT_ASSERT_STR(fault("{{a..b}}"),
			"template t, line 1: a name has an empty part");
	UNIT_ASSERT_STR(fault("{{=a=}}"),
			"template t, line 1: these are no delimiters");
	UNIT_ASSERT_STR(fault("{{=a b c=}}"),
			"template t, line 1: these are no delimiters");
}

static void every_line_of_a_partial_is_indented(void)
{
	struct buf out;

	set = (struct mustache_set){ 0 };
	CU_ASSERT_TRUE(add("in", "{{!c}}a\n{{#s}}\nb\n{{/s}}\n{{#s}}c{{/s}}\n"
				 " {{>deep}}\nd{{>deep}}"));
	CU_ASSERT_TRUE(add("deep", "1\n2\n"));
	CU_ASSERT_TRUE(add("t", "  {{>in}}\nend\n"));
	CU_ASSERT_TRUE(render_named("t", "{\"s\":[1,2]}", 0, &out));
	UNIT_ASSERT_STR(out.s, "  a\n  b\n  b\n  cc\n   1\n   2\n  d1\n2\n"
			       "end\n");
}

static void a_partial_may_call_itself_as_long_as_there_is_data(void)
{
	struct buf out;

	set = (struct mustache_set){ 0 };
	CU_ASSERT_TRUE(add("t", "{{n}}{{#next}}{{>t}}{{/next}}"));
	CU_ASSERT_TRUE(render_named(
		"t", "{\"n\":1,\"next\":{\"n\":2,\"next\":null}}", 0, &out));
	UNIT_ASSERT_STR(out.s, "12");
}

static void a_partial_without_end_is_an_error(void)
{
	struct buf out;

	set = (struct mustache_set){ 0 };
	CU_ASSERT_TRUE(add("t", "{{>t}}"));
	CU_ASSERT_FALSE(render_named("t", "{}", 0, &out));
	UNIT_ASSERT_STR(err.text, "template t: t calls itself without end");
}

static void work_without_output_ends(void)
{
	struct buf out;

	set = (struct mustache_set){ 0 };
	CU_ASSERT_TRUE(add("t", "{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}"
				"{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}"));
	CU_ASSERT_FALSE(
		render_named("t", "{\"a\":[1,2,3,4,5,6,7,8,9,10]}", 0, &out));
	UNIT_ASSERT_STR(err.text, "template t: t goes on without end");
}

static void output_has_a_ceiling(void)
{
	struct buf out;

	set = (struct mustache_set){ 0 };
	buf_init(&out, &unit_arena, 8);
	CU_ASSERT_TRUE(add("u", "0123456789"));
	CU_ASSERT_FALSE(mustache_render(&set, "u", NULL, 0, &out, &err));
	CU_ASSERT_EQUAL(err.kind, ERR_LIMIT);
}

static void nesting_has_a_limit(void)
{
	struct buf b;

	buf_init(&b, &unit_arena, OUT_MAX);
	for (int i = 0; i <= MUSTACHE_DEPTH_MAX; i++)
		buf_add_str(&b, "{{#a}}");
	UNIT_ASSERT_STR(fault(b.s),
			"template t, line 1: sections are nested too deeply");
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(there_is_none_of_null_false_zero_and_empty),
		UNIT_TEST(quotes_are_escaped_for_attributes),
		UNIT_TEST(a_list_or_object_is_no_text),
		UNIT_TEST(strict_refuses_what_is_not_known),
		UNIT_TEST(a_fault_is_named_with_its_line),
		UNIT_TEST(every_line_of_a_partial_is_indented),
		UNIT_TEST(a_partial_may_call_itself_as_long_as_there_is_data),
		UNIT_TEST(a_partial_without_end_is_an_error),
		UNIT_TEST(work_without_output_ends),
		UNIT_TEST(output_has_a_ceiling),
		UNIT_TEST(nesting_has_a_limit),
	};

	return unit_main("base/mustache", tests, ARRAY_LEN(tests), argc, argv);
}
