/*
 * tg_business.c - bots that answer in the name of a person.
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

/* A bot may write for so long after the customer did. */
#define ANSWER_TIME_US (24 * 3600 * CLOCK_SECOND_US)
#define DELETE_MAX     100

static const char *const right_names[] = {
	"can_reply",
	"can_read_messages",
	"can_delete_sent_messages",
	"can_delete_all_messages",
};

struct tg_business *tg_business_of(const struct tg_bot *bot,
				   const struct tg_user *owner)
{
	struct tg_business *found = NULL;

	for (struct lh_entry *e = map_first(&tg.business); e; e = e->next) {
		struct tg_business *b = map_value(e);

		if (b->bot == bot && b->owner == owner)
			found = b;
	}
	return found;
}

struct tg_business *tg_business_find(const struct tg_bot *bot, const char *id)
{
	struct tg_business *b = map_find(&tg.business, id);

	return b && b->bot == bot ? b : NULL;
}

struct tg_chat *tg_business_chat(struct tg_user *customer,
				 struct tg_user *owner)
{
	const char *key = arena_printf(&world.a, "%" PRId64 "@%" PRId64,
				       customer->id, owner->id);
	struct tg_chat *c = map_find(&tg.chats, key);

	if (c)
		return c;
	c = arena_alloc(&world.a, sizeof(*c));
	c->key = key;
	c->id = customer->id;
	c->type = "private";
	c->user = customer;
	c->owner = owner;
	map_put(&tg.chats, &world.a, key, c);
	world_touch();
	return c;
}

/* As the Bot API shows it: rights that are missing are not there. */
static struct json_object *api_json(const struct tg_business *b)
{
	struct json_object *o = json_object_new_object();
	struct json_object *rights = json_object_new_object();

	json_put_str(o, "id", b->id);
	json_put(o, "user", json_object_get(b->owner->json));
	json_put_i64(o, "user_chat_id", b->owner->id);
	json_put_i64(o, "date", b->at_s);
	for (size_t i = 0; i < ARRAY_LEN(right_names); i++) {
		if (b->rights & (1u << i))
			json_put_bool(rights, right_names[i], true);
	}
	json_put(o, "rights", rights);
	json_put_bool(o, "is_enabled", b->enabled);
	return o;
}

static struct json_object *state_json(const struct tg_business *b)
{
	struct json_object *o = json_object_new_object();
	struct json_object *rights = json_object_new_object();

	json_put_str(o, "id", b->id);
	json_put_i64(o, "bot", b->bot->user->id);
	json_put_i64(o, "user", b->owner->id);
	json_put_bool(o, "is_enabled", b->enabled);
	for (size_t i = 0; i < ARRAY_LEN(right_names); i++)
		json_put_bool(rights, right_names[i], b->rights & (1u << i));
	json_put(o, "rights", rights);
	return o;
}

struct json_object *tg_business_state(void)
{
	struct json_object *list = json_object_new_array();

	for (struct lh_entry *e = map_first(&tg.business); e; e = e->next)
		json_object_array_add(list, state_json(map_value(e)));
	return list;
}

/* --- what a call may --- */

static struct tg_business *param_connection(struct tg_call *c)
{
	struct tg_business *b = tg_business_find(
		c->bot, json_str(c->params, "business_connection_id", ""));

	if (!b)
		tg_fail(c, 400, "business connection not found");
	else if (!b->enabled)
		tg_fail(c, 400, "BUSINESS_CONNECTION_INVALID");
	return b && b->enabled ? b : NULL;
}

struct tg_chat *tg_business_param_chat(struct tg_call *c)
{
	struct json_object *v = json_member(c->params, "chat_id");
	struct tg_business *b = param_connection(c);
	struct tg_chat *chat;
	char key[48];

	if (!b)
		return NULL;
	if (!json_object_is_type(v, json_type_int) ||
	    json_object_get_int64(v) <= 0) {
		tg_fail(c, 400, "chat must be a private chat");
		return NULL;
	}
	snprintf(key, sizeof(key), "%" PRId64 "@%" PRId64,
		 json_object_get_int64(v), b->owner->id);
	chat = map_find(&tg.chats, key);
	if (!chat)
		tg_fail(c, 400, "BUSINESS_PEER_INVALID");
	return chat;
}

bool tg_business_may(struct tg_call *c, enum tg_business_right right)
{
	const struct tg_business *b = param_connection(c);

	if (!b)
		return false;
	return (b->rights & right) || tg_fail(c, 403, "BOT_ACCESS_FORBIDDEN");
}

bool tg_business_may_send(struct tg_call *c, const struct tg_chat *chat)
{
	const struct tg_message *heard = NULL;

	if (!tg_business_may(c, TG_B_REPLY))
		return false;
	for (size_t i = 0; i < chat->in_order.n; i++) {
		const struct tg_message *m = chat->in_order.at[i];

		if (m->from == chat->user)
			heard = m;
	}
	if (!heard || clock_now_us() > heard->at_us + ANSWER_TIME_US)
		return tg_fail(c, 400, "BUSINESS_PEER_USAGE_MISSING");
	return true;
}

/* --- telling the bots --- */

/* Calls `tell` for every bot that is connected with the chat's owner. */
static void tell_all(const struct tg_chat *chat, const char *kind,
		     struct json_object *(*make)(const struct tg_business *b,
						 void *arg),
		     void *arg)
{
	for (struct lh_entry *e = map_first(&tg.business); e; e = e->next) {
		const struct tg_business *b = map_value(e);
		struct json_object *o;

		if (b->owner != chat->owner || !b->enabled)
			continue;
		o = make(b, arg);
		tg_update_send(b->bot, kind, o, chat->key,
			       set.telegram_update_life_s);
		json_object_put(o);
	}
}

static struct json_object *make_message(const struct tg_business *b, void *arg)
{
	const struct tg_message *m = arg;

	return tg_message_json(m, b->bot);
}

void tg_business_announce(const struct tg_message *m, const char *kind)
{
	union {
		const void *in;
		void *out;
	} arg = { .in = m };

	if (m->bot && !set.telegram_business_echo)
		return;
	tell_all(m->chat,
		 strcmp(kind, "message") == 0 ? "business_message"
					      : "edited_business_message",
		 make_message, arg.out);
}

static struct json_object *make_deleted(const struct tg_business *b, void *arg)
{
	struct json_object *of_all = arg, *o = json_object_new_object();

	json_put_str(o, "business_connection_id", b->id);
	json_object_object_foreach(of_all, name, v)
		json_put(o, name, json_object_get(v));
	return o;
}

void tg_business_delete(struct tg_chat *chat, struct tg_message **gone,
			size_t n, bool tell)
{
	struct json_object *o = json_object_new_object();
	struct json_object *ids = json_object_new_array();

	json_put(o, "chat", tg_chat_json(chat));
	json_put(o, "message_ids", ids);
	for (size_t i = 0; i < n; i++) {
		tg_message_delete(gone[i]);
		json_object_array_add(ids, json_object_new_int64(gone[i]->id));
	}
	if (tell)
		tell_all(chat, "deleted_business_messages", make_deleted, o);
	json_object_put(o);
}

/* --- methods --- */

void tg_run_get_business(struct tg_call *c)
{
	const struct tg_business *b = tg_business_find(
		c->bot, json_str(c->params, "business_connection_id", ""));

	if (b)
		tg_ok(c, api_json(b));
	else
		tg_fail(c, 400, "business connection not found");
}

/* Everything up to that message is read. */
void tg_run_read_business(struct tg_call *c)
{
	struct tg_chat *chat = tg_business_param_chat(c);
	const struct tg_message *last;

	if (!chat || !tg_business_may(c, TG_B_READ))
		return;
	last = tg_param_message(c, chat, "read");
	if (!last)
		return;
	for (size_t i = 0; i < chat->in_order.n; i++) {
		struct tg_message *m = chat->in_order.at[i];

		if (m->from == chat->user && m->id <= last->id)
			m->read = true;
	}
	world_touch();
	tg_true(c);
}

static struct tg_message *find_owned(const struct tg_user *owner, int64_t id)
{
	for (struct lh_entry *e = map_first(&tg.chats); e; e = e->next) {
		const struct tg_chat *chat = map_value(e);
		struct tg_message *m =
			chat->owner == owner ? tg_message_find(chat, id) : NULL;

		if (m)
			return m;
	}
	return NULL;
}

static bool may_delete(struct tg_call *c, const struct tg_business *b,
		       const struct tg_message *m)
{
	unsigned enough = TG_B_DELETE_ALL;

	if (m->bot == c->bot)
		enough |= TG_B_DELETE_SENT;
	return (b->rights & enough) || tg_fail(c, 403, "BOT_ACCESS_FORBIDDEN");
}

void tg_run_delete_business(struct tg_call *c)
{
	struct json_object *ids = json_array_at(c->params, "message_ids");
	const struct tg_business *b = param_connection(c);
	struct tg_message *gone[DELETE_MAX];
	size_t n = json_object_array_length(ids);

	if (!b)
		return;
	if (n < 1 || n > DELETE_MAX) {
		tg_violation(c, "%zu messages to delete", n);
		tg_fail(c, 400, "MESSAGE_IDS_INVALID");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		gone[i] = find_owned(
			b->owner, json_object_get_int64(
					  json_object_array_get_idx(ids, i)));
		if (!gone[i] || gone[i]->chat != gone[0]->chat) {
			tg_fail(c, 400, "message to delete not found");
			return;
		}
		if (!may_delete(c, b, gone[i]))
			return;
	}
	tg_business_delete(gone[0]->chat, gone, n, set.telegram_business_echo);
	tg_true(c);
}

/* --- the control API --- */

static struct tg_business *connection_new(struct tg_bot *bot,
					  struct tg_user *owner)
{
	struct tg_business *b = arena_alloc(&world.a, sizeof(*b));

	b->id = arena_printf(&world.a, "bc%s", world_hex(&world.a, 20));
	b->bot = bot;
	b->owner = owner;
	b->at_s = now_s();
	b->rights = TG_B_ALL;
	map_put(&tg.business, &world.a, b->id, b);
	/* The bot may write to whoever has connected it. */
	tg_private(bot, owner);
	return b;
}

void tg_business_control(struct req *rq, struct tg_bot *bot)
{
	struct json_object *o = control_body(rq, " user enabled rights ");
	struct json_object *rights, *told;
	struct tg_business *b;
	struct tg_user *owner;
	bool enabled;

	if (!o)
		return;
	owner = control_user(rq, json_i64(o, "user", 0));
	if (!owner)
		return;
	enabled = json_flag(o, "enabled", true);
	rights = json_object_at(o, "rights");
	b = tg_business_of(bot, owner);
	if (enabled && !bot->business) {
		control_fail(rq, 400, "the bot cannot connect to business");
		return;
	}
	if (!b || (enabled && !b->enabled))
		b = connection_new(bot, owner);
	b->enabled = enabled;
	for (size_t i = 0; rights && i < ARRAY_LEN(right_names); i++) {
		b->rights |= 1u << i;
		if (!json_flag(rights, right_names[i], true))
			b->rights &= ~(1u << i);
	}
	world_touch();
	told = api_json(b);
	tg_update_send(
		bot, "business_connection", told,
		arena_printf(&world.a, "%" PRId64 "/connection", owner->id),
		set.telegram_update_life_s);
	json_object_put(told);
	reply_json(rq, 200, state_json(b));
}
