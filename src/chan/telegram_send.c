/*
 * telegram_send.c - messages on their way to Telegram.
 *
 * Text goes without parse_mode: what a buyer wrote is never markup.  A file
 * goes up with its message, or is named by the id it already has.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "chan/rich.h"
#include "chan/telegram_impl.h"

#define FILES                                                                 \
	(CHAN_BIT(CHAN_IMAGE) | CHAN_BIT(CHAN_VOICE) | CHAN_BIT(CHAN_AUDIO) | \
	 CHAN_BIT(CHAN_VIDEO) | CHAN_BIT(CHAN_VIDEO_NOTE) |                   \
	 CHAN_BIT(CHAN_ANIMATION) | CHAN_BIT(CHAN_DOCUMENT) |                 \
	 CHAN_BIT(CHAN_STICKER))

/* What the three have in common: a bot speaks, whoever listens. */
#define SPEAKS                                                            \
	.takes = CHAN_BIT(CHAN_TEXT) | CHAN_BIT(CHAN_LOCATION) |          \
		 CHAN_BIT(CHAN_CONTACT) | FILES,                          \
	.brings = CHAN_BIT(CHAN_TEXT) | CHAN_BIT(CHAN_LOCATION) |         \
		  CHAN_BIT(CHAN_CONTACT) | CHAN_BIT(CHAN_POLL) |          \
		  CHAN_BIT(CHAN_DICE) | FILES,                            \
	.text_max = TG_TEXT_MAX, .text_by_units = true,                   \
	.caption_max = TG_CAPTION_MAX, .image_max_bytes = TG_PHOTO_MAX,   \
	.file_max_bytes = TG_UPLOAD_MAX, .delete_within_s = TG_DELETE_S,  \
	.send_write = tg_send_write, .send_read = tg_send_read,           \
	.album_max = TG_ALBUM_MAX, .album_write = tg_album_write,         \
	.album_read = tg_album_read, .edit_write = tg_edit_content_write, \
	.done_read = tg_done_read

#define SPEAKS_CAN                                                             \
	(CHAN_CAN_FORMAT | CHAN_CAN_CAPTION | CHAN_CAN_QUOTE | CHAN_CAN_EDIT | \
	 CHAN_CAN_DELETE | CHAN_CAN_ALBUM | CHAN_BRINGS_FORMAT |               \
	 CHAN_BRINGS_QUOTE | CHAN_BRINGS_ALBUM | CHAN_BRINGS_EDIT)

/* The team's group. */
const struct chan chan_telegram = {
	.name = "telegram",
	.title_ru = "Telegram",
	SPEAKS,
	.can = SPEAKS_CAN | CHAN_CAN_REACT | CHAN_BRINGS_REACTION,
	.delete_write = tg_delete_write,
	.react_write = tg_react_to_write,
};

/* A person's private chat with a bot. */
const struct chan chan_telegram_bot = {
	.name = "telegram_bot",
	.title_ru = "Telegram",
	SPEAKS,
	.can = SPEAKS_CAN | CHAN_CAN_REACT | CHAN_CAN_TYPING |
	       CHAN_BRINGS_REACTION,
	.delete_write = tg_delete_write,
	.react_write = tg_react_to_write,
	.typing_write = tg_typing_write,
};

/* A person's chat with the account of somebody who lets a bot answer. */
const struct chan chan_telegram_business = {
	.name = "telegram_business",
	.title_ru = "Telegram",
	SPEAKS,
	.can = SPEAKS_CAN | CHAN_CAN_READ | CHAN_CAN_TYPING |
	       CHAN_BRINGS_DELETE,
	.delete_write = tg_delete_business_write,
	.read_write = tg_read_business_write,
	.typing_write = tg_typing_write,
};

static const struct carrier {
	enum chan_kind kind;
	const char *method, *field;
	bool has_caption, has_duration;
	const char *filename; /* when the file has no name of its own */
} carriers[] = {
	{ CHAN_IMAGE, "sendPhoto", "photo", true, false, "photo.jpg" },
	{ CHAN_VOICE, "sendVoice", "voice", true, true, "voice.ogg" },
	{ CHAN_AUDIO, "sendAudio", "audio", true, true, "audio.mp3" },
	{ CHAN_VIDEO, "sendVideo", "video", true, true, "video.mp4" },
	{ CHAN_VIDEO_NOTE, "sendVideoNote", "video_note", false, true,
	  "video.mp4" },
	{ CHAN_ANIMATION, "sendAnimation", "animation", true, true,
	  "animation.mp4" },
	{ CHAN_DOCUMENT, "sendDocument", "document", true, false, "file" },
	{ CHAN_STICKER, "sendSticker", "sticker", false, false,
	  "sticker.webp" },
};

static const struct carrier *carrier_find(enum chan_kind kind)
{
	for (size_t i = 0; i < ARRAY_LEN(carriers); i++)
		if (carriers[i].kind == kind)
			return &carriers[i];
	bug("telegram: a %s cannot be sent", chan_kind_name(kind));
}

struct http_part tg_file_of(const char *field, const struct chan_out *out)
{
	bool named = out->name && *out->name;

	return (struct http_part){
		.name = field,
		.filename =
			named ? out->name : carrier_find(out->kind)->filename,
		.mime = out->mime,
		.bytes = out->bytes,
		.len = out->len,
	};
}

/* Ids go as the declared type; "@name" of a public group is a text. */
static void put_id(struct json_object *o, const char *key, const char *id)
{
	long long n;

	if (text_read_i64(id, INT64_MIN, INT64_MAX, &n))
		json_put_i64(o, key, n);
	else
		json_put_str(o, key, id);
}

void tg_put_chat(struct arena *a, struct json_object *p,
		 const struct chan_end *end, const char *chat)
{
	put_id(p, "chat_id", tg_place_chat(a, chat));
	if (end->connection && *end->connection)
		json_put_str(p, "business_connection_id", end->connection);
}

void tg_put_text(struct arena *a, struct json_object *p, const char *text_key,
		 const char *entities_key, const struct chan_out *out)
{
	const char *text = out->text ? out->text : "";
	struct rich r = rich_read(a, text, out->entities);
	const char *entities = rich_entities(a, &r);
	struct json_object *list;
	struct err ignored = { 0 };

	json_put_str(p, text_key, text);
	if (entities &&
	    json_read(a, entities, strlen(entities), &list, &ignored))
		json_put(p, entities_key, json_object_get(list));
}

struct json_object *tg_send_params(struct arena *a, const struct chan_end *end,
				   const struct chan_out *out)
{
	struct json_object *p = json_new(a), *reply;
	long long message;

	tg_put_chat(a, p, end, out->chat);
	if (out->topic)
		json_put_i64(p, "message_thread_id", out->topic);
	if (out->reply_to && text_read_i64(tg_place_message(out->reply_to), 1,
					   INT64_MAX, &message)) {
		reply = json_object_new_object();
		json_put_i64(reply, "message_id", message);
		/* The quote may be gone; the message must still arrive. */
		json_put_bool(reply, "allow_sending_without_reply", true);
		json_put(p, "reply_parameters", reply);
	}
	if (out->silent)
		json_put_bool(p, "disable_notification", true);
	return p;
}

static void put_member(struct json_object *p, struct json_object *data,
		       const char *key)
{
	struct json_object *v = json_member(data, key);

	if (v)
		json_put(p, key, json_object_get(v));
}

/* What consists of data.  The method, or NULL: there is too little of it, and
 * its words go instead. */
static const char *put_data(struct arena *a, struct json_object *p,
			    const struct chan_out *out)
{
	static const char *const place[] = { "latitude", "longitude", "title",
					     "address", NULL };
	static const char *const contact[] = { "phone_number", "first_name",
					       "last_name", NULL };
	bool is_place = out->kind == CHAN_LOCATION;
	struct json_object *data;
	struct err ignored = { 0 };

	if (!out->data ||
	    !json_read(a, out->data, strlen(out->data), &data, &ignored) ||
	    !json_member(data, is_place ? "latitude" : "phone_number") ||
	    !json_member(data, is_place ? "longitude" : "first_name"))
		return NULL;
	for (const char *const *k = is_place ? place : contact; *k; k++)
		put_member(p, data, *k);
	if (!is_place)
		return "sendContact";
	if (*json_str(data, "title", "") && *json_str(data, "address", ""))
		return "sendVenue";
	json_object_object_del(p, "title");
	json_object_object_del(p, "address");
	return "sendLocation";
}

static void write_words(struct arena *a, const struct chan_end *end,
			struct json_object *p, const struct chan_out *out,
			struct http_request *rq)
{
	tg_put_text(a, p, "text", "entities", out);
	tg_call(a, end, "sendMessage", p, rq);
}

void tg_send_write(struct arena *a, const struct chan_end *end,
		   const struct chan_out *out, struct http_request *rq)
{
	struct json_object *p = tg_send_params(a, end, out);
	const char *method;
	const struct carrier *c;

	if (out->kind == CHAN_TEXT) {
		write_words(a, end, p, out, rq);
		return;
	}
	if (out->kind == CHAN_LOCATION || out->kind == CHAN_CONTACT) {
		method = put_data(a, p, out);
		if (method)
			tg_call(a, end, method, p, rq);
		else
			write_words(a, end, p, out, rq);
		return;
	}
	c = carrier_find(out->kind);
	if (c->has_caption && out->text && !text_is_blank(out->text))
		tg_put_text(a, p, "caption", "caption_entities", out);
	if (c->has_duration && out->duration_s > 0)
		json_put_i64(p, "duration", out->duration_s);
	if (out->file_ref && *out->file_ref) {
		json_put_str(p, c->field, out->file_ref);
		tg_call(a, end, c->method, p, rq);
	} else {
		struct http_part file = tg_file_of(c->field, out);

		tg_call_with_files(a, end, c->method, p, &file, 1, rq);
	}
}

bool tg_send_read(struct arena *a, const struct http_reply *reply,
		  struct chan_sent *sent, struct err *err)
{
	struct json_object *result;
	int64_t id;

	*sent = (struct chan_sent){ 0 };
	if (!tg_read_made(a, reply, &result, &sent->trouble, &sent->migrate_to,
			  err))
		return false;
	id = json_i64(result, "message_id", 0);
	if (id <= 0)
		return tg_misread_made(err);
	sent->id = arena_printf(a, "%" PRId64, id);
	return true;
}

/* One button a row: names of dialogs are long. */
static struct json_object *keyboard(const struct tg_button *buttons, size_t n)
{
	struct json_object *markup = json_object_new_object();
	struct json_object *rows = json_object_new_array();

	for (size_t i = 0; i < n; i++) {
		struct json_object *row = json_object_new_array();
		struct json_object *button = json_object_new_object();

		json_put_str(button, "text", buttons[i].text);
		json_put_str(button, "callback_data", buttons[i].data);
		json_object_array_add(row, button);
		json_object_array_add(rows, row);
	}
	json_put(markup, "inline_keyboard", rows);
	return markup;
}

void tg_ask_write(struct arena *a, const struct chan_end *end,
		  const struct chan_out *out, const struct tg_button *buttons,
		  size_t n, struct http_request *rq)
{
	struct json_object *p = tg_send_params(a, end, out);

	json_put_str(p, "text", out->text);
	json_put(p, "reply_markup", keyboard(buttons, n));
	tg_call(a, end, "sendMessage", p, rq);
}

void tg_edit_write(struct arena *a, const struct chan_end *end, int64_t chat,
		   int64_t message, const char *text,
		   const struct tg_button *buttons, size_t n,
		   struct http_request *rq)
{
	struct json_object *p = json_new(a);

	json_put_i64(p, "chat_id", chat);
	json_put_i64(p, "message_id", message);
	json_put_str(p, "text", text);
	json_put(p, "reply_markup", keyboard(buttons, n));
	tg_call(a, end, "editMessageText", p, rq);
	rq->idempotent = true;
}

void tg_private_write(struct arena *a, const struct chan_end *end,
		      const struct tg_private *m, struct http_request *rq)
{
	struct json_object *p = json_new(a), *preview, *markup, *rows, *row;
	struct json_object *button;

	json_put_i64(p, "chat_id", m->chat);
	json_put_str(p, "text", m->text);
	json_put_bool(p, "protect_content", true);
	preview = json_object_new_object();
	json_put_bool(preview, "is_disabled", true);
	json_put(p, "link_preview_options", preview);
	if (m->url) {
		button = json_object_new_object();
		json_put_str(button, "text", m->button);
		json_put_str(button, "url", m->url);
		row = json_object_new_array();
		json_object_array_add(row, button);
		rows = json_object_new_array();
		json_object_array_add(rows, row);
		markup = json_object_new_object();
		json_put(markup, "inline_keyboard", rows);
		json_put(p, "reply_markup", markup);
	}
	tg_call(a, end, "sendMessage", p, rq);
}
