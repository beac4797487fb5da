/*
 * tg_say.c - playing people in Telegram: what they write and press.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "sandbox/control.h"
#include "sandbox/settings.h"
#include "sandbox/tg_act.h"
#include "sandbox/tg_business.h"

#define SAY_FIELDS                                                    \
	" from kind text entities caption thread file files reply_to" \
	" anonymous count content extra album "
#define COUNT_MAX 100000

struct saying {
	struct req *rq;
	struct tg_chat *chat;
	struct json_object *o, *answer;
	struct tg_user *from;
	int64_t thread;
	const struct tg_message *reply;
};

static void answer_ok(struct req *rq)
{
	struct json_object *o = json_object_new_object();

	json_put_bool(o, "ok", true);
	reply_json(rq, 200, o);
}

/* "{n}" becomes the number. */
static const char *numbered(struct arena *a, const char *s, int64_t n)
{
	const char *at = s ? strstr(s, "{n}") : NULL;

	if (!at)
		return s;
	return arena_printf(a, "%.*s%" PRId64 "%s", (int)(at - s), s, n,
			    at + 3);
}

static const char *sample_for(const char *kind)
{
	static const struct {
		const char *kind, *file;
	} of[] = {
		{ "voice", "sample.ogg" },     { "audio", "sample.mp3" },
		{ "video", "sample.mp4" },     { "video_note", "sample.mp4" },
		{ "animation", "sample.mp4" }, { "document", "sample.pdf" },
		{ "sticker", "sample.webp" },
	};

	for (size_t i = 0; i < ARRAY_LEN(of); i++) {
		if (strcmp(of[i].kind, kind) == 0)
			return of[i].file;
	}
	return "sample.jpg";
}

static void put_caption(struct saying *s, struct json_object *fields, int64_t n)
{
	const char *caption =
		numbered(&s->rq->a, json_str(s->o, "caption", NULL), n);

	struct json_object *entities = json_array_at(s->o, "entities");

	if (caption)
		json_put_str(fields, "caption", caption);
	if (caption && entities)
		json_put(fields, "caption_entities", json_object_get(entities));
}

/* What the caller says of a kind, in place of what is usual. */
static void put_content(struct saying *s, struct json_object *fields,
			const char *kind)
{
	struct json_object *content = json_object_at(s->o, "content");
	struct json_object *o = json_object_at(fields, kind);

	if (!content || !o)
		return;
	json_object_object_foreach(content, name, v)
		json_put(o, name, json_object_get(v));
}

static void put_extra(struct saying *s, struct json_object *fields)
{
	struct json_object *extra = json_object_at(s->o, "extra");

	if (json_str(s->o, "album", NULL))
		json_put_str(fields, "media_group_id",
			     json_str(s->o, "album", ""));
	if (!extra)
		return;
	json_object_object_foreach(extra, name, v)
		json_put(fields, name, json_object_get(v));
}

/* A command of a person carries its entity, as Telegram adds it. */
static void put_text(struct saying *s, struct json_object *fields, int64_t n)
{
	const char *text = numbered(&s->rq->a, json_str(s->o, "text", ""), n);
	struct json_object *entities = json_array_at(s->o, "entities");
	struct json_object *e;

	json_put_str(fields, "text", text);
	if (entities) {
		json_put(fields, "entities", json_object_get(entities));
	} else if (*text == '/' && text[1]) {
		e = json_object_new_object();
		json_put_i64(e, "offset", 0);
		json_put_i64(e, "length", (int64_t)strcspn(text, " \n"));
		json_put_str(e, "type", "bot_command");
		entities = json_object_new_array();
		json_object_array_add(entities, e);
		json_put(fields, "entities", entities);
	}
}

/* False: answered. */
static bool put_file(struct saying *s, struct json_object *fields,
		     const char *kind, const char *id, int64_t n)
{
	const struct file *f = file_find(id);
	struct json_object *of_file;

	if (!f) {
		control_fail(s->rq, 404, "no file %s", id);
		return false;
	}
	of_file = tg_file_fields(kind, f);
	if (strcmp(kind, "sticker") == 0)
		json_put_str(json_object_at(of_file, kind), "emoji", "👍");
	json_object_object_foreach(of_file, name, v)
		json_put(fields, name, json_object_get(v));
	json_object_put(of_file);
	put_content(s, fields, kind);
	if (n)
		put_caption(s, fields, n);
	return true;
}

static void store(struct saying *s, const char *kind,
		  struct json_object *fields)
{
	struct tg_message *m;

	put_extra(s, fields);
	m = tg_message_new(s->chat, s->from, NULL, s->thread, kind, fields,
			   s->reply);
	json_object_array_add(s->answer, tg_message_json(m, NULL));
	tg_announce(m, "message");
}

static bool say_one(struct saying *s, const char *kind, int64_t n)
{
	struct json_object *made = tg_content_fields(
		&s->rq->a, kind, json_object_at(s->o, "content"));
	struct json_object *fields = made ? made : json_new(&s->rq->a);

	if (strcmp(kind, "text") == 0)
		put_text(s, fields, n);
	else if (!made &&
		 !put_file(s, fields, kind,
			   json_str(s->o, "file", sample_for(kind)), n))
		return false;
	store(s, kind, fields);
	return true;
}

/* What a file is in an album. */
static const char *item_kind(const char *id)
{
	const struct file *f = file_find(id);

	if (!f || strncmp(f->mime, "image/", 6) == 0)
		return "photo";
	if (strncmp(f->mime, "video/", 6) == 0)
		return "video";
	return strncmp(f->mime, "audio/", 6) == 0 ? "audio" : "document";
}

/* The caption stands on the first item only. */
static bool say_album(struct saying *s)
{
	struct json_object *files = json_array_at(s->o, "files");
	size_t n = files ? json_object_array_length(files) : 2;
	const char *album =
		arena_printf(&s->rq->a, "%" PRId64,
			     INT64_C(13500000000000000) + ++tg.next_album);

	for (size_t i = 0; i < n; i++) {
		struct json_object *fields = json_new(&s->rq->a);
		const char *id =
			files ? json_object_get_string(
					json_object_array_get_idx(files, i))
			      : "sample.jpg";

		json_put_str(fields, "media_group_id", album);
		if (!put_file(s, fields, item_kind(id), id, i == 0))
			return false;
		store(s, item_kind(id), fields);
	}
	return true;
}

static struct tg_user *anonymous(void)
{
	struct tg_user *u = map_find_i64(&tg.users, TG_ANONYMOUS);

	return u ? u
		 : tg_user_new(TG_ANONYMOUS, true, "Group", NULL,
			       "GroupAnonymousBot", NULL);
}

/* False: answered. */
static bool read_place(struct saying *s)
{
	int64_t reply = json_i64(s->o, "reply_to", 0);

	s->thread = json_i64(s->o, "thread", 0);
	if (json_flag(s->o, "anonymous", false))
		s->from = anonymous();
	else if (s->chat->user && !json_member(s->o, "from"))
		s->from = s->chat->user;
	else
		s->from = control_user(s->rq, json_i64(s->o, "from", 0));
	if (!s->from)
		return false;
	if (s->chat->owner && s->from != s->chat->owner &&
	    s->from != s->chat->user) {
		control_fail(s->rq, 400, "from: neither customer nor owner");
		return false;
	}
	if (s->thread && !tg_topic_find(s->chat, s->thread)) {
		control_fail(s->rq, 404, "no topic %" PRId64, s->thread);
		return false;
	}
	if (reply) {
		s->reply = tg_message_find(s->chat, reply);
		if (!s->reply) {
			control_fail(s->rq, 404, "no message %" PRId64, reply);
			return false;
		}
		if (!s->thread)
			s->thread = s->reply->thread;
	}
	return true;
}

static void say(struct req *rq, struct tg_chat *c)
{
	static const char kinds[] =
		" text photo voice audio video video_note animation document"
		" sticker location venue contact poll dice album ";
	struct saying s = { .rq = rq, .chat = c };
	struct json_object *answer;
	const char *kind;
	int64_t count;
	bool ok = true;

	s.o = control_body(rq, SAY_FIELDS);
	if (!s.o || !read_place(&s))
		return;
	kind = json_str(s.o, "kind", "text");
	count = json_i64(s.o, "count", 1);
	if (!strstr(kinds, arena_printf(&rq->a, " %s ", kind)) || count < 1 ||
	    count > COUNT_MAX) {
		control_fail(rq, 400, "kind or count is not possible");
		return;
	}
	answer = json_new(&rq->a);
	s.answer = json_object_new_array();
	json_put(answer, "messages", s.answer);
	for (int64_t n = 1; ok && n <= count; n++)
		ok = strcmp(kind, "album") == 0 ? say_album(&s)
						: say_one(&s, kind, n);
	if (ok)
		reply_json(rq, 200, json_object_get(answer));
}

static void edit(struct req *rq, struct tg_message *m)
{
	struct json_object *o = control_body(rq, " text caption entities ");
	struct json_object *changed, *entities;

	if (!o)
		return;
	changed = tg_message_change(m);
	entities = json_array_at(o, "entities");
	if (json_str(o, "text", NULL)) {
		json_put_str(changed, "text", json_str(o, "text", ""));
		json_object_object_del(changed, "entities");
		if (entities)
			json_put(changed, "entities",
				 json_object_get(entities));
	}
	if (json_str(o, "caption", NULL)) {
		json_put_str(changed, "caption", json_str(o, "caption", ""));
		json_object_object_del(changed, "caption_entities");
		if (entities)
			json_put(changed, "caption_entities",
				 json_object_get(entities));
	}
	json_put_i64(changed, "edit_date", now_s());
	tg_announce(m, "edited_message");
	reply_json(rq, 200, tg_message_json(m, NULL));
}

/* Only bots that stand in for a person are told. */
static void remove_message(struct tg_message *m)
{
	if (m->chat->owner)
		tg_business_delete(m->chat, &m, 1, true);
	else
		tg_message_delete(m);
}

/* Several at once: one update. */
static void remove_many(struct req *rq, struct tg_chat *c)
{
	struct json_object *o = control_body(rq, " messages ");
	struct json_object *ids = o ? json_array_at(o, "messages") : NULL;
	size_t n = ids ? json_object_array_length(ids) : 0;
	struct tg_message **gone = arena_alloc(&rq->a, (n + 1) * sizeof(*gone));

	if (!o)
		return;
	for (size_t i = 0; i < n; i++) {
		int64_t id = json_object_get_int64(
			json_object_array_get_idx(ids, i));

		gone[i] = tg_message_find(c, id);
		if (!gone[i]) {
			control_fail(rq, 404, "no message %" PRId64, id);
			return;
		}
	}
	if (c->owner)
		tg_business_delete(c, gone, n, true);
	for (size_t i = 0; !c->owner && i < n; i++)
		tg_message_delete(gone[i]);
	answer_ok(rq);
}

static void react(struct req *rq, struct tg_message *m)
{
	struct json_object *o = control_body(rq, " from emoji ");
	struct tg_user *u;

	if (!o)
		return;
	u = m->chat->user && !json_member(o, "from")
		    ? m->chat->user
		    : control_user(rq, json_i64(o, "from", 0));
	if (!u)
		return;
	tg_react(m, u, NULL, json_array_at(o, "emoji"));
	answer_ok(rq);
}

/* The button's data: given, or that at row and column; NULL: no button. */
static const char *button_data(const struct tg_message *m,
			       struct json_object *o)
{
	struct json_object *markup = json_object_at(m->json, "reply_markup");
	struct json_object *rows = json_array_at(markup, "inline_keyboard");
	struct json_object *row;

	if (json_str(o, "data", NULL))
		return json_str(o, "data", NULL);
	if (!rows)
		return NULL;
	row = json_object_array_get_idx(rows, (size_t)json_i64(o, "row", 0));
	return row ? json_str(json_object_array_get_idx(
				      row, (size_t)json_i64(o, "column", 0)),
			      "callback_data", NULL)
		   : NULL;
}

static struct tg_callback *callback_new(struct tg_bot *bot, const char *data)
{
	struct tg_callback *cb = arena_alloc(&world.a, sizeof(*cb));

	cb->id = arena_printf(&world.a, "%" PRId64,
			      INT64_C(430000000000000000) + ++tg.next_callback);
	cb->data = arena_str(&world.a, data);
	cb->text = "";
	cb->bot = bot;
	cb->at_us = clock_now_us();
	map_put(&tg.callbacks, &world.a, cb->id, cb);
	world_touch();
	return cb;
}

static void press(struct req *rq, struct tg_message *m)
{
	struct json_object *o = control_body(rq, " from data row column ");
	struct json_object *query, *answer;
	struct tg_callback *cb;
	struct tg_user *u;
	const char *data;

	if (!o)
		return;
	u = m->chat->user && !json_member(o, "from")
		    ? m->chat->user
		    : control_user(rq, json_i64(o, "from", 0));
	data = button_data(m, o);
	if (!u)
		return;
	if (!m->bot || !data) {
		control_fail(rq, 400, "there is no such button");
		return;
	}
	cb = callback_new(m->bot, data);
	query = json_object_new_object();
	json_put_str(query, "id", cb->id);
	json_put(query, "from", json_object_get(u->json));
	json_put(query, "message", tg_message_json(m, m->bot));
	json_put_str(query, "chat_instance", "1");
	json_put_str(query, "data", data);
	tg_update_send(m->bot, "callback_query", query,
		       arena_printf(&world.a, "user/%" PRId64, u->id),
		       set.telegram_callback_life_s);
	json_object_put(query);
	answer = json_object_new_object();
	json_put_str(answer, "callback_query_id", cb->id);
	reply_json(rq, 200, answer);
}

bool act_in_chat(struct req *rq, struct tg_chat *c)
{
	const char *what = req_seg(rq, 6);
	struct tg_message *m;

	if (rq->n_seg == 5 && strcmp(req_seg(rq, 4), "delete") == 0 &&
	    req_is(rq, "POST")) {
		remove_many(rq, c);
		return true;
	}
	if (strcmp(req_seg(rq, 4), "messages") != 0)
		return false;
	if (rq->n_seg == 5) {
		if (!req_is(rq, "POST"))
			return false;
		say(rq, c);
		return true;
	}
	m = tg_message_find(c, control_id(rq, 5));
	if (!m) {
		control_fail(rq, 404, "no message %s", req_seg(rq, 5));
	} else if (rq->n_seg == 6 && req_is(rq, "PATCH")) {
		edit(rq, m);
	} else if (rq->n_seg == 6 && req_is(rq, "DELETE")) {
		remove_message(m);
		answer_ok(rq);
	} else if (strcmp(what, "reaction") == 0 && req_is(rq, "POST")) {
		react(rq, m);
	} else if (strcmp(what, "press") == 0 && req_is(rq, "POST")) {
		press(rq, m);
	} else {
		return false;
	}
	return true;
}
