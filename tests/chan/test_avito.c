/*
 * test_avito.c - Avito's driver against recorded replies.
 */
#include "config.h"

#include <inttypes.h>

#include "base/clock.h"
#include "chan/avito.h"
#include "chan/service.h"

#define USER INT64_C(30001)
#define CHAT "u2i-9fK~aa_b0/cD?Ee-1"
#define PATH "/messenger/v1/accounts/30001/chats/u2i-9fK~aa_b0%2FcD%3FEe-1/"

static const struct chan_end end = {
	.api_base = "https://api.example/",
	.token = { "tok", 3 },
	.account = USER,
};

static struct http_request rq;
static enum chan_trouble trouble;
static struct err err;

static void nothing_yet(void)
{
	memset(&rq, 0, sizeof(rq));
	memset(&err, 0, sizeof(err));
	trouble = CHAN_FINE;
}

static struct json_object *body_of(const struct http_request *r)
{
	UNIT_ASSERT_STR(r->mime, "application/json");
	UNIT_ASSERT_INT(r->body_len, strlen(r->body));
	return service_json(r->body);
}

/* ---- requests ---- */

static void the_chat_id_is_one_encoded_segment_and_keeps_its_tilde(void)
{
	struct chan_out out = { .kind = CHAN_TEXT, .chat = CHAT, .text = "x" };

	nothing_yet();
	chan_avito.send_write(&unit_arena, &end, &out, &rq);
	UNIT_ASSERT_STR(rq.url, "https://api.example" PATH "messages");
	avito_read_write(&unit_arena, &end, CHAT, &rq);
	UNIT_ASSERT_STR(rq.url, "https://api.example" PATH "read");
	CU_ASSERT_TRUE(rq.idempotent);
	avito_chat_write(&unit_arena, &end, CHAT, &rq);
	UNIT_ASSERT_STR(rq.url, "https://api.example/messenger/v2/accounts/"
				"30001/chats/u2i-9fK~aa_b0%2FcD%3FEe-1");
}

static void reads_are_idempotent_gets_with_the_token(void)
{
	nothing_yet();
	avito_messages_write(&unit_arena, &end, "c", 500, -3, &rq);
	UNIT_ASSERT_STR(rq.method, "GET");
	UNIT_ASSERT_STR(rq.url,
			"https://api.example/messenger/v3/accounts/30001/"
			"chats/c/messages/?limit=100&offset=0");
	UNIT_ASSERT_STR(rq.bearer.bytes, "tok");
	CU_ASSERT_TRUE(rq.idempotent);
	CU_ASSERT_TRUE(rq.answer_max > 0);
	avito_chats_write(&unit_arena, &end, true, 0, 5000, &rq);
	UNIT_ASSERT_STR(rq.url,
			"https://api.example/messenger/v2/accounts/30001/"
			"chats?chat_types=u2i,u2u&unread_only=true&limit=1"
			"&offset=1000");
	avito_chats_write(&unit_arena, &end, false, 100, 0, &rq);
	CU_ASSERT_PTR_NULL(strstr(rq.url, "unread_only"));
	avito_self_write(&unit_arena, &end, &rq);
	UNIT_ASSERT_STR(rq.url, "https://api.example/core/v1/accounts/self");
	avito_voice_write(&unit_arena, &end, "a&b", &rq);
	UNIT_ASSERT_STR(rq.url,
			"https://api.example/messenger/v1/accounts/30001/"
			"getVoiceFiles?voice_ids=a%26b");
}

static void a_token_is_asked_for_by_a_form(void)
{
	nothing_yet();
	avito_token_write(&unit_arena, "https://api.example", "A&A",
			  (struct secret){ "b b", 3 }, &rq);
	UNIT_ASSERT_STR(rq.url, "https://api.example/token");
	UNIT_ASSERT_STR(rq.mime, "application/x-www-form-urlencoded");
	UNIT_ASSERT_STR(rq.body, "grant_type=client_credentials&"
				 "client_id=A%26A&client_secret=b%20b");
	CU_ASSERT_PTR_NULL(rq.bearer.bytes);
}

static void a_text_is_sent_as_the_documents_show(void)
{
	struct chan_out out = { .kind = CHAN_TEXT,
				.chat = "c",
				.text = "\"Да\"\nнет / да" };
	struct json_object *o;

	nothing_yet();
	chan_avito.send_write(&unit_arena, &end, &out, &rq);
	o = body_of(&rq);
	UNIT_ASSERT_STR(json_str(o, "type", NULL), "text");
	UNIT_ASSERT_STR(json_str(json_object_at(o, "message"), "text", NULL),
			out.text);
	UNIT_ASSERT_INT(json_object_object_length(o), 2);
	CU_ASSERT_FALSE(rq.idempotent);
	UNIT_ASSERT_STR(rq.method, "POST");
}

static void an_image_goes_up_in_one_part_and_is_sent_by_id(void)
{
	struct chan_out out = {
		.kind = CHAN_IMAGE,
		.chat = "c",
		.bytes = "\xff\xd8\0x",
		.len = 4,
		.mime = "image/jpeg",
		.name = "a.jpg",
		.file_ref = "50838.3e79aa",
	};

	nothing_yet();
	chan_avito.upload_write(&unit_arena, &end, &out, &rq);
	UNIT_ASSERT_STR(rq.url, "https://api.example/messenger/v1/accounts/"
				"30001/uploadImages");
	UNIT_ASSERT_INT(rq.n_parts, 1);
	UNIT_ASSERT_STR(rq.parts[0].name, "uploadfile[]");
	UNIT_ASSERT_STR(rq.parts[0].filename, "a.jpg");
	UNIT_ASSERT_STR(rq.parts[0].mime, "image/jpeg");
	UNIT_ASSERT_INT(rq.parts[0].len, 4);
	CU_ASSERT_PTR_NULL(rq.body);
	chan_avito.send_write(&unit_arena, &end, &out, &rq);
	UNIT_ASSERT_STR(rq.url, "https://api.example/messenger/v1/accounts/"
				"30001/chats/c/messages/image");
	UNIT_ASSERT_STR(rq.body, "{\"image_id\":\"50838.3e79aa\"}");
	CU_ASSERT_FALSE(rq.idempotent);
}

static void webhooks_are_named_by_their_url(void)
{
	nothing_yet();
	avito_subscribe_write(&unit_arena, &end, "https://h/p?s=1", &rq);
	UNIT_ASSERT_STR(rq.url, "https://api.example/messenger/v3/webhook");
	UNIT_ASSERT_STR(rq.body, "{\"url\":\"https://h/p?s=1\"}");
	avito_unsubscribe_write(&unit_arena, &end, "https://h/", &rq);
	UNIT_ASSERT_STR(rq.url, "https://api.example/messenger/v1/webhook/"
				"unsubscribe");
	avito_subscriptions_write(&unit_arena, &end, &rq);
	UNIT_ASSERT_STR(rq.method, "POST");
	UNIT_ASSERT_STR(rq.url,
			"https://api.example/messenger/v1/subscriptions");
	CU_ASSERT_PTR_NULL(rq.body);
	CU_ASSERT_TRUE(rq.idempotent);
}

/* ---- replies ---- */

static void a_token_comes_with_its_life(void)
{
	struct http_reply reply = service_file("chan/avito/token.json");
	struct avito_token token;

	nothing_yet();
	CU_ASSERT_TRUE(avito_token_read(&unit_arena, &reply, &token, &err));
	UNIT_ASSERT_STR(token.token.bytes, "k7Qp0a1xV");
	UNIT_ASSERT_INT(token.expires_s, 86400);
}

static void a_token_without_a_sensible_life_is_used_for_an_hour(void)
{
	static const struct {
		const char *body;
		int64_t life;
	} cases[] = {
		{ "{\"access_token\":\"a\"}", 3600 },
		{ "{\"access_token\":\"a\",\"expires_in\":\"5\"}", 3600 },
		{ "{\"access_token\":\"a\",\"expires_in\":-1}", 3600 },
		{ "{\"access_token\":\"a\",\"expires_in\":1}", 60 },
		{ "{\"access_token\":\"a\",\"expires_in\":86400.5}", 86400 },
		{ "{\"access_token\":\"a\",\"expires_in\":1e300}", 2592000 },
	};
	struct avito_token token;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct http_reply reply = service_says(200, cases[i].body);

		CU_ASSERT_TRUE(
			avito_token_read(&unit_arena, &reply, &token, &err));
		UNIT_ASSERT_INT(token.expires_s, cases[i].life);
	}
}

static void keys_are_refused_by_any_4xx_and_by_silence_about_a_token(void)
{
	static const int statuses[] = { 200, 204, 400, 401, 403, 404 };
	const char *words = unit_file("chan/avito/token_refused.json", NULL);
	struct avito_token token;

	for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
		struct http_reply reply = service_says(statuses[i], words);

		nothing_yet();
		CU_ASSERT_FALSE(
			avito_token_read(&unit_arena, &reply, &token, &err));
		UNIT_ASSERT_INT(err.kind, ERR_AUTH);
		CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "Client ID"));
	}
}

static void a_token_is_not_refused_by_trouble_on_the_way(void)
{
	static const struct {
		int status;
		const char *body;
		enum err_kind kind;
	} cases[] = {
		{ 200, "<html>", ERR_DOWN },
		{ 408, "", ERR_DOWN },
		{ 429, "", ERR_LIMIT },
		{ 503, "{}", ERR_DOWN },
	};
	struct http_reply lost = service_ends(HTTP_LOST);
	struct avito_token token;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct http_reply reply =
			service_says(cases[i].status, cases[i].body);

		nothing_yet();
		CU_ASSERT_FALSE(
			avito_token_read(&unit_arena, &reply, &token, &err));
		UNIT_ASSERT_INT(err.kind, cases[i].kind);
	}
	CU_ASSERT_FALSE(avito_token_read(&unit_arena, &lost, &token, &err));
	UNIT_ASSERT_INT(err.kind, ERR_DOWN);
}

static void the_account_tells_who_it_is(void)
{
	struct http_reply reply = service_file("chan/avito/self.json");
	struct avito_self self;

	nothing_yet();
	CU_ASSERT_TRUE(
		avito_self_read(&unit_arena, &reply, &self, &trouble, &err));
	UNIT_ASSERT_INT(self.user_id, USER);
	UNIT_ASSERT_STR(self.name, "Магазин");
}

static void a_chat_tells_buyer_ad_and_last_message(void)
{
	struct http_reply reply = service_file("chan/avito/chat.json");
	struct avito_chat c;

	nothing_yet();
	CU_ASSERT_TRUE(
		avito_chat_read(&unit_arena, &reply, USER, &c, &trouble, &err));
	UNIT_ASSERT_STR(c.id, "u2i-9fK~aa_b0cDdEe-1122334");
	UNIT_ASSERT_STR(c.buyer_id, "40002");
	UNIT_ASSERT_STR(c.buyer_name, "Анна");
	UNIT_ASSERT_STR(c.buyer_url, "https://avito.ru/user/0bb/profile");
	UNIT_ASSERT_INT(c.item_id, 77);
	UNIT_ASSERT_STR(c.item_title, "Лампа");
	UNIT_ASSERT_STR(c.item_price, "1 500 ₽");
	UNIT_ASSERT_STR(c.item_image, "https://img.example/large.jpg?a=1&b=2");
	UNIT_ASSERT_STR(c.last_id, "m1");
	UNIT_ASSERT_INT(c.last_at, 1760000500 * CLOCK_SECOND_US);
	UNIT_ASSERT_INT(c.last_author, CHAN_BUYER);
	UNIT_ASSERT_INT(c.created_at, 1760000000 * CLOCK_SECOND_US);
}

static void a_list_of_chats_keeps_its_order_and_drops_what_has_no_id(void)
{
	struct http_reply reply = service_file("chan/avito/chats.json");
	struct avito_chat *c;
	size_t n;

	nothing_yet();
	CU_ASSERT_TRUE_FATAL(avito_chats_read(&unit_arena, &reply, USER, &c, &n,
					      &trouble, &err));
	UNIT_ASSERT_INT(n, 4);
	UNIT_ASSERT_STR(c[1].id, "u2u-between");
	UNIT_ASSERT_STR(c[1].buyer_name, "Пётр");
	UNIT_ASSERT_INT(c[1].item_id, 0);
	UNIT_ASSERT_STR(c[1].item_title, "");
	UNIT_ASSERT_INT(c[1].last_author, CHAN_SELLER);
	UNIT_ASSERT_INT(c[2].last_author, CHAN_NOBODY);
	CU_ASSERT_FALSE(c[1].last_is_deleted);
	UNIT_ASSERT_STR(c[3].id, "u2i-bare");
	UNIT_ASSERT_STR(c[3].buyer_id, "");
	UNIT_ASSERT_STR(c[3].last_id, "");
	UNIT_ASSERT_INT(c[3].updated_at, 0);
}

static void an_empty_list_may_be_null_but_not_missing(void)
{
	static const char *const empty[] = { "{\"chats\":[]}",
					     "{\"chats\":null}" };
	struct http_reply reply;
	struct avito_chat *c;
	size_t n;

	nothing_yet();
	for (size_t i = 0; i < ARRAY_LEN(empty); i++) {
		reply = service_says(200, empty[i]);
		CU_ASSERT_TRUE(avito_chats_read(&unit_arena, &reply, USER, &c,
						&n, &trouble, &err));
		UNIT_ASSERT_INT(n, 0);
	}
	reply = service_says(200, "{\"items\":[]}");
	CU_ASSERT_FALSE(avito_chats_read(&unit_arena, &reply, USER, &c, &n,
					 &trouble, &err));
	UNIT_ASSERT_INT(err.kind, ERR_DOWN);
}

#define LOOK ": откройте чат в Avito"

/* Every kind of message, and what becomes of it.  NULL: not looked at. */
static const struct known {
	const char *id;
	enum chan_kind kind;
	enum chan_author author;
	const char *text, *url, *ref;
} known[] = {
	{ "t1", CHAN_TEXT, CHAN_BUYER, "Ещё продаёте?", "", "" },
	{ "t2", CHAN_TEXT, CHAN_SELLER, "Да", "", "" },
	{ "t3", CHAN_DELETED, CHAN_BUYER, AVITO_DELETED_TEXT, "", "" },
	{ "t4", CHAN_SYSTEM, CHAN_NOBODY, "Покупатель посмотрел номер", "",
	  "" },
	{ "t5", CHAN_TEXT, CHAN_BUYER, "Сообщение без текста" LOOK, "", "" },
	{ "i1", CHAN_IMAGE, CHAN_BUYER, "", "https://img.example/xl?a=1&b=2",
	  "" },
	{ "i2", CHAN_IMAGE, CHAN_BUYER, "", "https://img.example/only", "" },
	{ "i3", CHAN_IMAGE, CHAN_BUYER, "Фотография" LOOK, "", "" },
	{ "v1", CHAN_VOICE, CHAN_BUYER, "", "", "vid-1" },
	{ "v2", CHAN_VOICE, CHAN_BUYER, "Голосовое сообщение" LOOK, "", "" },
	{ "l1", CHAN_LINK, CHAN_BUYER, "a.example", "", "" },
	{ "l2", CHAN_LINK, CHAN_BUYER,
	  "смотрите\nhttps://a.example/x\nЗаголовок", "", "" },
	{ "it1", CHAN_ITEM, CHAN_BUYER,
	  "📦 Объявление: Диван, 9 000 "
	  "₽\nhttps://avito.ru/items/78",
	  "", "" },
	{ "it2", CHAN_ITEM, CHAN_BUYER,
	  "📦 Объявление: Диван\nоткройте чат в Avito", "", "" },
	{ "lo1", CHAN_LOCATION, CHAN_BUYER,
	  "📍 Местоположение: Москва\nТверская, 1\n55.750000, 37.610000\n"
	  "https://yandex.ru/maps/?pt=37.610000,55.750000&z=16",
	  "", "" },
	{ "lo2", CHAN_LOCATION, CHAN_BUYER, "📍 Местоположение" LOOK, "", "" },
	{ "c1", CHAN_CALL, CHAN_BUYER,
	  "📞 Пропущенный звонок от покупателя. Ответьте здесь: сообщение "
	  "придёт ему в чат.",
	  "", "" },
	{ "c2", CHAN_CALL, CHAN_BUYER, "📞 Звонок", "", "" },
	{ "a1", CHAN_CALL, CHAN_BUYER, "Звонок в приложении" LOOK, "", "" },
	{ "vi1", CHAN_VIDEO, CHAN_BUYER, "Видео" LOOK, "", "" },
	{ "f1", CHAN_DOCUMENT, CHAN_BUYER, "Файл" LOOK, "", "" },
	{ "s1", CHAN_SYSTEM, CHAN_NOBODY, "Чат-бот ответил", "", "" },
	{ "s2", CHAN_SYSTEM, CHAN_NOBODY, "Чат-бот ответил", "", "" },
	{ "d1", CHAN_DELETED, CHAN_BUYER, AVITO_DELETED_TEXT, "", "" },
	{ "n1", CHAN_UNSUPPORTED, CHAN_BUYER,
	  "Сообщение неизвестного вида («hologram»)" LOOK, "", "" },
	{ "q1", CHAN_TEXT, CHAN_BUYER, "об этом", "", "" },
	{ "b1", CHAN_UNSUPPORTED, CHAN_BUYER, NULL, "", "" },
	{ "b2", CHAN_UNSUPPORTED, CHAN_BUYER, NULL, "", "" },
	{ "b3", CHAN_TEXT, CHAN_SELLER, "Сообщение без текста" LOOK, "", "" },
};

static void every_kind_of_message_is_carried_or_named(void)
{
	struct http_reply reply = service_file("chan/avito/messages.json");
	struct chan_message *m;
	size_t n;

	nothing_yet();
	CU_ASSERT_TRUE_FATAL(avito_messages_read(&unit_arena, &reply, "c", USER,
						 &m, &n, &trouble, &err));
	CU_ASSERT_EQUAL_FATAL(n, ARRAY_LEN(known));
	for (size_t i = 0; i < n; i++) {
		const struct known *k = &known[i];

		UNIT_ASSERT_STR(m[i].id, k->id);
		UNIT_ASSERT_STR(m[i].chat, "c");
		UNIT_ASSERT_STR(chan_kind_name(m[i].kind),
				chan_kind_name(k->kind));
		UNIT_ASSERT_INT(m[i].author, k->author);
		UNIT_ASSERT_STR(m[i].media.url, k->url);
		UNIT_ASSERT_STR(m[i].media.ref, k->ref);
		if (k->text)
			UNIT_ASSERT_STR(m[i].text, k->text);
		/* A message is never nothing at all. */
		CU_ASSERT_TRUE(*m[i].text || *m[i].media.url ||
			       *m[i].media.ref);
		CU_ASSERT_PTR_NOT_NULL(m[i].media.name);
		CU_ASSERT_PTR_NOT_NULL(m[i].author_id);
	}
	UNIT_ASSERT_INT(m[5].media.width, 1280);
	UNIT_ASSERT_INT(m[5].media.height, 960);
	UNIT_ASSERT_STR(m[0].author_id, "40002");
	UNIT_ASSERT_STR(m[0].foreign_kind, "text");
	CU_ASSERT_PTR_NULL(m[0].quote_id);
	UNIT_ASSERT_STR(m[25].quote_id, "t1");
	CU_ASSERT_PTR_NULL(m[0].data);
	UNIT_ASSERT_STR(m[12].data,
			"{\"title\":\"Диван\",\"price\":\"9 000 ₽\","
			"\"url\":\"https://avito.ru/items/78\"}");
	UNIT_ASSERT_INT(m[0].created_at, 1760000500 * CLOCK_SECOND_US);
	UNIT_ASSERT_INT(m[28].created_at, 0);
}

static void history_may_be_a_bare_list(void)
{
	struct http_reply reply = service_file("chan/avito/messages_bare.json");
	struct chan_message *m;
	size_t n;

	nothing_yet();
	CU_ASSERT_TRUE(avito_messages_read(&unit_arena, &reply, "c", USER, &m,
					   &n, &trouble, &err));
	UNIT_ASSERT_INT(n, 2);
}

static void what_was_sent_has_an_id(void)
{
	struct http_reply text = service_file("chan/avito/sent_text.json");
	struct http_reply image = service_file("chan/avito/sent_image.json");
	struct http_reply up = service_file("chan/avito/uploaded.json");
	struct chan_sent sent;

	nothing_yet();
	CU_ASSERT_TRUE(chan_avito.send_read(&unit_arena, &text, &sent, &err));
	UNIT_ASSERT_STR(sent.id, "m3");
	CU_ASSERT_TRUE(chan_avito.send_read(&unit_arena, &image, &sent, &err));
	UNIT_ASSERT_STR(sent.id, "m4");
	CU_ASSERT_TRUE(chan_avito.upload_read(&unit_arena, &up, &sent, &err));
	UNIT_ASSERT_STR(sent.id, "50838.3e79aa");
}

static void a_voice_has_an_url_for_an_hour(void)
{
	struct http_reply reply = service_file("chan/avito/voice.json");
	const char *url;

	nothing_yet();
	CU_ASSERT_TRUE(avito_voice_read(&unit_arena, &reply, "vid-1", &url,
					&trouble, &err));
	UNIT_ASSERT_STR(url, "https://voice.example/f?x=1&y=2");
	CU_ASSERT_FALSE(avito_voice_read(&unit_arena, &reply, "other", &url,
					 &trouble, &err));
	UNIT_ASSERT_INT(err.kind, ERR_MISSING);
}

static void subscriptions_are_a_list_of_urls(void)
{
	struct http_reply reply = service_file("chan/avito/subscriptions.json");
	const char **urls;
	size_t n;

	nothing_yet();
	CU_ASSERT_TRUE(avito_subscriptions_read(&unit_arena, &reply, &urls, &n,
						&trouble, &err));
	UNIT_ASSERT_INT(n, 2);
	UNIT_ASSERT_STR(urls[0], "https://host.example/path");
	UNIT_ASSERT_STR(urls[1], "https://other.example/");
}

static void done_is_done_also_when_it_was_so_before(void)
{
	struct http_reply ok = service_says(200, "{\"ok\":true}");
	struct http_reply no = service_says(200, "{\"ok\":false}");
	struct http_reply silent = service_says(200, "");
	struct http_reply already = service_says(409, "already");
	struct http_reply html = service_says(200, "<html>");

	nothing_yet();
	CU_ASSERT_TRUE(avito_done_read(&unit_arena, &ok, &trouble, &err));
	CU_ASSERT_TRUE(avito_done_read(&unit_arena, &silent, &trouble, &err));
	CU_ASSERT_TRUE(avito_done_read(&unit_arena, &already, &trouble, &err));
	CU_ASSERT_FALSE(avito_done_read(&unit_arena, &no, &trouble, &err));
	UNIT_ASSERT_INT(err.kind, ERR_INPUT);
	CU_ASSERT_FALSE(avito_done_read(&unit_arena, &html, &trouble, &err));
	UNIT_ASSERT_INT(err.kind, ERR_DOWN);
}

/* ---- errors ---- */

static const struct fault {
	int status;
	const char *body;
	enum err_kind on_send, on_read;
	enum chan_trouble trouble;
} faults[] = {
	{ 400, "{\"error\":{\"code\":400,\"message\":\"Validation error\"}}",
	  ERR_INPUT, ERR_INPUT, CHAN_FINE },
	{ 401, "{\"error\":{\"code\":401,\"message\":\"Unauthorized\"}}",
	  ERR_AUTH, ERR_AUTH, CHAN_TOKEN_STALE },
	{ 402, "{\"error\":{\"code\":402,\"message\":\"Нет подписки\"}}",
	  ERR_DENIED, ERR_DENIED, CHAN_NO_SUBSCRIPTION },
	{ 403, "{\"error\":{\"code\":403,\"message\":\"Forbidden\"}}", ERR_AUTH,
	  ERR_AUTH, CHAN_TOKEN_STALE },
	{ 404, "404 page not found", ERR_MISSING, ERR_MISSING, CHAN_FINE },
	{ 408, "", ERR_DOWN, ERR_DOWN, CHAN_FINE },
	{ 409, "", ERR_INPUT, ERR_INPUT, CHAN_FINE },
	{ 413, "<html>", ERR_INPUT, ERR_INPUT, CHAN_FINE },
	{ 415, "", ERR_INPUT, ERR_INPUT, CHAN_FINE },
	{ 422, "{\"code\":\"x\",\"message\":\"нет\"}", ERR_INPUT, ERR_INPUT,
	  CHAN_FINE },
	{ 429, "{\"error\":null}", ERR_LIMIT, ERR_LIMIT, CHAN_FINE },
	{ 500, "{\"error\":{\"code\":500}}", ERR_UNSURE, ERR_DOWN, CHAN_FINE },
	{ 502, "<html>", ERR_UNSURE, ERR_DOWN, CHAN_FINE },
	{ 503, "", ERR_UNSURE, ERR_DOWN, CHAN_FINE },
	{ 504, "<html>", ERR_UNSURE, ERR_DOWN, CHAN_FINE },
	{ 301, "", ERR_DOWN, ERR_DOWN, CHAN_FINE },
	{ 200, "{\"id\":", ERR_UNSURE, ERR_DOWN, CHAN_FINE },
	{ 200, "", ERR_UNSURE, ERR_DOWN, CHAN_FINE },
};

static void every_refusal_tells_how_to_go_on(void)
{
	struct chan_sent sent;
	struct avito_chat *c;
	size_t n;

	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		const struct fault *f = &faults[i];
		struct http_reply reply = service_says(f->status, f->body);

		nothing_yet();
		CU_ASSERT_FALSE(
			chan_avito.send_read(&unit_arena, &reply, &sent, &err));
		UNIT_ASSERT_STR(err_kind_name(err.kind),
				err_kind_name(f->on_send));
		UNIT_ASSERT_INT(sent.trouble, f->trouble);
		CU_ASSERT_PTR_NULL(sent.id);
		CU_ASSERT_TRUE(*err.text);
		nothing_yet();
		CU_ASSERT_FALSE(avito_chats_read(&unit_arena, &reply, USER, &c,
						 &n, &trouble, &err));
		UNIT_ASSERT_STR(err_kind_name(err.kind),
				err_kind_name(f->on_read));
		UNIT_ASSERT_INT(trouble, f->trouble);
	}
}

static void the_services_own_words_are_passed_on(void)
{
	struct http_reply reply = service_says(400, faults[0].body);
	struct chan_sent sent;

	nothing_yet();
	chan_avito.send_read(&unit_arena, &reply, &sent, &err);
	UNIT_ASSERT_STR(err.text, "Avito не принял сообщение, измените его и "
				  "отправьте снова (код 400: Validation "
				  "error)");
}

static void a_chat_that_is_gone_is_told_to_the_operator(void)
{
	struct http_reply reply = service_says(404, "404 page not found");
	struct chan_sent sent;

	nothing_yet();
	chan_avito.send_read(&unit_arena, &reply, &sent, &err);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "заблокировал"));
}

static void a_refused_image_is_a_bad_file(void)
{
	static const int statuses[] = { 400, 413, 415 };
	struct chan_sent up;

	for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
		struct http_reply reply = service_says(statuses[i], "");

		nothing_yet();
		CU_ASSERT_FALSE(
			chan_avito.upload_read(&unit_arena, &reply, &up, &err));
		UNIT_ASSERT_INT(err.kind, ERR_INPUT);
		UNIT_ASSERT_INT(up.trouble, CHAN_BAD_FILE);
	}
}

static void waiting_is_as_long_as_told_but_an_hour_at_most(void)
{
	static const struct {
		int told, waited;
	} cases[] = { { 0, 0 }, { 7, 7 }, { 99999, 3600 }, { -5, 0 } };
	struct chan_sent sent;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct http_reply reply = service_says(429, "");

		reply.retry_after_s = cases[i].told;
		nothing_yet();
		chan_avito.send_read(&unit_arena, &reply, &sent, &err);
		UNIT_ASSERT_INT(err.kind, ERR_LIMIT);
		UNIT_ASSERT_INT(err.retry_s, cases[i].waited);
	}
}

static void a_lost_send_is_unsure_and_a_lost_read_is_not(void)
{
	struct http_reply lost = service_ends(HTTP_LOST);
	struct http_reply unsent = service_ends(HTTP_NOT_SENT);
	struct http_reply refused = service_ends(HTTP_REFUSED);
	struct chan_sent sent;
	struct avito_self self;

	nothing_yet();
	chan_avito.send_read(&unit_arena, &lost, &sent, &err);
	UNIT_ASSERT_INT(err.kind, ERR_UNSURE);
	chan_avito.upload_read(&unit_arena, &lost, &sent, &err);
	UNIT_ASSERT_INT(err.kind, ERR_DOWN);
	avito_self_read(&unit_arena, &lost, &self, &trouble, &err);
	UNIT_ASSERT_INT(err.kind, ERR_DOWN);
	chan_avito.send_read(&unit_arena, &unsent, &sent, &err);
	UNIT_ASSERT_INT(err.kind, ERR_DOWN);
	chan_avito.send_read(&unit_arena, &refused, &sent, &err);
	UNIT_ASSERT_INT(err.kind, ERR_DOWN);
}

static void a_fresh_token_refused_is_final(void)
{
	struct http_reply r401 = service_says(401, "");
	struct http_reply r403 = service_says(403, "<html>");

	nothing_yet();
	CU_ASSERT_FALSE(
		avito_refused_again(&unit_arena, &r401, &trouble, &err));
	UNIT_ASSERT_INT(err.kind, ERR_AUTH);
	UNIT_ASSERT_INT(trouble, CHAN_TOKEN_REFUSED);
	CU_ASSERT_FALSE(
		avito_refused_again(&unit_arena, &r403, &trouble, &err));
	UNIT_ASSERT_INT(err.kind, ERR_DENIED);
	UNIT_ASSERT_INT(trouble, CHAN_NO_SUBSCRIPTION);
}

static void rubbish_is_never_an_answer(void)
{
	struct chan_message *m;
	struct chan_sent sent;
	struct avito_self self;
	struct avito_chat c;
	size_t n;

	for (size_t i = 0; i < ARRAY_LEN(service_rubbish); i++) {
		struct http_reply r = service_says(200, service_rubbish[i]);

		nothing_yet();
		CU_ASSERT_FALSE(
			chan_avito.send_read(&unit_arena, &r, &sent, &err));
		UNIT_ASSERT_INT(err.kind, ERR_UNSURE);
		CU_ASSERT_FALSE(avito_self_read(&unit_arena, &r, &self,
						&trouble, &err));
		UNIT_ASSERT_INT(err.kind, ERR_DOWN);
		CU_ASSERT_FALSE(avito_chat_read(&unit_arena, &r, USER, &c,
						&trouble, &err));
		/* A bare list without messages is the one that may be. */
		if (avito_messages_read(&unit_arena, &r, "c", USER, &m, &n,
					&trouble, &err)) {
			CU_ASSERT_EQUAL(service_rubbish[i][0], '[');
			UNIT_ASSERT_INT(n, 0);
		}
	}
}

/* ---- webhooks ---- */

static struct avito_hook hook;

static bool read_hook(const char *path)
{
	nothing_yet();
	return avito_hook_read(&unit_arena, service_json(unit_file(path, NULL)),
			       &hook, &err);
}

static void a_hook_brings_a_message_of_the_buyer(void)
{
	CU_ASSERT_TRUE(read_hook("chan/avito/hook.json"));
	CU_ASSERT_TRUE(hook.is_message);
	UNIT_ASSERT_INT(hook.user_id, USER);
	UNIT_ASSERT_STR(hook.m.id, "m1");
	UNIT_ASSERT_STR(hook.m.chat, "u2i-9fK~aa_b0cDdEe-1122334");
	UNIT_ASSERT_INT(hook.m.author, CHAN_BUYER);
	UNIT_ASSERT_STR(hook.m.author_id, "40002");
	UNIT_ASSERT_INT(hook.m.item_id, 77);
	UNIT_ASSERT_STR(hook.m.text, "Ещё продаёте?");
	UNIT_ASSERT_INT(hook.m.created_at, 1760000500 * CLOCK_SECOND_US);
}

static void a_hook_brings_our_own_messages_and_the_systems_too(void)
{
	CU_ASSERT_TRUE(read_hook("chan/avito/hook_own.json"));
	UNIT_ASSERT_INT(hook.m.author, CHAN_SELLER);
	UNIT_ASSERT_INT(hook.m.item_id, 0);
	CU_ASSERT_TRUE(read_hook("chan/avito/hook_system.json"));
	UNIT_ASSERT_INT(hook.m.author, CHAN_NOBODY);
	UNIT_ASSERT_INT(hook.m.kind, CHAN_SYSTEM);
}

static void other_hooks_are_accepted_and_ignored(void)
{
	static const char *const bodies[] = {
		"{}",
		"null",
		"[]",
		"7",
		"{\"payload\":5}",
		"{\"payload\":{\"type\":[]}}",
	};

	CU_ASSERT_TRUE(read_hook("chan/avito/hook_other.json"));
	CU_ASSERT_FALSE(hook.is_message);
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		CU_ASSERT_TRUE(avito_hook_read(
			&unit_arena, service_json(bodies[i]), &hook, &err));
		CU_ASSERT_FALSE(hook.is_message);
	}
}

#define HOOK(value) "{\"payload\":{\"type\":\"message\",\"value\":" value "}}"

static void a_hook_that_says_message_and_is_none_goes_to_quarantine(void)
{
	static const char *const bodies[] = {
		"{\"payload\":{\"type\":\"message\"}}",
		HOOK("null"),
		HOOK("[]"),
		HOOK("{\"id\":\"m\",\"chat_id\":\"c\",\"user_id\":1}"),
		HOOK("{\"id\":\"m\",\"chat_id\":\"c\",\"author_id\":2}"),
		HOOK("{\"id\":\"m\",\"user_id\":1,\"author_id\":2}"),
		HOOK("{\"chat_id\":\"c\",\"user_id\":1,\"author_id\":2}"),
		HOOK("{\"id\":\"\",\"chat_id\":\"c\",\"user_id\":1,"
		     "\"author_id\":2}"),
	};

	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		nothing_yet();
		CU_ASSERT_FALSE(avito_hook_read(
			&unit_arena, service_json(bodies[i]), &hook, &err));
		CU_ASSERT_FALSE(hook.is_message);
		UNIT_ASSERT_INT(err.kind, ERR_INPUT);
	}
}

static void a_missing_time_is_taken_from_next_to_it(void)
{
	nothing_yet();
	CU_ASSERT_TRUE(avito_hook_read(
		&unit_arena,
		service_json(
			HOOK("{\"id\":\"m\",\"chat_id\":\"c\","
			     "\"user_id\":1,\"author_id\":\"1\","
			     "\"published_at\":\"2025-10-09T08:55:00Z\"}")),
		&hook, &err));
	UNIT_ASSERT_INT(hook.m.author, CHAN_SELLER);
	UNIT_ASSERT_INT(hook.m.created_at, 1760000100 * CLOCK_SECOND_US);
	CU_ASSERT_TRUE(avito_hook_read(
		&unit_arena,
		service_json("{\"timestamp\":1760000501,\"payload\":{\"type\":"
			     "\"message\",\"value\":{\"id\":1,\"chat_id\":2,"
			     "\"user_id\":3,\"author_id\":4,"
			     "\"created\":-99999999999999999}}}"),
		&hook, &err));
	UNIT_ASSERT_STR(hook.m.id, "1");
	UNIT_ASSERT_STR(hook.m.chat, "2");
	UNIT_ASSERT_INT(hook.m.created_at, 1760000501 * CLOCK_SECOND_US);
}

/* ---- the table of services ---- */

static void services_are_found_by_name(void)
{
	CU_ASSERT_PTR_EQUAL(chan_find("avito"), &chan_avito);
	CU_ASSERT_PTR_NOT_NULL(chan_find("telegram"));
	CU_ASSERT_PTR_NULL(chan_find("fax"));
	for (size_t i = 0; chan_all[i]; i++) {
		const struct chan *c = chan_all[i];

		CU_ASSERT_TRUE(c->send_write && c->send_read && c->text_max);
		UNIT_ASSERT_INT(c->upload_write && c->upload_read,
				!!(c->can & CHAN_MUST_UPLOAD));
		UNIT_ASSERT_INT(c->caption_max > 0,
				!!(c->can & CHAN_CAN_CAPTION));
	}
}

static void every_kind_has_a_word_that_leads_back(void)
{
	for (int i = 0; i < CHAN_KINDS; i++)
		UNIT_ASSERT_INT(chan_kind_read(chan_kind_name(i)), i);
	UNIT_ASSERT_INT(chan_kind_read("hologram"), -1);
}

static bool last_is_deleted(const char *last)
{
	struct http_reply reply = service_says(
		200, arena_printf(&unit_arena,
				  "{\"id\":\"c\",\"last_message\":%s}", last));
	struct avito_chat c;

	nothing_yet();
	CU_ASSERT_TRUE(
		avito_chat_read(&unit_arena, &reply, USER, &c, &trouble, &err));
	return c.last_is_deleted;
}

static void a_chat_tells_that_its_last_message_was_deleted(void)
{
	CU_ASSERT_TRUE(last_is_deleted("{\"type\":\"deleted\"}"));
	CU_ASSERT_TRUE(last_is_deleted("{\"type\":\"text\",\"content\":"
				       "{\"text\":\"" AVITO_DELETED_TEXT
				       "\"}}"));
	CU_ASSERT_FALSE(last_is_deleted("{\"type\":\"text\",\"content\":"
					"{\"text\":\"Да\"}}"));
	CU_ASSERT_FALSE(last_is_deleted("null"));
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(
			the_chat_id_is_one_encoded_segment_and_keeps_its_tilde),
		UNIT_TEST(reads_are_idempotent_gets_with_the_token),
		UNIT_TEST(a_token_is_asked_for_by_a_form),
		UNIT_TEST(a_text_is_sent_as_the_documents_show),
		UNIT_TEST(an_image_goes_up_in_one_part_and_is_sent_by_id),
		UNIT_TEST(webhooks_are_named_by_their_url),
		UNIT_TEST(a_token_comes_with_its_life),
		UNIT_TEST(a_token_without_a_sensible_life_is_used_for_an_hour),
		UNIT_TEST(
			keys_are_refused_by_any_4xx_and_by_silence_about_a_token),
		UNIT_TEST(a_token_is_not_refused_by_trouble_on_the_way),
		UNIT_TEST(the_account_tells_who_it_is),
		UNIT_TEST(a_chat_tells_buyer_ad_and_last_message),
		UNIT_TEST(
			a_list_of_chats_keeps_its_order_and_drops_what_has_no_id),
		UNIT_TEST(an_empty_list_may_be_null_but_not_missing),
		UNIT_TEST(every_kind_of_message_is_carried_or_named),
		UNIT_TEST(a_chat_tells_that_its_last_message_was_deleted),
		UNIT_TEST(history_may_be_a_bare_list),
		UNIT_TEST(what_was_sent_has_an_id),
		UNIT_TEST(a_voice_has_an_url_for_an_hour),
		UNIT_TEST(subscriptions_are_a_list_of_urls),
		UNIT_TEST(done_is_done_also_when_it_was_so_before),
		UNIT_TEST(every_refusal_tells_how_to_go_on),
		UNIT_TEST(the_services_own_words_are_passed_on),
		UNIT_TEST(a_chat_that_is_gone_is_told_to_the_operator),
		UNIT_TEST(a_refused_image_is_a_bad_file),
		UNIT_TEST(waiting_is_as_long_as_told_but_an_hour_at_most),
		UNIT_TEST(a_lost_send_is_unsure_and_a_lost_read_is_not),
		UNIT_TEST(a_fresh_token_refused_is_final),
		UNIT_TEST(rubbish_is_never_an_answer),
		UNIT_TEST(a_hook_brings_a_message_of_the_buyer),
		UNIT_TEST(a_hook_brings_our_own_messages_and_the_systems_too),
		UNIT_TEST(other_hooks_are_accepted_and_ignored),
		UNIT_TEST(
			a_hook_that_says_message_and_is_none_goes_to_quarantine),
		UNIT_TEST(a_missing_time_is_taken_from_next_to_it),
		UNIT_TEST(services_are_found_by_name),
		UNIT_TEST(every_kind_has_a_word_that_leads_back),
	};

	return unit_main("avito", tests, ARRAY_LEN(tests), argc, argv);
}
