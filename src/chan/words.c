/*
 * words.c - what is more than words, said in words, and as data.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "chan/words.h"

#define TEXT_BYTES (1024 * 1024)

static void put_some(struct json_object *o, const char *key, const char *value)
{
	if (!text_is_blank(value))
		json_put_str(o, key, value);
}

static void add_line(struct buf *b, const char *s)
{
	if (text_is_blank(s))
		return;
	if (b->len)
		buf_add_char(b, '\n');
	buf_add_str(b, s);
}

/* ": what", unless it is blank. */
static void add_after(struct buf *b, const char *between, const char *s)
{
	if (!text_is_blank(s))
		buf_addf(b, "%s%s", between, s);
}

static void say(struct chan_message *m, enum chan_kind kind, const char *text,
		struct json_object *data)
{
	m->kind = kind;
	m->text = text;
	m->data = json_text(data);
}

static bool is_on_earth(const struct words_place *place)
{
	return place->latitude >= -90 && place->latitude <= 90 &&
	       place->longitude >= -180 && place->longitude <= 180;
}

static struct json_object *degrees(struct arena *a, double value)
{
	return json_object_new_double_s(value, arena_printf(a, "%.6f", value));
}

void words_place(struct arena *a, const struct words_place *place,
		 struct chan_message *m)
{
	struct json_object *data = json_new(a);
	bool same = strcmp(place->title, place->address) == 0;
	struct buf b;

	buf_init(&b, a, TEXT_BYTES);
	buf_add_str(&b, "📍 Местоположение");
	add_after(&b, ": ", place->title);
	if (!same)
		add_line(&b, place->address);
	if (is_on_earth(place)) {
		buf_addf(&b,
			 "\n%.6f, "
			 "%.6f\nhttps://yandex.ru/maps/?pt=%.6f,%.6f&z=16",
			 place->latitude, place->longitude, place->longitude,
			 place->latitude);
		json_put(data, "latitude", degrees(a, place->latitude));
		json_put(data, "longitude", degrees(a, place->longitude));
	}
	put_some(data, "title", place->title);
	put_some(data, "address", place->address);
	say(m, CHAN_LOCATION, b.s, data);
}

void words_contact(struct arena *a, const char *phone, const char *first_name,
		   const char *last_name, struct chan_message *m)
{
	struct json_object *data = json_new(a);
	struct buf b;

	buf_init(&b, a, TEXT_BYTES);
	buf_add_str(&b, "👤 Контакт");
	add_after(&b, ": ", first_name);
	add_after(&b, text_is_blank(first_name) ? ": " : " ", last_name);
	add_line(&b, phone);
	put_some(data, "phone_number", phone);
	put_some(data, "first_name", first_name);
	put_some(data, "last_name", last_name);
	say(m, CHAN_CONTACT, b.s, data);
}

void words_poll(struct arena *a, const char *question,
		const char *const *options, size_t n, struct chan_message *m)
{
	struct json_object *data = json_new(a);
	struct json_object *list = json_object_new_array();
	struct buf b;

	buf_init(&b, a, TEXT_BYTES);
	buf_add_str(&b, "📊 Опрос");
	add_after(&b, ": ", question);
	for (size_t i = 0; i < n; i++) {
		buf_addf(&b, "\n%zu. %s", i + 1, options[i]);
		json_object_array_add(list, json_object_new_string(options[i]));
	}
	json_put_str(data, "question", question);
	json_put(data, "options", list);
	say(m, CHAN_POLL, b.s, data);
}

void words_dice(struct arena *a, const char *emoji, int64_t value,
		struct chan_message *m)
{
	struct json_object *data = json_new(a);

	if (!*emoji)
		emoji = "🎲";
	json_put_str(data, "emoji", emoji);
	json_put_i64(data, "value", value);
	say(m, CHAN_DICE,
	    arena_printf(a, "%s Бросок: выпало %" PRId64, emoji, value), data);
}

void words_sticker(struct arena *a, const char *emoji, const char *format,
		   struct chan_message *m)
{
	struct json_object *data = json_new(a);

	json_put_str(data, "emoji", emoji);
	json_put_str(data, "format", format);
	say(m, CHAN_STICKER,
	    arena_printf(a, "Стикер%s%s", *emoji ? " " : "", emoji), data);
}

void words_link(struct arena *a, const char *text, const char *url,
		const char *title, const char *description,
		struct chan_message *m)
{
	struct json_object *data = json_new(a);
	struct buf b;

	buf_init(&b, a, TEXT_BYTES);
	add_line(&b, text);
	if (!strstr(text, url))
		add_line(&b, url);
	add_line(&b, title);
	put_some(data, "url", url);
	put_some(data, "title", title);
	put_some(data, "description", description);
	say(m, CHAN_LINK, b.s, data);
}

void words_item(struct arena *a, const char *title, const char *price,
		const char *url, struct chan_message *m)
{
	struct json_object *data = json_new(a);
	struct buf b;

	buf_init(&b, a, TEXT_BYTES);
	buf_add_str(&b, "📦 Объявление");
	add_after(&b, ": ", title);
	add_after(&b, ", ", price);
	add_line(&b, url);
	put_some(data, "title", title);
	put_some(data, "price", price);
	put_some(data, "url", url);
	say(m, CHAN_ITEM, b.s, data);
}

void words_call(struct arena *a, const char *status, struct chan_message *m)
{
	struct json_object *data = json_new(a);
	bool missed = strcmp(status, "missed") == 0;
	const char *text = "📞 Звонок";

	/* A call can be answered in the chat; what is written next to it goes
	 * there. */
	if (missed && m->author == CHAN_BUYER)
		text = "📞 Пропущенный звонок от покупателя. Ответьте здесь: "
		       "сообщение придёт ему в чат.";
	else if (missed)
		text = "📞 Звонок покупателю остался без ответа";
	put_some(data, "status", status);
	say(m, CHAN_CALL, text, data);
}
