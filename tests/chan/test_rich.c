/*
 * test_rich.c - text with its formatting, cut and put together.
 */
#include "config.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "chan/rich.h"
#include "harness/unit.h"

#define BOLD(offset, length) \
	"{\"type\":\"bold\",\"offset\":" #offset ",\"length\":" #length "}"

static struct rich read(const char *text, const char *entities)
{
	return rich_read(&unit_arena, text, entities);
}

static const char *entities(struct rich r)
{
	return rich_entities(&unit_arena, &r);
}

static const char *again(const char *text, const char *json)
{
	return entities(read(text, json));
}

static const char *plain(const char *text, const char *json)
{
	struct rich r = read(text, json);

	return rich_plain(&unit_arena, &r);
}

static const char *repeat(const char *s, int times)
{
	struct buf b;

	buf_init(&b, &unit_arena, 1 << 20);
	for (int i = 0; i < times; i++)
		buf_add_str(&b, s);
	return b.s;
}

static void formatting_survives_the_way_in_and_out(void)
{
	const char *all = "[" BOLD(0, 4) ",{\"type\":\"pre\",\"offset\":5,"
					 "\"length\":4,\"language\":\"c\"}]";

	UNIT_ASSERT_STR(again("Цена 1500", all), all);
	CU_ASSERT_PTR_NULL(again("Цена", NULL));
	CU_ASSERT_PTR_NULL(again("Цена", "[]"));
}

static void only_what_a_kind_has_is_written(void)
{
	UNIT_ASSERT_STR(again("Анна", "[{\"type\":\"text_mention\","
				      "\"offset\":0,\"length\":4,\"evil\":[1],"
				      "\"user\":{\"id\":501,\"x\":1,"
				      "\"first_name\":\"Анна\"}}]"),
			"[{\"type\":\"text_mention\",\"offset\":0,"
			"\"length\":4,\"user\":{\"id\":501,\"is_bot\":false,"
			"\"first_name\":\"Анна\"}}]");
	CU_ASSERT_PTR_NULL(again("a.example", "[{\"type\":\"url\",\"offset\":0,"
					      "\"length\":9}]"));
	CU_ASSERT_PTR_NULL(again("da", "[{\"type\":\"text_link\","
				       "\"offset\":0,\"length\":2}]"));
}

static void what_lies_outside_of_the_text_is_left_out(void)
{
	CU_ASSERT_PTR_NULL(again("abc", "[" BOLD(0, 4) "]"));
	CU_ASSERT_PTR_NULL(again("abc", "[" BOLD(3, 1) "]"));
	CU_ASSERT_PTR_NULL(again("abc", "[" BOLD(-1, 2) "]"));
	CU_ASSERT_PTR_NULL(again("abc", "[" BOLD(0, 0) "]"));
	CU_ASSERT_PTR_NULL(again("abc", "[" BOLD(1, -1) "]"));
	CU_ASSERT_PTR_NULL(again("abc", "[" BOLD(1, 9223372036854775807) "]"));
	CU_ASSERT_PTR_NULL(again("", "[" BOLD(0, 1) "]"));
	CU_ASSERT_PTR_NULL(again("abc", "{\"type\":\"bold\"}"));
	CU_ASSERT_PTR_NULL(again("abc", "[null,1,\"bold\",[]]"));
}

static void what_cuts_a_surrogate_pair_is_left_out(void)
{
	UNIT_ASSERT_STR(again("a😀b", "[" BOLD(1, 2) "]"), "[" BOLD(1, 2) "]");
	CU_ASSERT_PTR_NULL(again("a😀b", "[" BOLD(1, 1) "]"));
	CU_ASSERT_PTR_NULL(again("a😀b", "[" BOLD(2, 1) "]"));
	CU_ASSERT_PTR_NULL(again("a😀b", "[" BOLD(2, 2) "]"));
}

static void marks_nest_but_do_not_cross(void)
{
	UNIT_ASSERT_STR(again("abcdef", "[" BOLD(1, 2) "," BOLD(0, 4) "]"),
			"[" BOLD(0, 4) "," BOLD(1, 2) "]");
	UNIT_ASSERT_STR(again("abcdef", "[" BOLD(0, 4) "," BOLD(2, 4) "]"),
			"[" BOLD(0, 4) "]");
}

static void thousands_of_marks_are_no_more_than_telegram_shows(void)
{
	const char *many =
		arena_printf(&unit_arena, "[%s%s]",
			     repeat(BOLD(0, 1) ",", 5000), BOLD(0, 1));

	UNIT_ASSERT_INT(read("abc", many).n, RICH_MARKS_MAX);
}

static void a_headline_shifts_what_stands_below_it(void)
{
	struct rich r = read("Да", "[" BOLD(0, 2) "]");

	r = rich_under(&unit_arena, "💬 Анна:\n", &r);
	UNIT_ASSERT_STR(r.text, "💬 Анна:\nДа");
	UNIT_ASSERT_STR(entities(r), "[" BOLD(9, 2) "]");
}

static void joined_texts_keep_both_formattings(void)
{
	struct rich x = read("ab", "[" BOLD(1, 1) "]");
	struct rich y = read("😀c", "[" BOLD(0, 2) "]");
	struct rich r = rich_join(&unit_arena, &x, &y);

	UNIT_ASSERT_STR(r.text, "ab😀c");
	UNIT_ASSERT_STR(entities(r), "[" BOLD(1, 1) "," BOLD(2, 2) "]");
}

static void a_mark_that_is_cut_goes_on_in_its_part(void)
{
	struct rich r = read("раз два три", "[" BOLD(2, 7) "]");
	struct rich s =
		rich_slice(&unit_arena, &r, strlen("раз "), strlen("два "));

	UNIT_ASSERT_STR(s.text, "два ");
	UNIT_ASSERT_STR(entities(s), "[" BOLD(0, 4) "]");
	s = rich_slice(&unit_arena, &r, 0, strlen("раз"));
	UNIT_ASSERT_STR(entities(s), "[" BOLD(2, 1) "]");
}

static void a_sign_that_is_cut_is_left_out(void)
{
	struct rich r = read("ab", "[{\"type\":\"custom_emoji\",\"offset\":0,"
				   "\"length\":2,\"custom_emoji_id\":\"7\"}]");
	struct rich s = rich_slice(&unit_arena, &r, 0, 1);

	UNIT_ASSERT_INT(r.n, 1);
	UNIT_ASSERT_INT(s.n, 0);
}

static struct rich *split(const char *text, const char *json, size_t max,
			  size_t *n)
{
	struct rich r = read(text, json);

	return rich_split(&unit_arena, &r, max, true, 64, n);
}

static void a_short_text_has_no_number(void)
{
	size_t n;
	struct rich *list = split("да", "[" BOLD(0, 2) "]", 20, &n);

	UNIT_ASSERT_INT(n, 1);
	UNIT_ASSERT_STR(list[0].text, "да");
	UNIT_ASSERT_STR(entities(list[0]), "[" BOLD(0, 2) "]");
	split(" \n ", NULL, 20, &n);
	UNIT_ASSERT_INT(n, 0);
}

static void a_long_text_is_cut_at_words_and_numbered(void)
{
	size_t n;
	struct rich *list =
		split("один два три четыре пять", "[" BOLD(5, 7) "]", 19, &n);

	UNIT_ASSERT_INT(n, 2);
	UNIT_ASSERT_STR(list[0].text, "(1/2) один два три");
	UNIT_ASSERT_STR(entities(list[0]), "[" BOLD(11, 7) "]");
	UNIT_ASSERT_STR(list[1].text, "(2/2) четыре пять");
	CU_ASSERT_PTR_NULL(entities(list[1]));
}

static void numbers_fit_into_the_limit(void)
{
	const char *text = repeat("слово 😀 ", 200);
	size_t n;
	struct rich *list = split(text, NULL, 100, &n);

	CU_ASSERT_TRUE(n > 9);
	for (size_t i = 0; i < n; i++)
		CU_ASSERT_TRUE(text_units(list[i].text) <= 100);
	UNIT_ASSERT_INT(strncmp(list[n - 1].text,
				arena_printf(&unit_arena, "(%zu/%zu) ", n, n),
				8),
			0);
}

static void a_word_without_end_is_cut_between_characters(void)
{
	size_t n;
	struct rich *list = split(repeat("😀", 30), NULL, 25, &n);

	for (size_t i = 0; i < n; i++) {
		CU_ASSERT_TRUE(
			text_is_utf8(list[i].text, strlen(list[i].text)));
		CU_ASSERT_TRUE(text_units(list[i].text) <= 25);
	}
	CU_ASSERT_TRUE(n > 2);
}

static void an_address_behind_words_is_written_out(void)
{
	UNIT_ASSERT_STR(plain("Смотрите тут и там",
			      "[{\"type\":\"text_link\",\"offset\":9,"
			      "\"length\":3,\"url\":\"https://a.example/x\"},"
			      "{\"type\":\"text_link\",\"offset\":15,"
			      "\"length\":3,\"url\":\"https://b.example/\"}]"),
			"Смотрите тут (https://a.example/x) и там "
			"(https://b.example/)");
}

static void an_address_that_is_shown_is_not_repeated(void)
{
	const char *link = "[{\"type\":\"text_link\",\"offset\":0,"
			   "\"length\":9,\"url\":\"https://a.example/\"}]";

	UNIT_ASSERT_STR(plain("a.example", link), "a.example");
}

static void other_formatting_leaves_no_signs(void)
{
	UNIT_ASSERT_STR(plain("<b>да</b> *x*", "[" BOLD(0, 5) "]"),
			"<b>да</b> *x*");
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(formatting_survives_the_way_in_and_out),
		UNIT_TEST(only_what_a_kind_has_is_written),
		UNIT_TEST(what_lies_outside_of_the_text_is_left_out),
		UNIT_TEST(what_cuts_a_surrogate_pair_is_left_out),
		UNIT_TEST(marks_nest_but_do_not_cross),
		UNIT_TEST(thousands_of_marks_are_no_more_than_telegram_shows),
		UNIT_TEST(a_headline_shifts_what_stands_below_it),
		UNIT_TEST(joined_texts_keep_both_formattings),
		UNIT_TEST(a_mark_that_is_cut_goes_on_in_its_part),
		UNIT_TEST(a_sign_that_is_cut_is_left_out),
		UNIT_TEST(a_short_text_has_no_number),
		UNIT_TEST(a_long_text_is_cut_at_words_and_numbered),
		UNIT_TEST(numbers_fit_into_the_limit),
		UNIT_TEST(a_word_without_end_is_cut_between_characters),
		UNIT_TEST(an_address_behind_words_is_written_out),
		UNIT_TEST(an_address_that_is_shown_is_not_repeated),
		UNIT_TEST(other_formatting_leaves_no_signs),
	};

	return unit_main("rich", tests, ARRAY_LEN(tests), argc, argv);
}
