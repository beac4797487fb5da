/*
 * test_route.c - what the bot says of messages outside of every topic.  What
 * becomes of them is played in tests/e2e/test_fallback.py.
 */
#include "config.h"

#include <inttypes.h>

#include "base/text.h"
#include "core/route.h"
#include "harness/unit.h"

#define IN_TOPIC \
	"{\"message\":{\"is_topic_message\":true,\"message_thread_id\":7}}"

static struct unrouted asked(void)
{
	return (struct unrouted){
		.id = 12,
		.way = "ask",
		.body = "{\"message\":{}}",
		.decided_by = "",
		.buyer_name = "",
		.item_title = "",
	};
}

static struct route_words words(const struct unrouted *u,
				const struct route_choice *choices, size_t n)
{
	struct route_words w;

	route_compose(&unit_arena, u, choices, n, &w);
	return w;
}

static void question_offers_dialogs_and_nobody(void)
{
	struct route_choice two[] = { { 5, "Анна", "Лампа" },
				      { 9, "Пётр", "" } };
	struct unrouted u = asked();
	struct route_words w = words(&u, two, 2);

	UNIT_ASSERT_STR(w.text, "Кому отправить это сообщение?");
	UNIT_ASSERT_INT((int)w.n_buttons, 3);
	UNIT_ASSERT_STR(w.buttons[0].text, "Анна · Лампа");
	UNIT_ASSERT_STR(w.buttons[0].data, "u:12:5");
	UNIT_ASSERT_STR(w.buttons[1].text, "Пётр");
	UNIT_ASSERT_STR(w.buttons[2].text, "Никому");
	UNIT_ASSERT_STR(w.buttons[2].data, "u:12:0");
	u.body = IN_TOPIC;
	w = words(&u, two, 2);
	UNIT_ASSERT_STR(w.buttons[2].text, "Никому: это тема для своих");
}

static void long_names_are_cut_for_a_button(void)
{
	struct route_choice one = {
		5,
		"Александра-Константина",
		"Велосипед горный двухколёсный",
	};
	struct unrouted u = asked();
	struct route_words w = words(&u, &one, 1);

	UNIT_ASSERT_INT(text_units(w.buttons[0].text), 40);
	UNIT_ASSERT_STR(w.buttons[0].text + strlen(w.buttons[0].text) -
				strlen("…"),
			"…");
}

static void without_dialogs_the_question_says_so(void)
{
	struct unrouted u = asked();

	UNIT_ASSERT_STR(words(&u, NULL, 0).text,
			"Отправить некому: в этой группе ещё нет диалогов.");
}

static void end_says_where_it_went_and_who_said_so(void)
{
	struct unrouted u = asked();

	u.settled_at = 1;
	UNIT_ASSERT_STR(words(&u, NULL, 0).text,
			"⌛ Никому не отправлено: за сутки никто не выбрал "
			"диалог.");
	u.decided_by = "Иван";
	UNIT_ASSERT_STR(words(&u, NULL, 0).text,
			"🚫 Никому не отправлено (Иван)");
	u.dialog_id = 5;
	u.buyer_name = "Анна";
	UNIT_ASSERT_STR(words(&u, NULL, 0).text,
			"➡️ Отправлено: Анна (Иван)");
	UNIT_ASSERT_INT((int)words(&u, NULL, 0).n_buttons, 0);
}

static void other_ways_say_what_they_did(void)
{
	struct unrouted u = asked();

	u.settled_at = 1;
	u.way = "off";
	UNIT_ASSERT_STR(words(&u, NULL, 0).text,
			"🚫 Никому не отправлено: пишите в теме диалога или "
			"отвечайте на сообщение покупателя.");
	u.way = "latest";
	UNIT_ASSERT_STR(words(&u, NULL, 0).text,
			"🚫 Никому не отправлено: открытых диалогов нет.");
	u.dialog_id = 5;
	u.buyer_name = "Анна";
	UNIT_ASSERT_STR(words(&u, NULL, 0).text,
			"➡️ Отправлено в последний "
			"диалог: Анна");
	u.way = "quote";
	CU_ASSERT_PTR_NULL(words(&u, NULL, 0).text);
	u.way = "album";
	CU_ASSERT_PTR_NULL(words(&u, NULL, 0).text);
}

static void only_data_of_our_own_spelling_is_read(void)
{
	static const char *const bad[] = {
		"",
		"u",
		"u:",
		"u:1",
		"u:1:",
		"u::1",
		"u:0:1",
		"u:01:1",
		"u:1:-1",
		"u:+1:1",
		"u:1:1 ",
		"v:1:1",
		"u:1:1:",
		"u:1:x",
		"r:1:1",
		"u:99999999999999999999:1",
		"u:1:1111111111111111111111111111111111111111111111111",
	};
	struct route_data d;

	CU_ASSERT_TRUE(route_data_read("u:12:0", &d));
	UNIT_ASSERT_INT(d.unrouted_id, 12);
	UNIT_ASSERT_INT(d.dialog_id, 0);
	CU_ASSERT_TRUE(route_data_read(
		"u:9223372036854775807:9223372036854775807", &d));
	CU_ASSERT_EQUAL(d.dialog_id, INT64_MAX);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CU_ASSERT_FALSE(route_data_read(bad[i], &d));
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(question_offers_dialogs_and_nobody),
		UNIT_TEST(long_names_are_cut_for_a_button),
		UNIT_TEST(without_dialogs_the_question_says_so),
		UNIT_TEST(end_says_where_it_went_and_who_said_so),
		UNIT_TEST(other_ways_say_what_they_did),
		UNIT_TEST(only_data_of_our_own_spelling_is_read),
	};

	return unit_main("route", tests, ARRAY_LEN(tests), argc, argv);
}
