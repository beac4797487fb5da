/*
 * test_words.c - words are found in whatever form, and filters decide by them.
 */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>

#include "harness/pg.h"
#include "harness/unit.h"

static const char *quoted(const char *s)
{
	return s ? arena_printf(&unit_arena, "$q$%s$q$", s) : "NULL";
}

static bool found(const char *said, const char *words, const char *match)
{
	return pg_count(arena_printf(
		       &unit_arena,
		       "SELECT words_found(words_of(%s), %s, %s)::integer",
		       quoted(said), quoted(words), quoted(match))) == 1;
}

struct word_case {
	const char *said, *words, *match;
	bool found;
};

static void check_all(const struct word_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct word_case *c = &cases[i];

		if (found(c->said, c->words, c->match) == c->found)
			continue;
		CU_FAIL("a word is found that is not there, or not found");
		printf("\n%s in \"%s\": not %d\n", c->words, c->said, c->found);
	}
}
#define CHECK_ALL(cases) check_all(cases, ARRAY_LEN(cases))

static void case_and_yo_do_not_matter(void)
{
	static const struct word_case cases[] = {
		{ "ТОРГ УМЕСТЕН?", "[\"торг\"]", "any", true },
		{ "торг уместен?", "[\"ТОРГ\"]", "any", true },
		{ "Ещё продаёте", "[\"еще\"]", "any", true },
		{ "Еще продаете", "[\"ещё\"]", "any", true },
		{ "ЁЛКА", "[\"елка\"]", "any", true },
		/* The same letters in two parts, as some keyboards write. */
		{ "Е\u0308лка", "[\"ёлка\"]", "any", true },
		{ "Мои\u0306", "[\"мой\"]", "any", true },
		{ "IPHONE", "[\"iPhone\"]", "any", true },
		{ "ｉＰｈｏｎｅ", "[\"iphone\"]", "any", true },
	};

	CHECK_ALL(cases);
}

static void word_forms_do_not_matter(void)
{
	static const struct word_case cases[] = {
		{ "Какова стоимость доставки?", "[\"доставка\"]", "any", true },
		{ "Отправите доставкой", "[\"доставка\"]", "any", true },
		{ "доставщик", "[\"доставка\"]", "any", false },
		{ "Продаёте?", "[\"продаете\"]", "any", true },
		{ "двух квартир", "[\"квартира\"]", "any", true },
		{ "my deliveries", "[\"delivery\"]", "any", true },
		{ "delivered it", "[\"deliver\"]", "any", true },
		{ "сторговались", "[\"торг\"]", "any", false },
		{ "кот", "[\"который\"]", "any", false },
	};

	CHECK_ALL(cases);
}

/* The dictionary's usual list would leave nothing of such a condition. */
static void common_words_are_words(void)
{
	static const struct word_case cases[] = {
		{ "Здравствуйте", "[\"не\"]", "any", false },
		{ "Здравствуйте", "[\"не\"]", "all", false },
		{ "Не звоните", "[\"не\"]", "any", true },
		{ "Звоните", "[\"не звоните\"]", "any", false },
		{ "Только не звонить", "[\"не звоните\"]", "any", true },
		{ "Good day", "[\"the\"]", "any", false },
		{ "The price", "[\"the\"]", "any", true },
		{ "Не надо", "[\"и\", \"не\"]", "all", false },
		{ "И не надо", "[\"и\", \"не\"]", "all", true },
	};

	CHECK_ALL(cases);
}

static void phrase_stands_together(void)
{
	static const struct word_case cases[] = {
		{ "Последняя цена?", "[\"последняя цена\"]", "any", true },
		{ "Какая последняя, цена?", "[\"последняя цена\"]", "any",
		  true },
		{ "Цена последняя", "[\"последняя цена\"]", "any", false },
		{ "последняя моя цена", "[\"последняя цена\"]", "any", false },
		{ "по последней цене", "[\"последняя цена\"]", "any", true },
	};

	CHECK_ALL(cases);
}

static void digits_signs_and_addresses_are_words(void)
{
	static const struct word_case cases[] = {
		{ "за 5000 руб", "[\"5000\"]", "any", true },
		{ "скидка-50%", "[\"50\"]", "any", true },
		{ "15000", "[\"5000\"]", "any", false },
		{ "5 000", "[\"5000\"]", "any", false },
		{ "5.000", "[\"5 000\"]", "any", true },
		{ "+7 900 123-45-67", "[\"900 123 45 67\"]", "any", true },
		{ "смотри t.me/spam_bot?x=1", "[\"t.me\"]", "any", true },
		{ "https://www.Example.org/a", "[\"example.org\"]", "any",
		  true },
		{ "пиши a.b@example.org", "[\"example\"]", "any", true },
		{ "iPhone12 Pro", "[\"iphone12\"]", "any", true },
		{ "iPhone12 Pro", "[\"iphone\"]", "any", false },
		{ "кто-нибудь", "[\"кто\"]", "any", true },
		{ "snake_case", "[\"case\"]", "any", true },
		{ "а&б|в!г:*", "[\"б\"]", "any", true },
		{ "а б", "[\"а | б\"]", "any", true },
		{ "б", "[\"а | б\"]", "any", false },
		{ "'; DROP TABLE x", "[\"drop table\"]", "any", true },
	};

	CHECK_ALL(cases);
}

static void any_is_one_of_them_and_all_is_each(void)
{
	static const struct word_case cases[] = {
		{ "обмен на торг", "[\"торг\", \"обмен\"]", "all", true },
		{ "обмен", "[\"торг\", \"обмен\"]", "all", false },
		{ "обмен", "[\"торг\", \"обмен\"]", "any", true },
		{ "привет", "[\"торг\", \"обмен\"]", "any", false },
		{ "", "[\"торг\"]", "any", false },
		{ "", "[\"торг\"]", "all", false },
		{ "👍🏻", "[\"торг\"]", "any", false },
	};

	CHECK_ALL(cases);
}

static void long_texts_are_looked_through(void)
{
	struct word_case cases[] = {
		{ NULL, "[\"торг\"]", "any", true },
		{ NULL, "[\"обмен\"]", "any", false },
	};

	cases[0].said = cases[1].said =
		pg_text("SELECT repeat('слово ', 5000) || repeat('х', 5000)"
			" || ' торг'");
	CHECK_ALL(cases);
}

/* ---- filters ---- */

/* A filter as it is stored, with some members of its own. */
static const char *filter(const char *id, const char *action, const char *own)
{
	return arena_printf(
		&unit_arena,
		"SELECT '{\"id\":\"%s\",\"name\":\"\",\"enabled\":true,"
		"\"action\":\"%s\",\"items\":[],\"buyers\":[],\"words\":[],"
		"\"match\":\"any\",\"kinds\":[],\"directions\":[]}'::jsonb"
		" || $q${%s}$q$",
		id, action, own);
}

#define BUYER "77, '501', 'Анна Ёлкина', 'text', 'buyer', 'Ещё продаёте?'"

/* "id action" of what decides; "" when nothing applies. */
static const char *verdict(const char *filters, const char *message)
{
	return pg_text(arena_printf(
		&unit_arena,
		"SELECT array_to_string(filter_verdict((SELECT jsonb_agg(f)"
		" FROM (%s) x (f)), %s), ' ')",
		filters, message));
}

static const char *both(const char *a, const char *b)
{
	return arena_printf(&unit_arena, "%s UNION ALL %s", a, b);
}

static void each_condition_must_hold(void)
{
	static const struct {
		const char *own, *verdict;
	} cases[] = {
		{ "\"items\":[5,77]", "a hide" },
		{ "\"items\":[5]", "" },
		{ "\"buyers\":[\"501\"]", "a hide" },
		{ "\"buyers\":[\"50\"]", "" },
		{ "\"buyers\":[\"анна елкина\"]", "a hide" },
		{ "\"buyers\":[\"Анна\"]", "" },
		{ "\"kinds\":[\"image\",\"text\"]", "a hide" },
		{ "\"kinds\":[\"image\"]", "" },
		{ "\"directions\":[\"buyer\"]", "a hide" },
		{ "\"directions\":[\"seller\",\"system\"]", "" },
		{ "\"words\":[\"продать\",\"продаете\"]", "a hide" },
		{ "\"words\":[\"обмен\"]", "" },
		{ "\"words\":[\"еще\",\"обмен\"],\"match\":\"all\"", "" },
		{ "\"words\":[\"еще\"],\"items\":[77],\"buyers\":[\"501\"],"
		  "\"kinds\":[\"text\"],\"directions\":[\"buyer\"]",
		  "a hide" },
		{ "\"words\":[\"еще\"],\"items\":[5]", "" },
		{ "\"items\":[77],\"enabled\":false", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		UNIT_ASSERT_STR(
			verdict(filter("a", "hide", cases[i].own), BUYER),
			cases[i].verdict);
}

static void first_that_applies_decides(void)
{
	const char *ad = filter("ad", "pass", "\"items\":[77]");
	const char *all = filter("all", "drop", "\"directions\":[\"buyer\"]");

	UNIT_ASSERT_STR(verdict(both(ad, all), BUYER), "ad pass");
	UNIT_ASSERT_STR(verdict(both(all, ad), BUYER), "all drop");
	ad = filter("ad", "pass", "\"items\":[77],\"enabled\":false");
	UNIT_ASSERT_STR(verdict(both(ad, all), BUYER), "all drop");
}

static void what_is_not_known_is_not_matched(void)
{
	static const char *const nameless =
		"NULL, '', '', 'text', 'buyer', 'Да'";

	UNIT_ASSERT_STR(
		verdict(filter("a", "hide", "\"items\":[77]"), nameless), "");
	UNIT_ASSERT_STR(
		verdict(filter("a", "hide", "\"buyers\":[\"!\"]"), nameless),
		"");
}

/* More words than one tsvector takes, and one that grows when it is folded. */
static void text_without_end_is_judged_by_its_beginning(void)
{
	UNIT_ASSERT_INT(pg_count("SELECT words_found(words_of('торг ' ||"
				 " (SELECT string_agg('слово' || n, ' ')"
				 "  FROM generate_series(1, 90000) n)),"
				 " '[\"торг\"]', 'any')::integer"),
			1);
	UNIT_ASSERT_INT(
		pg_count("SELECT words_found(words_of('торг ' ||"
			 " (SELECT string_agg(chr(64256 + n % 7) || n, ' ')"
			 "  FROM generate_series(1, 90000) n)),"
			 " '[\"торг\"]', 'any')::integer"),
		1);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(case_and_yo_do_not_matter),
		UNIT_TEST(word_forms_do_not_matter),
		UNIT_TEST(common_words_are_words),
		UNIT_TEST(phrase_stands_together),
		UNIT_TEST(digits_signs_and_addresses_are_words),
		UNIT_TEST(any_is_one_of_them_and_all_is_each),
		UNIT_TEST(long_texts_are_looked_through),
		UNIT_TEST(each_condition_must_hold),
		UNIT_TEST(first_that_applies_decides),
		UNIT_TEST(what_is_not_known_is_not_matched),
		UNIT_TEST(text_without_end_is_judged_by_its_beginning),
	};

	pg_start();
	return unit_main("words", tests, ARRAY_LEN(tests), argc, argv);
}
