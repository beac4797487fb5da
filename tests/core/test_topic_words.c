/*
 * test_topic_words.c - what a topic is called, and how one that continues
 * another begins.
 */
#include "config.h"

#include "base/text.h"
#include "chan/telegram.h"
#include "core/topic_intro.h"
#include "core/topic_title.h"
#include "harness/unit.h"

static void title_is_the_buyer_and_the_ad(void)
{
	UNIT_ASSERT_STR(topic_title(&unit_arena, "Анна", "Лампа"),
			"Анна · Лампа");
	UNIT_ASSERT_STR(topic_title(&unit_arena, "Анна", ""), "Анна");
	UNIT_ASSERT_STR(topic_title(&unit_arena, "", ""), "Покупатель");
}

static void state_stands_in_front_of_the_title(void)
{
	UNIT_ASSERT_STR(topic_title_with(&unit_arena, "Анна", "new"), "🔴 Анна");
	UNIT_ASSERT_STR(topic_title_with(&unit_arena, "Анна", "answered"),
			"Анна");
	UNIT_ASSERT_STR(topic_title_with(&unit_arena, "Анна", "closed"),
			"✅ Анна");
	UNIT_ASSERT_STR(topic_title_with(&unit_arena, "Анна", ""), "Анна");
}

static void state_does_not_make_a_title_too_long(void)
{
	char ad[400];

	memset(ad, 'x', sizeof(ad) - 1);
	ad[sizeof(ad) - 1] = '\0';
	UNIT_ASSERT_INT(text_units(topic_title_with(
				&unit_arena,
				topic_title(&unit_arena, "Анна", ad), "new")),
			TG_TOPIC_MAX);
}

static void icon_is_the_first_that_bots_may_use(void)
{
	static const char all[] = "{\"❗\":\"1\",\"🔥\":\"2\",\"✅\":\"3\"}";

	UNIT_ASSERT_STR(topic_icon(&unit_arena, all, "new"), "1");
	UNIT_ASSERT_STR(topic_icon(&unit_arena, all, "closed"), "3");
	UNIT_ASSERT_STR(topic_icon(&unit_arena, "{\"🔥\":\"2\"}", "new"), "2");
	/* With U+FE0F behind it, as Telegram may write it. */
	UNIT_ASSERT_STR(
		topic_icon(&unit_arena, "{\"❗\xef\xb8\x8f\":\"7\"}", "new"),
		"7");
	CU_ASSERT_PTR_NULL(topic_icon(&unit_arena, all, "answered"));
	CU_ASSERT_PTR_NULL(topic_icon(&unit_arena, "{}", "new"));
	CU_ASSERT_PTR_NULL(topic_icon(&unit_arena, "", "new"));
}

static struct topic_line line(const char *author, const char *kind,
			      const char *text)
{
	return (struct topic_line){
		.when = "21.11 14:05",
		.author = author,
		.author_name = strcmp(author, "operator") == 0 ? "Ольга" : "",
		.kind = kind,
		.text = text,
	};
}

static const char *intro(struct topic_line l)
{
	const char *text = topic_intro(&unit_arena, "Анна", &l, 1);
	const char *last = strrchr(text, '\n');

	CU_ASSERT_PTR_NOT_NULL_FATAL(last);
	return last + 1;
}

static void introduction_tells_who_wrote_what_and_when(void)
{
	struct topic_line two[] = { line("buyer", "text", "Ещё есть?"),
				    line("operator", "text", "Да") };

	UNIT_ASSERT_STR(
		topic_intro(&unit_arena, "Анна", two, 2),
		"↩️ Диалог продолжается здесь: "
		"прежней "
		"темы "
		"больше "
		"нет.\n\nПоследние сообщения:\n"
		"21.11 14:05 Анна: Ещё есть?\n21.11 14:05 Ольга: Да");
	UNIT_ASSERT_STR(
		topic_intro(&unit_arena, "Анна", NULL, 0),
		"↩️ Диалог продолжается здесь: "
		"прежней "
		"темы "
		"больше "
		"нет.");
}

static void what_is_no_text_is_named_by_its_kind(void)
{
	UNIT_ASSERT_STR(intro(line("buyer", "image", "")),
			"21.11 14:05 Анна: [фото]");
	UNIT_ASSERT_STR(intro(line("buyer", "document", "Счёт")),
			"21.11 14:05 Анна: [файл] Счёт");
	/* Others say in words what they are. */
	UNIT_ASSERT_STR(intro(line("buyer", "location", "Точка: 55.7, 37.6")),
			"21.11 14:05 Анна: Точка: 55.7, 37.6");
	UNIT_ASSERT_STR(intro(line("buyer", "unsupported", "")),
			"21.11 14:05 Анна: [сообщение]");
}

static void introduction_marks_notes_and_what_was_deleted(void)
{
	struct topic_line l = line("operator", "text", "звонил\nему");

	l.is_note = true;
	UNIT_ASSERT_STR(intro(l), "21.11 14:05 📝 Ольга: звонил ему");
	l.is_deleted = true;
	UNIT_ASSERT_STR(intro(l), "21.11 14:05 📝 Ольга: [удалено]");
	UNIT_ASSERT_STR(
		intro(line("robot", "text", "Ответим утром")),
		"21.11 14:05 🤖 Автоответчик: Ответим "
		"утром");
}

static void ten_long_messages_fit_into_one_text(void)
{
	struct topic_line lines[TOPIC_INTRO_LINES];
	char words[5000];
	const char *text;

	memset(words, 'x', sizeof(words) - 1);
	words[sizeof(words) - 1] = '\0';
	for (size_t i = 0; i < TOPIC_INTRO_LINES; i++) {
		lines[i] = line("operator", "image", words);
		lines[i].author_name = words;
		lines[i].when = i == TOPIC_INTRO_LINES - 1 ? "last" : "first";
	}
	text = topic_intro(&unit_arena, words, lines, TOPIC_INTRO_LINES);
	CU_ASSERT_TRUE(text_units(text) < TG_TEXT_MAX);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nlast "));
	UNIT_ASSERT_STR(text + strlen(text) - strlen("x…"), "x…");
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(title_is_the_buyer_and_the_ad),
		UNIT_TEST(state_stands_in_front_of_the_title),
		UNIT_TEST(state_does_not_make_a_title_too_long),
		UNIT_TEST(icon_is_the_first_that_bots_may_use),
		UNIT_TEST(introduction_tells_who_wrote_what_and_when),
		UNIT_TEST(what_is_no_text_is_named_by_its_kind),
		UNIT_TEST(introduction_marks_notes_and_what_was_deleted),
		UNIT_TEST(ten_long_messages_fit_into_one_text),
	};

	return unit_main("topic_words", tests, ARRAY_LEN(tests), argc, argv);
}
