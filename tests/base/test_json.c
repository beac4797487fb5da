/*
 * test_json.c - JSON from strangers, read without surprises.
 */
#include "config.h"

#include "base/json.h"
#include "harness/unit.h"

#define FFFD "\xef\xbf\xbd"

static struct json_object *o;
static struct err err;

static bool reads(const char *s, size_t len)
{
	o = NULL;
	memset(&err, 0, sizeof(err));
	return json_read(&unit_arena, s, len, &o, &err);
}

static bool reads_clean(const char *s, size_t len)
{
	o = NULL;
	memset(&err, 0, sizeof(err));
	return json_read_clean(&unit_arena, s, len, &o, &err);
}

static void one_whole_value_of_any_type_is_json(void)
{
	static const char *const good[] = {
		"{}",
		"[]",
		"7",
		"-7",
		"0",
		"1.5",
		"1e5",
		"true",
		"null",
		"\"x\"",
		" {} ",
		"\t[1]\r\n",
		" 12 ",
		"{\"a\":[{\"b\":null}]}",
		"\"\\ud83d\\ude00\"",
	};

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		if (!reads(good[i], strlen(good[i])))
			UNIT_ASSERT_STR(good[i], err.text);
	CU_ASSERT_TRUE(reads("12", 2));
	UNIT_ASSERT_INT(json_object_get_int64(o), 12);
}

static void anything_else_is_refused_with_the_place(void)
{
	static const char *const bad[] = {
		"",           " ",          "{",
		"[1,2",       "{\"a\":}",   "{} x",
		"{}{}",       "1 2",        "7x",
		"tru",        "nul",        "'x'",
		"{a:1}",      "[1,]",       "{\"a\":1,}",
		"\"abc",      "\"\\x\"",    "/* */ 1",
		"NaN",        "nan",        "Infinity",
		"-Infinity",  "[NaN]",      "{'a': 1}",
		"['a']",      "[-01]",      "[01]",
		"[1.]",       "[1.,2]",     "[\"a\tb\"]",
		"[\"a\nb\"]", "[Infinity]", "{\"a\":-inf}",
		"<html>",     "-",          "+1",

		"TRUE",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (reads(bad[i], strlen(bad[i])))
			UNIT_ASSERT_STR(bad[i], "refused");
		else
			UNIT_ASSERT_INT(err.kind, ERR_INPUT);
	}
}

static void every_form_of_number_is_read(void)
{
	static const char text[] =
		"[0,-0,10,-10.05,1e05,1E-05,1.5e+05,0.0,{\"a\":-0.1}]";

	CU_ASSERT_TRUE(reads(text, strlen(text)));
	UNIT_ASSERT_INT(json_object_array_length(o), 9);
}

static void words_inside_strings_are_no_numbers(void)
{
	static const char text[] = "[\"NaN\",\"a \\\" Infinity\\\\\"]";

	CU_ASSERT_TRUE(reads(text, strlen(text)));
}

static void a_nul_byte_ends_nothing_early(void)
{
	CU_ASSERT_FALSE(reads("{}\0{}", 5));
	CU_ASSERT_FALSE(reads("{}\0", 3));
	CU_ASSERT_FALSE(reads("\0", 1));
	CU_ASSERT_FALSE(reads("12\0", 3));
	CU_ASSERT_FALSE(reads("\"a\0b\"", 5));
}

static void invalid_utf8_is_refused_or_cleaned(void)
{
	static const char *const bad[] = {
		"\"\xff\"",         "\"\xc0\x80\"",
		"\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"",
		"\"\xe2\x82\"",     "\"\xe0\x80\x80\"",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		CU_ASSERT_FALSE(reads(bad[i], strlen(bad[i])));
		CU_ASSERT_TRUE(reads_clean(bad[i], strlen(bad[i])));
	}
	CU_ASSERT_TRUE(reads_clean("{\"a\":\"x\xffy\"}", 11));
	UNIT_ASSERT_STR(json_str(o, "a", NULL), "x" FFFD "y");
}

static void lone_surrogates_and_nul_become_the_replacement(void)
{
	static const char text[] = "{\"a\":\"x\\u0000y\",\"b\":\"\\ud800z\","
				   "\"c\":[\"\\u0000\"],\"d\":\"\\ude00\"}";

	CU_ASSERT_TRUE(reads(text, strlen(text)));
	CU_ASSERT_TRUE(json_has_nul(o));
	CU_ASSERT_TRUE(reads_clean(text, strlen(text)));
	CU_ASSERT_FALSE(json_has_nul(o));
	UNIT_ASSERT_STR(json_str(o, "a", NULL), "x" FFFD "y");
	UNIT_ASSERT_STR(json_str(o, "b", NULL), FFFD "z");
	UNIT_ASSERT_STR(json_str(o, "d", NULL), FFFD);
	CU_ASSERT_PTR_NULL(strstr(json_text(o), "u0000"));
}

static void a_nul_in_a_key_is_gone_when_cleaned(void)
{
	static const char text[] = "{\"a\\u0000b\":1}";

	CU_ASSERT_TRUE(reads_clean(text, strlen(text)));
	CU_ASSERT_PTR_NULL(strstr(json_text(o), "u0000"));
}

static void deep_nesting_is_refused(void)
{
	char text[2 * 100000];

	memset(text, '[', sizeof(text) / 2);
	memset(text + sizeof(text) / 2, ']', sizeof(text) / 2);
	CU_ASSERT_FALSE(reads(text, sizeof(text)));
	CU_ASSERT_FALSE(reads_clean(text, sizeof(text)));
	CU_ASSERT_TRUE(reads(text + sizeof(text) / 2 - 20, 40));
}

static void readers_do_not_convert(void)
{
	static const char text[] =
		"{\"s\":\"7\",\"n\":7,\"d\":7.5,\"b\":true,\"z\":null,"
		"\"o\":{},\"a\":[]}";

	CU_ASSERT_TRUE(reads(text, strlen(text)));
	UNIT_ASSERT_INT(json_i64(o, "s", -1), -1);
	UNIT_ASSERT_INT(json_i64(o, "d", -1), -1);
	UNIT_ASSERT_INT(json_i64(o, "n", -1), 7);
	UNIT_ASSERT_STR(json_str(o, "n", NULL), NULL);
	UNIT_ASSERT_STR(json_str(o, "z", "def"), "def");
	CU_ASSERT_FALSE(json_flag(o, "n", false));
	CU_ASSERT_TRUE(json_flag(o, "b", false));
	CU_ASSERT_PTR_NULL(json_object_at(o, "a"));
	CU_ASSERT_PTR_NULL(json_array_at(o, "o"));
	UNIT_ASSERT_INT(json_i64(NULL, "n", -1), -1);
	UNIT_ASSERT_INT(json_i64(json_array_at(o, "a"), "n", -1), -1);
}

static void huge_numbers_stop_at_the_ends(void)
{
	static const char text[] =
		"{\"a\":99999999999999999999999,\"b\":-99999999999999999999999,"
		"\"c\":9223372036854775807,\"d\":-9223372036854775808,"
		"\"e\":18446744073709551615}";

	CU_ASSERT_TRUE(reads(text, strlen(text)));
	UNIT_ASSERT_INT(json_i64(o, "a", 0), INT64_MAX);
	UNIT_ASSERT_INT(json_i64(o, "b", 0), INT64_MIN);
	UNIT_ASSERT_INT(json_i64(o, "c", 0), INT64_MAX);
	UNIT_ASSERT_INT(json_i64(o, "d", 0), INT64_MIN);
	UNIT_ASSERT_INT(json_i64(o, "e", 0), INT64_MAX);
}

static void what_is_built_is_compact_text(void)
{
	struct json_object *built = json_new(&unit_arena);

	json_put_str(built, "s", "a/\"\n👌");
	json_put_i64(built, "n", INT64_MIN);
	json_put_bool(built, "b", true);
	json_put_str(built, "z", NULL);
	UNIT_ASSERT_STR(json_text(built),
			"{\"s\":\"a/\\\"\\n👌\",\"n\":-9223372036854775808,"
			"\"b\":true,\"z\":null}");
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(one_whole_value_of_any_type_is_json),
		UNIT_TEST(anything_else_is_refused_with_the_place),
		UNIT_TEST(every_form_of_number_is_read),
		UNIT_TEST(words_inside_strings_are_no_numbers),
		UNIT_TEST(a_nul_byte_ends_nothing_early),
		UNIT_TEST(invalid_utf8_is_refused_or_cleaned),
		UNIT_TEST(lone_surrogates_and_nul_become_the_replacement),
		UNIT_TEST(a_nul_in_a_key_is_gone_when_cleaned),
		UNIT_TEST(deep_nesting_is_refused),
		UNIT_TEST(readers_do_not_convert),
		UNIT_TEST(huge_numbers_stop_at_the_ends),
		UNIT_TEST(what_is_built_is_compact_text),
	};

	return unit_main("json", tests, ARRAY_LEN(tests), argc, argv);
}
