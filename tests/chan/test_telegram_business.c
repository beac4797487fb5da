/*
 * test_telegram_business.c - what a business connection brings, and what is
 * asked of it.
 */
#include "config.h"

#include "chan/service.h"
#include "chan/telegram.h"

static const struct chan_end end = {
	.api_base = "https://api.example",
	.token = { "700:A-b_C", 9 },
};

static struct tg_update u;
static struct err err;

static bool read_update(struct json_object *body)
{
	memset(&err, 0, sizeof(err));
	return tg_update_read(&unit_arena, body, &u, &err);
}

static bool read_file(const char *path)
{
	return read_update(service_json(unit_file(path, NULL)));
}

static void a_connection_tells_owner_and_rights(void)
{
	CU_ASSERT_TRUE(
		read_file("chan/telegram/update_business_connection.json"));
	UNIT_ASSERT_INT(u.kind, TG_CONNECTION);
	UNIT_ASSERT_STR(u.connection, "bc-1");
	UNIT_ASSERT_STR(u.business.id, "bc-1");
	UNIT_ASSERT_INT(u.business.user_id, 900);
	UNIT_ASSERT_INT(u.business.user_chat_id, 900);
	UNIT_ASSERT_STR(u.business.user_name, "Max Owner");
	UNIT_ASSERT_STR(u.business.username, "max_owner");
	CU_ASSERT_TRUE(u.business.is_enabled && u.business.can_reply &&
		       u.business.can_read && u.business.can_delete);
	UNIT_ASSERT_INT(u.business.told_at, INT64_C(1790000000000000));
}

static void an_ended_connection_has_no_rights(void)
{
	CU_ASSERT_TRUE(read_file("chan/telegram/update_business_ended.json"));
	UNIT_ASSERT_INT(u.kind, TG_CONNECTION);
	CU_ASSERT_FALSE(u.business.is_enabled || u.business.can_reply ||
			u.business.can_read || u.business.can_delete);
}

static void a_customers_message_names_the_person_of_the_chat(void)
{
	CU_ASSERT_TRUE(read_file("chan/telegram/update_business_message.json"));
	UNIT_ASSERT_INT(u.kind, TG_BUSINESS_MESSAGE);
	UNIT_ASSERT_STR(u.connection, "bc-1");
	UNIT_ASSERT_INT(u.chat_id, 501);
	UNIT_ASSERT_STR(u.chat_name, "Ann Customer");
	UNIT_ASSERT_STR(u.chat_username, "ann");
	UNIT_ASSERT_INT(u.from_id, 501);
	UNIT_ASSERT_INT(u.sent_by_bot, 0);
	UNIT_ASSERT_INT(u.message_id, 17);
	UNIT_ASSERT_INT(u.reply_to, 15);
	UNIT_ASSERT_STR(u.m.text, "Is it free?");
}

static void what_a_bot_sent_for_the_owner_says_so(void)
{
	CU_ASSERT_TRUE(read_file("chan/telegram/update_business_owner.json"));
	UNIT_ASSERT_INT(u.kind, TG_BUSINESS_MESSAGE);
	UNIT_ASSERT_INT(u.from_id, 900);
	UNIT_ASSERT_INT(u.chat_id, 501);
	UNIT_ASSERT_INT(u.sent_by_bot, 700);
}

static void an_edit_tells_its_time(void)
{
	CU_ASSERT_TRUE(read_file("chan/telegram/update_business_edited.json"));
	UNIT_ASSERT_INT(u.kind, TG_BUSINESS_EDITED);
	UNIT_ASSERT_INT(u.edited_at, INT64_C(1790000030000000));
}

static void deleted_messages_are_numbered(void)
{
	CU_ASSERT_TRUE(read_file("chan/telegram/update_business_deleted.json"));
	UNIT_ASSERT_INT(u.kind, TG_BUSINESS_DELETED);
	UNIT_ASSERT_INT(u.chat_id, 501);
	UNIT_ASSERT_INT(u.n_deleted, 2);
	UNIT_ASSERT_INT(u.deleted[0], 17);
	UNIT_ASSERT_INT(u.deleted[1], 18);
}

static void what_lacks_its_essentials_is_not_understood(void)
{
	static const char *const bad[] = {
		"\"business_connection\":{\"id\":\"bc\"}",
		"\"business_connection\":{\"user\":{\"id\":900}}",
		"\"business_connection\":5",
		"\"business_message\":{\"message_id\":1,\"from\":{\"id\":5},"
		"\"chat\":{\"id\":5,\"type\":\"private\"}}",
		"\"business_message\":{\"business_connection_id\":\"bc\","
		"\"message_id\":1,\"chat\":{\"id\":5,\"type\":\"private\"}}",
		"\"business_message\":{\"business_connection_id\":\"bc\","
		"\"message_id\":1,\"from\":{\"id\":5},"
		"\"chat\":{\"id\":-5,\"type\":\"group\"}}",
		"\"edited_business_message\":{\"business_connection_id\":"
		"\"b\"}",
		"\"deleted_business_messages\":{\"chat\":{\"id\":5},"
		"\"message_ids\":[1]}",
		"\"deleted_business_messages\":{\"business_connection_id\":"
		"\"b\""
		",\"chat\":{\"id\":5},\"message_ids\":[\"1\",0]}",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const char *text = arena_printf(&unit_arena,
						"{\"update_id\":7,%s}", bad[i]);

		CU_ASSERT_FALSE(read_update(service_json(text)));
		UNIT_ASSERT_INT(err.kind, ERR_INPUT);
		UNIT_ASSERT_INT(u.update_id, 7);
	}
}

/* Servers before rights had one for all. */
static void the_connection_is_read_again(void)
{
	struct http_reply reply = service_file("chan/telegram/business.json");
	enum chan_trouble trouble = CHAN_FINE;
	struct http_request rq = { 0 };
	struct tg_connection c;

	tg_get_connection_write(&unit_arena, &end, "bc-1", &rq);
	UNIT_ASSERT_STR(strrchr(rq.url, '/'), "/getBusinessConnection");
	CU_ASSERT_TRUE(rq.idempotent);
	UNIT_ASSERT_STR(rq.body, "{\"business_connection_id\":\"bc-1\"}");
	CU_ASSERT_TRUE(tg_get_connection_read(&unit_arena, &reply, &c, &trouble,
					      &err));
	UNIT_ASSERT_INT(c.user_id, 900);
	CU_ASSERT_TRUE(c.is_enabled && c.can_reply);
	CU_ASSERT_FALSE(c.can_read);
}

static void refusals_of_an_account_tell_what_is_wrong(void)
{
	static const struct {
		int code;
		const char *words;
		enum err_kind kind;
		enum chan_trouble trouble;
	} cases[] = {
		{ 400, "Bad Request: business connection not found", ERR_INPUT,
		  CHAN_NOT_CONNECTED },
		{ 400, "Bad Request: BUSINESS_CONNECTION_INVALID", ERR_INPUT,
		  CHAN_NOT_CONNECTED },
		{ 403, "Forbidden: BOT_ACCESS_FORBIDDEN", ERR_INPUT,
		  CHAN_NOT_CONNECTED },
		{ 400, "Bad Request: BUSINESS_PEER_USAGE_MISSING", ERR_INPUT,
		  CHAN_FINE },
		{ 400, "Bad Request: BUSINESS_PEER_INVALID", ERR_INPUT,
		  CHAN_FINE },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct http_reply reply = service_says(
			cases[i].code,
			arena_printf(&unit_arena,
				     "{\"ok\":false,\"error_code\":%d,"
				     "\"description\":\"%s\"}",
				     cases[i].code, cases[i].words));
		struct chan_sent sent;

		memset(&err, 0, sizeof(err));
		CU_ASSERT_FALSE(chan_telegram_business.send_read(
			&unit_arena, &reply, &sent, &err));
		UNIT_ASSERT_INT(err.kind, cases[i].kind);
		UNIT_ASSERT_INT(sent.trouble, cases[i].trouble);
	}
}

static void rubbish_is_no_connection(void)
{
	for (size_t i = 0; i < ARRAY_LEN(service_rubbish); i++) {
		struct http_reply reply = service_says(200, service_rubbish[i]);
		enum chan_trouble trouble = CHAN_FINE;
		struct tg_connection c;

		memset(&err, 0, sizeof(err));
		CU_ASSERT_FALSE(tg_get_connection_read(&unit_arena, &reply, &c,
						       &trouble, &err));
		CU_ASSERT_NOT_EQUAL(err.kind, ERR_NONE);
	}
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(a_connection_tells_owner_and_rights),
		UNIT_TEST(an_ended_connection_has_no_rights),
		UNIT_TEST(a_customers_message_names_the_person_of_the_chat),
		UNIT_TEST(what_a_bot_sent_for_the_owner_says_so),
		UNIT_TEST(an_edit_tells_its_time),
		UNIT_TEST(deleted_messages_are_numbered),
		UNIT_TEST(what_lacks_its_essentials_is_not_understood),
		UNIT_TEST(the_connection_is_read_again),
		UNIT_TEST(refusals_of_an_account_tell_what_is_wrong),
		UNIT_TEST(rubbish_is_no_connection),
	};

	return unit_main("telegram_business", tests, ARRAY_LEN(tests), argc,
			 argv);
}
