/*
 * test_telegram.c - Telegram's driver against recorded replies and updates.
 */
#include "config.h"

#include <inttypes.h>

#include "base/clock.h"
#include "chan/service.h"
#include "chan/telegram.h"

#define GROUP INT64_C(-1001000000001)

static const struct chan_end end = {
	.api_base = "https://api.example/",
	.token = { "700:A-b_C", 9 },
};

static struct http_request rq;
static enum chan_trouble trouble;
static struct err err;
static struct tg_update u;

static void nothing_yet(void)
{
	memset(&rq, 0, sizeof(rq));
	memset(&err, 0, sizeof(err));
	memset(&u, 0, sizeof(u));
	trouble = CHAN_FINE;
}

static struct json_object *body_of(const struct http_request *r)
{
	UNIT_ASSERT_STR(r->method, "POST");
	UNIT_ASSERT_STR(r->mime, "application/json");
	UNIT_ASSERT_INT(r->body_len, strlen(r->body));
	return service_json(r->body);
}

static struct json_object *send_body(const struct chan_out *out)
{
	nothing_yet();
	chan_telegram.send_write(&unit_arena, &end, out, &rq);
	CU_ASSERT_FALSE(rq.idempotent);
	return body_of(&rq);
}

/* ---- requests ---- */

static void a_text_goes_without_markup_and_with_declared_types(void)
{
	struct chan_out out = {
		.kind = CHAN_TEXT,
		.chat = "-1001000000001",
		.topic = 7,
		.text = "<b>*да*</b> & https://a.example",
		.reply_to = "11",
	};
	struct json_object *o = send_body(&out), *reply;

	UNIT_ASSERT_STR(rq.url, "https://api.example/bot700:A-b_C/sendMessage");
	UNIT_ASSERT_INT(json_i64(o, "chat_id", 0), GROUP);
	UNIT_ASSERT_INT(json_i64(o, "message_thread_id", 0), 7);
	UNIT_ASSERT_STR(json_str(o, "text", NULL), out.text);
	CU_ASSERT_PTR_NULL(json_member(o, "parse_mode"));
	CU_ASSERT_PTR_NULL(json_member(o, "link_preview_options"));
	CU_ASSERT_PTR_NULL(json_member(o, "disable_notification"));
	reply = json_object_at(o, "reply_parameters");
	UNIT_ASSERT_INT(json_i64(reply, "message_id", 0), 11);
	CU_ASSERT_TRUE(json_flag(reply, "allow_sending_without_reply", false));
}

static void general_is_reached_by_leaving_the_topic_out(void)
{
	struct chan_out out = {
		.kind = CHAN_TEXT,
		.chat = "@public",
		.text = "x",
		.reply_to = "not a number",
		.silent = true,
	};
	struct json_object *o = send_body(&out);

	UNIT_ASSERT_STR(json_str(o, "chat_id", NULL), "@public");
	CU_ASSERT_PTR_NULL(json_member(o, "message_thread_id"));
	CU_ASSERT_PTR_NULL(json_member(o, "reply_parameters"));
	CU_ASSERT_TRUE(json_flag(o, "disable_notification", false));
}

static void each_kind_of_file_has_its_method_and_field(void)
{
	static const struct {
		enum chan_kind kind;
		const char *method, *field;
		bool caption;
	} cases[] = {
		{ CHAN_IMAGE, "sendPhoto", "photo", true },
		{ CHAN_VOICE, "sendVoice", "voice", true },
		{ CHAN_AUDIO, "sendAudio", "audio", true },
		{ CHAN_VIDEO, "sendVideo", "video", true },
		{ CHAN_VIDEO_NOTE, "sendVideoNote", "video_note", false },
		{ CHAN_ANIMATION, "sendAnimation", "animation", true },
		{ CHAN_DOCUMENT, "sendDocument", "document", true },
		{ CHAN_STICKER, "sendSticker", "sticker", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct chan_out out = {
			.kind = cases[i].kind,
			.chat = "501",
			.text = "подпись",
			.file_ref = "FILE",
		};
		struct json_object *o = send_body(&out);

		UNIT_ASSERT_STR(strrchr(rq.url, '/') + 1, cases[i].method);
		UNIT_ASSERT_STR(json_str(o, cases[i].field, NULL), "FILE");
		UNIT_ASSERT_STR(json_str(o, "caption", NULL),
				cases[i].caption ? "подпись" : NULL);
	}
}

static const struct http_part *part_named(const char *name)
{
	for (size_t i = 0; i < rq.n_parts; i++)
		if (strcmp(rq.parts[i].name, name) == 0)
			return &rq.parts[i];
	return NULL;
}

static void bytes_go_up_with_objects_as_json_text(void)
{
	struct chan_out out = {
		.kind = CHAN_VOICE,
		.chat = "-1001000000001",
		.topic = 7,
		.text = "подпись",
		.reply_to = "11",
		.bytes = "Ogg\0S",
		.len = 5,
		.mime = "audio/ogg",
		.duration_s = 4,
		.silent = true,
	};
	const struct http_part *file;

	nothing_yet();
	chan_telegram.send_write(&unit_arena, &end, &out, &rq);
	CU_ASSERT_PTR_NULL(rq.body);
	UNIT_ASSERT_INT(rq.n_parts, 7);
	UNIT_ASSERT_STR(part_named("chat_id")->bytes, "-1001000000001");
	UNIT_ASSERT_STR(part_named("message_thread_id")->bytes, "7");
	UNIT_ASSERT_STR(part_named("caption")->bytes, "подпись");
	UNIT_ASSERT_STR(part_named("duration")->bytes, "4");
	UNIT_ASSERT_STR(part_named("disable_notification")->bytes, "true");
	UNIT_ASSERT_INT(
		json_i64(service_json(part_named("reply_parameters")->bytes),
			 "message_id", 0),
		11);
	file = part_named("voice");
	UNIT_ASSERT_STR(file->filename, "voice.ogg");
	UNIT_ASSERT_STR(file->mime, "audio/ogg");
	UNIT_ASSERT_INT(file->len, 5);
	CU_ASSERT_PTR_NULL(part_named("chat_id")->filename);
}

static void blank_captions_are_left_out(void)
{
	struct chan_out out = {
		.kind = CHAN_IMAGE, .chat = "1", .file_ref = "F", .text = " \n"
	};

	CU_ASSERT_PTR_NULL(json_member(send_body(&out), "caption"));
	out.text = NULL;
	CU_ASSERT_PTR_NULL(json_member(send_body(&out), "caption"));
}

static void a_webhook_always_names_its_kinds_and_drops_nothing(void)
{
	struct json_object *o;

	nothing_yet();
	tg_set_webhook_write(&unit_arena, &end, "https://h/x",
			     (struct secret){ "s3", 2 }, &rq);
	o = body_of(&rq);
	UNIT_ASSERT_STR(json_str(o, "url", NULL), "https://h/x");
	UNIT_ASSERT_STR(json_str(o, "secret_token", NULL), "s3");
	CU_ASSERT_FALSE(json_flag(o, "drop_pending_updates", true));
	UNIT_ASSERT_INT(
		json_object_array_length(json_array_at(o, "allowed_updates")),
		9);
	CU_ASSERT_TRUE(rq.idempotent);
	tg_delete_webhook_write(&unit_arena, &end, &rq);
	CU_ASSERT_FALSE(json_flag(body_of(&rq), "drop_pending_updates", true));
}

static void topic_names_are_cut_and_never_blank(void)
{
	char name[400];

	nothing_yet();
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	tg_create_topic_write(&unit_arena, &end, GROUP, name, &rq);
	UNIT_ASSERT_INT(strlen(json_str(body_of(&rq), "name", "")), 128);
	CU_ASSERT_FALSE(rq.idempotent);
	tg_edit_topic_write(&unit_arena, &end, GROUP, 7, " ", NULL, &rq);
	UNIT_ASSERT_STR(json_str(body_of(&rq), "name", ""), "Диалог");
	UNIT_ASSERT_INT(json_i64(body_of(&rq), "message_thread_id", 0), 7);
	CU_ASSERT_TRUE(rq.idempotent);
}

static void states_are_set_by_idempotent_calls(void)
{
	struct json_object *o;

	nothing_yet();
	tg_react_write(&unit_arena, &end, GROUP, 15, "👌", &rq);
	o = json_object_array_get_idx(json_array_at(body_of(&rq), "reaction"),
				      0);
	UNIT_ASSERT_STR(json_str(o, "type", NULL), "emoji");
	UNIT_ASSERT_STR(json_str(o, "emoji", NULL), "👌");
	CU_ASSERT_TRUE(rq.idempotent);
	tg_react_write(&unit_arena, &end, GROUP, 15, NULL, &rq);
	UNIT_ASSERT_INT(json_object_array_length(
				json_array_at(body_of(&rq), "reaction")),
			0);
	tg_pin_write(&unit_arena, &end, GROUP, 15, &rq);
	CU_ASSERT_TRUE(json_flag(body_of(&rq), "disable_notification", false));
	tg_reopen_topic_write(&unit_arena, &end, GROUP, 7, &rq);
	CU_ASSERT_TRUE(rq.idempotent);
	tg_get_chat_write(&unit_arena, &end, GROUP, &rq);
	UNIT_ASSERT_INT(json_i64(body_of(&rq), "chat_id", 0), GROUP);
	tg_get_member_write(&unit_arena, &end, GROUP, 700, &rq);
	UNIT_ASSERT_INT(json_i64(body_of(&rq), "user_id", 0), 700);
	tg_get_me_write(&unit_arena, &end, &rq);
	UNIT_ASSERT_STR(rq.body, "{}");
	tg_answer_callback_write(&unit_arena, &end, "43", "Ок", &rq);
	UNIT_ASSERT_STR(json_str(body_of(&rq), "text", NULL), "Ок");
}

static void buttons_stand_one_a_row_and_go_with_an_edit(void)
{
	static const struct tg_button buttons[] = {
		{ "Отправить ещё раз", "again:5:2" },
		{ "Дошло", "arrived:5:2" },
	};
	struct chan_out out = { .chat = "-1001000000001",
				.topic = 7,
				.text = "?" };
	struct json_object *rows;

	nothing_yet();
	tg_ask_write(&unit_arena, &end, &out, buttons, 2, &rq);
	rows = json_array_at(json_object_at(body_of(&rq), "reply_markup"),
			     "inline_keyboard");
	UNIT_ASSERT_INT(json_object_array_length(rows), 2);
	UNIT_ASSERT_STR(json_str(json_object_array_get_idx(
					 json_object_array_get_idx(rows, 1), 0),
				 "callback_data", NULL),
			"arrived:5:2");
	tg_edit_write(&unit_arena, &end, GROUP, 31, "Дошло", NULL, 0, &rq);
	CU_ASSERT_TRUE(rq.idempotent);
	UNIT_ASSERT_STR(json_str(body_of(&rq), "text", NULL), "Дошло");
	rows = json_array_at(json_object_at(body_of(&rq), "reply_markup"),
			     "inline_keyboard");
	UNIT_ASSERT_INT(json_object_array_length(rows), 0);
}

static void a_pressed_button_is_answered_in_the_webhooks_reply(void)
{
	struct json_object *o = service_json(
		tg_answer_callback_inline(&unit_arena, "43", NULL));

	UNIT_ASSERT_STR(json_str(o, "method", NULL), "answerCallbackQuery");
	UNIT_ASSERT_STR(json_str(o, "callback_query_id", NULL), "43");
	CU_ASSERT_PTR_NULL(json_member(o, "text"));
}

static void nothing_odd_in_token_or_path_changes_the_url(void)
{
	struct chan_end odd = { .api_base = "https://api.example",
				.token = { "7:../x?y", 8 } };

	nothing_yet();
	tg_get_file_write(&unit_arena, &odd, "V", &rq);
	UNIT_ASSERT_STR(rq.url, "https://api.example/bot7:..%2Fx%3Fy/getFile");
	tg_download_write(&unit_arena, &end, "voice/file 1.oga", &rq);
	UNIT_ASSERT_STR(rq.url, "https://api.example/file/bot700:A-b_C/"
				"voice/file%201.oga");
	UNIT_ASSERT_INT(rq.answer_max, TG_DOWNLOAD_MAX);
	CU_ASSERT_FALSE(rq.foreign);
}

static void a_topic_has_a_link_for_people(void)
{
	UNIT_ASSERT_STR(tg_topic_link(&unit_arena, GROUP, 7),
			"https://t.me/c/1000000001/7");
	UNIT_ASSERT_STR(tg_topic_link(&unit_arena, -4001, 7), "");
	UNIT_ASSERT_STR(tg_topic_link(&unit_arena, 501, 7), "");
	CU_ASSERT_PTR_NOT_NULL(tg_topic_link(&unit_arena, INT64_MIN, 7));
}

/* ---- replies ---- */

static void answers_are_read(void)
{
	struct http_reply r;
	struct tg_member member;
	struct chan_sent sent;
	struct tg_chat chat;
	struct tg_me me;
	const char *path, *url;
	int64_t topic;

	nothing_yet();
	r = service_file("chan/telegram/sent.json");
	CU_ASSERT_TRUE(chan_telegram.send_read(&unit_arena, &r, &sent, &err));
	UNIT_ASSERT_STR(sent.id, "77");
	r = service_file("chan/telegram/me.json");
	CU_ASSERT_TRUE(tg_get_me_read(&unit_arena, &r, &me, &trouble, &err));
	UNIT_ASSERT_INT(me.id, 700);
	UNIT_ASSERT_STR(me.username, "relay_bot");
	CU_ASSERT_TRUE(me.reads_all);
	r = service_file("chan/telegram/chat.json");
	CU_ASSERT_TRUE(
		tg_get_chat_read(&unit_arena, &r, &chat, &trouble, &err));
	UNIT_ASSERT_INT(chat.id, GROUP);
	CU_ASSERT_TRUE(chat.is_forum);
	r = service_file("chan/telegram/member.json");
	CU_ASSERT_TRUE(
		tg_get_member_read(&unit_arena, &r, &member, &trouble, &err));
	CU_ASSERT_TRUE(member.is_admin && member.can_manage_topics &&
		       member.can_pin);
	r = service_file("chan/telegram/member_creator.json");
	CU_ASSERT_TRUE(
		tg_get_member_read(&unit_arena, &r, &member, &trouble, &err));
	CU_ASSERT_TRUE(member.is_admin && member.can_manage_topics);
	r = service_file("chan/telegram/topic.json");
	CU_ASSERT_TRUE(
		tg_create_topic_read(&unit_arena, &r, &topic, &sent, &err));
	UNIT_ASSERT_INT(topic, 42);
	r = service_file("chan/telegram/file.json");
	CU_ASSERT_TRUE(
		tg_get_file_read(&unit_arena, &r, &path, &trouble, &err));
	UNIT_ASSERT_STR(path, "voice/file 1.oga");
	r = service_says(200, "{\"ok\":true,\"result\":{\"url\":\"\"}}");
	CU_ASSERT_TRUE(
		tg_get_webhook_read(&unit_arena, &r, &url, &trouble, &err));
	UNIT_ASSERT_STR(url, "");
}

static void a_member_who_left_is_not_there(void)
{
	static const struct {
		const char *status;
		bool is_there;
	} cases[] = { { "left", false },
		      { "kicked", false },
		      { "member", true },
		      { "restricted", true },
		      { "administrator", true } };
	struct tg_member member;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct json_object *o = json_new(&unit_arena);

		json_put_str(o, "status", cases[i].status);
		tg_member(o, &member);
		CU_ASSERT_EQUAL(member.is_there, cases[i].is_there);
	}
}

/* Every row of the table of errors. */
static const struct fault {
	int code;
	const char *words;
	enum err_kind kind;
	enum chan_trouble trouble;
} faults[] = {
	{ 400, "Bad Request: chat not found", ERR_DENIED, CHAN_KICKED },
	{ 400, "Bad Request: message thread not found", ERR_MISSING,
	  CHAN_TOPIC_GONE },
	{ 400, "Bad Request: TOPIC_ID_INVALID", ERR_MISSING, CHAN_TOPIC_GONE },
	{ 400, "Bad Request: TOPIC_DELETED", ERR_MISSING, CHAN_TOPIC_GONE },
	{ 400, "Bad Request: TOPIC_CLOSED", ERR_CONFLICT, CHAN_TOPIC_CLOSED },
	{ 400, "Bad Request: the chat is not a forum", ERR_DENIED,
	  CHAN_NOT_FORUM },
	{ 400, "Bad Request: the chat is not a supergroup forum", ERR_DENIED,
	  CHAN_NOT_FORUM },
	{ 400, "Bad Request: not enough rights to create a topic", ERR_DENIED,
	  CHAN_NO_RIGHTS },
	{ 400, "Bad Request: not enough rights to close or open the topic",
	  ERR_DENIED, CHAN_NO_RIGHTS },
	{ 400,
	  "Bad Request: not enough rights to send text messages to the chat",
	  ERR_DENIED, CHAN_NO_RIGHTS },
	{ 400, "Bad Request: CHAT_WRITE_FORBIDDEN", ERR_DENIED,
	  CHAN_NO_RIGHTS },
	{ 400, "Bad Request: message text is empty", ERR_INPUT, CHAN_FINE },
	{ 400, "Bad Request: message is too long", ERR_INPUT, CHAN_FINE },
	{ 400, "Bad Request: message caption is too long", ERR_INPUT,
	  CHAN_FINE },
	{ 400, "Bad Request: text is too long", ERR_INPUT, CHAN_FINE },
	{ 400, "Bad Request: can't parse entities: at byte offset 5", ERR_INPUT,
	  CHAN_FINE },
	{ 400, "Bad Request: message to be replied not found", ERR_CONFLICT,
	  CHAN_REPLY_GONE },
	{ 400, "Bad Request: message to edit not found", ERR_MISSING,
	  CHAN_FINE },
	{ 400, "Bad Request: message to react not found", ERR_MISSING,
	  CHAN_FINE },
	{ 400, "Bad Request: message can't be edited", ERR_INPUT, CHAN_FINE },
	{ 400, "Bad Request: BUTTON_DATA_INVALID", ERR_INPUT, CHAN_FINE },
	{ 400, "Bad Request: REACTION_INVALID", ERR_INPUT, CHAN_FINE },
	{ 400,
	  "Bad Request: query is too old and response timeout expired or "
	  "query ID is invalid",
	  ERR_INPUT, CHAN_FINE },
	{ 400, "Bad Request: file is too big", ERR_INPUT, CHAN_BAD_FILE },
	{ 400, "Bad Request: invalid file_id", ERR_INPUT, CHAN_BAD_FILE },
	{ 400,
	  "Bad Request: wrong file_id or the file is temporarily unavailable",
	  ERR_DOWN, CHAN_BAD_FILE },
	{ 400, "Bad Request: PHOTO_INVALID_DIMENSIONS", ERR_INPUT,
	  CHAN_BAD_FILE },
	{ 400, "Bad Request: strings must be encoded in UTF-8", ERR_INPUT,
	  CHAN_FINE },
	{ 400, "", ERR_INPUT, CHAN_FINE },
	{ 401, "Unauthorized", ERR_AUTH, CHAN_TOKEN_REFUSED },
	{ 401, "Unauthorized: invalid token specified", ERR_AUTH,
	  CHAN_TOKEN_REFUSED },
	{ 403, "Forbidden: bot was blocked by the user", ERR_MISSING,
	  CHAN_BLOCKED },
	{ 403, "Forbidden: user is deactivated", ERR_MISSING, CHAN_BLOCKED },
	{ 403, "Forbidden: bot can't initiate conversation with a user",
	  ERR_MISSING, CHAN_BLOCKED },
	{ 403, "Forbidden: bot was kicked from the supergroup chat", ERR_DENIED,
	  CHAN_KICKED },
	{ 403, "Forbidden: bot is not a member of the supergroup chat",
	  ERR_DENIED, CHAN_KICKED },
	{ 404, "Not Found: method not found", ERR_INPUT, CHAN_FINE },
	{ 404, "Not Found", ERR_AUTH, CHAN_TOKEN_REFUSED },
	{ 409, "Conflict: terminated by other getUpdates request", ERR_CONFLICT,
	  CHAN_OTHER_POLLER },
	{ 409, "Conflict: terminated by setWebhook request", ERR_CONFLICT,
	  CHAN_WEBHOOK_ACTIVE },
	{ 409,
	  "Conflict: can't use getUpdates method while webhook is active; use "
	  "deleteWebhook to delete the webhook first",
	  ERR_CONFLICT, CHAN_WEBHOOK_ACTIVE },
	{ 413, "Request Entity Too Large", ERR_INPUT, CHAN_BAD_FILE },
	{ 418, "I'm a teapot", ERR_INPUT, CHAN_FINE },
	{ 421, "Misdirected Request: x", ERR_DOWN, CHAN_FINE },
	{ 429, "Too Many Requests: retry after 7", ERR_LIMIT, CHAN_FINE },
	{ 500, "Internal Server Error", ERR_UNSURE, CHAN_FINE },
	{ 502, "Bad Gateway", ERR_UNSURE, CHAN_FINE },
	{ 504, "Gateway Timeout", ERR_UNSURE, CHAN_FINE },
};

static struct http_reply refusal(int code, const char *words, const char *more)
{
	return service_says(code,
			    arena_printf(&unit_arena,
					 "{\"ok\":false,\"error_code\":%d,"
					 "\"description\":\"%s\"%s}",
					 code, words, more));
}

static void every_refusal_tells_how_to_go_on(void)
{
	struct json_object *result;
	struct chan_sent sent;

	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		const struct fault *f = &faults[i];
		struct http_reply r = refusal(f->code, f->words, "");

		nothing_yet();
		CU_ASSERT_FALSE(
			chan_telegram.send_read(&unit_arena, &r, &sent, &err));
		UNIT_ASSERT_STR(err_kind_name(err.kind),
				err_kind_name(f->kind));
		UNIT_ASSERT_INT(sent.trouble, f->trouble);
		CU_ASSERT_TRUE(*err.text);
		nothing_yet();
		CU_ASSERT_FALSE(tg_read(&unit_arena, &r, &result, &trouble,
					NULL, &err));
		UNIT_ASSERT_STR(err_kind_name(err.kind),
				err_kind_name(f->kind == ERR_UNSURE ? ERR_DOWN
								    : f->kind));
	}
}

static void what_is_so_already_is_success(void)
{
	static const char *const words[] = {
		"Bad Request: TOPIC_NOT_MODIFIED",
		"Bad Request: message is not modified: specified new message "
		"content and reply markup are exactly the same",
	};
	struct json_object *result;

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct http_reply r = refusal(400, words[i], "");

		CU_ASSERT_TRUE(tg_read(&unit_arena, &r, &result, &trouble, NULL,
				       &err));
		CU_ASSERT_PTR_NULL(result);
	}
}

static void a_group_that_moved_tells_where(void)
{
	struct http_reply r = refusal(
		400,
		"Bad Request: group chat was upgraded to a supergroup chat",
		",\"parameters\":{\"migrate_to_chat_id\":-1001000000001}");
	struct chan_sent sent;

	nothing_yet();
	CU_ASSERT_FALSE(chan_telegram.send_read(&unit_arena, &r, &sent, &err));
	UNIT_ASSERT_INT(err.kind, ERR_CONFLICT);
	UNIT_ASSERT_INT(sent.trouble, CHAN_MIGRATED);
	UNIT_ASSERT_INT(sent.migrate_to, GROUP);
}

static void waiting_is_never_shorter_than_told(void)
{
	static const struct {
		const char *more;
		int header, waited;
	} cases[] = {
		{ ",\"parameters\":{\"retry_after\":7}", 3, 7 },
		{ "", 9, 9 },
		{ "", 0, 5 },
		{ ",\"parameters\":{\"retry_after\":7200}", 0, 7200 },
		{ ",\"parameters\":{\"retry_after\":99999999999999}", 0,
		  86400 },
		{ ",\"parameters\":{\"retry_after\":-7}", 0, 5 },
		{ ",\"parameters\":{\"retry_after\":\"7\"}", 0, 5 },
	};
	struct chan_sent sent;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct http_reply r =
			refusal(429, "Too Many Requests", cases[i].more);

		r.retry_after_s = cases[i].header;
		nothing_yet();
		chan_telegram.send_read(&unit_arena, &r, &sent, &err);
		UNIT_ASSERT_INT(err.kind, ERR_LIMIT);
		UNIT_ASSERT_INT(err.retry_s, cases[i].waited);
	}
}

static void a_proxy_that_refuses_did_not_pass_it_on(void)
{
	struct http_reply large = service_says(413, "<html>");
	struct http_reply many = service_says(429, "<html>");
	struct chan_sent sent;

	nothing_yet();
	chan_telegram.send_read(&unit_arena, &large, &sent, &err);
	UNIT_ASSERT_INT(sent.trouble, CHAN_BAD_FILE);
	chan_telegram.send_read(&unit_arena, &many, &sent, &err);
	UNIT_ASSERT_INT(err.kind, ERR_LIMIT);
}

static void what_makes_something_is_unsure_when_lost(void)
{
	struct http_reply lost = service_ends(HTTP_LOST);
	struct http_reply unsent = service_ends(HTTP_NOT_SENT);
	struct http_reply refused = service_ends(HTTP_REFUSED);
	struct chan_sent sent;
	struct tg_me me;
	int64_t topic;

	nothing_yet();
	chan_telegram.send_read(&unit_arena, &lost, &sent, &err);
	UNIT_ASSERT_INT(err.kind, ERR_UNSURE);
	tg_create_topic_read(&unit_arena, &lost, &topic, &sent, &err);
	UNIT_ASSERT_INT(err.kind, ERR_UNSURE);
	tg_get_me_read(&unit_arena, &lost, &me, &trouble, &err);
	UNIT_ASSERT_INT(err.kind, ERR_DOWN);
	chan_telegram.send_read(&unit_arena, &unsent, &sent, &err);
	UNIT_ASSERT_INT(err.kind, ERR_DOWN);
	chan_telegram.send_read(&unit_arena, &refused, &sent, &err);
	UNIT_ASSERT_INT(err.kind, ERR_DOWN);
}

static void rubbish_is_never_an_answer(void)
{
	static const int statuses[] = { 200, 400, 403, 500 };
	struct chan_sent sent;
	struct tg_me me;
	int64_t topic;

	for (size_t i = 0; i < ARRAY_LEN(service_rubbish); i++) {
		for (size_t k = 0; k < ARRAY_LEN(statuses); k++) {
			struct http_reply r =
				service_says(statuses[k], service_rubbish[i]);

			nothing_yet();
			CU_ASSERT_FALSE(chan_telegram.send_read(&unit_arena, &r,
								&sent, &err));
			CU_ASSERT_PTR_NULL(sent.id);
			CU_ASSERT_FALSE(tg_create_topic_read(
				&unit_arena, &r, &topic, &sent, &err));
			CU_ASSERT_FALSE(tg_get_me_read(&unit_arena, &r, &me,
						       &trouble, &err));
			if (statuses[k] != 200)
				continue;
			CU_ASSERT_TRUE(err.kind == ERR_DOWN ||
				       err.kind == ERR_INPUT);
		}
	}
}

/* ---- updates ---- */

static bool read_update(const char *name)
{
	const char *path =
		arena_printf(&unit_arena, "chan/telegram/update_%s.json", name);

	nothing_yet();
	return tg_update_read(&unit_arena, service_json(unit_file(path, NULL)),
			      &u, &err);
}

static void a_message_in_a_topic_answers_nothing_by_itself(void)
{
	CU_ASSERT_TRUE(read_update("topic_text"));
	UNIT_ASSERT_INT(u.kind, TG_MESSAGE);
	UNIT_ASSERT_INT(u.update_id, 1001);
	UNIT_ASSERT_INT(u.chat_id, GROUP);
	UNIT_ASSERT_STR(u.chat_type, "supergroup");
	CU_ASSERT_TRUE(u.is_forum);
	UNIT_ASSERT_INT(u.topic, 7);
	UNIT_ASSERT_INT(u.reply_to, 0);
	UNIT_ASSERT_STR(u.reply_topic_name, "Анна · Лампа");
	UNIT_ASSERT_INT(u.reply_topic_by, 700);
	UNIT_ASSERT_INT(u.from_id, 501);
	UNIT_ASSERT_STR(u.from_name, "Ольга Иванова");
	UNIT_ASSERT_STR(u.from_username, "olga");
	CU_ASSERT_PTR_NULL(u.command);
	CU_ASSERT_PTR_NULL(u.album);
	UNIT_ASSERT_STR(u.m.id, "15");
	UNIT_ASSERT_STR(u.m.chat, "-1001000000001");
	UNIT_ASSERT_INT(u.m.kind, CHAN_TEXT);
	UNIT_ASSERT_INT(u.m.author, CHAN_SELLER);
	UNIT_ASSERT_STR(u.m.author_id, "501");
	UNIT_ASSERT_STR(u.m.text, "Да, продаём 👌");
	UNIT_ASSERT_INT(u.m.created_at, 1760000500 * CLOCK_SECOND_US);
	CU_ASSERT_PTR_NULL(u.m.quote_id);
}

static void a_real_quote_is_told(void)
{
	CU_ASSERT_TRUE(read_update("topic_quote"));
	UNIT_ASSERT_INT(u.reply_to, 11);
	UNIT_ASSERT_STR(u.m.quote_id, "11");
	CU_ASSERT_PTR_NULL(u.reply_topic_name);
}

static void only_a_topic_message_has_a_topic(void)
{
	CU_ASSERT_TRUE(read_update("general"));
	UNIT_ASSERT_INT(u.topic, 0);
	CU_ASSERT_TRUE(read_update("thread_no_topic"));
	UNIT_ASSERT_INT(u.topic, 0);
	UNIT_ASSERT_INT(u.reply_to, 11);
}

static void a_private_message_is_the_buyers(void)
{
	CU_ASSERT_TRUE(read_update("private"));
	UNIT_ASSERT_INT(u.m.author, CHAN_BUYER);
	UNIT_ASSERT_STR(u.chat_type, "private");
	UNIT_ASSERT_STR(u.chat_title, "");
}

static void a_command_loses_the_bots_name(void)
{
	CU_ASSERT_TRUE(read_update("command"));
	UNIT_ASSERT_STR(u.command, "/getid");
	UNIT_ASSERT_STR(u.command_bot, "relay_bot");
}

static void a_command_is_a_word_after_a_slash(void)
{
	static const struct {
		const char *text, *command, *bot;
	} cases[] = {
		{ "/start", "/start", NULL },
		{ "/start abc", "/start", NULL },
		{ "/start@relay_bot", "/start", "relay_bot" },
		{ "/start\\nabc", "/start", NULL },
		{ "/", NULL, NULL },
		{ "/ 3", NULL, NULL },
		{ "/дом", NULL, NULL },
		{ "/path/to", NULL, NULL },
		{ "/start@", NULL, NULL },
		{ "/start@relay-bot", NULL, NULL },
		{ "x /start", NULL, NULL },
		{ "", NULL, NULL },
		{ "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL, NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		nothing_yet();
		CU_ASSERT_TRUE(tg_update_read(
			&unit_arena,
			service_json(arena_printf(
				&unit_arena,
				"{\"update_id\":1,\"message\":{\"message_id\":"
				"1,\"chat\":{\"id\":1},\"text\":\"%s\"}}",
				cases[i].text)),
			&u, &err));
		UNIT_ASSERT_STR(u.command, cases[i].command);
		UNIT_ASSERT_STR(u.command_bot, cases[i].bot);
	}
}

static void an_anonymous_administrator_is_the_group_and_no_bot(void)
{
	CU_ASSERT_TRUE(read_update("anonymous_admin"));
	CU_ASSERT_TRUE(u.from_is_group);
	CU_ASSERT_FALSE(u.from_is_bot);
	UNIT_ASSERT_STR(u.from_name, "Старший");
}

static void an_edit_tells_when(void)
{
	CU_ASSERT_TRUE(read_update("edited"));
	UNIT_ASSERT_INT(u.kind, TG_EDITED);
	UNIT_ASSERT_INT(u.edited_at, 1760000600 * CLOCK_SECOND_US);
	UNIT_ASSERT_STR(u.m.text, "Да, продаём");
}

static void an_albums_photo_is_the_largest_that_can_be_fetched(void)
{
	CU_ASSERT_TRUE(read_update("album_photo"));
	UNIT_ASSERT_STR(u.album, "13900000000000001");
	UNIT_ASSERT_INT(u.m.kind, CHAN_IMAGE);
	UNIT_ASSERT_STR(u.m.media.ref, "P3");
	UNIT_ASSERT_STR(u.m.media.mime, "image/jpeg");
	UNIT_ASSERT_INT(u.m.media.width, 1280);
	UNIT_ASSERT_STR(u.m.text, "вид сбоку");
}

static void news_about_the_chat_are_no_messages(void)
{
	CU_ASSERT_TRUE(read_update("topic_created"));
	UNIT_ASSERT_INT(u.kind, TG_SERVICE);
	UNIT_ASSERT_INT(u.service, TG_TOPIC_CREATED);
	UNIT_ASSERT_INT(u.topic, 7);
	CU_ASSERT_TRUE(u.from_is_bot);
	CU_ASSERT_TRUE(read_update("migrated"));
	UNIT_ASSERT_INT(u.service, TG_GROUP_MIGRATED);
	UNIT_ASSERT_INT(u.migrate_to, GROUP);
	UNIT_ASSERT_INT(u.chat_id, -4001);
}

static void a_change_of_rights_is_read(void)
{
	CU_ASSERT_TRUE(read_update("member"));
	UNIT_ASSERT_INT(u.kind, TG_MEMBER);
	UNIT_ASSERT_STR(u.member_old_status, "member");
	UNIT_ASSERT_STR(u.member_status, "administrator");
	CU_ASSERT_TRUE(u.member_can_manage_topics);
	CU_ASSERT_FALSE(u.member_can_pin);
	UNIT_ASSERT_STR(u.chat_title, "Работа");
	UNIT_ASSERT_INT(u.from_id, 501);
}

static void a_pressed_button_is_read(void)
{
	CU_ASSERT_TRUE(read_update("callback"));
	UNIT_ASSERT_INT(u.kind, TG_CALLBACK);
	UNIT_ASSERT_STR(u.callback_id, "4382bfdwdsb323b2d9");
	UNIT_ASSERT_STR(u.callback_data, "retry:5:2");
	UNIT_ASSERT_INT(u.message_id, 31);
	UNIT_ASSERT_INT(u.topic, 7);
	CU_ASSERT_TRUE(read_update("callback_old"));
	UNIT_ASSERT_INT(u.message_id, 31);
	UNIT_ASSERT_INT(u.chat_id, GROUP);
}

static void other_kinds_are_accepted(void)
{
	CU_ASSERT_TRUE(read_update("unknown"));
	UNIT_ASSERT_INT(u.kind, TG_OTHER);
	CU_ASSERT_TRUE(
		tg_update_read(&unit_arena, service_json("{}"), &u, &err));
	UNIT_ASSERT_INT(u.kind, TG_OTHER);
	UNIT_ASSERT_STR(u.chat_type, "");
}

#define COORDINATES                \
	"\n55.750000, 37.610000\n" \
	"https://yandex.ru/maps/?pt=37.610000,55.750000&z=16"

static const struct known {
	const char *key;
	enum chan_kind kind;
	const char *text, *ref, *mime;
} known[] = {
	{ "voice", CHAN_VOICE, "послушайте", "V", "audio/ogg" },
	{ "audio", CHAN_AUDIO, "", "A", "audio/mpeg" },
	{ "video", CHAN_VIDEO, "", "VI", "video/mp4" },
	{ "video_note", CHAN_VIDEO_NOTE, "", "VN", "video/mp4" },
	{ "animation", CHAN_ANIMATION, "", "AN", "video/mp4" },
	{ "document", CHAN_DOCUMENT, "", "D", "application/pdf" },
	{ "sticker", CHAN_STICKER, "Стикер 👌", "S", "image/webp" },
	{ "sticker_animated", CHAN_STICKER, "Стикер", "S2",
	  "application/x-tgsticker" },
	{ "sticker_video", CHAN_STICKER, "Стикер", "S3", "video/webm" },
	{ "location", CHAN_LOCATION, "📍 Местоположение" COORDINATES, "", "" },
	{ "venue", CHAN_LOCATION,
	  "📍 Местоположение: Кафе\nТверская, 1" COORDINATES, "", "" },
	{ "contact", CHAN_CONTACT, "👤 Контакт: Пётр Петров\n+79990000000", "",
	  "" },
	{ "poll", CHAN_POLL, "📊 Опрос: Когда?", "", "" },
	{ "dice", CHAN_DICE, "🎲 Бросок: выпало 4", "", "" },
	{ "game", CHAN_UNSUPPORTED, "Игра: Змейка", "", "" },
	{ "invoice", CHAN_UNSUPPORTED, "Счёт: Лампа", "", "" },
	{ "checklist", CHAN_UNSUPPORTED, "Список дел: Дела", "", "" },
	{ "story", CHAN_UNSUPPORTED, "История", "", "" },
	{ "paid_media", CHAN_UNSUPPORTED, "Платные фото и видео", "", "" },
	{ "giveaway", CHAN_UNSUPPORTED, "Розыгрыш", "", "" },
	{ "photo_lost", CHAN_IMAGE, "Фотография: вид", "", "image/jpeg" },
	{ "video_lost", CHAN_VIDEO, "Видео", "", "video/mp4" },
	{ "hologram", CHAN_UNSUPPORTED, "Сообщение неизвестного вида", "", "" },
};

static void every_kind_of_message_is_carried_or_named(void)
{
	struct json_object *kinds =
		service_json(unit_file("chan/telegram/kinds.json", NULL));

	UNIT_ASSERT_INT(json_object_object_length(kinds), ARRAY_LEN(known));
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		const struct known *k = &known[i];
		struct json_object *body = json_new(&unit_arena);

		nothing_yet();
		json_put_i64(body, "update_id", 5);
		json_put(body, "message",
			 json_object_get(json_object_at(kinds, k->key)));
		CU_ASSERT_TRUE(tg_update_read(&unit_arena, body, &u, &err));
		UNIT_ASSERT_INT(u.kind, TG_MESSAGE);
		UNIT_ASSERT_STR(chan_kind_name(u.m.kind),
				chan_kind_name(k->kind));
		UNIT_ASSERT_STR(u.m.text, k->text);
		UNIT_ASSERT_STR(u.m.media.ref, k->ref);
		UNIT_ASSERT_STR(u.m.media.mime, k->mime);
		UNIT_ASSERT_STR(u.m.media.url, "");
	}
}

static void the_file_keeps_name_and_absurd_sizes_do_no_harm(void)
{
	static const char body[] =
		"{\"update_id\":9223372036854775807,\"message\":{"
		"\"message_id\":99999999999999999999999,\"date\":-1,"
		"\"chat\":{\"id\":-9223372036854775808},"
		"\"message_thread_id\":-5,\"is_topic_message\":true,"
		"\"document\":{\"file_id\":\"D\",\"file_name\":\"счёт.pdf\","
		"\"file_size\":-1,\"width\":1e30,\"height\":99999999999,"
		"\"duration\":-7}}}";

	nothing_yet();
	CU_ASSERT_TRUE(
		tg_update_read(&unit_arena, service_json(body), &u, &err));
	UNIT_ASSERT_STR(u.m.media.name, "счёт.pdf");
	UNIT_ASSERT_INT(u.m.media.bytes, 0);
	UNIT_ASSERT_INT(u.m.media.width, 0);
	UNIT_ASSERT_INT(u.m.media.height, 0);
	UNIT_ASSERT_INT(u.m.media.duration_s, 0);
	UNIT_ASSERT_INT(u.m.created_at, 0);
	UNIT_ASSERT_INT(u.topic, 0);
	UNIT_ASSERT_INT(u.chat_id, INT64_MIN);
}

static void what_claims_a_kind_and_is_not_understood_is_set_aside(void)
{
	static const char *const bodies[] = {
		"[]",
		"7",
		"{\"update_id\":5,\"message\":7}",
		"{\"update_id\":5,\"message\":{}}",
		"{\"update_id\":5,\"message\":{\"message_id\":1}}",
		"{\"update_id\":5,\"message\":{\"chat\":{\"id\":1}}}",
		"{\"update_id\":5,\"message\":{\"message_id\":\"1\","
		"\"chat\":{\"id\":1}}}",
		"{\"message\":{\"message_id\":1,\"chat\":{\"id\":1},"
		"\"text\":\"x\"}}",
		"{\"update_id\":5,\"edited_message\":[]}",
		"{\"update_id\":5,\"my_chat_member\":{\"chat\":{\"id\":1}}}",
		"{\"update_id\":5,\"callback_query\":{\"id\":5}}",
		"{\"update_id\":5,\"callback_query\":{\"id\":\"5\"}}",
	};

	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		nothing_yet();
		CU_ASSERT_FALSE(tg_update_read(
			&unit_arena, service_json(bodies[i]), &u, &err));
		UNIT_ASSERT_INT(err.kind, ERR_INPUT);
		CU_ASSERT_TRUE(*err.text);
		if (strstr(bodies[i], "update_id"))
			UNIT_ASSERT_INT(u.update_id, 5);
	}
}

static void a_long_poll_waits_for_messages_only(void)
{
	struct json_object *o, *allowed;

	nothing_yet();
	tg_get_updates_write(&unit_arena, &end, 78, 25, &rq);
	CU_ASSERT_TRUE(rq.idempotent);
	o = body_of(&rq);
	UNIT_ASSERT_STR(rq.url, "https://api.example/bot700:A-b_C/getUpdates");
	UNIT_ASSERT_INT(json_i64(o, "offset", 0), 78);
	UNIT_ASSERT_INT(json_i64(o, "timeout", 0), 25);
	allowed = json_array_at(o, "allowed_updates");
	UNIT_ASSERT_INT(json_object_array_length(allowed), 1);
	/* From the oldest on. */
	tg_get_updates_write(&unit_arena, &end, 0, 25, &rq);
	CU_ASSERT_PTR_NULL(json_member(body_of(&rq), "offset"));
}

/* One that is not understood must be passed, or it would come for ever. */
static void an_update_that_is_not_understood_still_has_its_number(void)
{
	struct http_reply r = service_says(
		200, "{\"ok\":true,\"result\":["
		     "{\"update_id\":5,\"message\":{\"message_id\":\"x\"}},"
		     "{\"poll\":{}},7,"
		     "{\"update_id\":9223372036854775807,\"poll\":{}},"
		     "{\"update_id\":6,\"message\":{\"message_id\":3,"
		     "\"chat\":{\"id\":501,\"type\":\"private\"},"
		     "\"from\":{\"id\":501,\"language_code\":\"de\"},"
		     "\"text\":\"/start  abc \"}}]}");
	struct tg_update *list;
	size_t n;

	nothing_yet();
	CU_ASSERT_TRUE(tg_get_updates_read(&unit_arena, &r, &list, &n, &trouble,
					   &err));
	UNIT_ASSERT_INT(n, 2);
	UNIT_ASSERT_INT(list[0].update_id, 5);
	UNIT_ASSERT_INT(list[0].kind, TG_OTHER);
	UNIT_ASSERT_INT(list[1].kind, TG_MESSAGE);
	UNIT_ASSERT_STR(list[1].command, "/start");
	UNIT_ASSERT_STR(list[1].command_args, "abc");
	UNIT_ASSERT_STR(list[1].from_language, "de");
}

static void updates_that_are_no_list_are_asked_for_again(void)
{
	struct http_reply r = service_says(200, "{\"ok\":true,\"result\":{}}");
	struct tg_update *list;
	size_t n;

	nothing_yet();
	CU_ASSERT_FALSE(tg_get_updates_read(&unit_arena, &r, &list, &n,
					    &trouble, &err));
	UNIT_ASSERT_INT(err.kind, ERR_DOWN);
}

static void a_private_answer_is_not_to_be_passed_on(void)
{
	struct tg_private m = { .chat = 501,
				.text = "Ссылка",
				.button = "Войти",
				.url = "https://x.example/login?token=t" };
	struct json_object *o, *button;

	nothing_yet();
	tg_private_write(&unit_arena, &end, &m, &rq);
	CU_ASSERT_FALSE(rq.idempotent);
	o = body_of(&rq);
	CU_ASSERT_TRUE(json_flag(o, "protect_content", false));
	CU_ASSERT_TRUE(json_flag(json_object_at(o, "link_preview_options"),
				 "is_disabled", false));
	button = json_object_array_get_idx(
		json_object_array_get_idx(
			json_array_at(json_object_at(o, "reply_markup"),
				      "inline_keyboard"),
			0),
		0);
	UNIT_ASSERT_STR(json_str(button, "url", NULL), m.url);
	m.url = NULL;
	tg_private_write(&unit_arena, &end, &m, &rq);
	CU_ASSERT_PTR_NULL(json_member(body_of(&rq), "reply_markup"));
}

static void a_token_has_a_number_and_a_long_key(void)
{
	static const struct {
		const char *token;
		int64_t id;
	} all[] = {
		{ "123456789:AAabcdefghijklmnopqrstuvwxyz_-0", 123456789 },
		{ "7:AAabcdefghijklmnopqr", 7 },
		{ "7:AAabcdefghijklmnopq", 0 },
		{ "0:AAabcdefghijklmnopqrstuvwxyz", 0 },
		{ ":AAabcdefghijklmnopqrstuvwxyz", 0 },
		{ "99999999999999999999:AAabcdefghijklmnopqrst", 0 },
		{ "7:AAabcdefghijkl mnopqrst", 0 },
		{ "", 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		UNIT_ASSERT_INT(tg_token_id((struct secret){
					all[i].token, strlen(all[i].token) }),
				all[i].id);
	CU_ASSERT_TRUE(tg_is_username("tuberry_bot"));
	CU_ASSERT_FALSE(tg_is_username("@tuberry_bot"));
	CU_ASSERT_FALSE(tg_is_username("bot"));
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(a_text_goes_without_markup_and_with_declared_types),
		UNIT_TEST(general_is_reached_by_leaving_the_topic_out),
		UNIT_TEST(each_kind_of_file_has_its_method_and_field),
		UNIT_TEST(bytes_go_up_with_objects_as_json_text),
		UNIT_TEST(blank_captions_are_left_out),
		UNIT_TEST(a_webhook_always_names_its_kinds_and_drops_nothing),
		UNIT_TEST(topic_names_are_cut_and_never_blank),
		UNIT_TEST(states_are_set_by_idempotent_calls),
		UNIT_TEST(buttons_stand_one_a_row_and_go_with_an_edit),
		UNIT_TEST(a_pressed_button_is_answered_in_the_webhooks_reply),
		UNIT_TEST(nothing_odd_in_token_or_path_changes_the_url),
		UNIT_TEST(a_topic_has_a_link_for_people),
		UNIT_TEST(answers_are_read),
		UNIT_TEST(a_member_who_left_is_not_there),
		UNIT_TEST(every_refusal_tells_how_to_go_on),
		UNIT_TEST(what_is_so_already_is_success),
		UNIT_TEST(a_group_that_moved_tells_where),
		UNIT_TEST(waiting_is_never_shorter_than_told),
		UNIT_TEST(a_proxy_that_refuses_did_not_pass_it_on),
		UNIT_TEST(what_makes_something_is_unsure_when_lost),
		UNIT_TEST(rubbish_is_never_an_answer),
		UNIT_TEST(a_message_in_a_topic_answers_nothing_by_itself),
		UNIT_TEST(a_real_quote_is_told),
		UNIT_TEST(only_a_topic_message_has_a_topic),
		UNIT_TEST(a_private_message_is_the_buyers),
		UNIT_TEST(a_command_loses_the_bots_name),
		UNIT_TEST(a_command_is_a_word_after_a_slash),
		UNIT_TEST(an_anonymous_administrator_is_the_group_and_no_bot),
		UNIT_TEST(an_edit_tells_when),
		UNIT_TEST(an_albums_photo_is_the_largest_that_can_be_fetched),
		UNIT_TEST(news_about_the_chat_are_no_messages),
		UNIT_TEST(a_change_of_rights_is_read),
		UNIT_TEST(a_pressed_button_is_read),
		UNIT_TEST(other_kinds_are_accepted),
		UNIT_TEST(a_long_poll_waits_for_messages_only),
		UNIT_TEST(
			an_update_that_is_not_understood_still_has_its_number),
		UNIT_TEST(updates_that_are_no_list_are_asked_for_again),
		UNIT_TEST(a_private_answer_is_not_to_be_passed_on),
		UNIT_TEST(a_token_has_a_number_and_a_long_key),
		UNIT_TEST(every_kind_of_message_is_carried_or_named),
		UNIT_TEST(the_file_keeps_name_and_absurd_sizes_do_no_harm),
		UNIT_TEST(
			what_claims_a_kind_and_is_not_understood_is_set_aside),
	};

	return unit_main("telegram", tests, ARRAY_LEN(tests), argc, argv);
}
