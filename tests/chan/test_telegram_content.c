/*
 * test_telegram_content.c - what messages consist of, and what is done to them
 * after they were sent.
 */
#include "config.h"

#include "chan/avito.h"
#include "chan/service.h"
#include "chan/telegram.h"

#define BOLD "[{\"type\":\"bold\",\"offset\":0,\"length\":2}]"

static const struct chan_end end = {
	.api_base = "https://api.example",
	.token = { "700:A-b_C", 9 },
	.account = 30001,
};

static const struct chan_end business = {
	.api_base = "https://api.example",
	.token = { "700:A-b_C", 9 },
	.connection = "BC",
};

static struct http_request rq;
static struct err err;

static struct json_object *body(void)
{
	return service_json(rq.body);
}

static const char *method(void)
{
	return strrchr(rq.url, '/') + 1;
}

static struct json_object *sent(const struct chan_end *to,
				const struct chan_out *out)
{
	chan_telegram_bot.send_write(&unit_arena, to, out, &rq);
	CU_ASSERT_FALSE(rq.idempotent);
	return body();
}

static const char *member(struct json_object *o, const char *key)
{
	struct json_object *v = json_member(o, key);

	return v ? json_text(v) : NULL;
}

/* The content of a message with these members. */
static struct chan_message content(const char *members)
{
	const char *text = arena_printf(
		&unit_arena,
		"{\"update_id\":5,\"message\":{\"message_id\":1,\"date\":1,"
		"\"chat\":{\"id\":501,\"type\":\"private\"},%s}}",
		members);
	struct tg_update u;

	CU_ASSERT_TRUE(
		tg_update_read(&unit_arena, service_json(text), &u, &err));
	return u.m;
}

/* ---- sending ---- */

static void formatting_goes_as_entities(void)
{
	struct chan_out out = {
		.kind = CHAN_TEXT, .chat = "501", .text = "Да", .entities = BOLD
	};

	UNIT_ASSERT_STR(member(sent(&end, &out), "entities"), BOLD);
	out.kind = CHAN_IMAGE;
	out.file_ref = "F";
	UNIT_ASSERT_STR(member(sent(&end, &out), "caption_entities"), BOLD);
	out.text = "";
	CU_ASSERT_PTR_NULL(member(sent(&end, &out), "caption_entities"));
}

static void formatting_that_does_not_fit_stays_behind(void)
{
	struct chan_out out = {
		.kind = CHAN_TEXT, .chat = "501", .text = "х", .entities = BOLD
	};

	CU_ASSERT_PTR_NULL(member(sent(&end, &out), "entities"));
}

static void a_place_goes_as_what_it_is(void)
{
	struct chan_out out = { .kind = CHAN_LOCATION,
				.chat = "501",
				.text = "📍",
				.data = "{\"latitude\":55.75,\"longitude\":"
					"37.61,\"title\":\"Кафе\"}" };
	struct json_object *o = sent(&end, &out);

	UNIT_ASSERT_STR(method(), "sendLocation");
	UNIT_ASSERT_STR(member(o, "latitude"), "55.75");
	CU_ASSERT_PTR_NULL(member(o, "title"));
	out.data = "{\"latitude\":55.75,\"longitude\":37.61,"
		   "\"title\":\"Кафе\",\"address\":\"Тверская, 1\"}";
	o = sent(&end, &out);
	UNIT_ASSERT_STR(method(), "sendVenue");
	UNIT_ASSERT_STR(json_str(o, "address", ""), "Тверская, 1");
}

static void a_contact_goes_as_what_it_is(void)
{
	struct chan_out out = { .kind = CHAN_CONTACT,
				.chat = "501",
				.text = "👤",
				.data = "{\"phone_number\":\"+7999\","
					"\"first_name\":\"Пётр\"}" };
	struct json_object *o = sent(&end, &out);

	UNIT_ASSERT_STR(method(), "sendContact");
	UNIT_ASSERT_STR(json_str(o, "phone_number", ""), "+7999");
	CU_ASSERT_PTR_NULL(member(o, "last_name"));
}

static void what_lacks_its_data_goes_in_words(void)
{
	struct chan_out out = { .kind = CHAN_CONTACT,
				.chat = "501",
				.text = "👤 Контакт: Пётр",
				.data = "{\"first_name\":\"Пётр\"}" };

	UNIT_ASSERT_STR(json_str(sent(&end, &out), "text", ""), out.text);
	UNIT_ASSERT_STR(method(), "sendMessage");
}

/* ---- afterwards ---- */

static void an_edit_replaces_text_or_caption(void)
{
	struct chan_out out = {
		.kind = CHAN_TEXT, .chat = "501", .text = "Да", .entities = BOLD
	};

	chan_telegram_bot.edit_write(&unit_arena, &end, &out, "501/17", &rq);
	UNIT_ASSERT_STR(method(), "editMessageText");
	UNIT_ASSERT_INT(json_i64(body(), "message_id", 0), 17);
	UNIT_ASSERT_INT(json_i64(body(), "chat_id", 0), 501);
	UNIT_ASSERT_STR(member(body(), "entities"), BOLD);
	CU_ASSERT_TRUE(rq.idempotent);
	out.kind = CHAN_IMAGE;
	chan_telegram_bot.edit_write(&unit_arena, &end, &out, "17", &rq);
	UNIT_ASSERT_STR(method(), "editMessageCaption");
	UNIT_ASSERT_STR(json_str(body(), "caption", ""), "Да");
}

static void what_is_done_for_an_account_names_its_connection(void)
{
	const struct chan *c = &chan_telegram_business;
	struct chan_out out = { .kind = CHAN_TEXT,
				.chat = "501@900",
				.text = "Да" };

	c->edit_write(&unit_arena, &business, &out, "501@900/17", &rq);
	UNIT_ASSERT_STR(json_str(body(), "business_connection_id", ""), "BC");
	UNIT_ASSERT_INT(json_i64(body(), "message_id", 0), 17);
	c->delete_write(&unit_arena, &business, "501@900", "501@900/17", &rq);
	UNIT_ASSERT_STR(method(), "deleteBusinessMessages");
	UNIT_ASSERT_STR(member(body(), "message_ids"), "[17]");
	c->read_write(&unit_arena, &business, "501@900", "501@900/17", &rq);
	UNIT_ASSERT_STR(method(), "readBusinessMessage");
	UNIT_ASSERT_INT(json_i64(body(), "chat_id", 0), 501);
	c->typing_write(&unit_arena, &business, "501@900", &rq);
	UNIT_ASSERT_STR(json_str(body(), "action", ""), "typing");
	UNIT_ASSERT_STR(json_str(body(), "business_connection_id", ""), "BC");
}

static void a_bot_deletes_and_reacts(void)
{
	const struct chan *c = &chan_telegram_bot;

	c->delete_write(&unit_arena, &end, "501", "501/17", &rq);
	UNIT_ASSERT_STR(method(), "deleteMessage");
	c->react_write(&unit_arena, &end, "501", "501/17", "❤", &rq);
	UNIT_ASSERT_STR(method(), "setMessageReaction");
	UNIT_ASSERT_STR(member(body(), "reaction"),
			"[{\"type\":\"emoji\",\"emoji\":\"❤\"}]");
	c->react_write(&unit_arena, &end, "501", "501/17", NULL, &rq);
	UNIT_ASSERT_STR(member(body(), "reaction"), "[]");
}

static void avito_deletes_by_a_post(void)
{
	chan_avito.delete_write(&unit_arena, &end, "u2i-1", "m/1", &rq);
	UNIT_ASSERT_STR(rq.method, "POST");
	UNIT_ASSERT_STR(rq.url, "https://api.example/messenger/v1/accounts/"
				"30001/chats/u2i-1/messages/m%2F1");
	CU_ASSERT_TRUE(rq.idempotent);
}

static void every_promise_has_its_function(void)
{
	for (const struct chan *const *p = chan_all; *p; p++) {
		const struct chan *c = *p;
		bool acts = c->can &
			    (CHAN_CAN_EDIT | CHAN_CAN_DELETE | CHAN_CAN_REACT |
			     CHAN_CAN_READ | CHAN_CAN_TYPING);

		CU_ASSERT_EQUAL(!!(c->can & CHAN_CAN_EDIT), !!c->edit_write);
		CU_ASSERT_EQUAL(!!(c->can & CHAN_CAN_DELETE),
				!!c->delete_write);
		CU_ASSERT_EQUAL(!!(c->can & CHAN_CAN_DELETE),
				c->delete_within_s > 0);
		CU_ASSERT_EQUAL(!!(c->can & CHAN_CAN_REACT), !!c->react_write);
		CU_ASSERT_EQUAL(!!(c->can & CHAN_CAN_READ), !!c->read_write);
		CU_ASSERT_EQUAL(!!(c->can & CHAN_CAN_TYPING),
				!!c->typing_write);
		CU_ASSERT_EQUAL(acts, !!c->done_read);
	}
}

/* ---- reading ---- */

static void formatting_of_text_and_caption_is_kept(void)
{
	UNIT_ASSERT_STR(content("\"text\":\"Да\",\"entities\":" BOLD).entities,
			BOLD);
	UNIT_ASSERT_STR(content("\"photo\":[{\"file_id\":\"F\"}],"
				"\"caption\":\"Да\",\"caption_entities\":" BOLD)
				.entities,
			BOLD);
	CU_ASSERT_PTR_NULL(
		content("\"text\":\"Д\",\"entities\":" BOLD).entities);
}

static void a_file_that_is_lost_shifts_its_formatting(void)
{
	struct chan_message m = content("\"video\":{},\"caption\":\"Да\","
					"\"caption_entities\":" BOLD);

	UNIT_ASSERT_STR(m.text, "Видео: Да");
	UNIT_ASSERT_STR(m.entities,
			"[{\"type\":\"bold\",\"offset\":7,\"length\":2}]");
}

static void what_is_more_than_words_tells_what_it_consists_of(void)
{
	static const struct {
		const char *members, *text, *data;
	} cases[] = {
		{ "\"poll\":{\"question\":\"Когда?\",\"options\":["
		  "{\"text\":\"Утром\"},{\"text\":\"Днём\"}]}",
		  "📊 Опрос: Когда?\n1. Утром\n2. Днём",
		  "{\"question\":\"Когда?\",\"options\":[\"Утром\","
		  "\"Днём\"]}" },
		{ "\"dice\":{\"emoji\":\"🎯\",\"value\":6}",
		  "🎯 Бросок: выпало 6", "{\"emoji\":\"🎯\",\"value\":6}" },
		{ "\"sticker\":{\"file_id\":\"S\",\"emoji\":\"👌\","
		  "\"is_video\":true}",
		  "Стикер 👌", "{\"emoji\":\"👌\",\"format\":\"video\"}" },
		{ "\"location\":{\"latitude\":1.5,\"longitude\":-2}",
		  "📍 Местоположение\n1.500000, -2.000000\n"
		  "https://yandex.ru/maps/?pt=-2.000000,1.500000&z=16",
		  "{\"latitude\":1.500000,\"longitude\":-2.000000}" },
		{ "\"location\":{\"latitude\":91,\"longitude\":0}",
		  "📍 Местоположение", "{}" },
		{ "\"contact\":{\"phone_number\":\"+7\",\"last_name\":\"П\"}",
		  "👤 Контакт: П\n+7",
		  "{\"phone_number\":\"+7\",\"last_name\":\"П\"}" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct chan_message m = content(cases[i].members);

		UNIT_ASSERT_STR(m.text, cases[i].text);
		UNIT_ASSERT_STR(m.data, cases[i].data);
	}
}

static void a_reaction_tells_all_that_now_stand(void)
{
	struct json_object *o = service_json(
		unit_file("chan/telegram/update_reaction.json", NULL));
	struct tg_update u;

	CU_ASSERT_TRUE(tg_update_read(&unit_arena, o, &u, &err));
	UNIT_ASSERT_INT(u.kind, TG_REACTION);
	UNIT_ASSERT_INT(u.message_id, 15);
	UNIT_ASSERT_INT(u.from_id, 501);
	UNIT_ASSERT_INT(u.n_emojis, 1);
	UNIT_ASSERT_STR(u.emojis[0], "👍");
	json_put(json_object_at(o, "message_reaction"), "new_reaction",
		 json_object_get(service_json(
			 "[{\"type\":\"custom_emoji\","
			 "\"custom_emoji_id\":\"5\"},{\"type\":\"paid\"},7]")));
	CU_ASSERT_TRUE(tg_update_read(&unit_arena, o, &u, &err));
	UNIT_ASSERT_INT(u.n_emojis, 0);
	json_object_object_del(json_object_at(o, "message_reaction"), "user");
	CU_ASSERT_FALSE(tg_update_read(&unit_arena, o, &u, &err));
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(formatting_goes_as_entities),
		UNIT_TEST(formatting_that_does_not_fit_stays_behind),
		UNIT_TEST(a_place_goes_as_what_it_is),
		UNIT_TEST(a_contact_goes_as_what_it_is),
		UNIT_TEST(what_lacks_its_data_goes_in_words),
		UNIT_TEST(an_edit_replaces_text_or_caption),
		UNIT_TEST(what_is_done_for_an_account_names_its_connection),
		UNIT_TEST(a_bot_deletes_and_reacts),
		UNIT_TEST(avito_deletes_by_a_post),
		UNIT_TEST(every_promise_has_its_function),
		UNIT_TEST(formatting_of_text_and_caption_is_kept),
		UNIT_TEST(a_file_that_is_lost_shifts_its_formatting),
		UNIT_TEST(what_is_more_than_words_tells_what_it_consists_of),
		UNIT_TEST(a_reaction_tells_all_that_now_stand),
	};

	return unit_main("telegram_content", tests, ARRAY_LEN(tests), argc,
			 argv);
}
