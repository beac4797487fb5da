/*
 * telegram_content.c - what a message of Telegram holds.
 *
 * Files become media with their caption as text.  What cannot be carried
 * elsewhere becomes a text that names it.
 */
#include "config.h"

#include <limits.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "chan/telegram_impl.h"

#define LINES_BYTES (1024 * 1024)

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

/* The text when the file itself is not to be had: "Видео: caption". */
static const char *named(struct arena *a, const char *name, const char *text)
{
	return *text ? arena_printf(a, "%s: %s", name, text) : name;
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
		m->text = json_str(message, "caption", "");
		read_file(o, f->mime, m);
		if (!*m->media.ref)
			m->text = named(a, f->name, m->text);
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
	m->text = json_str(message, "caption", "");
	read_file(largest_photo(sizes), "image/jpeg", m);
	if (!*m->media.ref)
		m->text = named(a, "Фотография", m->text);
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

static void add_coordinates(struct buf *b, struct json_object *location)
{
	double lat = degrees(location, "latitude");
	double lon = degrees(location, "longitude");

	if (lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180)
		buf_addf(b, "\n%.6f, %.6f", lat, lon);
}

static void add_after(struct buf *b, const char *between, const char *s)
{
	if (*s)
		buf_addf(b, "%s%s", between, s);
}

static void on_venue(struct json_object *o, struct buf *b)
{
	buf_add_str(b, "Место");
	add_after(b, ": ", json_str(o, "title", ""));
	add_after(b, ", ", json_str(o, "address", ""));
	add_coordinates(b, json_object_at(o, "location"));
}

static void on_location(struct json_object *o, struct buf *b)
{
	buf_add_str(b, "Местоположение");
	add_coordinates(b, o);
}

static void on_contact(struct json_object *o, struct buf *b)
{
	buf_add_str(b, "Контакт");
	add_after(b, ": ", json_str(o, "first_name", ""));
	add_after(b, " ", json_str(o, "last_name", ""));
	add_after(b, ", ", json_str(o, "phone_number", ""));
}

static void on_poll(struct json_object *o, struct buf *b)
{
	buf_add_str(b, "Опрос");
	add_after(b, ": ", json_str(o, "question", ""));
}

static void on_titled(struct json_object *o, struct buf *b)
{
	add_after(b, ": ", json_str(o, "title", ""));
}

/* A venue carries a location, too. */
static const struct other_kind {
	const char *key;
	enum chan_kind kind;
	const char *name; /* in front of what write() adds; NULL: it adds all */
	void (*write)(struct json_object *o, struct buf *b);
} other_kinds[] = {
	{ "venue", CHAN_LOCATION, NULL, on_venue },
	{ "location", CHAN_LOCATION, NULL, on_location },
	{ "contact", CHAN_CONTACT, NULL, on_contact },
	{ "poll", CHAN_POLL, NULL, on_poll },
	{ "dice", CHAN_UNSUPPORTED, "Игральная кость", NULL },
	{ "game", CHAN_UNSUPPORTED, "Игра", on_titled },
	{ "invoice", CHAN_UNSUPPORTED, "Счёт", on_titled },
	{ "checklist", CHAN_UNSUPPORTED, "Список дел", on_titled },
	{ "story", CHAN_UNSUPPORTED, "История", NULL },
	{ "paid_media", CHAN_UNSUPPORTED, "Платные фото и видео", NULL },
	{ "giveaway", CHAN_UNSUPPORTED, "Розыгрыш", NULL },
};

static bool is_other(struct arena *a, struct json_object *message,
		     struct chan_message *m)
{
	for (size_t i = 0; i < ARRAY_LEN(other_kinds); i++) {
		const struct other_kind *k = &other_kinds[i];
		struct json_object *o = json_object_at(message, k->key);
		struct buf b;

		if (!o)
			continue;
		buf_init(&b, a, LINES_BYTES);
		if (k->name)
			buf_add_str(&b, k->name);
		if (k->write)
			k->write(o, &b);
		m->kind = k->kind;
		m->foreign_kind = k->key;
		m->text = b.s;
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
	if (text) {
		m->kind = CHAN_TEXT;
		m->text = text;
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
