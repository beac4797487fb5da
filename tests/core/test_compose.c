/*
 * test_compose.c - what people on the other side see.
 */
#include "config.h"

#include "base/buf.h"
#include "base/text.h"
#include "chan/avito.h"
#include "chan/telegram.h"
#include "core/compose.h"
#include "harness/unit.h"

static struct delivery delivery(const char *author, const char *kind,
				const char *text)
{
	return (struct delivery){
		.direction = "team",
		.origin = "avito",
		.author = author,
		.author_name = "Ольга",
		.kind = kind,
		.text = text,
		.buyer_name = "Анна",
		.buyer_url = "",
		.item_title = "Велосипед",
		.item_price = "15 000 ₽",
		.item_url = "https://avito.ru/items/77",
		.bot_topics = true,
	};
}

static void with_files(struct delivery *d, size_t n)
{
	d->files = arena_array(&unit_arena, n, sizeof(*d->files));
	d->n_files = n;
	for (size_t i = 0; i < n; i++)
		d->files[i] = (struct delivery_file){
			.kind = d->kind, .name = "", .ref = "", .sha256 = ""
		};
}

static const char *repeat(const char *s, int times)
{
	struct buf b;

	buf_init(&b, &unit_arena, 1 << 20);
	for (int i = 0; i < times; i++)
		buf_add_str(&b, s);
	return b.s;
}

static void topic_is_named_after_buyer_and_ad(void)
{
	struct delivery d = delivery("buyer", "text", "");

	UNIT_ASSERT_STR(compose_topic(&unit_arena, &d), "Анна · Велосипед");
	d.item_title = "";
	UNIT_ASSERT_STR(compose_topic(&unit_arena, &d), "Анна");
	d.buyer_name = "";
	UNIT_ASSERT_STR(compose_topic(&unit_arena, &d), "Покупатель");
}

static void topic_name_is_cut_to_what_telegram_takes(void)
{
	struct delivery d = delivery("buyer", "text", "");

	d.item_title = repeat("🚲", 100);
	CU_ASSERT_TRUE(text_units(compose_topic(&unit_arena, &d)) <=
		       TG_TOPIC_MAX);
	CU_ASSERT_TRUE(text_units(compose_topic(&unit_arena, &d)) >=
		       TG_TOPIC_MAX - 1);
}

static void card_shows_title_price_link_and_buyer(void)
{
	struct delivery d = delivery("buyer", "text", "");

	UNIT_ASSERT_STR(compose_card(&unit_arena, &d),
			"📦 Велосипед\n💰 15 000 ₽\n"
			"🔗 https://avito.ru/items/77\n👤 Анна");
	d.item_title = d.item_price = d.item_url = "";
	UNIT_ASSERT_STR(compose_card(&unit_arena, &d), "👤 Анна");
}

static const char *team_text(struct delivery d)
{
	struct part *parts;
	size_t n;

	compose_team(&unit_arena, &d, &chan_telegram, &parts, &n);
	UNIT_ASSERT_INT(n, 1);
	return parts[0].text;
}

static void each_author_has_a_line_of_their_own(void)
{
	UNIT_ASSERT_STR(team_text(delivery("buyer", "text", "Да?")),
			"Анна:\nДа?");
	UNIT_ASSERT_STR(team_text(delivery("seller", "text", "Да")),
			"🏪 Вы в приложении Avito:\nДа");
	UNIT_ASSERT_STR(team_text(delivery("operator", "text", "Да")),
			"💬 Ольга (веб):\nДа");
}

static void what_is_not_the_buyers_words_is_marked(void)
{
	UNIT_ASSERT_STR(
		team_text(delivery("buyer", "call", "📞 Пропущенный звонок")),
		"Анна:\n📞 Пропущенный звонок");
	UNIT_ASSERT_STR(
		team_text(delivery("system", "system", "Смотрели телефон")),
		"ℹ️ Avito:\nСмотрели телефон");
	UNIT_ASSERT_STR(
		team_text(delivery("buyer", "unsupported", "")),
		"Анна:\nℹ️ Такое сообщение здесь "
		"не показать: "
		"откройте чат в Avito");
}

static void group_without_topics_names_the_dialog_each_time(void)
{
	struct delivery d = delivery("buyer", "text", "Да?");

	d.bot_topics = false;
	UNIT_ASSERT_STR(team_text(d), "[Анна · Велосипед]\nАнна:\nДа?");
}

static void file_carries_its_words_as_caption(void)
{
	struct delivery d = delivery("buyer", "image", "Вот");
	struct part *parts;
	size_t n;

	with_files(&d, 1);
	compose_team(&unit_arena, &d, &chan_telegram, &parts, &n);
	UNIT_ASSERT_INT(n, 1);
	CU_ASSERT_TRUE(parts[0].has_file);
	UNIT_ASSERT_INT(parts[0].kind, CHAN_IMAGE);
	UNIT_ASSERT_STR(parts[0].text, "Анна:\nВот");
}

static void file_without_words_has_only_a_name_above(void)
{
	struct delivery d = delivery("buyer", "image", "");
	struct part *parts;
	size_t n;

	with_files(&d, 1);
	compose_team(&unit_arena, &d, &chan_telegram, &parts, &n);
	UNIT_ASSERT_STR(parts[0].text, "Анна");
}

static void file_that_cannot_be_had_leaves_its_reason(void)
{
	struct delivery d = delivery("buyer", "image", "Вот");
	struct part *parts;
	size_t n;

	with_files(&d, 1);
	compose_team(&unit_arena, &d, &chan_telegram, &parts, &n);
	compose_without_file(&unit_arena, &d, &chan_telegram,
			     "Файл больше недоступен (404).", &parts[0]);
	UNIT_ASSERT_INT(n, 1);
	UNIT_ASSERT_STR(
		parts[0].text,
		"Анна:\nℹ️ Файл больше недоступен "
		"(404).\nВот");
}

static struct part *to_buyer(struct delivery *d, const struct chan *chan,
			     size_t *n)
{
	struct err err = { 0 };
	struct part *parts;

	CU_ASSERT_TRUE_FATAL(
		compose_buyer(&unit_arena, d, chan, &parts, n, &err));
	return parts;
}

static void long_text_is_split_numbered_and_nothing_is_lost(void)
{
	struct delivery d =
		delivery("operator", "text", repeat("слово и ", 400));
	struct part *parts;
	struct buf all;
	size_t n;

	parts = to_buyer(&d, &chan_avito, &n);
	CU_ASSERT_TRUE(n > 3);
	buf_init(&all, &unit_arena, 1 << 20);
	for (size_t i = 0; i < n; i++) {
		const char *number =
			arena_printf(&unit_arena, "(%zu/%zu) ", i + 1, n);

		CU_ASSERT_TRUE(text_units(parts[i].text) <= AVITO_TEXT_MAX);
		UNIT_ASSERT_INT(strncmp(parts[i].text, number, strlen(number)),
				0);
		buf_addf(&all, "%s ", parts[i].text + strlen(number));
	}
	UNIT_ASSERT_STR(all.s, d.text);
}

static void formatting_goes_where_it_is_taken_and_shifts_below_a_name(void)
{
	struct delivery d = delivery("operator", "text", "да, тут");
	struct part *parts;
	size_t n;

	d.entities = "[{\"type\":\"text_link\",\"offset\":4,\"length\":3,"
		     "\"url\":\"https://a.example/x\"}]";
	parts = to_buyer(&d, &chan_telegram_bot, &n);
	UNIT_ASSERT_STR(parts[0].entities, d.entities);
	parts = to_buyer(&d, &chan_avito, &n);
	UNIT_ASSERT_STR(parts[0].text, "да, тут (https://a.example/x)");
	CU_ASSERT_PTR_NULL(parts[0].entities);
	compose_team(&unit_arena, &d, &chan_telegram, &parts, &n);
	UNIT_ASSERT_STR(parts[0].text, "💬 Ольга (веб):\nда, тут");
	CU_ASSERT_PTR_NOT_NULL(strstr(parts[0].entities, "\"offset\":20"));
}

static void joined_texts_keep_their_formatting(void)
{
	struct delivery lead = delivery("buyer", "text", "раз");
	struct delivery next = delivery("buyer", "text", "два");
	struct part *parts;
	size_t n, joined = 1;

	next.entities = "[{\"type\":\"bold\",\"offset\":0,\"length\":3}]";
	compose_team(&unit_arena, &lead, &chan_telegram, &parts, &n);
	compose_joined(&unit_arena, &lead, &next, &joined, &chan_telegram,
		       parts, n);
	UNIT_ASSERT_STR(parts[0].text, "Анна:\nраз\n\nдва");
	UNIT_ASSERT_STR(parts[0].entities,
			"[{\"type\":\"bold\",\"offset\":11,\"length\":3}]");
}

static void a_place_is_itself_where_that_is_taken_and_words_elsewhere(void)
{
	struct delivery d =
		delivery("operator", "location", "📍 Местоположение");
	struct part *parts;
	size_t n;

	d.data = "{\"latitude\":1,\"longitude\":2}";
	parts = to_buyer(&d, &chan_telegram_bot, &n);
	UNIT_ASSERT_INT(parts[0].kind, CHAN_LOCATION);
	UNIT_ASSERT_STR(parts[0].data, d.data);
	parts = to_buyer(&d, &chan_avito, &n);
	UNIT_ASSERT_INT(parts[0].kind, CHAN_TEXT);
	UNIT_ASSERT_STR(parts[0].text, "📍 Местоположение");
}

static void who_sent_what_cannot_say_it_is_told_unless_it_is_clear(void)
{
	struct delivery d = delivery("buyer", "sticker", "Стикер 👌");
	struct part *parts;
	size_t n;

	with_files(&d, 1);
	compose_team(&unit_arena, &d, &chan_telegram, &parts, &n);
	UNIT_ASSERT_INT(n, 1);
	CU_ASSERT_PTR_NULL(parts[0].text);
	d.author = "seller";
	compose_team(&unit_arena, &d, &chan_telegram, &parts, &n);
	UNIT_ASSERT_INT(n, 2);
	UNIT_ASSERT_STR(parts[1].text, "🏪 Вы в приложении Avito");
}

static void a_sticker_is_its_sign_where_it_is_not_taken(void)
{
	struct delivery d = delivery("operator", "sticker", "Стикер 👌");
	struct part *parts;
	size_t n;

	with_files(&d, 1);
	d.data = "{\"emoji\":\"👌\",\"format\":\"animated\"}";
	parts = to_buyer(&d, &chan_avito, &n);
	UNIT_ASSERT_STR(parts[0].text, "👌");
	CU_ASSERT_FALSE(parts[0].has_file);
	parts = to_buyer(&d, &chan_telegram_bot, &n);
	CU_ASSERT_TRUE(parts[0].has_file);
	CU_ASSERT_PTR_NULL(parts[0].text);
	UNIT_ASSERT_INT(n, 1);
}

static void a_still_sticker_goes_as_a_picture_or_its_sign(void)
{
	struct delivery d = delivery("operator", "sticker", "Стикер 👌");
	struct part *parts;
	size_t n;

	with_files(&d, 1);
	d.data = "{\"emoji\":\"👌\",\"format\":\"static\"}";
	parts = to_buyer(&d, &chan_avito, &n);
	UNIT_ASSERT_INT(n, 1);
	CU_ASSERT_EQUAL(parts[0].kind, CHAN_IMAGE);
	CU_ASSERT_TRUE(parts[0].has_file);
	CU_ASSERT_TRUE(compose_instead(&parts[0]));
	CU_ASSERT_EQUAL(parts[0].kind, CHAN_TEXT);
	CU_ASSERT_FALSE(parts[0].has_file);
	UNIT_ASSERT_STR(parts[0].text, "👌");
	CU_ASSERT_FALSE(compose_instead(&parts[0]));
	parts = to_buyer(&d, &chan_telegram_bot, &n);
	CU_ASSERT_EQUAL(parts[0].kind, CHAN_STICKER);
	CU_ASSERT_FALSE(compose_instead(&parts[0]));
}

static void a_telegram_buyer_and_a_robot_are_marked(void)
{
	struct delivery d = delivery("buyer", "text", "Да?");

	d.source = "telegram";
	UNIT_ASSERT_STR(team_text(d), "💬 Клиент Анна:\nДа?");
	UNIT_ASSERT_STR(
		team_text(delivery("robot", "text", "Скоро ответим")),
		"🤖 Автоответчик:\nСкоро ответим");
	d = delivery("system", "system", "🚫 Клиент заблокировал бота");
	d.origin = "tuberry";
	UNIT_ASSERT_STR(team_text(d), "🚫 Клиент заблокировал бота");
}

static void photo_to_avito_goes_first_and_its_words_behind_it(void)
{
	struct delivery d = delivery("operator", "image", "Вот фото");
	struct err err = { 0 };
	struct part *parts;
	size_t n;

	with_files(&d, 1);
	CU_ASSERT_TRUE(
		compose_buyer(&unit_arena, &d, &chan_avito, &parts, &n, &err));
	UNIT_ASSERT_INT(n, 2);
	CU_ASSERT_TRUE(parts[0].has_file);
	CU_ASSERT_PTR_NULL(parts[0].text);
	UNIT_ASSERT_STR(parts[1].text, "Вот фото");
}

static void what_avito_cannot_take_is_refused_with_a_cure(void)
{
	struct delivery d = delivery("operator", "voice", "");
	struct err err = { 0 };
	struct part *parts;
	size_t n;

	with_files(&d, 1);
	CU_ASSERT_FALSE(
		compose_buyer(&unit_arena, &d, &chan_avito, &parts, &n, &err));
	CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "текст или фото"));
}

static void file_too_large_is_refused_and_a_large_photo_is_a_document(void)
{
	enum chan_kind kind = CHAN_IMAGE;
	struct err err = { 0 };

	CU_ASSERT_TRUE(compose_fit_file(&chan_telegram, &kind, TG_PHOTO_MAX + 1,
					&err));
	UNIT_ASSERT_INT(kind, CHAN_DOCUMENT);
	kind = CHAN_IMAGE;
	CU_ASSERT_FALSE(compose_fit_file(&chan_avito, &kind,
					 AVITO_IMAGE_MAX + 1, &err));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "24 МБ"));
}

/* A message whose files are of these kinds. */
static struct delivery album(const char *author, const char *text,
			     const char *const *kinds, size_t n)
{
	struct delivery d = delivery(author, kinds[0], text);

	with_files(&d, n);
	for (size_t i = 0; i < n; i++)
		d.files[i].kind = kinds[i];
	return d;
}

static void each_file_is_a_part_and_the_first_carries_the_words(void)
{
	static const char *const kinds[] = { "image", "video", "image" };
	struct delivery d = album("buyer", "Вот", kinds, 3);
	struct part *parts;
	size_t n;

	compose_team(&unit_arena, &d, &chan_telegram, &parts, &n);
	UNIT_ASSERT_INT(n, 3);
	UNIT_ASSERT_STR(parts[0].text, "Анна:\nВот");
	UNIT_ASSERT_INT(parts[1].kind, CHAN_VIDEO);
	UNIT_ASSERT_INT(parts[2].file, 2);
	CU_ASSERT_PTR_NULL(parts[2].text);
	UNIT_ASSERT_INT(compose_together(&chan_telegram, parts, n, 0), 3);
}

static void words_too_long_for_a_caption_follow_the_files(void)
{
	static const char *const kinds[] = { "image", "image" };
	struct delivery d = album("buyer", repeat("слово ", 200), kinds, 2);
	struct part *parts;
	size_t n;

	compose_team(&unit_arena, &d, &chan_telegram, &parts, &n);
	UNIT_ASSERT_INT(n, 3);
	CU_ASSERT_PTR_NULL(parts[0].text);
	UNIT_ASSERT_INT(parts[2].kind, CHAN_TEXT);
	UNIT_ASSERT_INT(compose_together(&chan_telegram, parts, n, 0), 2);
}

static void only_what_mixes_travels_together(void)
{
	static const char *const kinds[] = { "image",    "video", "document",
					     "document", "audio", "audio",
					     "voice",    "voice", "sticker" };
	static const size_t together[] = { 2, 1, 2, 1, 2, 1, 1, 1, 1 };
	struct delivery d = album("buyer", "", kinds, 9);
	struct part *parts;
	size_t n;

	compose_team(&unit_arena, &d, &chan_telegram, &parts, &n);
	UNIT_ASSERT_INT(n, 9);
	for (size_t i = 0; i < n; i++)
		UNIT_ASSERT_INT(compose_together(&chan_telegram, parts, n, i),
				together[i]);
}

static void more_than_one_call_takes_goes_in_several(void)
{
	const char *kinds[12];
	struct delivery d;
	struct part *parts;
	size_t n;

	for (size_t i = 0; i < 12; i++)
		kinds[i] = "image";
	d = album("buyer", "", kinds, 12);
	compose_team(&unit_arena, &d, &chan_telegram, &parts, &n);
	UNIT_ASSERT_INT(compose_together(&chan_telegram, parts, n, 0),
			TG_ALBUM_MAX);
	UNIT_ASSERT_INT(compose_together(&chan_telegram, parts, n, 10), 2);
	UNIT_ASSERT_INT(compose_together(&chan_avito, parts, n, 0), 1);
}

static void file_of_several_that_cannot_be_had_is_named(void)
{
	static const char *const kinds[] = { "image", "image", "image" };
	struct delivery d = album("buyer", "Вот", kinds, 3);
	struct part *parts;
	size_t n;

	d.files[1].name = "дача.jpg";
	compose_team(&unit_arena, &d, &chan_telegram, &parts, &n);
	for (size_t i = 0; i < 3; i++)
		compose_without_file(&unit_arena, &d, &chan_telegram, "Нет.",
				     &parts[i]);
	UNIT_ASSERT_STR(parts[0].text,
			"Анна:\nℹ️ фото 1 из 3: Нет.\nВот");
	UNIT_ASSERT_STR(parts[1].text,
			"Анна:\nℹ️ «дача.jpg»: Нет.");
	UNIT_ASSERT_STR(parts[2].text,
			"Анна:\nℹ️ фото 3 из 3: Нет.");
	UNIT_ASSERT_INT(compose_together(&chan_telegram, parts, n, 0), 1);
}

static void one_file_that_avito_cannot_take_refuses_the_message(void)
{
	static const char *const kinds[] = { "image", "video", "image" };
	struct delivery d = album("operator", "", kinds, 3);
	struct err err = { 0 };
	struct part *parts;
	size_t n;

	CU_ASSERT_FALSE(
		compose_buyer(&unit_arena, &d, &chan_avito, &parts, &n, &err));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "видео 2 из 3"));
	d.files[1].kind = "image";
	d.files[2].bytes = AVITO_IMAGE_MAX + 1;
	CU_ASSERT_FALSE(
		compose_buyer(&unit_arena, &d, &chan_avito, &parts, &n, &err));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "фото 3 из 3"));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "24 МБ"));
}

static void what_no_bot_is_given_is_told_with_its_size(void)
{
	static const char *const kinds[] = { "image", "video" };
	struct delivery d = album("operator", "", kinds, 2);
	struct delivery_file *large = &d.files[1];
	struct err err = { 0 };
	struct part *parts;
	size_t n;

	d.direction = "buyer";
	d.origin = "telegram";
	d.origin_id = -100;
	d.bot_id = 7;
	d.source_bot_id = 8;
	large->ref = "BAAD";
	large->bytes = TG_DOWNLOAD_MAX + 1;
	CU_ASSERT_FALSE(compose_buyer(&unit_arena, &d, &chan_telegram_bot,
				      &parts, &n, &err));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "видео 2 из 2: 21 МБ"));
	/* The bot that has it can send it on, whatever its size. */
	d.source_bot_id = 7;
	large->bytes = TG_UPLOAD_MAX + 1;
	CU_ASSERT_TRUE(compose_buyer(&unit_arena, &d, &chan_telegram_bot,
				     &parts, &n, &err));
	/* What lies here needs nobody to give it. */
	d.source_bot_id = 8;
	large->sha256 = "ab";
	large->bytes = TG_DOWNLOAD_MAX + 1;
	CU_ASSERT_TRUE(compose_buyer(&unit_arena, &d, &chan_telegram_bot,
				     &parts, &n, &err));
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(topic_is_named_after_buyer_and_ad),
		UNIT_TEST(topic_name_is_cut_to_what_telegram_takes),
		UNIT_TEST(card_shows_title_price_link_and_buyer),
		UNIT_TEST(each_author_has_a_line_of_their_own),
		UNIT_TEST(what_is_not_the_buyers_words_is_marked),
		UNIT_TEST(group_without_topics_names_the_dialog_each_time),
		UNIT_TEST(file_carries_its_words_as_caption),
		UNIT_TEST(file_without_words_has_only_a_name_above),
		UNIT_TEST(file_that_cannot_be_had_leaves_its_reason),
		UNIT_TEST(long_text_is_split_numbered_and_nothing_is_lost),
		UNIT_TEST(
			formatting_goes_where_it_is_taken_and_shifts_below_a_name),
		UNIT_TEST(joined_texts_keep_their_formatting),
		UNIT_TEST(
			a_place_is_itself_where_that_is_taken_and_words_elsewhere),
		UNIT_TEST(
			who_sent_what_cannot_say_it_is_told_unless_it_is_clear),
		UNIT_TEST(a_sticker_is_its_sign_where_it_is_not_taken),
		UNIT_TEST(a_still_sticker_goes_as_a_picture_or_its_sign),
		UNIT_TEST(a_telegram_buyer_and_a_robot_are_marked),
		UNIT_TEST(photo_to_avito_goes_first_and_its_words_behind_it),
		UNIT_TEST(what_avito_cannot_take_is_refused_with_a_cure),
		UNIT_TEST(
			file_too_large_is_refused_and_a_large_photo_is_a_document),
		UNIT_TEST(each_file_is_a_part_and_the_first_carries_the_words),
		UNIT_TEST(words_too_long_for_a_caption_follow_the_files),
		UNIT_TEST(only_what_mixes_travels_together),
		UNIT_TEST(more_than_one_call_takes_goes_in_several),
		UNIT_TEST(file_of_several_that_cannot_be_had_is_named),
		UNIT_TEST(one_file_that_avito_cannot_take_refuses_the_message),
		UNIT_TEST(what_no_bot_is_given_is_told_with_its_size),
	};

	return unit_main("compose", tests, ARRAY_LEN(tests), argc, argv);
}
