/*
 * test_auto_text.c - placeholders are filled, and what is missing leaves no
 * trace.
 */
#include "config.h"

#include "core/auto_text.h"
#include "harness/unit.h"

static const struct auto_words known = {
	.buyer = "Анна",
	.ad = "Велосипед",
	.price = "15 000 ₽",
	.link = "https://www.avito.ru/1",
	.project = "Шины",
	.shop = "Магазин",
};

static const char *fill(const char *text, const struct auto_words *w)
{
	return auto_text_fill(&unit_arena, text, w);
}

static void what_is_known_is_filled_in(void)
{
	UNIT_ASSERT_STR(fill("{buyer}: {ad} за {price}, {link} ({project}, "
			     "{shop})",
			     &known),
			"Анна: Велосипед за 15 000 ₽, "
			"https://www.avito.ru/1 "
			"(Шины, Магазин)");
	UNIT_ASSERT_STR(fill("{buyer|покупатель}!", &known), "Анна!");
	UNIT_ASSERT_STR(fill("{buyer}{buyer}", &known), "АннаАнна");
}

static void other_words_stand_for_what_is_missing(void)
{
	const struct auto_words none = { .buyer = " \n" };

	UNIT_ASSERT_STR(fill("Здравствуйте, {buyer|покупатель}!", &none),
			"Здравствуйте, покупатель!");
	UNIT_ASSERT_STR(fill("{ad}: цена {price}", &none),
			"объявление: цена не указана");
	UNIT_ASSERT_STR(fill("Цена: {price|по договорённости}.", &none),
			"Цена: по договорённости.");
}

static void what_is_left_out_leaves_no_trace(void)
{
	static const struct {
		const char *text, *filled;
	} cases[] = {
		{ "Здравствуйте, {buyer}!", "Здравствуйте!" },
		{ "Здравствуйте, {buyer|}!", "Здравствуйте!" },
		{ "{buyer}, здравствуйте!", "Здравствуйте!" },
		{ "{buyer} — ёжик", "Ёжик" },
		{ "Добрый день, {buyer}, спасибо", "Добрый день, спасибо" },
		{ "Привет {buyer} как дела", "Привет как дела" },
		{ "Смотрите ({link}) сами", "Смотрите сами" },
		{ "Смотрите «{link}».", "Смотрите." },
		{ "Ссылка: {link}", "Ссылка" },
		{ "Ссылка: {link}\nСпасибо", "Ссылка\nСпасибо" },
		{ "Спасибо!\n{link}\nПишите", "Спасибо!\nПишите" },
		{ "Спасибо!\n{link}", "Спасибо!" },
		{ "Спасибо! {buyer}, мы ответим", "Спасибо! Мы ответим" },
		{ "Да.{buyer} Нет", "Да. Нет" },
		{ "(мы, {buyer}) тут", "(мы) тут" },
		{ "({buyer}, мы) тут", "(мы) тут" },
		{ "{buyer}{link}", "" },
		{ "A {buyer} {link} b", "A b" },
		{ "Hello, {buyer} .", "Hello." },
	};
	const struct auto_words none = { .ad = NULL };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		UNIT_ASSERT_STR(fill(cases[i].text, &none), cases[i].filled);
}

static void a_strangers_name_is_one_line_and_no_placeholder(void)
{
	const struct auto_words w = { .buyer = " А\n\n{price}\t B " };

	UNIT_ASSERT_STR(fill("[{buyer}]", &w), "[А {price} B]");
}

static void other_braces_are_text(void)
{
	UNIT_ASSERT_STR(fill("{ buyer } {} { {buyer", &known),
			"{ buyer } {} { {buyer");
}

/* The problem's text, "" without one. */
static const char *problem_in(const char *text)
{
	struct problems p = { .a = &unit_arena };

	auto_text_check(&p, "text", text, 1, 40);
	return p.n ? p.list[0].text : "";
}

static void an_unknown_placeholder_is_named(void)
{
	UNIT_ASSERT_STR(problem_in("{buyer|a} {ad} {shop}"), "");
	UNIT_ASSERT_STR(problem_in("{ x } {}"), "");
	CU_ASSERT_PTR_NOT_NULL(strstr(problem_in("{buyer} {имя}"), "{имя}"));
	CU_ASSERT_PTR_NOT_NULL(strstr(problem_in("{buyers|x}"), "{buyers}"));
	CU_ASSERT_PTR_NOT_NULL(strstr(problem_in(" "), "empty"));
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(what_is_known_is_filled_in),
		UNIT_TEST(other_words_stand_for_what_is_missing),
		UNIT_TEST(what_is_left_out_leaves_no_trace),
		UNIT_TEST(a_strangers_name_is_one_line_and_no_placeholder),
		UNIT_TEST(other_braces_are_text),
		UNIT_TEST(an_unknown_placeholder_is_named),
	};

	return unit_main("auto_text", tests, ARRAY_LEN(tests), argc, argv);
}
