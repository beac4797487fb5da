/*
 * test_text.c - UTF-8 from strangers, and lengths as Telegram counts them.
 */
#include "config.h"

#include <limits.h>

#include "base/text.h"
#include "harness/unit.h"

#define FFFD "\xef\xbf\xbd"

static void valid_utf8_is_told_from_invalid(void)
{
	static const char *const good[] = { "",
					    "abc",
					    "Привет",
					    "\xe2\x82\xac",
					    "\xf0\x9f\x91\x8c",
					    "\xf4\x8f\xbf\xbf",
					    "\xed\x9f\xbf",
					    "\xee\x80\x80" };
	static const char *const bad[] = { "\x80",
					   "\xc0\x80",
					   "\xc1\xbf",
					   "\xc2",
					   "\xe0\x9f\xbf",
					   "\xed\xa0\x80",
					   "\xe2\x82",
					   "\xf0\x8f\xbf\xbf",
					   "\xf4\x90\x80\x80",
					   "\xf5\x80\x80",
					   "\xff",
					   "a\xe2\x82z" };

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		CU_ASSERT_TRUE(text_is_utf8(good[i], strlen(good[i])));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CU_ASSERT_FALSE(text_is_utf8(bad[i], strlen(bad[i])));
	CU_ASSERT_TRUE(text_is_utf8("a\0b", 3));
}

static void cleaning_replaces_each_bad_byte_and_nul(void)
{
	UNIT_ASSERT_STR(text_clean(&unit_arena, "a\0b", 3), "a" FFFD "b");
	UNIT_ASSERT_STR(text_clean(&unit_arena, "\xed\xa0\x80", 3),
			FFFD FFFD FFFD);
	UNIT_ASSERT_STR(text_clean(&unit_arena, "\xd0", 1), FFFD);
	UNIT_ASSERT_STR(text_clean(&unit_arena, "да\xff", 5), "да" FFFD);
	UNIT_ASSERT_STR(text_clean(&unit_arena, "", 0), "");
}

static void lengths_count_surrogate_pairs_as_two_units(void)
{
	UNIT_ASSERT_INT(text_units("да👌"), 4);
	UNIT_ASSERT_INT(text_points("да👌"), 3);
	UNIT_ASSERT_INT(text_units(""), 0);
}

static void cutting_never_splits_a_character(void)
{
	UNIT_ASSERT_STR(text_cut(&unit_arena, "a👌b", 2), "a");
	UNIT_ASSERT_STR(text_cut(&unit_arena, "a👌b", 3), "a👌");
	UNIT_ASSERT_STR(text_cut(&unit_arena, "да", 1), "д");
	UNIT_ASSERT_STR(text_cut(&unit_arena, "да", 0), "");
	UNIT_ASSERT_STR(text_cut(&unit_arena, "да", SIZE_MAX), "да");
}

static void a_part_ends_behind_the_last_space_that_fits(void)
{
	UNIT_ASSERT_INT(text_fit("one two three", 9, true), 8);
	UNIT_ASSERT_INT(text_fit("one two", 7, true), 7);
	UNIT_ASSERT_INT(text_fit("one\ntwo", 5, true), 4);
	/* A space in the first half would make the parts too short. */
	UNIT_ASSERT_INT(text_fit("a bcdefghij", 8, true), 8);
	UNIT_ASSERT_INT(text_fit("", 8, true), 0);
}

static void parts_of_emoji_are_whole_and_always_make_headway(void)
{
	const char *s = "👌👌👌";

	UNIT_ASSERT_INT(text_fit(s, 5, true), 8);
	UNIT_ASSERT_INT(text_fit(s, 2, false), 8);
	/* Even where not one character fits. */
	UNIT_ASSERT_INT(text_fit(s, 1, true), 4);
	UNIT_ASSERT_INT(text_fit(s, 0, false), 4);
}

static void parts_joined_are_the_whole(void)
{
	const char *s = "Здравствуйте! 👋 Когда можно посмотреть диван? "
			"🛋️🛋️🛋️";

	for (size_t max = 1; max < 30; max++) {
		const char *rest = s;
		size_t n;

		while ((n = text_fit(rest, max, true)) > 0) {
			CU_ASSERT_TRUE(text_is_utf8(rest, n));
			rest += n;
		}
		CU_ASSERT_EQUAL(*rest, '\0');
	}
}

static void white_space_alone_is_blank(void)
{
	CU_ASSERT_TRUE(text_is_blank(""));
	CU_ASSERT_TRUE(text_is_blank(" \t\r\n"));
	CU_ASSERT_FALSE(text_is_blank(" . "));
}

static void numbers_are_whole_and_in_range(void)
{
	static const char *const bad[] = {
		"",    " 1",  "1 ", "+1",  "0x10", "-",
		"--1", "1.0", "11", "-11", "1e1",  "99999999999999999999999"
	};
	long long n = 0;

	CU_ASSERT_TRUE(text_read_i64("-9", -10, 10, &n));
	UNIT_ASSERT_INT(n, -9);
	CU_ASSERT_TRUE(
		text_read_i64("9223372036854775807", LLONG_MIN, LLONG_MAX, &n));
	UNIT_ASSERT_INT(n, LLONG_MAX);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CU_ASSERT_FALSE(text_read_i64(bad[i], -10, 10, &n));
	UNIT_ASSERT_INT(n, LLONG_MAX);
}

static const char *unescaped(const char *s)
{
	char *copy = arena_str(&unit_arena, s);

	return text_unescape(copy) ? copy : NULL;
}

static void percent_encoding_is_undone_or_refused(void)
{
	UNIT_ASSERT_STR(unescaped("a+b%2B%d0%90"), "a b+А");
	UNIT_ASSERT_STR(unescaped(""), "");
	CU_ASSERT_PTR_NULL(unescaped("%"));
	CU_ASSERT_PTR_NULL(unescaped("%4"));
	CU_ASSERT_PTR_NULL(unescaped("%zz"));
	CU_ASSERT_PTR_NULL(unescaped("a%00"));
	CU_ASSERT_PTR_NULL(unescaped("%ff"));
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(valid_utf8_is_told_from_invalid),
		UNIT_TEST(cleaning_replaces_each_bad_byte_and_nul),
		UNIT_TEST(lengths_count_surrogate_pairs_as_two_units),
		UNIT_TEST(cutting_never_splits_a_character),
		UNIT_TEST(a_part_ends_behind_the_last_space_that_fits),
		UNIT_TEST(parts_of_emoji_are_whole_and_always_make_headway),
		UNIT_TEST(parts_joined_are_the_whole),
		UNIT_TEST(white_space_alone_is_blank),
		UNIT_TEST(numbers_are_whole_and_in_range),
		UNIT_TEST(percent_encoding_is_undone_or_refused),
	};

	return unit_main("text", tests, ARRAY_LEN(tests), argc, argv);
}
