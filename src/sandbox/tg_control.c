/*
 * tg_control.c - the control API's part for Telegram: making things.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/control.h"
#include "sandbox/telegram.h"
#include "sandbox/tg_act.h"
#include "sandbox/tg_business.h"

#define BOT_FIELDS                                     \
	" token name username privacy can_join_groups" \
	" can_connect_to_business "
#define FIRST_USER  501
#define FIRST_BOT   7001
#define FIRST_GROUP INT64_C(-1001000000001)
#define FIRST_SMALL INT64_C(-2001)

static struct json_object *webhook_json(const struct tg_bot *b)
{
	struct json_object *o = json_object_new_object();

	json_put_str(o, "url", b->url);
	json_put_str(o, "secret_token", b->secret);
	json_put_i64(o, "max_connections", b->max_connections);
	json_put(o, "allowed_updates", json_object_get(b->allowed));
	json_put_str(o, "last_error_message", b->error ? b->error : "");
	return o;
}

static struct json_object *bot_json(const struct tg_bot *b)
{
	struct json_object *o = json_object_new_object();

	json_put_i64(o, "id", b->user->id);
	json_put_str(o, "token", b->token);
	json_put_str(o, "name", json_str(b->user->json, "first_name", ""));
	json_put_str(o, "username", b->user->username);
	json_put_bool(o, "privacy", b->privacy);
	json_put_bool(o, "can_join_groups", b->can_join_groups);
	json_put_bool(o, "can_connect_to_business", b->business);
	json_put_i64(o, "pending", b->n_updates);
	json_put(o, "commands", json_object_get(b->commands));
	json_put(o, "webhook", webhook_json(b));
	return o;
}

static struct json_object *callback_json(const struct tg_callback *cb)
{
	struct json_object *o = json_object_new_object();

	json_put_str(o, "id", cb->id);
	json_put_str(o, "data", cb->data);
	json_put_bool(o, "answered", cb->answered);
	json_put_str(o, "text", cb->text);
	json_put_bool(o, "show_alert", cb->alert);
	return o;
}

static struct json_object *message_json(const struct tg_message *m)
{
	struct json_object *shown = tg_message_json(m, NULL);
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();

	/* A copy: these members are not Telegram's. */
	json_object_object_foreach(shown, name, v)
		json_put(o, name, json_object_get(v));
	json_object_put(shown);
	json_put_str(o, "kind", m->kind);
	json_put_i64(o, "thread", m->thread);
	json_put_str(o, "by", m->bot ? "bot" : "human");
	for (size_t i = 0; i < m->reactions.n; i++) {
		const struct tg_reaction *r = m->reactions.at[i];
		struct json_object *one = json_object_new_object();

		json_put_i64(one, "user", r->user->id);
		json_put_str(one, "emoji", r->emoji);
		json_object_array_add(list, one);
	}
	json_put(o, "reactions", list);
	json_put_bool(o, "pinned", m->pinned);
	if (m->chat->owner)
		json_put_bool(o, "read", m->read);
	json_put_bool(o, "deleted", m->deleted);
	return o;
}

static struct json_object *member_json(const struct tg_member *m)
{
	struct json_object *o = json_object_new_object();

	json_put_i64(o, "user", m->user->id);
	json_put_str(o, "status", m->status);
	json_put(o, "rights", tg_rights_json(m->rights));
	return o;
}

static struct json_object *topic_json(const struct tg_topic *t)
{
	struct json_object *o = json_object_new_object();

	json_put_i64(o, "thread", t->thread);
	json_put_str(o, "name", t->name);
	json_put_bool(o, "closed", t->closed);
	json_put_bool(o, "deleted", t->deleted);
	json_put_i64(o, "icon_color", t->color);
	json_put_str(o, "icon_custom_emoji_id", t->emoji);
	return o;
}

static struct json_object *chat_json(const struct tg_chat *c)
{
	struct json_object *o = tg_chat_json(c);
	struct json_object *members = json_object_new_array();
	struct json_object *topics = json_object_new_array();
	struct json_object *pinned = json_object_new_array();
	struct json_object *messages = json_object_new_array();
	struct lh_entry *e;

	json_put_str(o, "key", c->key);
	json_put_bool(o, "is_forum", c->is_forum);
	if (c->bot) {
		json_put_i64(o, "bot", c->bot->user->id);
		json_put_bool(o, "blocked", c->blocked);
	}
	if (c->owner)
		json_put_i64(o, "owner", c->owner->id);
	if (c->migrated_to)
		json_put_i64(o, "migrated_to", c->migrated_to);
	for (e = map_first(&c->members); e; e = e->next)
		json_object_array_add(members, member_json(map_value(e)));
	for (size_t i = 0; i < c->topics.n; i++)
		json_object_array_add(topics, topic_json(c->topics.at[i]));
	for (size_t i = 0; i < c->pinned.n; i++)
		json_object_array_add(
			pinned,
			json_object_new_int64(
				((struct tg_message *)c->pinned.at[i])->id));
	for (size_t i = 0; i < c->in_order.n; i++)
		json_object_array_add(messages,
				      message_json(c->in_order.at[i]));
	json_put(o, "members", members);
	json_put(o, "topics", topics);
	json_put(o, "pinned", pinned);
	json_put(o, "messages", messages);
	return o;
}

struct json_object *telegram_state(void)
{
	struct json_object *o = json_object_new_object();
	struct json_object *users = json_object_new_array();
	struct json_object *bots = json_object_new_array();
	struct json_object *callbacks = json_object_new_array();
	struct json_object *chats = json_object_new_array();
	struct lh_entry *e;

	for (e = map_first(&tg.users); e; e = e->next)
		json_object_array_add(
			users, json_object_get(
				       ((struct tg_user *)map_value(e))->json));
	for (e = map_first(&tg.bots); e; e = e->next)
		json_object_array_add(bots, bot_json(map_value(e)));
	for (e = map_first(&tg.callbacks); e; e = e->next)
		json_object_array_add(callbacks, callback_json(map_value(e)));
	for (e = map_first(&tg.chats); e; e = e->next)
		json_object_array_add(chats, chat_json(map_value(e)));
	json_put(o, "users", users);
	json_put(o, "bots", bots);
	json_put(o, "callbacks", callbacks);
	json_put(o, "chats", chats);
	json_put(o, "business", tg_business_state());
	return o;
}

static void make_user(struct req *rq)
{
	struct json_object *o = control_body(
		rq, " id first_name last_name username language_code ");
	struct tg_user *u;
	int64_t id;

	if (!o)
		return;
	id = json_i64(o, "id", 0);
	if (id && map_find_i64(&tg.users, id)) {
		control_fail(rq, 409, "the user exists already");
		return;
	}
	while (!id || map_find_i64(&tg.users, id))
		id = FIRST_USER + tg.next_user++;
	u = tg_user_new(id, false, json_str(o, "first_name", "Operator"),
			json_str(o, "last_name", NULL),
			json_str(o, "username", NULL),
			json_str(o, "language_code", NULL));
	reply_json(rq, 200, json_object_get(u->json));
}

static void make_bot(struct req *rq)
{
	struct json_object *o = control_body(rq, BOT_FIELDS);
	const char *token;
	struct tg_bot *b;
	int64_t id;

	if (!o)
		return;
	token = json_str(o, "token", NULL);
	if (!token) {
		id = FIRST_BOT + tg.next_bot++;
		token = arena_printf(&world.a, "%" PRId64 ":%s", id,
				     world_hex(&rq->a, 35));
	}
	id = strtoll(token, NULL, 10);
	if (id <= 0 || !strchr(token, ':')) {
		control_fail(rq, 400, "token: NUMBER:SECRET is expected");
		return;
	}
	if (map_find_i64(&tg.users, id)) {
		control_fail(rq, 409, "a user with that id exists already");
		return;
	}
	b = arena_alloc(&world.a, sizeof(*b));
	b->user = tg_user_new(
		id, true, json_str(o, "name", "Bot"), NULL,
		json_str(o, "username",
			 arena_printf(&rq->a, "bot%" PRId64 "_bot", id)),
		NULL);
	b->token = arena_str(&world.a, token);
	b->privacy = json_flag(o, "privacy", true);
	b->can_join_groups = json_flag(o, "can_join_groups", true);
	b->business = json_flag(o, "can_connect_to_business", false);
	b->url = "";
	b->secret = "";
	b->max_connections = 40;
	map_put_i64(&tg.bots, &world.a, id, b);
	map_put(&tg.tokens, &world.a, token, b);
	reply_json(rq, 200, bot_json(b));
}

static void change_bot(struct req *rq, struct tg_bot *b)
{
	struct json_object *o = control_body(rq, BOT_FIELDS);
	const char *token;

	if (!o)
		return;
	token = json_str(o, "token", NULL);
	if (token) {
		map_remove(&tg.tokens, b->token);
		b->token = arena_str(&world.a, token);
		map_put(&tg.tokens, &world.a, token, b);
	}
	b->privacy = json_flag(o, "privacy", b->privacy);
	b->can_join_groups =
		json_flag(o, "can_join_groups", b->can_join_groups);
	b->business = json_flag(o, "can_connect_to_business", b->business);
	if (json_str(o, "name", NULL))
		json_put_str(b->user->json, "first_name",
			     json_str(o, "name", ""));
	if (json_str(o, "username", NULL)) {
		b->user->username =
			arena_str(&world.a, json_str(o, "username", ""));
		json_put_str(b->user->json, "username", b->user->username);
	}
	world_touch();
	reply_json(rq, 200, bot_json(b));
}

/* Members of a new group; false: answered. */
static bool add_members(struct req *rq, struct tg_chat *c,
			struct json_object *o)
{
	struct json_object *people = json_array_at(o, "members");
	struct json_object *bots = json_array_at(o, "bots");
	struct tg_user *u;

	for (size_t i = 0; people && i < json_object_array_length(people);
	     i++) {
		u = control_user(rq,
				 json_object_get_int64(
					 json_object_array_get_idx(people, i)));
		if (!u)
			return false;
		tg_member_set(c, u, "member", NULL);
	}
	for (size_t i = 0; bots && i < json_object_array_length(bots); i++) {
		struct json_object *b = json_object_array_get_idx(bots, i);

		u = control_user(rq, json_i64(b, "id", 0));
		if (!u)
			return false;
		act_membership(c, u, json_str(b, "status", "administrator"),
			       json_object_at(b, "rights"), NULL);
	}
	return true;
}

static void make_group(struct req *rq)
{
	struct json_object *o = control_body(
		rq, " id title username forum basic creator members bots ");
	struct tg_user *creator;
	struct tg_chat *c;
	bool basic;
	int64_t id;

	if (!o)
		return;
	basic = json_flag(o, "basic", false);
	id = json_i64(o, "id", 0);
	if (id > 0 || (id && map_find_i64(&tg.chats, id))) {
		control_fail(rq, id > 0 ? 400 : 409,
			     id > 0 ? "id: must be negative"
				    : "the group exists already");
		return;
	}
	creator = json_member(o, "creator")
			  ? control_user(rq, json_i64(o, "creator", 0))
			  : NULL;
	if (json_member(o, "creator") && !creator)
		return;
	while (!id || map_find_i64(&tg.chats, id))
		id = basic ? FIRST_SMALL - tg.next_small++
			   : FIRST_GROUP - tg.next_group++;
	c = tg_group_new(id, basic ? "group" : "supergroup",
			 json_str(o, "title", "Group"),
			 json_str(o, "username", NULL),
			 !basic && json_flag(o, "forum", true));
	if (creator)
		tg_member_set(c, creator, "creator", NULL);
	if (add_members(rq, c, o))
		reply_json(rq, 200, chat_json(c));
}

static void change_group(struct req *rq, struct tg_chat *c)
{
	struct json_object *o =
		control_body(rq, " title forum rate_per_minute ");

	if (!o)
		return;
	c->rate_per_minute = json_i64(o, "rate_per_minute", c->rate_per_minute);
	c->title = arena_str(&world.a, json_str(o, "title", c->title));
	c->is_forum = json_flag(o, "forum", c->is_forum);
	world_touch();
	reply_json(rq, 200, chat_json(c));
}

struct tg_user *control_user(struct req *rq, int64_t id)
{
	struct tg_user *u = map_find_i64(&tg.users, id);

	if (!u)
		control_fail(rq, 404, "no user or bot %" PRId64, id);
	return u;
}

static bool bots_route(struct req *rq)
{
	struct tg_bot *b = map_find_i64(&tg.bots, control_id(rq, 3));

	if (rq->n_seg == 3 && req_is(rq, "POST")) {
		make_bot(rq);
		return true;
	}
	if (!b) {
		control_fail(rq, 404, "no bot %s", req_seg(rq, 3));
		return true;
	}
	if (rq->n_seg == 4 && req_is(rq, "PATCH"))
		change_bot(rq, b);
	else if (rq->n_seg == 5 && req_is(rq, "POST"))
		return act_on_bot(rq, b);
	else
		return false;
	return true;
}

static bool groups_route(struct req *rq)
{
	struct tg_chat *c = map_find_i64(&tg.chats, control_id(rq, 3));

	if (rq->n_seg == 3 && req_is(rq, "POST")) {
		make_group(rq);
		return true;
	}
	if (!c) {
		control_fail(rq, 404, "no group %s", req_seg(rq, 3));
		return true;
	}
	if (rq->n_seg == 4 && req_is(rq, "PATCH"))
		change_group(rq, c);
	else if (rq->n_seg > 4 && req_is(rq, "POST"))
		return act_on_group(rq, c);
	else
		return false;
	return true;
}

bool telegram_control(struct req *rq)
{
	const char *what = req_seg(rq, 2);
	struct tg_chat *c;
	struct tg_callback *cb;

	if (strcmp(what, "bots") == 0)
		return bots_route(rq);
	if (strcmp(what, "groups") == 0)
		return groups_route(rq);
	if (strcmp(what, "users") == 0 && rq->n_seg == 3 &&
	    req_is(rq, "POST")) {
		make_user(rq);
		return true;
	}
	if (strcmp(what, "callbacks") == 0 && rq->n_seg == 4) {
		cb = map_find(&tg.callbacks, req_seg(rq, 3));
		if (cb)
			reply_json(rq, 200, callback_json(cb));
		return cb != NULL;
	}
	if (strcmp(what, "chats") != 0 || rq->n_seg < 5)
		return false;
	c = act_chat(rq, req_seg(rq, 3));
	return !c || act_in_chat(rq, c);
}

bool telegram_has_webhook(int64_t id, const char *url)
{
	const struct tg_bot *b = map_find_i64(&tg.bots, id);

	return b && *b->url && (!url || strcmp(url, b->url) == 0);
}
