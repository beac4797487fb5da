/*
 * tg_api.c - the methods of the Telegram stand-in, and how they are called.
 */
#include "config.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "sandbox/journal.h"
#include "sandbox/settings.h"
#include "sandbox/telegram.h"
#include "sandbox/tg_business.h"

/* Taken by every method that sends. */
#define COPY                                                 \
	" chat_id:C! message_thread_id:I reply_parameters:O" \
	" disable_notification:B protect_content:B"          \
	" message_effect_id:S allow_paid_broadcast:B"        \
	" direct_messages_topic_id:I"
#define PLACE   COPY " business_connection_id:S"
#define SEND    PLACE " reply_markup:O"
#define CAPTION " caption:S parse_mode:S caption_entities:A"

/* One line each: a table is read along its columns. */
/* clang-format off */
static const struct tg_method methods[] = {
	{ "getMe", "", tg_run_me },
	{ "getUpdates", "offset:I limit:I timeout:I allowed_updates:A", tg_run_get_updates },
	{ "setWebhook", "url:S! certificate:F ip_address:S max_connections:I allowed_updates:A drop_pending_updates:B secret_token:S", tg_run_set_webhook },
	{ "deleteWebhook", "drop_pending_updates:B", tg_run_delete_webhook },
	{ "getWebhookInfo", "", tg_run_webhook_info },
	{ "sendMessage", SEND " text:S! parse_mode:S entities:A link_preview_options:O", tg_run_send_message },
	{ "sendPhoto", SEND CAPTION " photo:F! show_caption_above_media:B has_spoiler:B", tg_run_send_file },
	{ "sendVoice", SEND CAPTION " voice:F! duration:I", tg_run_send_file },
	{ "sendAudio", SEND CAPTION " audio:F! duration:I performer:S title:S thumbnail:F", tg_run_send_file },
	{ "sendVideo", SEND CAPTION " video:F! duration:I width:I height:I thumbnail:F cover:F supports_streaming:B has_spoiler:B", tg_run_send_file },
	{ "sendAnimation", SEND CAPTION " animation:F! duration:I width:I height:I thumbnail:F has_spoiler:B", tg_run_send_file },
	{ "sendVideoNote", SEND " video_note:F! duration:I length:I thumbnail:F", tg_run_send_file },
	{ "sendDocument", SEND CAPTION " document:F! thumbnail:F disable_content_type_detection:B", tg_run_send_file },
	{ "sendSticker", SEND " sticker:F! emoji:S", tg_run_send_file },
	{ "sendLocation", SEND " latitude:N! longitude:N! horizontal_accuracy:N live_period:I heading:I proximity_alert_radius:I", tg_run_send_location },
	{ "sendContact", SEND " phone_number:S! first_name:S! last_name:S vcard:S", tg_run_send_contact },
	{ "sendMediaGroup", PLACE " media:A!", tg_run_send_album },
	{ "sendVenue", SEND " latitude:N! longitude:N! title:S! address:S! foursquare_id:S foursquare_type:S google_place_id:S google_place_type:S", tg_run_send_venue },
	{ "sendPoll", SEND " question:S! question_parse_mode:S question_entities:A options:A! is_anonymous:B type:S allows_multiple_answers:B correct_option_id:I explanation:S explanation_parse_mode:S explanation_entities:A open_period:I close_date:I is_closed:B", tg_run_send_poll },
	{ "sendDice", SEND " emoji:S", tg_run_send_dice },
	{ "copyMessage", COPY CAPTION " reply_markup:O from_chat_id:C! message_id:I! show_caption_above_media:B", tg_run_copy },
	{ "forwardMessage", "chat_id:C! message_thread_id:I from_chat_id:C! message_id:I! disable_notification:B protect_content:B", tg_run_forward },
	{ "editMessageText", "business_connection_id:S chat_id:C message_id:I inline_message_id:S text:S! parse_mode:S entities:A link_preview_options:O reply_markup:O", tg_run_edit_text },
	{ "editMessageCaption", "business_connection_id:S chat_id:C message_id:I inline_message_id:S" CAPTION " reply_markup:O", tg_run_edit_caption },
	{ "editMessageReplyMarkup", "business_connection_id:S chat_id:C message_id:I inline_message_id:S reply_markup:O", tg_run_edit_markup },
	{ "deleteMessage", "chat_id:C! message_id:I!", tg_run_delete },
	{ "pinChatMessage", "business_connection_id:S chat_id:C! message_id:I! disable_notification:B", tg_run_pin },
	{ "unpinChatMessage", "business_connection_id:S chat_id:C! message_id:I", tg_run_unpin },
	{ "getBusinessConnection", "business_connection_id:S!", tg_run_get_business },
	{ "readBusinessMessage", "business_connection_id:S! chat_id:I! message_id:I!", tg_run_read_business },
	{ "deleteBusinessMessages", "business_connection_id:S! message_ids:A!", tg_run_delete_business },
	{ "setMessageReaction", "chat_id:C! message_id:I! reaction:A is_big:B", tg_run_reaction },
	{ "getForumTopicIconStickers", "", tg_run_topic_icons },
	{ "createForumTopic", "chat_id:C! name:S! icon_color:I icon_custom_emoji_id:S", tg_run_create_topic },
	{ "editForumTopic", "chat_id:C! message_thread_id:I! name:S icon_custom_emoji_id:S", tg_run_edit_topic },
	{ "closeForumTopic", "chat_id:C! message_thread_id:I!", tg_run_close_topic },
	{ "reopenForumTopic", "chat_id:C! message_thread_id:I!", tg_run_reopen_topic },
	{ "deleteForumTopic", "chat_id:C! message_thread_id:I!", tg_run_delete_topic },
	{ "getChat", "chat_id:C!", tg_run_get_chat },
	{ "getChatMember", "chat_id:C! user_id:I!", tg_run_get_member },
	{ "getChatAdministrators", "chat_id:C! return_bots:B", tg_run_get_admins },
	{ "getFile", "file_id:S!", tg_run_get_file },
	{ "answerCallbackQuery", "callback_query_id:S! text:S show_alert:B url:S cache_time:I", tg_run_answer_callback },
	{ "setMyCommands", "commands:A! scope:O language_code:S", tg_run_set_commands },
	{ "getMyCommands", "scope:O language_code:S", tg_run_get_commands },
	{ "deleteMyCommands", "scope:O language_code:S", tg_run_delete_commands },
	{ "sendChatAction", "business_connection_id:S chat_id:C! message_thread_id:I action:S!", tg_run_chat_action },
	{ "setChatMenuButton", "chat_id:I menu_button:O", tg_run_menu_button },
};
/* clang-format on */

const struct tg_method *tg_method_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
		if (strcasecmp(methods[i].name, name) == 0)
			return &methods[i];
	}
	return NULL;
}

static const char *prefix(int code)
{
	switch (code) {
	case 400:
		return "Bad Request: ";
	case 401:
		return "Unauthorized";
	case 403:
		return "Forbidden: ";
	case 404:
		return "Not Found";
	case 409:
		return "Conflict: ";
	case 413:
		return "Request Entity Too Large";
	case 429:
		return "Too Many Requests: ";
	default:
		return code < 500 ? "" : "Internal Server Error";
	}
}

void tg_ok(struct tg_call *c, struct json_object *result)
{
	c->code = 200;
	c->result = result;
}

void tg_true(struct tg_call *c)
{
	tg_ok(c, json_object_new_boolean(true));
}

bool tg_fail(struct tg_call *c, int code, const char *fmt, ...)
{
	char text[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c->code = code;
	c->error = arena_printf(c->a, "%s%s", prefix(code), text);
	return false;
}

void tg_violation(const struct tg_call *c, const char *fmt, ...)
{
	char text[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	violation("telegram", c->method ? c->method->name : "", "%s", text);
}

static const char *error_body(struct arena *a, int code, const char *text,
			      int64_t retry_after, int64_t migrate_to)
{
	struct json_object *o = json_new(a);
	struct json_object *p = json_object_new_object();

	json_put_bool(o, "ok", false);
	json_put_i64(o, "error_code", code);
	json_put_str(o, "description", text);
	if (retry_after)
		json_put_i64(p, "retry_after", retry_after);
	if (migrate_to)
		json_put_i64(p, "migrate_to_chat_id", migrate_to);
	if (retry_after || migrate_to)
		json_put(o, "parameters", p);
	else
		json_object_put(p);
	return json_text(o);
}

const char *telegram_error_body(struct arena *a, int status,
				int64_t retry_after)
{
	const char *text = prefix(status);

	if (status == 429)
		text = arena_printf(a, "%sretry after %" PRId64, text,
				    retry_after);
	else if (status == 502)
		text = "Bad Gateway";
	else if (status == 504)
		text = "Gateway Timeout";
	return error_body(a, status, text, retry_after, 0);
}

static void put_json(void *o)
{
	json_object_put(o);
}

static const char *ok_body(struct tg_call *c)
{
	struct json_object *o = json_object_new_object();

	arena_defer(c->a, put_json, o);
	json_put_bool(o, "ok", true);
	json_put(o, "result", c->result);
	return json_text(o);
}

void tg_answer(struct tg_call *c)
{
	struct req *rq = c->rq;
	const char *body;

	rq->call.error = c->error;
	if (c->code == 200)
		body = ok_body(c);
	else
		body = error_body(c->a, c->code, c->error, c->retry_after,
				  c->migrate_to);
	if (c->retry_after)
		reply_header(rq, "Retry-After",
			     arena_printf(c->a, "%" PRId64, c->retry_after));
	reply(rq, c->code, "application/json", body, strlen(body));
}

static void run(struct req *rq)
{
	struct tg_call *c = rq->waits;

	if (!c->code)
		c->method->run(c);
	if (!c->code && !c->waits)
		bug("%s did not end", c->method->name);
	if (c->code) {
		rq->waits = NULL;
		tg_answer(c);
	}
}

static void note_chat(struct tg_call *c)
{
	struct json_object *chat = json_member(c->params, "chat_id");
	const struct tg_business *b;
	long long id;

	if (!chat)
		return;
	c->rq->call.chat = json_object_get_string(chat);
	id = json_object_get_int64(chat);
	b = tg_business_find(c->bot,
			     json_str(c->params, "business_connection_id", ""));
	if (b)
		c->rq->call.chat =
			arena_printf(c->a, "%lld@%" PRId64, id, b->owner->id);
	else if (id > 0)
		c->rq->call.chat = arena_printf(c->a, "%lld@%" PRId64, id,
						c->bot->user->id);
}

/* Parameters are read before faults are looked for: rules may name a chat. */
static void prepare(struct tg_call *c, const char *name)
{
	struct req *rq = c->rq;

	if (!c->bot) {
		tg_fail(c, 401, "%s", "");
		return;
	}
	rq->call.account = arena_printf(c->a, "%" PRId64, c->bot->user->id);
	if (!c->method) {
		violation("telegram", name, "unknown method");
		tg_fail(c, 404, ": method not found");
		return;
	}
	if (strcmp(c->method->name, name) != 0)
		tg_violation(c, "the method is spelled %s", name);
	if (rq->slash)
		tg_violation(c, "the path ends with a slash");
	if (!req_is(rq, "GET") && !req_is(rq, "POST")) {
		tg_violation(c, "%s instead of POST or GET", rq->method);
		tg_fail(c, 404, "%s", "");
		return;
	}
	if (req_header(rq, "Authorization"))
		tg_violation(c, "the Bot API takes no Authorization header");
	tg_params_read(c);
	rq->call.params = c->params;
	note_chat(c);
}

void telegram_route(struct req *rq)
{
	const char *first = req_seg(rq, 1), *name = req_seg(rq, 2);
	struct tg_call *c;

	rq->call.service = "telegram";
	if (strcmp(first, "file") == 0) {
		rq->call.method = "getFile.download";
		rq->run = tg_run_download;
		return;
	}
	c = arena_alloc(&rq->a, sizeof(*c));
	c->rq = rq;
	c->a = &rq->a;
	rq->waits = c;
	rq->run = run;
	if (strncmp(first, "bot", 3) != 0 || rq->n_seg != 3) {
		rq->call.method = "unknown";
		violation("telegram", "unknown", "unknown path");
		tg_fail(c, 404, "%s", "");
		return;
	}
	c->bot = map_find(&tg.tokens, first + 3);
	c->method = tg_method_find(name);
	rq->call.method = c->method ? c->method->name : name;
	rq->call.path = arena_printf(&rq->a, "/bot/%s", name);
	prepare(c, name);
}

/* These make no sense in a webhook's answer, and the real one ignores them. */
static bool is_ignored(const char *name)
{
	return strncasecmp(name, "get", 3) == 0 ||
	       strcasecmp(name, "setWebhook") == 0 ||
	       strcasecmp(name, "deleteWebhook") == 0;
}

static void note_answer(struct tg_call *c)
{
	struct req rq = { .method = "WEBHOOK" };

	rq.call = (struct call){
		.service = "telegram",
		.method = c->method->name,
		.path = "",
		.account = arena_printf(c->a, "%" PRId64, c->bot->user->id),
		.params = c->params,
		.error = c->error,
	};
	rq.at_us = clock_now_us();
	rq.reply.ready = true;
	rq.reply.status = c->code;
	journal_call(&rq, NULL);
}

void tg_run_answer(struct tg_bot *bot, const char *body, size_t len)
{
	struct arena a = { 0 };
	struct tg_call c = { .a = &a, .bot = bot };
	struct json_object *o = NULL;
	struct err err = { 0 };
	const char *name;

	/* An empty object or text that is no JSON is just an answer. */
	if (!json_read(&a, body, len, &o, &err) ||
	    !(name = json_str(o, "method", NULL))) {
		arena_release(&a);
		return;
	}
	c.method = tg_method_find(name);
	if (!c.method || is_ignored(name)) {
		violation("telegram", name,
			  "not possible in a webhook's answer");
	} else {
		json_object_object_del(o, "method");
		if (tg_params_from_json(&c, o))
			c.method->run(&c);
		note_answer(&c);
		json_object_put(c.result);
	}
	arena_release(&a);
}
