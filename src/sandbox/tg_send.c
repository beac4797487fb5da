/*
 * tg_send.c - messages that a bot sends: where they go and what they hold.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "sandbox/settings.h"
#include "sandbox/tg_business.h"

#define TEXT_MAX    4096
#define CAPTION_MAX 1024
#define MINUTE_US   (60 * CLOCK_SECOND_US)
/* A call that comes so soon behind a 429 had left before that was read. */
#define ON_ITS_WAY_US (CLOCK_SECOND_US / 2)

/* Seconds until the limit lets one more pass; 0: it passes, and counts. */
static int64_t rate_wait(struct tg_rate *r, int64_t limit, int64_t window_us)
{
	int64_t now = clock_now_us();

	if (now >= r->since_us + window_us)
		*r = (struct tg_rate){ .since_us = now };
	if (r->n < limit) {
		r->n++;
		return 0;
	}
	return (r->since_us + window_us - now) / CLOCK_SECOND_US + 1;
}

static bool within_rate(struct tg_call *c, struct tg_chat *chat)
{
	int64_t now = clock_now_us(), wait;
	int64_t own = chat->rate_per_minute;

	if (!set.telegram_rate_limits && !own)
		return true;
	if (now < chat->held_until_us && now > chat->held_at_us + ON_ITS_WAY_US)
		tg_violation(c, "called again before retry_after was over");
	wait = rate_wait(&chat->rate,
			 own          ? own
			 : chat->user ? set.telegram_rate_chat_per_minute
				      : set.telegram_rate_group_per_minute,
			 MINUTE_US);
	if (!wait && set.telegram_rate_limits)
		wait = rate_wait(&c->bot->rate, set.telegram_rate_per_s,
				 CLOCK_SECOND_US);
	if (!wait)
		return true;
	/* Whoever is given another answer instead is not told. */
	if (!c->rq || !c->rq->fault.rule) {
		chat->held_at_us = now;
		chat->held_until_us = now + (wait - 1) * CLOCK_SECOND_US;
	}
	c->retry_after = wait;
	return tg_fail(c, 429, "retry after %" PRId64, wait);
}

static bool thread_open(struct tg_call *c, struct tg_place *p)
{
	const struct tg_topic *t;
	const struct tg_member *m = tg_member_find(p->chat, c->bot->user->id);

	if (!p->thread)
		return true;
	if (p->chat->user) {
		tg_violation(c, "message_thread_id in a private chat");
		p->thread = 0;
		return true;
	}
	if (p->thread == 1)
		tg_violation(c, "message_thread_id 1: General has none");
	t = tg_topic_find(p->chat, p->thread);
	if (!t)
		return tg_fail(c, 400, "message thread not found");
	if (t->closed &&
	    (set.telegram_closed_for_admins || !tg_member_may(m, TG_TOPICS)))
		return tg_fail(c, 400, "TOPIC_CLOSED");
	return true;
}

static bool reply_found(struct tg_call *c, struct tg_place *p)
{
	static const char spec[] =
		"message_id:I! chat_id:C allow_sending_without_reply:B quote:S"
		" quote_parse_mode:S quote_entities:A quote_position:I";
	struct json_object *o = json_object_at(c->params, "reply_parameters");
	bool optional = json_flag(o, "allow_sending_without_reply", false);

	if (!o)
		return true;
	spec_check(spec, o, "telegram", c->method->name);
	p->reply = tg_message_find(p->chat, json_i64(o, "message_id", 0));
	if (p->reply && p->reply->thread != p->thread) {
		p->reply = NULL;
		optional |= strcmp(set.telegram_cross_topic_reply, "drop") == 0;
	}
	if (!p->reply && !optional)
		return tg_fail(c, 400, "message to be replied not found");
	return true;
}

bool tg_place_read(struct tg_call *c, const char *what, struct tg_place *p)
{
	const struct tg_member *m;

	*p = (struct tg_place){ 0 };
	p->chat = tg_param_chat(c);
	if (!p->chat)
		return false;
	p->thread = json_i64(c->params, "message_thread_id", 0);
	m = tg_member_find(p->chat, c->bot->user->id);
	if (p->chat->owner && !tg_business_may_send(c, p->chat))
		return false;
	if (!p->chat->user && !tg_member_may(m, TG_SEND))
		return tg_fail(c, 400,
			       "not enough rights to send %s to the chat",
			       what);
	return thread_open(c, p) && reply_found(c, p) &&
	       tg_markup_ok(c, json_object_at(c->params, "reply_markup")) &&
	       within_rate(c, p->chat);
}

struct tg_message *tg_send(struct tg_call *c, const struct tg_place *p,
			   const char *kind, struct json_object *fields)
{
	struct json_object *markup = json_object_at(c->params, "reply_markup");
	struct tg_user *from = c->bot->user;
	struct tg_message *m;

	if (json_array_at(markup, "inline_keyboard"))
		json_put(fields, "reply_markup", json_object_get(markup));
	if (p->chat->owner) {
		from = p->chat->owner;
		json_put(fields, "sender_business_bot",
			 json_object_get(c->bot->user->json));
	}
	m = tg_message_new(p->chat, from, c->bot, p->thread, kind, fields,
			   p->reply);
	/* Other bots of a group do not see it; a business chat's do. */
	if (p->chat->owner)
		tg_announce(m, "message");
	return m;
}

static void answer(struct tg_call *c, const struct tg_message *m)
{
	tg_ok(c, tg_message_json(m, c->bot));
}

void tg_run_send_message(struct tg_call *c)
{
	struct json_object *fields = json_new(c->a);
	struct tg_place p;

	if (tg_param_text(c, c->params, "text", TEXT_MAX, fields) &&
	    tg_place_read(c, "text messages", &p))
		answer(c, tg_send(c, &p, "text", fields));
}

static const struct {
	const char *method, *kind, *words;
} file_methods[] = {
	{ "sendPhoto", "photo", "photos" },
	{ "sendVoice", "voice", "voice messages" },
	{ "sendAudio", "audio", "music" },
	{ "sendVideo", "video", "videos" },
	{ "sendAnimation", "animation", "animations" },
	{ "sendVideoNote", "video_note", "video notes" },
	{ "sendDocument", "document", "documents" },
	{ "sendSticker", "sticker", "stickers" },
};

/* The value of a file parameter: a text as it is, or "attach://NAME". */
static const char *file_value(struct tg_call *c, const char *name)
{
	struct json_object *v = json_member(c->params, name);

	if (json_object_is_type(v, json_type_object))
		return arena_printf(c->a, "attach://%s", name);
	return v ? json_object_get_string(v) : "";
}

void tg_run_send_file(struct tg_call *c)
{
	struct json_object *fields = json_new(c->a), *of_file;
	const struct file *f;
	struct tg_place p;
	size_t i = 0;

	while (strcmp(file_methods[i].method, c->method->name) != 0)
		i++;
	f = tg_param_file(c, file_value(c, file_methods[i].kind),
			  file_methods[i].kind);
	if (!f ||
	    !tg_param_text(c, c->params, "caption", CAPTION_MAX, fields) ||
	    !tg_place_read(c, file_methods[i].words, &p))
		return;
	of_file = tg_file_fields(file_methods[i].kind, f);
	if (json_str(c->params, "emoji", NULL))
		json_put_str(json_object_at(of_file, "sticker"), "emoji",
			     json_str(c->params, "emoji", ""));
	json_object_object_foreach(of_file, name, v)
		json_put(fields, name, json_object_get(v));
	json_object_put(of_file);
	answer(c, tg_send(c, &p, file_methods[i].kind, fields));
}

/* One InputMedia as the fields of its message; NULL: the call has failed. */
static struct json_object *
media_fields(struct tg_call *c, struct json_object *media, const char *album)
{
	static const char spec[] =
		"type:S! media:S! caption:S parse_mode:S caption_entities:A"
		" show_caption_above_media:B has_spoiler:B thumbnail:S cover:S"
		" width:I height:I duration:I supports_streaming:B"
		" performer:S title:S disable_content_type_detection:B";
	const char *type = json_str(media, "type", "");
	struct json_object *fields, *of_file;
	const struct file *f;

	spec_check(spec, media, "telegram", c->method->name);
	f = tg_param_file(c, json_str(media, "media", ""), type);
	if (!f)
		return NULL;
	fields = json_new(c->a);
	if (!tg_param_text(c, media, "caption", CAPTION_MAX, fields))
		return NULL;
	json_put_str(fields, "media_group_id", album);
	of_file = tg_file_fields(type, f);
	json_object_object_foreach(of_file, name, v)
		json_put(fields, name, json_object_get(v));
	json_object_put(of_file);
	return fields;
}

/* Photos and videos mix; documents and audio stay among themselves. */
static bool album_fits(struct tg_call *c, struct json_object *media)
{
	size_t n = json_object_array_length(media);
	char first = 0;

	if (n < 2 || n > 10) {
		tg_violation(c, "an album of %zu items", n);
		return tg_fail(c, 400, "media group must include 2-10 items");
	}
	for (size_t i = 0; i < n; i++) {
		const char *type = json_str(json_object_array_get_idx(media, i),
					    "type", "");
		char class = *type == 'p' || *type == 'v' ? 'm' : *type;

		if (i > 0 && class != first) {
			tg_violation(c, "an album of mixed kinds");
			return tg_fail(c, 400, "wrong type of media group");
		}
		first = class;
	}
	return true;
}

void tg_run_send_album(struct tg_call *c)
{
	struct json_object *media = json_array_at(c->params, "media");
	struct json_object *sent, *fields[10];
	struct tg_place p;
	const char *album;
	size_t n;

	if (!album_fits(c, media))
		return;
	n = json_object_array_length(media);
	album = arena_printf(c->a, "%" PRId64,
			     INT64_C(13000000000000000) + ++tg.next_album);
	for (size_t i = 0; i < n; i++) {
		fields[i] = media_fields(c, json_object_array_get_idx(media, i),
					 album);
		if (!fields[i])
			return;
	}
	if (!tg_place_read(c, "photos", &p))
		return;
	sent = json_object_new_array();
	for (size_t i = 0; i < n; i++) {
		const char *type = json_str(json_object_array_get_idx(media, i),
					    "type", "");

		json_object_array_add(
			sent, tg_message_json(tg_send(c, &p, type, fields[i]),
					      c->bot));
	}
	tg_ok(c, sent);
}

static struct tg_message *source_message(struct tg_call *c, const char *verb)
{
	struct json_object *v = json_member(c->params, "from_chat_id");
	int64_t id = json_object_get_int64(v);
	struct tg_chat *from = id > 0 ? tg_private_find(c->bot, id)
				      : map_find_i64(&tg.chats, id);

	if (!from) {
		tg_fail(c, 400, "chat not found");
		return NULL;
	}
	return tg_chat_open(c, from) ? tg_param_message(c, from, verb) : NULL;
}

/* What a message holds, without who, where and when. */
static void copy_content(const struct tg_message *m, struct json_object *to)
{
	static const char skip[] =
		" message_id from sender_chat chat date message_thread_id"
		" is_topic_message reply_to_message reply_markup edit_date"
		" media_group_id forward_origin sender_business_bot ";

	json_object_object_foreach(m->json, name, v)
	{
		char word[64];

		snprintf(word, sizeof(word), " %s ", name);
		if (!strstr(skip, word))
			json_put(to, name, json_object_get(v));
	}
}

void tg_run_copy(struct tg_call *c)
{
	struct tg_message *from = source_message(c, "copy");
	struct json_object *fields = json_new(c->a), *o;
	struct tg_place p;

	if (!from)
		return;
	if (strcmp(from->kind, "service") == 0) {
		tg_fail(c, 400, "message can't be copied");
		return;
	}
	copy_content(from, fields);
	if (strcmp(from->kind, "dice") == 0)
		json_put(fields, "dice",
			 tg_dice_json(json_str(json_object_at(fields, "dice"),
					       "emoji", "")));
	if (json_str(c->params, "caption", NULL)) {
		json_object_object_del(fields, "caption");
		json_object_object_del(fields, "caption_entities");
		if (!tg_param_text(c, c->params, "caption", CAPTION_MAX,
				   fields))
			return;
	}
	if (!tg_place_read(c, "messages", &p))
		return;
	o = json_object_new_object();
	json_put_i64(o, "message_id", tg_send(c, &p, from->kind, fields)->id);
	tg_ok(c, o);
}

void tg_run_forward(struct tg_call *c)
{
	struct tg_message *from = source_message(c, "forward");
	struct json_object *fields = json_new(c->a);
	struct json_object *origin = json_object_new_object();
	struct tg_place p;

	json_put(fields, "forward_origin", origin);
	if (!from)
		return;
	if (strcmp(from->kind, "service") == 0) {
		tg_fail(c, 400, "message can't be forwarded");
		return;
	}
	json_put_str(origin, "type", "user");
	json_put(origin, "sender_user", json_object_get(from->from->json));
	json_put_i64(origin, "date", json_i64(from->json, "date", 0));
	copy_content(from, fields);
	if (tg_place_read(c, "messages", &p))
		answer(c, tg_send(c, &p, from->kind, fields));
}
