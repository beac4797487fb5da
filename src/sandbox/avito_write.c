/*
 * avito_write.c - what can be changed through the Avito stand-in.
 */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/text.h"
#include "sandbox/avito_api.h"
#include "sandbox/settings.h"

#define TEXT_MAX       1000
#define IMAGE_MAX      ((size_t)24 << 20)
#define PIXELS_MAX     INT64_C(75000000)
#define DELETE_TIME_US (3600 * CLOCK_SECOND_US)

static void answer_held(struct req *rq)
{
	av_ok(rq, json_object_get(rq->held));
}

static void put_json(void *o)
{
	json_object_put(o);
}

/* Own messages come back as webhooks; the setting says when. */
static void finish_send(struct av_call *c, struct av_message *m,
			struct json_object *o)
{
	struct req *rq = c->rq;

	if (set.avito_send_marks_read)
		av_chat_mark_read(m->chat);
	if (strcmp(set.avito_echo, "before") == 0) {
		rq->held = o;
		arena_defer(&rq->a, put_json, o);
		av_hook_send(m, 0, rq, answer_held);
		return;
	}
	av_ok(rq, o);
	if (strcmp(set.avito_echo, "after") == 0)
		av_hook_send(m, set.avito_echo_delay_ms, NULL, NULL);
}

static struct json_object *sent_json(const struct av_message *m, bool author)
{
	struct json_object *o = json_object_new_object();

	json_put_str(o, "id", m->id);
	json_put_str(o, "type", m->type);
	if (author)
		json_put_i64(o, "author_id", m->author_id);
	json_put_str(o, "direction", "out");
	json_put_i64(o, "created", m->created);
	json_put(o, "content", json_object_get(m->content));
	return o;
}

static bool can_write(struct req *rq, const struct av_chat *chat)
{
	if (!chat->blocked)
		return true;
	av_fail(rq, 404, "chat not found");
	return false;
}

static bool text_is_fine(struct req *rq, const char *text)
{
	bool units = strcmp(set.avito_text_unit, "units") == 0;
	size_t len = units ? text_units(text) : text_points(text);

	if (text_units(text) > TEXT_MAX)
		av_violation(rq, "text of %zu UTF-16 units (%zu points)",
			     text_units(text), text_points(text));
	if (text_is_blank(text))
		av_violation(rq, "blank text");
	if (len > TEXT_MAX) {
		av_invalid(rq, "message.text", "too long");
		return false;
	}
	if (text_is_blank(text) && !set.avito_accepts_blank) {
		av_invalid(rq, "message.text", "must not be empty");
		return false;
	}
	return true;
}

void av_run_send(struct av_call *c)
{
	struct json_object *message = json_object_at(c->body, "message");
	const char *text = json_str(message, "text", NULL);
	struct av_chat *chat = av_arg_chat(c);
	struct json_object *content;
	struct av_message *m;

	if (!chat || !can_write(c->rq, chat))
		return;
	json_object_object_foreach(message, name, v)
	{
		if (strcmp(name, "text") != 0 ||
		    !json_object_is_type(v, json_type_string))
			av_violation(c->rq,
				     "message.%s is unknown or of the "
				     "wrong type",
				     name);
	}
	if (strcmp(json_str(c->body, "type", ""), "text") != 0) {
		av_violation(c->rq, "type must be text");
		av_invalid(c->rq, "type", "unknown type");
		return;
	}
	if (!text) {
		av_invalid(c->rq, "message.text", "is required");
		return;
	}
	if (!text_is_fine(c->rq, text))
		return;
	content = json_object_new_object();
	json_put_str(content, "text", text);
	m = av_message_new(chat, NULL, "api", "text", content, now_s());
	json_object_put(content);
	finish_send(c, m, sent_json(m, false));
}

static const char *image_type(const char *s, size_t len)
{
	if (len > 3 && memcmp(s, "\xff\xd8\xff", 3) == 0)
		return "image/jpeg";
	if (len > 8 && memcmp(s, "\x89PNG", 4) == 0)
		return "image/png";
	if (len > 6 && memcmp(s, "GIF8", 4) == 0)
		return "image/gif";
	if (len > 2 && memcmp(s, "BM", 2) == 0)
		return "image/bmp";
	if (len > 12 && memcmp(s + 4, "ftyphei", 7) == 0)
		return "image/heic";
	return NULL;
}

static bool image_is_fine(struct req *rq, const struct form *f)
{
	const struct field *part = f->n ? &f->fields[0] : NULL;

	if (f->n != 1 || strcmp(part->name, "uploadfile[]") != 0) {
		av_violation(rq, "exactly one part uploadfile[] is documented");
		av_invalid(rq, "uploadfile[]", "exactly one file is expected");
		return false;
	}
	if (!part->filename || !*part->filename || !part->mime)
		av_violation(rq, "the image has no file name or no "
				 "Content-Type");
	if (part->len > IMAGE_MAX) {
		av_violation(rq, "an image of %zu bytes", part->len);
		av_fail(rq, 413, "image is too large");
		return false;
	}
	if (!image_type(part->value, part->len)) {
		av_violation(rq, "not a JPEG, HEIC, GIF, BMP or PNG image");
		av_invalid(rq, "uploadfile[]", "unsupported image format");
		return false;
	}
	return true;
}

static void note_upload(struct req *rq, const struct form *f)
{
	struct json_object *o = json_new(&rq->a);

	for (size_t i = 0; i < f->n; i++) {
		struct json_object *part = json_object_new_object();

		json_put_str(part, "upload", f->fields[i].filename);
		json_put_str(part, "mime", f->fields[i].mime);
		json_put_i64(part, "bytes", (int64_t)f->fields[i].len);
		json_put(o, f->fields[i].name, part);
	}
	rq->call.params = o;
}

void av_run_upload(struct av_call *c)
{
	struct req *rq = c->rq;
	const char *type = req_header(rq, "Content-Type");
	struct form f = { 0 };
	struct json_object *o;
	struct av_media *m;
	struct file *file;

	if (!type || strncasecmp(type, "multipart/form-data", 19) != 0 ||
	    !form_read_multipart(&rq->a, type, rq->body.s ? rq->body.s : "",
				 rq->body.len, &f)) {
		av_violation(rq, "not a multipart/form-data body");
		av_fail(rq, 400, "invalid multipart body");
		return;
	}
	note_upload(rq, &f);
	if (!image_is_fine(rq, &f))
		return;
	file = file_add(f.fields[0].filename,
			image_type(f.fields[0].value, f.fields[0].len),
			f.fields[0].value, f.fields[0].len);
	if ((int64_t)file->width * file->height > PIXELS_MAX) {
		av_violation(rq, "an image of %dx%d pixels", file->width,
			     file->height);
		av_invalid(rq, "uploadfile[]", "too many pixels");
		return;
	}
	m = av_image_new(c->account, file);
	o = json_object_new_object();
	json_put(o, m->id, av_image_sizes(m));
	world_touch();
	av_ok(rq, o);
}

void av_run_send_image(struct av_call *c)
{
	const char *id = json_str(c->body, "image_id", "");
	const struct av_media *image = map_find(&av.images, id);
	struct av_chat *chat = av_arg_chat(c);
	struct json_object *content, *inner;
	struct av_message *m;
	int64_t life_us = set.avito_image_id_s * CLOCK_SECOND_US;

	if (!chat || !can_write(c->rq, chat))
		return;
	if (!image || image->account != c->account ||
	    (life_us && clock_now_us() > image->at_us + life_us)) {
		av_invalid(c->rq, "image_id", "image not found");
		return;
	}
	content = json_object_new_object();
	inner = json_object_new_object();
	json_put(inner, "sizes", av_image_sizes(image));
	json_put(content, "image", inner);
	m = av_message_new(chat, NULL, "api", "image", content, now_s());
	json_object_put(content);
	finish_send(c, m, sent_json(m, true));
}

void av_run_delete(struct av_call *c)
{
	struct av_message *m = map_find(&av.messages, av_arg(c, 'm'));
	const struct av_chat *chat = av_arg_chat(c);
	struct json_object *content;

	if (!chat)
		return;
	if (!m || m->chat != chat) {
		av_fail(c->rq, 404, "message not found");
		return;
	}
	if (!m->out) {
		av_fail(c->rq, 403, "not an own message");
		return;
	}
	if (clock_now_us() > m->at_us + DELETE_TIME_US) {
		av_fail(c->rq, (int)set.avito_late_delete_status,
			"the message is too old to delete");
		return;
	}
	m->type = "deleted";
	content = json_object_new_object();
	m->content = world_keep(content);
	json_object_put(content);
	world_touch();
	av_ok(c->rq, json_object_new_object());
}

static void answer_ok(struct req *rq)
{
	struct json_object *o = json_object_new_object();

	json_put_bool(o, "ok", true);
	av_ok(rq, o);
}

void av_run_read(struct av_call *c)
{
	struct av_chat *chat = av_arg_chat(c);

	if (!chat)
		return;
	av_chat_mark_read(chat);
	answer_ok(c->rq);
}

void av_run_subscribe(struct av_call *c)
{
	const char *url = json_str(c->body, "url", "");

	if (strncmp(url, "http://", 7) != 0 &&
	    strncmp(url, "https://", 8) != 0) {
		av_violation(c->rq, "the webhook's URL is no http(s) URL");
		av_invalid(c->rq, "url", "must be a URL");
		return;
	}
	av_subscribe(c->account, url);
	answer_ok(c->rq);
}

void av_run_unsubscribe(struct av_call *c)
{
	av_unsubscribe(c->account, json_str(c->body, "url", ""));
	answer_ok(c->rq);
}

void av_run_subscriptions(struct av_call *c)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < c->account->subs.n; i++) {
		const struct av_sub *sub = c->account->subs.at[i];
		struct json_object *s = json_object_new_object();

		json_put_str(s, "url", sub->url);
		json_put_str(s, "version", "3");
		json_object_array_add(list, s);
	}
	json_put(o, "subscriptions", list);
	av_ok(c->rq, o);
}

void av_run_blacklist(struct av_call *c)
{
	struct json_object *users = json_array_at(c->body, "users");

	for (size_t i = 0; i < json_object_array_length(users); i++) {
		struct json_object *u = json_object_array_get_idx(users, i);
		struct json_object *context = json_object_at(u, "context");
		struct json_object *o = json_object_new_object();
		int64_t reason = json_i64(context, "reason_id", 0);

		if (json_i64(u, "user_id", 0) <= 0 || reason < 1 || reason > 4)
			av_violation(c->rq,
				     "users[%zu] lacks user_id or a "
				     "reason_id of 1 to 4",
				     i);
		json_put_i64(o, "user_id", c->account->user_id);
		json_put_i64(o, "buyer_id", json_i64(u, "user_id", 0));
		json_put_i64(o, "item_id", json_i64(context, "item_id", 0));
		json_put_i64(o, "reason_id", reason);
		list_add(&av.blacklist, &world.a, world_keep(o));
		json_object_put(o);
	}
	world_touch();
	av_ok(c->rq, json_object_new_object());
}
