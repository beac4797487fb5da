/*
 * test_buf.c - text that grows up to a ceiling.
 */
#include "config.h"

#include "base/buf.h"
#include "harness/unit.h"

static void text_grows_to_exactly_its_ceiling(void)
{
	struct buf b;

	buf_init(&b, &unit_arena, 1000);
	for (int i = 0; i < 1000; i++)
		buf_add_char(&b, 'x');
	UNIT_ASSERT_INT(b.len, 1000);
	CU_ASSERT_FALSE(b.overflow);
	buf_add_char(&b, 'x');
	CU_ASSERT_TRUE(b.overflow);
	UNIT_ASSERT_INT(b.len, 1000);
	UNIT_ASSERT_INT(strlen(b.s), 1000);
}

static void overflow_sticks_and_adds_nothing_more(void)
{
	struct buf b;

	buf_init(&b, &unit_arena, 4);
	buf_add_str(&b, "abc");
	buf_addf(&b, "%d", 12345);
	buf_add_char(&b, 'd');
	UNIT_ASSERT_STR(b.s, "abc");
	CU_ASSERT_TRUE(b.overflow);
	buf_clear(&b);
	buf_add_str(&b, "wxyz");
	UNIT_ASSERT_STR(b.s, "wxyz");
	CU_ASSERT_FALSE(b.overflow);
}

static void an_empty_ceiling_holds_the_empty_text(void)
{
	struct buf b;

	buf_init(&b, &unit_arena, 0);
	buf_add(&b, "x", 0);
	buf_addf(&b, "%s", "");
	UNIT_ASSERT_STR(b.s, "");
	CU_ASSERT_FALSE(b.overflow);
	buf_add_char(&b, 'x');
	CU_ASSERT_TRUE(b.overflow);
}

static void formatted_text_grows_too(void)
{
	struct buf b;

	buf_init(&b, &unit_arena, 5000);
	for (int i = 0; i < 100; i++)
		buf_addf(&b, "%04d,", i);
	UNIT_ASSERT_INT(b.len, 500);
	UNIT_ASSERT_STR(b.s + 495, "0099,");
}

static void html_and_urls_are_escaped(void)
{
	struct buf b;

	buf_init(&b, &unit_arena, 500);
	buf_add_html(&b, "<a href=\"x\">'&</a>");
	UNIT_ASSERT_STR(b.s,
			"&lt;a href=&quot;x&quot;&gt;&#39;&amp;&lt;/a&gt;");
	buf_clear(&b);
	buf_add_url(&b, "aZ09-._~ /?&=+%да");
	UNIT_ASSERT_STR(b.s, "aZ09-._~%20%2F%3F%26%3D%2B%25%D0%B4%D0%B0");
}

static void base32_is_as_in_rfc_4648(void)
{
	static const char *const pairs[][2] = {
		{ "", "" },
		{ "f", "MY" },
		{ "fo", "MZXQ" },
		{ "foo", "MZXW6" },
		{ "foob", "MZXW6YQ" },
		{ "fooba", "MZXW6YTB" },
		{ "foobar", "MZXW6YTBOI" },
		{ "\xff\xff\xff", "77776" },
	};
	struct buf b;

	buf_init(&b, &unit_arena, 100);
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		buf_clear(&b);
		buf_add_base32(&b, pairs[i][0], strlen(pairs[i][0]));
		UNIT_ASSERT_STR(b.s, pairs[i][1]);
	}
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(text_grows_to_exactly_its_ceiling),
		UNIT_TEST(overflow_sticks_and_adds_nothing_more),
		UNIT_TEST(an_empty_ceiling_holds_the_empty_text),
		UNIT_TEST(formatted_text_grows_too),
		UNIT_TEST(html_and_urls_are_escaped),
		UNIT_TEST(base32_is_as_in_rfc_4648),
	};

	return unit_main("buf", tests, ARRAY_LEN(tests), argc, argv);
}
