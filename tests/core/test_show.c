/*
 * test_show.c - what must be done so that copies look as their message does.
 */
#include "config.h"

#include "base/buf.h"
#include "core/show.h"
#include "harness/unit.h"

#define GROUP INT64_C(-100)

static struct shown_copy copies[8];

/* A buyer's text that was edited, with n copies in the topic. */
static struct shown shown(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		copies[i] = (struct shown_copy){
			.place = "telegram",
			.place_id = GROUP,
			.part = (int)i,
			.external_id = arena_printf(&unit_arena, "%zu", 70 + i),
		};
	return (struct shown){
		.d = { .message_id = 5,
		       .author = "buyer",
		       .author_name = "",
		       .origin = "telegram",
		       .external_id = "501/3",
		       .kind = "text",
		       .text = text,
		       .is_edited = true,
		       .deleted_by = "",
		       .source = "telegram",
		       .source_id = 3,
		       .chat = "501",
		       .connection = "",
		       .buyer_name = "Анна",
		       .item_title = "",
		       .topic_bot_id = 1,
		       .topic_group_id = GROUP,
		       .bot_topics = true },
		.copies = copies,
		.n_copies = n,
	};
}

/* An answer that lies at the buyer's. */
static struct shown answer(const char *text)
{
	struct shown s = shown(text, 1);

	s.d.author = "operator";
	s.d.author_name = "Ольга";
	s.d.origin_id = GROUP;
	s.d.external_id = "55";
	copies[0].place_id = 3;
	copies[0].external_id = "501/9";
	return s;
}

static const char *repeat(const char *s, int times)
{
	struct buf b;

	buf_init(&b, &unit_arena, 1 << 20);
	for (int i = 0; i < times; i++)
		buf_add_str(&b, s);
	return b.s;
}

static struct show_step *steps;
static size_t n;

static void plan_team(const struct shown *s)
{
	show_plan_team(&unit_arena, s, NULL, 0, &steps, &n);
}

static void plan_buyer(const struct shown *s)
{
	show_plan_buyer(&unit_arena, s, &steps, &n);
}

static void one_copy_becomes_the_new_text(void)
{
	struct shown s = shown("Новое", 1);

	plan_team(&s);
	UNIT_ASSERT_INT(n, 1);
	UNIT_ASSERT_INT(steps[0].act, SHOW_EDIT);
	UNIT_ASSERT_STR(steps[0].copy.external_id, "70");
	UNIT_ASSERT_STR(steps[0].part.text,
			"💬 Клиент Анна:\nНовое\n✏️ "
			"изменено");
}

static void more_text_needs_more_copies_and_less_fewer(void)
{
	struct shown s = shown(repeat("слово ", 1500), 1);

	plan_team(&s);
	UNIT_ASSERT_INT(n, 3);
	UNIT_ASSERT_INT(steps[0].act, SHOW_EDIT);
	UNIT_ASSERT_INT(steps[2].act, SHOW_SEND);
	UNIT_ASSERT_INT(steps[2].copy.part, 2);
	s = shown("Новое", 3);
	plan_team(&s);
	UNIT_ASSERT_INT(n, 3);
	UNIT_ASSERT_INT(steps[1].act, SHOW_DELETE);
	CU_ASSERT_TRUE(steps[1].forgets);
}

static void what_has_no_copy_needs_nothing(void)
{
	struct shown s = shown("Новое", 0);

	plan_team(&s);
	UNIT_ASSERT_INT(n, 0);
	plan_buyer(&s);
	UNIT_ASSERT_INT(n, 0);
}

static void texts_that_travelled_together_change_together(void)
{
	struct shown s = shown("Новое", 1);
	struct delivery company[2] = { s.d, s.d };

	company[0].text = "Первое";
	company[0].is_edited = false;
	show_plan_team(&unit_arena, &s, company, 2, &steps, &n);
	UNIT_ASSERT_INT(n, 1);
	UNIT_ASSERT_STR(steps[0].part.text,
			"💬 Клиент "
			"Анна:\nПервое\n\nНовое\n✏️ "
			"изменено");
	company[1].text = repeat("слово ", 1500);
	show_plan_team(&unit_arena, &s, company, 2, &steps, &n);
	UNIT_ASSERT_INT(steps[0].act, SHOW_SAY);
}

static void what_was_deleted_is_named_and_not_shown(void)
{
	struct shown s = shown("Тайна", 2);

	s.d.deleted_by = "buyer";
	plan_team(&s);
	UNIT_ASSERT_INT(n, 2);
	UNIT_ASSERT_STR(steps[0].part.text,
			"💬 Клиент Анна:\n🗑 Клиент "
			"удалил сообщение");
	UNIT_ASSERT_INT(steps[1].act, SHOW_DELETE);
}

static void what_cannot_be_edited_is_answered(void)
{
	struct shown s = shown("Стикер 👌", 1);
	struct delivery_file file = { .kind = "sticker", .name = "" };

	s.d.kind = "sticker";
	s.d.files = &file;
	s.d.n_files = 1;
	s.d.deleted_by = "buyer";
	plan_team(&s);
	UNIT_ASSERT_INT(n, 1);
	UNIT_ASSERT_INT(steps[0].act, SHOW_SAY);
	CU_ASSERT_PTR_NOT_NULL(strstr(steps[0].part.text, "🗑"));
}

static void an_answer_changes_where_that_is_possible(void)
{
	struct shown s = answer("Нет");

	plan_buyer(&s);
	UNIT_ASSERT_INT(n, 1);
	UNIT_ASSERT_INT(steps[0].act, SHOW_EDIT);
	UNIT_ASSERT_STR(steps[0].part.text, "Нет");
	UNIT_ASSERT_STR(steps[0].copy.external_id, "501/9");
	s.d.source = copies[0].place = "avito";
	plan_buyer(&s);
	UNIT_ASSERT_INT(n, 0);
}

static void an_answer_is_deleted_everywhere(void)
{
	struct shown s = answer("Нет");

	s.d.source = copies[0].place = "avito";
	s.d.deleted_by = "operator";
	plan_buyer(&s);
	UNIT_ASSERT_INT(n, 1);
	UNIT_ASSERT_INT(steps[0].act, SHOW_DELETE);
	CU_ASSERT_FALSE(steps[0].forgets);
	UNIT_ASSERT_STR(show_success(&s),
			"🗑 Удалено у покупателя");
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(one_copy_becomes_the_new_text),
		UNIT_TEST(more_text_needs_more_copies_and_less_fewer),
		UNIT_TEST(what_has_no_copy_needs_nothing),
		UNIT_TEST(texts_that_travelled_together_change_together),
		UNIT_TEST(what_was_deleted_is_named_and_not_shown),
		UNIT_TEST(what_cannot_be_edited_is_answered),
		UNIT_TEST(an_answer_changes_where_that_is_possible),
		UNIT_TEST(an_answer_is_deleted_everywhere),
	};

	return unit_main("show", tests, ARRAY_LEN(tests), argc, argv);
}
