/*
 * telegram_content.c - what a message of Telegram holds.
 *
 * Files become media with their caption as text.  What cannot be carried
 * elsewhere becomes a text that names it.
 */
#include "config.h"

#include <limits.h>
#include <string.h>

#include "chan/rich.h"
#include "chan/telegram_impl.h"
#include "chan/words.h"

/* Order matters: an animation is a document, too. */
static const struct file_kind {
	const char *key;
	enum chan_kind kind;
	const char *mime; /* when it tells none itself */
	const char *name; /* in words, when there is no file to take */
} file_kinds[] = {
	{ "animation", CHAN_ANIMATION, "video/mp4", "Анимация" },
	{ "voice", CHAN_VOICE, "audio/ogg", "Голосовое сообщение" },
	{ "video_note", CHAN_VIDEO_NOTE, "video/mp4", "Видеосообщение" },
	{ "video", CHAN_VIDEO, "video/mp4", "Видео" },
	{ "audio", CHAN_AUDIO, "audio/mpeg", "Аудиозапись" },
	{ "sticker", CHAN_STICKER, "image/webp", "Стикер" },
	{ "document", CHAN_DOCUMENT, "", "Файл" },
};

static int small(struct json_object *o, const char *key)
{
	int64_t n = json_i64(o, key, 0);

	return n < 0 || n > INT_MAX ? 0 : (int)n;
}

static void read_file(struct json_object *o, const char *mime,
		      struct chan_message *m)
{
	int64_t bytes = json_i64(o, "file_size", 0);

	if (json_flag(o, "is_animated", false))
		mime = "application/x-tgsticker";
	else if (json_flag(o, "is_video", false))
		mime = "video/webm";
	m->media.ref = json_str(o, "file_id", "");
	m->media.unique = json_str(o, "file_unique_id", "");
	m->media.mime = json_str(o, "mime_type", mime);
	m->media.name = json_str(o, "file_name", "");
	m->media.bytes = bytes > 0 ? bytes : 0;
	m->media.width = small(o, "width");
	m->media.height = small(o, "height");
	m->media.duration_s = small(o, "duration");
}

/* The words below a file, as they are. */
static void read_caption(struct arena *a, struct json_object *message,
			 struct chan_message *m)
{
	m->text = json_str(message, "caption", "");
	m->entities = rich_clean(a, m->text,
				 json_array_at(message, "caption_entities"));
}

/* When the file itself is not to be had: "Видео: caption". */
static void name_file(struct arena *a, const char *name, struct chan_message *m)
{
	struct rich words = rich_read(a, m->text, m->entities);

	if (*m->text)
		words = rich_under(a, arena_printf(a, "%s: ", name), &words);
	else
		words = (struct rich){ .text = name };
	m->text = words.text;
	m->entities = rich_entities(a, &words);
}

static void read_sticker(struct arena *a, struct json_object *o,
			 struct chan_message *m)
{
	words_sticker(a, json_str(o, "emoji", ""),
		      json_flag(o, "is_animated", false) ? "animated"
		      : json_flag(o, "is_video", false)  ? "video"
							 : "static",
		      m);
}

static bool is_file(struct arena *a, struct json_object *message,
		    struct chan_message *m)
{
	for (size_t i = 0; i < ARRAY_LEN(file_kinds); i++) {
		const struct file_kind *f = &file_kinds[i];
		struct json_object *o = json_object_at(message, f->key);

		if (!o)
			continue;
		m->kind = f->kind;
		m->foreign_kind = f->key;
		read_caption(a, message, m);
		read_file(o, f->mime, m);
		if (f->kind == CHAN_STICKER)
			read_sticker(a, o, m);
		else if (!*m->media.ref)
			name_file(a, f->name, m);
		return true;
	}
	return false;
}

/* The largest size that can be downloaded. */
static struct json_object *largest_photo(struct json_object *sizes)
{
	struct json_object *best = NULL;
	int64_t best_area = -1;

	for (size_t i = 0; i < json_object_array_length(sizes); i++) {
		struct json_object *o = json_object_array_get_idx(sizes, i);
		int64_t area = (int64_t)small(o, "width") * small(o, "height");

		if (area <= best_area ||
		    json_i64(o, "file_size", 0) > TG_DOWNLOAD_MAX ||
		    !*json_str(o, "file_id", ""))
			continue;
		best = o;
		best_area = area;
	}
	return best;
}

static bool is_photo(struct arena *a, struct json_object *message,
		     struct chan_message *m)
{
	struct json_object *sizes = json_array_at(message, "photo");

	if (!sizes)
		return false;
	m->kind = CHAN_IMAGE;
	m->foreign_kind = "photo";
	read_caption(a, message, m);
	read_file(largest_photo(sizes), "image/jpeg", m);
	if (!*m->media.ref)
		name_file(a, "Фотография", m);
	return true;
}

static double degrees(struct json_object *o, const char *key)
{
	struct json_object *v = json_member(o, key);

	if (!v || (!json_object_is_type(v, json_type_double) &&
		   !json_object_is_type(v, json_type_int)))
		return 1e9;
	return json_object_get_double(v);
}

static void read_place(struct arena *a, struct json_object *location,
		       const char *title, const char *address,
		       struct chan_message *m)
{
	struct words_place place = {
		.latitude = degrees(location, "latitude"),
		.longitude = degrees(location, "longitude"),
		.title = title,
		.address = address,
	};

	words_place(a, &place, m);
}

static void on_venue(struct arena *a, struct json_object *o,
		     struct chan_message *m)
{
	read_place(a, json_object_at(o, "location"), json_str(o, "title", ""),
		   json_str(o, "address", ""), m);
}

static void on_location(struct arena *a, struct json_object *o,
			struct chan_message *m)
{
	read_place(a, o, "", "", m);
}

static void on_contact(struct arena *a, struct json_object *o,
		       struct chan_message *m)
{
	words_contact(a, json_str(o, "phone_number", ""),
		      json_str(o, "first_name", ""),
		      json_str(o, "last_name", ""), m);
}

static void on_poll(struct arena *a, struct json_object *o,
		    struct chan_message *m)
{
	struct json_object *list = json_array_at(o, "options");
	size_t n = list ? json_object_array_length(list) : 0;
	const char **options = arena_array(a, n, sizeof(*options));

	for (size_t i = 0; i < n; i++)
		options[i] = json_str(json_object_array_get_idx(list, i),
				      "text", "");
	words_poll(a, json_str(o, "question", ""), options, n, m);
}

static void on_dice(struct arena *a, struct json_object *o,
		    struct chan_message *m)
{
	words_dice(a, json_str(o, "emoji", ""), json_i64(o, "value", 0), m);
}

/* A venue carries a location, too.  What has a reader of its own becomes what
 * it is; of the others we know the name. */
static const struct other_kind {
	const char *key;
	void (*read)(struct arena *a, struct json_object *o,
		     struct chan_message *m);
	const char *name;
} other_kinds[] = {
	{ "venue", on_venue, NULL },
	{ "location", on_location, NULL },
	{ "contact", on_contact, NULL },
	{ "poll", on_poll, NULL },
	{ "dice", on_dice, NULL },
	{ "game", NULL, "Игра" },
	{ "invoice", NULL, "Счёт" },
	{ "checklist", NULL, "Список дел" },
	{ "story", NULL, "История" },
	{ "paid_media", NULL, "Платные фото и видео" },
	{ "giveaway", NULL, "Розыгрыш" },
};

static bool is_other(struct arena *a, struct json_object *message,
		     struct chan_message *m)
{
	for (size_t i = 0; i < ARRAY_LEN(other_kinds); i++) {
		const struct other_kind *k = &other_kinds[i];
		struct json_object *o = json_object_at(message, k->key);
		const char *title = json_str(o, "title", "");

		if (!o)
			continue;
		m->foreign_kind = k->key;
		if (k->read) {
			k->read(a, o, m);
			return true;
		}
		m->kind = CHAN_UNSUPPORTED;
		m->text = *title ? arena_printf(a, "%s: %s", k->name, title)
				 : k->name;
		return true;
	}
	return false;
}

bool tg_content(struct arena *a, struct json_object *message,
		struct chan_message *m)
{
	const char *text = json_str(message, "text", NULL);

	m->media = (struct chan_media){
		.url = "", .ref = "", .unique = "", .mime = "", .name = ""
	};
	m->foreign_kind = "text";
	m->album = json_str(message, "media_group_id", NULL);
	if (text) {
		m->kind = CHAN_TEXT;
		m->text = text;
		m->entities =
			rich_clean(a, text, json_array_at(message, "entities"));
		return true;
	}
	if (is_photo(a, message, m) || is_file(a, message, m) ||
	    is_other(a, message, m))
		return true;
	m->kind = CHAN_UNSUPPORTED;
	m->foreign_kind = "";
	m->text = "Сообщение неизвестного вида";
	return false;
}
