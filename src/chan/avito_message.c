/*
 * avito_message.c - what people sent each other at Avito.
 *
 * History and webhooks have one shape.  Any part may be absent; a kind that
 * is new, or that the API keeps to itself (files, videos), becomes a line
 * that says where to look.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "chan/avito_impl.h"
#include "chan/words.h"

#define LOOK_THERE  "откройте чат в Avito"
#define WORD_UNITS  32
#define PIXELS_MAX  100000
#define SIZE_DIGITS 6

const char *avito_id(struct arena *a, struct json_object *o, const char *key)
{
	struct json_object *v = json_member(o, key);

	if (v && json_object_is_type(v, json_type_int))
		return arena_printf(a, "%" PRId64, json_object_get_int64(v));
	return json_str(o, key, "");
}

int64_t avito_number(struct json_object *o, const char *key)
{
	const char *s = json_str(o, key, NULL);
	long long n;

	if (s)
		return text_read_i64(s, 0, INT64_MAX, &n) ? n : -1;
	return json_i64(o, key, -1);
}

/* At most SIZE_DIGITS digits; -1 when there is none. */
static int read_pixels(const char **s)
{
	int n = 0, digits = 0;

	while (**s >= '0' && **s <= '9' && digits < SIZE_DIGITS) {
		n = n * 10 + (**s - '0');
		digits++;
		(*s)++;
	}
	return digits && n <= PIXELS_MAX ? n : -1;
}

static bool read_size(const char *key, int *width, int *height)
{
	*width = read_pixels(&key);
	if (*width < 0 || *key++ != 'x')
		return false;
	*height = read_pixels(&key);
	return *height >= 0 && *key == '\0';
}

const char *avito_largest(struct json_object *sizes, int *width, int *height)
{
	const char *best = "";
	int64_t best_area = -1;

	if (width)
		*width = 0;
	if (height)
		*height = 0;
	if (!sizes || !json_object_is_type(sizes, json_type_object))
		return best;
	json_object_object_foreach(sizes, key, value)
	{
		int w = 0, h = 0;
		int64_t area = read_size(key, &w, &h) ? (int64_t)w * h : 0;

		if (area <= best_area || !value ||
		    !json_object_is_type(value, json_type_string) ||
		    !*json_object_get_string(value))
			continue;
		best = json_object_get_string(value);
		best_area = area;
		if (width)
			*width = area ? w : 0;
		if (height)
			*height = area ? h : 0;
	}
	return best;
}

bool avito_author(struct json_object *message, int64_t user_id,
		  enum chan_author *author)
{
	const char *direction = json_str(message, "direction", "");
	int64_t id = avito_number(message, "author_id");

	if (strcmp(json_str(message, "type", ""), "system") == 0 || id == 0)
		*author = CHAN_NOBODY;
	else if (id > 0)
		*author = id == user_id ? CHAN_SELLER : CHAN_BUYER;
	else if (strcmp(direction, "out") == 0)
		*author = CHAN_SELLER;
	else if (strcmp(direction, "in") == 0)
		*author = CHAN_BUYER;
	else
		return false;
	return true;
}

static void on_text(struct arena *a UNUSED, struct json_object *content,
		    struct chan_message *m)
{
	m->text = json_str(content, "text", "");
	if (strcmp(m->text, AVITO_DELETED_TEXT) == 0)
		m->kind = CHAN_DELETED;
	else if (m->author == CHAN_NOBODY)
		m->kind = CHAN_SYSTEM;
	if (text_is_blank(m->text))
		m->text = "Сообщение без текста: " LOOK_THERE;
}

static void on_image(struct arena *a UNUSED, struct json_object *content,
		     struct chan_message *m)
{
	struct json_object *image = json_object_at(content, "image");

	m->media.url = avito_largest(json_object_at(image, "sizes"),
				     &m->media.width, &m->media.height);
	if (!*m->media.url)
		m->text = "Фотография: " LOOK_THERE;
}

static void on_voice(struct arena *a, struct json_object *content,
		     struct chan_message *m)
{
	struct json_object *voice = json_object_at(content, "voice");

	m->media.ref = avito_id(a, voice, "voice_id");
	m->media.unique = m->media.ref;
	if (*m->media.ref)
		m->media.mime = "audio/mp4"; /* Opus in MP4 */
	else
		m->text = "Голосовое сообщение: " LOOK_THERE;
}

static void on_link(struct arena *a, struct json_object *content,
		    struct chan_message *m)
{
	struct json_object *link = json_object_at(content, "link");
	struct json_object *preview = json_object_at(link, "preview");

	words_link(a, json_str(link, "text", ""), json_str(link, "url", ""),
		   json_str(preview, "title", ""),
		   json_str(preview, "description", ""), m);
	if (!*m->text)
		m->text = "Ссылка: " LOOK_THERE;
}

static void on_item(struct arena *a, struct json_object *content,
		    struct chan_message *m)
{
	struct json_object *item = json_object_at(content, "item");
	const char *url = json_str(item, "item_url", "");

	words_item(a, json_str(item, "title", ""),
		   json_str(item, "price_string", ""), url, m);
	if (text_is_blank(url))
		m->text = arena_printf(a, "%s\n" LOOK_THERE, m->text);
}

/* Beyond the Earth where it is no number. */
static double read_degrees(struct json_object *o, const char *key)
{
	struct json_object *v = json_member(o, key);

	if (!v || (!json_object_is_type(v, json_type_double) &&
		   !json_object_is_type(v, json_type_int)))
		return 1e9;
	return json_object_get_double(v);
}

static void on_location(struct arena *a, struct json_object *content,
			struct chan_message *m)
{
	struct json_object *o = json_object_at(content, "location");
	struct words_place place = {
		.latitude = read_degrees(o, "lat"),
		.longitude = read_degrees(o, "lon"),
		.title = json_str(o, "title", ""),
		.address = json_str(o, "text", ""),
	};

	words_place(a, &place, m);
	if (strcmp(m->data, "{}") == 0)
		m->text = arena_printf(a, "%s: " LOOK_THERE, m->text);
}

static void on_call(struct arena *a, struct json_object *content,
		    struct chan_message *m)
{
	words_call(a, json_str(json_object_at(content, "call"), "status", ""),
		   m);
}

static void on_system(struct arena *a UNUSED, struct json_object *content,
		      struct chan_message *m)
{
	m->text = json_str(content, "text", "");
	if (text_is_blank(m->text))
		m->text = "Уведомление Avito: " LOOK_THERE;
}

/* Each kind: what it is to us, and either its reader or its words. */
static const struct type {
	const char *name;
	enum chan_kind kind;
	void (*read)(struct arena *a, struct json_object *content,
		     struct chan_message *m);
	const char *text;
} types[] = {
	{ "text", CHAN_TEXT, on_text, NULL },
	{ "image", CHAN_IMAGE, on_image, NULL },
	{ "voice", CHAN_VOICE, on_voice, NULL },
	{ "link", CHAN_LINK, on_link, NULL },
	{ "item", CHAN_ITEM, on_item, NULL },
	{ "location", CHAN_LOCATION, on_location, NULL },
	{ "call", CHAN_CALL, on_call, NULL },
	{ "system", CHAN_SYSTEM, on_system, NULL },
	{ "deleted", CHAN_DELETED, NULL, AVITO_DELETED_TEXT },
	/* Always empty, and there is no method to fetch them. */
	{ "appCall", CHAN_CALL, NULL, "Звонок в приложении: " LOOK_THERE },
	{ "video", CHAN_VIDEO, NULL, "Видео: " LOOK_THERE },
	{ "file", CHAN_DOCUMENT, NULL, "Файл: " LOOK_THERE },
};

static const struct type *type_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (strcmp(types[i].name, name) == 0)
			return &types[i];
	return NULL;
}

static int64_t read_created_at(struct json_object *o)
{
	int64_t at = chan_seconds_at(json_i64(o, "created", 0));

	if (!at && !clock_read(json_str(o, "published_at", ""), &at))
		return 0;
	return at;
}

void avito_message(struct arena *a, struct json_object *o, int64_t user_id,
		   struct chan_message *m)
{
	const char *name = json_str(o, "type", "");
	const struct type *type = type_find(name);
	const char *quote = avito_id(a, json_object_at(o, "quote"), "id");

	*m = (struct chan_message){
		.id = avito_id(a, o, "id"),
		.chat = "",
		.kind = type ? type->kind : CHAN_UNSUPPORTED,
		.foreign_kind = text_cut(a, name, WORD_UNITS),
		.author_id = avito_id(a, o, "author_id"),
		.text = "",
		.media = { .url = "",
			   .ref = "",
			   .unique = "",
			   .mime = "",
			   .name = "" },
		.quote_id = *quote ? quote : NULL,
		.created_at = read_created_at(o),
		.read_at = chan_seconds_at(json_i64(o, "read", 0)),
		.item_id = avito_number(o, "item_id"),
	};
	if (m->item_id < 0)
		m->item_id = 0;
	/* When neither is told it is the buyer's: nothing gets lost. */
	avito_author(o, user_id, &m->author);
	if (!type)
		m->text = arena_printf(
			a, "Сообщение неизвестного вида («%s»): " LOOK_THERE,
			m->foreign_kind);
	else if (type->read)
		type->read(a, json_object_at(o, "content"), m);
	else
		m->text = type->text;
}

bool avito_hook_read(struct arena *a, struct json_object *body,
		     struct avito_hook *hook, struct err *err)
{
	struct json_object *payload = json_object_at(body, "payload");
	struct json_object *value = json_object_at(payload, "value");
	enum chan_author author;

	*hook = (struct avito_hook){ 0 };
	if (strcmp(json_str(payload, "type", ""), "message") != 0)
		return true;
	hook->user_id = avito_number(value, "user_id");
	avito_message(a, value, hook->user_id, &hook->m);
	hook->m.chat = avito_id(a, value, "chat_id");
	if (!hook->m.created_at)
		hook->m.created_at =
			chan_seconds_at(json_i64(body, "timestamp", 0));
	if (!*hook->m.id || !*hook->m.chat || hook->user_id <= 0)
		return err_set(err, ERR_INPUT,
			       "the message lacks its id, chat or account");
	/* Ours or the buyer's?  A guess would send it the wrong way. */
	if (!avito_author(value, hook->user_id, &author))
		return err_set(err, ERR_INPUT, "the message lacks its author");
	hook->is_message = true;
	return true;
}
