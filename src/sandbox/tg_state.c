/*
 * tg_state.c - bots, people, chats and messages of the stand-in.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json_visit.h>

#include "base/clock.h"
#include "sandbox/settings.h"
#include "sandbox/telegram.h"
#include "sandbox/tg_business.h"

struct tg_state tg;

static const char *const right_names[] = {
	"can_change_info",      "can_delete_messages", "can_invite_users",
	"can_restrict_members", "can_pin_messages",    "can_manage_topics",
	"can_manage_chat",      "can_promote_members", "can_send_messages",
};

struct tg_user *tg_user_new(int64_t id, bool is_bot, const char *first,
			    const char *last, const char *username,
			    const char *language)
{
	struct tg_user *u = arena_alloc(&world.a, sizeof(*u));
	struct json_object *o = json_new(&world.a);

	u->id = id;
	u->username = arena_str(&world.a, username);
	u->json = o;
	json_put_i64(o, "id", id);
	json_put_bool(o, "is_bot", is_bot);
	json_put_str(o, "first_name", first);
	if (last)
		json_put_str(o, "last_name", last);
	if (username)
		json_put_str(o, "username", username);
	if (language)
		json_put_str(o, "language_code", language);
	map_put_i64(&tg.users, &world.a, id, u);
	world_touch();
	return u;
}

struct tg_chat *tg_private_find(const struct tg_bot *bot, int64_t user)
{
	char key[48];

	snprintf(key, sizeof(key), "%" PRId64 "@%" PRId64, user, bot->user->id);
	return map_find(&tg.chats, key);
}

struct tg_chat *tg_private(struct tg_bot *bot, struct tg_user *user)
{
	struct tg_chat *c = tg_private_find(bot, user->id);

	if (c)
		return c;
	c = arena_alloc(&world.a, sizeof(*c));
	c->key = arena_printf(&world.a, "%" PRId64 "@%" PRId64, user->id,
			      bot->user->id);
	c->id = user->id;
	c->type = "private";
	c->bot = bot;
	c->user = user;
	map_put(&tg.chats, &world.a, c->key, c);
	world_touch();
	return c;
}

struct tg_chat *tg_group_new(int64_t id, const char *type, const char *title,
			     const char *username, bool forum)
{
	struct tg_chat *c = arena_alloc(&world.a, sizeof(*c));

	c->key = arena_printf(&world.a, "%" PRId64, id);
	c->id = id;
	c->type = arena_str(&world.a, type);
	c->title = arena_str(&world.a, title);
	c->username = arena_str(&world.a, username);
	c->is_forum = forum;
	/* Topic ids are message ids, and 1 is General's. */
	c->last_message = 1;
	map_put(&tg.chats, &world.a, c->key, c);
	if (username)
		map_put(&tg.names, &world.a,
			arena_printf(&world.a, "@%s", username), c);
	world_touch();
	return c;
}

struct json_object *tg_chat_json(const struct tg_chat *c)
{
	struct json_object *o = json_object_new_object();

	json_put_i64(o, "id", c->id);
	if (c->user) {
		json_put_str(o, "first_name",
			     json_str(c->user->json, "first_name", ""));
		if (json_str(c->user->json, "last_name", NULL))
			json_put_str(o, "last_name",
				     json_str(c->user->json, "last_name", ""));
		if (c->user->username)
			json_put_str(o, "username", c->user->username);
	} else {
		json_put_str(o, "title", c->title);
		if (c->username)
			json_put_str(o, "username", c->username);
		if (c->is_forum)
			json_put_bool(o, "is_forum", true);
	}
	json_put_str(o, "type", c->type);
	return o;
}

struct tg_member *tg_member_find(const struct tg_chat *c, int64_t user)
{
	return map_find_i64(&c->members, user);
}

bool tg_member_is_in(const struct tg_member *m)
{
	return m && strcmp(m->status, "left") != 0 &&
	       strcmp(m->status, "kicked") != 0;
}

bool tg_member_is_admin(const struct tg_member *m)
{
	return m && (strcmp(m->status, "creator") == 0 ||
		     strcmp(m->status, "administrator") == 0);
}

bool tg_member_may(const struct tg_member *m, enum tg_right right)
{
	if (!tg_member_is_in(m))
		return false;
	if (strcmp(m->status, "creator") == 0)
		return true;
	if (strcmp(m->status, "administrator") == 0)
		return right == TG_SEND || (m->rights & right);
	if (right == TG_SEND)
		return strcmp(m->status, "member") == 0 ||
		       (m->rights & TG_SEND);
	return false;
}

struct json_object *tg_rights_json(unsigned rights)
{
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; i < ARRAY_LEN(right_names); i++)
		json_put_bool(o, right_names[i], rights & (1u << i));
	return o;
}

struct json_object *tg_member_json(const struct tg_member *m)
{
	struct json_object *o = json_object_new_object();
	bool admin = strcmp(m->status, "administrator") == 0;
	bool restricted = strcmp(m->status, "restricted") == 0;

	json_put(o, "user", json_object_get(m->user->json));
	json_put_str(o, "status", m->status);
	if (admin || strcmp(m->status, "creator") == 0)
		json_put_bool(o, "is_anonymous", false);
	if (admin)
		json_put_bool(o, "can_be_edited", false);
	for (size_t i = 0; i < ARRAY_LEN(right_names); i++) {
		if (admin ? (1u << i) != TG_SEND
			  : restricted && (1u << i) == TG_SEND)
			json_put_bool(o, right_names[i], m->rights & (1u << i));
	}
	if (restricted) {
		json_put_bool(o, "is_member", true);
		json_put_i64(o, "until_date", 0);
	}
	if (strcmp(m->status, "kicked") == 0)
		json_put_i64(o, "until_date", 0);
	return o;
}

void tg_member_set(struct tg_chat *c, struct tg_user *u, const char *status,
		   struct json_object *rights)
{
	struct tg_member *m = arena_alloc(&world.a, sizeof(*m));

	/* A new one each time: an update may still show the old one. */
	m->user = u;
	m->status = arena_str(&world.a, status);
	m->rights = TG_ALL;
	for (size_t i = 0; i < ARRAY_LEN(right_names); i++) {
		if (!json_flag(rights, right_names[i], true))
			m->rights &= ~(1u << i);
	}
	map_put_i64(&c->members, &world.a, u->id, m);
	world_touch();
}

/* A message as it stands inside an answer to it: without its own. */
static struct json_object *as_reply(const struct tg_message *m)
{
	struct json_object *o = json_object_new_object();

	json_object_object_foreach(m->json, name, v)
	{
		if (strcmp(name, "reply_to_message") != 0)
			json_put(o, name, json_object_get(v));
	}
	return o;
}

static void put_place(struct json_object *o, const struct tg_chat *c,
		      int64_t thread, const struct tg_message *reply)
{
	const struct tg_topic *t = tg_topic_find(c, thread);

	if (t) {
		json_put_i64(o, "message_thread_id", thread);
		json_put_bool(o, "is_topic_message", true);
	}
	if (!reply && t)
		reply = t->created;
	if (reply)
		json_put(o, "reply_to_message", as_reply(reply));
}

struct tg_message *tg_message_new(struct tg_chat *c, struct tg_user *from,
				  struct tg_bot *bot, int64_t thread,
				  const char *kind, struct json_object *fields,
				  const struct tg_message *reply)
{
	struct tg_message *m = arena_alloc(&world.a, sizeof(*m));
	struct json_object *o = json_new(&world.a);

	m->chat = c;
	m->id = c->owner ? ++c->owner->last_message : ++c->last_message;
	m->thread = thread;
	m->at_us = clock_now_us();
	m->from = from;
	m->bot = bot;
	m->kind = arena_str(&world.a, kind);
	m->json = o;
	m->has_file = strstr(json_text(fields), "\"file_id\"") != NULL ||
		      (reply && reply->has_file);
	json_put_i64(o, "message_id", m->id);
	json_put(o, "from", json_object_get(from->json));
	if (from->id == TG_ANONYMOUS)
		json_put(o, "sender_chat", tg_chat_json(c));
	json_put(o, "chat", tg_chat_json(c));
	json_put_i64(o, "date", m->at_us / CLOCK_SECOND_US);
	put_place(o, c, thread, reply);
	json_object_object_foreach(fields, name, v)
		json_put(o, name, json_object_get(v));
	map_put_i64(&c->messages, &world.a, m->id, m);
	list_add(&c->in_order, &world.a, m);
	world_touch();
	return m;
}

struct tg_message *tg_message_find(const struct tg_chat *c, int64_t id)
{
	struct tg_message *m = map_find_i64(&c->messages, id);

	return m && !m->deleted ? m : NULL;
}

void tg_message_delete(struct tg_message *m)
{
	m->deleted = true;
	if (m->pinned)
		list_remove(&m->chat->pinned, m);
	m->pinned = false;
	world_touch();
}

/* json-c's own shallow copy keeps the texts of odd numbers, too. */
struct json_object *tg_message_change(struct tg_message *m)
{
	struct json_object *copy = NULL;

	if (json_object_deep_copy(m->json, &copy, NULL) != 0)
		die("out of memory");
	m->json = world_keep(copy);
	json_object_put(copy);
	world_touch();
	return m->json;
}

/* "photo.f1" becomes "photo.700.f1", or "f1" without a bot. */
static int show_file(struct json_object *o, int flags,
		     struct json_object *parent, const char *key,
		     size_t *index UNUSED, void *arg)
{
	const struct tg_bot *bot = arg;
	struct arena a = { 0 };
	const char *s, *dot;

	if (flags == JSON_C_VISIT_SECOND || !parent || !key ||
	    strcmp(key, "file_id") != 0)
		return JSON_C_VISIT_RETURN_CONTINUE;
	s = json_object_get_string(o);
	dot = strchr(s, '.');
	if (dot && bot)
		s = arena_printf(&a, "%.*s.%" PRId64 "%s", (int)(dot - s), s,
				 bot->user->id, dot);
	else if (dot)
		s = arena_str(&a, dot + 1);
	json_object_set_string(o, s);
	arena_release(&a);
	return JSON_C_VISIT_RETURN_CONTINUE;
}

struct json_object *tg_message_json(const struct tg_message *m,
				    const struct tg_bot *bot)
{
	struct json_object *copy = NULL;
	const struct tg_business *b;
	union {
		const void *in;
		void *out;
	} arg = { .in = bot };

	b = bot && m->chat->owner ? tg_business_of(bot, m->chat->owner) : NULL;
	if (!m->has_file && !b)
		return json_object_get(m->json);
	if (json_object_deep_copy(m->json, &copy, NULL) != 0)
		die("out of memory");
	if (b)
		json_put_str(copy, "business_connection_id", b->id);
	json_c_visit(copy, 0, show_file, arg.out);
	return copy;
}

static bool sees(const struct tg_message *m, const struct tg_bot *bot)
{
	const struct tg_member *member = tg_member_find(m->chat, bot->user->id);
	struct json_object *reply = json_object_at(m->json, "reply_to_message");

	if (!tg_member_is_in(member))
		return false;
	if (!bot->privacy || tg_member_is_admin(member) ||
	    strcmp(m->kind, "service") == 0)
		return true;
	return *json_str(m->json, "text", "") == '/' ||
	       json_i64(json_object_at(reply, "from"), "id", 0) ==
		       bot->user->id;
}

static void announce_to(const struct tg_message *m, struct tg_bot *bot,
			const char *kind)
{
	struct json_object *o;

	if (!tg_update_wanted(bot, kind))
		return;
	o = tg_message_json(m, bot);
	tg_update_send(bot, kind, o, m->chat->key, set.telegram_update_life_s);
	json_object_put(o);
}

void tg_announce(const struct tg_message *m, const char *kind)
{
	struct lh_entry *e;

	if (m->chat->owner) {
		tg_business_announce(m, kind);
		return;
	}
	if (m->chat->bot) {
		if (m->bot != m->chat->bot)
			announce_to(m, m->chat->bot, kind);
		return;
	}
	for (e = map_first(&tg.bots); e; e = e->next) {
		struct tg_bot *bot = map_value(e);

		if (bot != m->bot && sees(m, bot))
			announce_to(m, bot, kind);
	}
}

void tg_pin(struct tg_message *m, struct tg_user *by, struct tg_bot *bot)
{
	struct json_object *fields = json_object_new_object();

	if (m->pinned)
		list_remove(&m->chat->pinned, m);
	m->pinned = true;
	list_add(&m->chat->pinned, &world.a, m);
	json_put(fields, "pinned_message", as_reply(m));
	tg_announce(tg_message_new(m->chat, by, bot, m->thread, "service",
				   fields, NULL),
		    "message");
	json_object_put(fields);
}

void telegram_reset(void)
{
	struct map *maps[] = { &tg.users, &tg.bots,      &tg.tokens,  &tg.chats,
			       &tg.names, &tg.callbacks, &tg.business };

	for (struct lh_entry *e = map_first(&tg.chats); e; e = e->next) {
		struct tg_chat *c = map_value(e);

		map_release(&c->members);
		map_release(&c->messages);
		map_release(&c->topic_by_thread);
	}
	for (size_t i = 0; i < ARRAY_LEN(maps); i++)
		map_release(maps[i]);
	memset(&tg, 0, sizeof(tg));
}
