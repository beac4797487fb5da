/*
 * tg_topic.c - forum topics.
 */
#include "config.h"

#include <string.h>

#include "base/text.h"
#include "sandbox/tg_api.h"

#define NAME_MAX_UNITS 128

static const int64_t colors[] = { 7322096, 16766590, 13338331,
				  9367192, 16749490, 16478047 };

struct tg_topic *tg_topic_find(const struct tg_chat *c, int64_t thread)
{
	struct tg_topic *t =
		thread ? map_find_i64(&c->topic_by_thread, thread) : NULL;

	return t && !t->deleted ? t : NULL;
}

static struct json_object *topic_json(const struct tg_topic *t)
{
	struct json_object *o = json_object_new_object();

	json_put_str(o, "name", t->name);
	json_put_i64(o, "icon_color", t->color);
	if (t->emoji)
		json_put_str(o, "icon_custom_emoji_id", t->emoji);
	return o;
}

struct tg_topic *tg_topic_new(struct tg_chat *c, struct tg_user *by,
			      struct tg_bot *bot, const char *name,
			      int64_t color, const char *emoji)
{
	struct tg_topic *t = arena_alloc(&world.a, sizeof(*t));
	struct json_object *fields = json_object_new_object();

	t->name = text_cut(&world.a, name, NAME_MAX_UNITS);
	t->color = color ? color : colors[0];
	t->emoji = arena_str(&world.a, emoji);
	t->creator = by;
	/* The topic's id is that of its first message. */
	t->thread = c->last_message + 1;
	json_put(fields, "forum_topic_created", topic_json(t));
	list_add(&c->topics, &world.a, t);
	map_put_i64(&c->topic_by_thread, &world.a, t->thread, t);
	t->created =
		tg_message_new(c, by, bot, t->thread, "service", fields, NULL);
	json_object_put(fields);
	tg_announce(t->created, "message");
	return t;
}

void tg_topic_delete(struct tg_chat *c, struct tg_topic *t)
{
	t->deleted = true;
	for (size_t i = 0; i < c->in_order.n; i++) {
		struct tg_message *m = c->in_order.at[i];

		if (m->thread == t->thread && !m->deleted)
			tg_message_delete(m);
	}
	world_touch();
}

void tg_topic_service(struct tg_chat *c, struct tg_topic *t, struct tg_user *by,
		      struct tg_bot *bot, const char *member,
		      struct json_object *value)
{
	struct json_object *fields = json_object_new_object();

	json_put(fields, member, value);
	tg_announce(
		tg_message_new(c, by, bot, t->thread, "service", fields, NULL),
		"message");
	json_object_put(fields);
}

struct tg_chat *tg_param_forum(struct tg_call *c)
{
	struct tg_chat *chat = tg_param_chat(c);

	if (chat && !chat->is_forum) {
		tg_fail(c, 400, "the chat is not a forum");
		return NULL;
	}
	return chat;
}

static const struct tg_member *self_in(const struct tg_call *c,
				       const struct tg_chat *chat)
{
	return tg_member_find(chat, c->bot->user->id);
}

static bool name_fits(struct tg_call *c, const char *name)
{
	if (text_units(name) > NAME_MAX_UNITS)
		tg_violation(c, "a topic name of %zu UTF-16 units",
			     text_units(name));
	return true;
}

void tg_run_create_topic(struct tg_call *c)
{
	struct tg_chat *chat = tg_param_forum(c);
	const char *name = json_str(c->params, "name", "");
	int64_t color = json_i64(c->params, "icon_color", 0);
	const char *emoji = json_str(c->params, "icon_custom_emoji_id", NULL);
	struct json_object *o;
	struct tg_topic *t;
	bool known = !color;

	if (!chat)
		return;
	if (!tg_member_may(self_in(c, chat), TG_TOPICS)) {
		tg_fail(c, 400, "not enough rights to create a topic");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(colors); i++)
		known |= colors[i] == color;
	if (!known)
		tg_violation(c, "icon_color %lld", (long long)color);
	if (text_is_blank(name)) {
		tg_violation(c, "the topic has no name");
		tg_fail(c, 400, "TOPIC_TITLE_EMPTY");
		return;
	}
	if (emoji && !tg_icon_known(c, emoji))
		return;
	name_fits(c, name);
	t = tg_topic_new(chat, c->bot->user, c->bot, name, color, emoji);
	o = topic_json(t);
	json_put_i64(o, "message_thread_id", t->thread);
	tg_ok(c, o);
}

/* The topic of a change; `right` is the one needed unless it is our own. */
static struct tg_topic *to_change(struct tg_call *c, struct tg_chat *chat,
				  enum tg_right right, bool own_is_fine,
				  const char *what)
{
	int64_t thread = json_i64(c->params, "message_thread_id", 0);
	struct tg_topic *t = tg_topic_find(chat, thread);

	if (!t) {
		tg_fail(c, 400, "TOPIC_ID_INVALID");
		return NULL;
	}
	if (!tg_member_may(self_in(c, chat), right) &&
	    !(own_is_fine && t->creator == c->bot->user)) {
		tg_fail(c, 400, "not enough rights to %s the topic", what);
		return NULL;
	}
	return t;
}

void tg_run_edit_topic(struct tg_call *c)
{
	struct tg_chat *chat = tg_param_forum(c);
	struct tg_topic *t =
		chat ? to_change(c, chat, TG_TOPICS, true, "edit") : NULL;
	const char *name = json_str(c->params, "name", "");
	const char *emoji = json_str(c->params, "icon_custom_emoji_id", NULL);
	struct json_object *o;

	if (!t)
		return;
	if (emoji && *emoji && !tg_icon_known(c, emoji))
		return;
	if ((!*name || strcmp(name, t->name) == 0) &&
	    (!emoji || strcmp(emoji, t->emoji ? t->emoji : "") == 0)) {
		tg_fail(c, 400, "TOPIC_NOT_MODIFIED");
		return;
	}
	name_fits(c, name);
	o = json_object_new_object();
	if (*name) {
		t->name = text_cut(&world.a, name, NAME_MAX_UNITS);
		json_put_str(o, "name", t->name);
	}
	if (emoji) {
		t->emoji = *emoji ? arena_str(&world.a, emoji) : NULL;
		json_put_str(o, "icon_custom_emoji_id", emoji);
	}
	tg_topic_service(chat, t, c->bot->user, c->bot, "forum_topic_edited",
			 o);
	tg_true(c);
}

static void set_closed(struct tg_call *c, bool closed)
{
	struct tg_chat *chat = tg_param_forum(c);
	struct tg_topic *t =
		chat ? to_change(c, chat, TG_TOPICS, true, "close or open")
		     : NULL;

	if (!t)
		return;
	if (t->closed == closed) {
		tg_fail(c, 400, "TOPIC_NOT_MODIFIED");
		return;
	}
	t->closed = closed;
	tg_topic_service(chat, t, c->bot->user, c->bot,
			 closed ? "forum_topic_closed" : "forum_topic_reopened",
			 json_object_new_object());
	tg_true(c);
}

void tg_run_close_topic(struct tg_call *c)
{
	set_closed(c, true);
}

void tg_run_reopen_topic(struct tg_call *c)
{
	set_closed(c, false);
}

void tg_run_delete_topic(struct tg_call *c)
{
	struct tg_chat *chat = tg_param_forum(c);
	struct tg_topic *t =
		chat ? to_change(c, chat, TG_DELETE, false, "delete") : NULL;

	if (!t)
		return;
	tg_topic_delete(chat, t);
	tg_true(c);
}
