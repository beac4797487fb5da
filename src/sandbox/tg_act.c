/*
 * tg_act.c - playing people in Telegram: members, topics, bots.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sandbox/control.h"
#include "sandbox/settings.h"
#include "sandbox/telegram.h"
#include "sandbox/tg_act.h"
#include "sandbox/tg_business.h"

static void answer_ok(struct req *rq)
{
	struct json_object *o = json_object_new_object();

	json_put_bool(o, "ok", true);
	reply_json(rq, 200, o);
}

static struct tg_user *creator_of(const struct tg_chat *c)
{
	struct lh_entry *e;
	struct tg_member *m = NULL;

	for (e = map_first(&c->members); e; e = e->next) {
		m = map_value(e);
		if (strcmp(m->status, "creator") == 0)
			return m->user;
	}
	return m ? m->user : NULL;
}

static void tell_membership(struct tg_bot *bot, const struct tg_chat *c,
			    const struct tg_user *by,
			    const struct tg_member *before,
			    const struct tg_member *after)
{
	struct json_object *o = json_object_new_object();

	json_put(o, "chat", tg_chat_json(c));
	json_put(o, "from", json_object_get(by->json));
	json_put_i64(o, "date", now_s());
	json_put(o, "old_chat_member", tg_member_json(before));
	json_put(o, "new_chat_member", tg_member_json(after));
	tg_update_send(bot, "my_chat_member", o,
		       arena_printf(&world.a, "%s/my_chat_member", c->key),
		       set.telegram_update_life_s);
	json_object_put(o);
}

void act_membership(struct tg_chat *c, struct tg_user *u, const char *status,
		    struct json_object *rights, struct tg_user *by)
{
	struct tg_bot *bot = map_find_i64(&tg.bots, u->id);
	struct tg_member stranger = { .user = u, .status = "left" };
	const struct tg_member *before = tg_member_find(c, u->id);

	if (!by)
		by = creator_of(c);
	tg_member_set(c, u, status, rights);
	if (bot)
		tell_membership(bot, c, by ? by : u,
				before ? before : &stranger,
				tg_member_find(c, u->id));
}

static void set_member(struct req *rq, struct tg_chat *c)
{
	static const char known[] =
		" creator administrator member restricted left kicked ";
	struct json_object *o = control_body(rq, " user status rights by ");
	struct tg_user *u, *by = NULL;
	const char *status;

	if (!o)
		return;
	status = json_str(o, "status", "member");
	u = control_user(rq, json_i64(o, "user", 0));
	if (!u)
		return;
	if (json_member(o, "by")) {
		by = control_user(rq, json_i64(o, "by", 0));
		if (!by)
			return;
	}
	if (!strstr(known, arena_printf(&rq->a, " %s ", status))) {
		control_fail(rq, 400, "status: not a status of members");
		return;
	}
	act_membership(c, u, status, json_object_at(o, "rights"), by);
	answer_ok(rq);
}

/* Both ends are told by a service message, as the real one does. */
static void migrate(struct req *rq, struct tg_chat *c)
{
	struct json_object *o = control_body(rq, " to ");
	struct json_object *fields, *answer;
	struct tg_user *by = creator_of(c);
	struct tg_chat *to;
	struct lh_entry *e;
	int64_t id;

	if (!o)
		return;
	if (strcmp(c->type, "group") != 0 || c->migrated_to || !by) {
		control_fail(rq, 400,
			     "only a basic group with members can "
			     "be migrated, once");
		return;
	}
	id = json_i64(o, "to", INT64_C(-1002000000000) + c->id);
	to = tg_group_new(id, "supergroup", c->title, NULL, false);
	for (e = map_first(&c->members); e; e = e->next) {
		const struct tg_member *m = map_value(e);

		map_put_i64(&to->members, &world.a, m->user->id, map_value(e));
	}
	fields = json_object_new_object();
	json_put_i64(fields, "migrate_to_chat_id", id);
	tg_announce(tg_message_new(c, by, NULL, 0, "service", fields, NULL),
		    "message");
	json_object_put(fields);
	fields = json_object_new_object();
	json_put_i64(fields, "migrate_from_chat_id", c->id);
	tg_announce(tg_message_new(to, by, NULL, 0, "service", fields, NULL),
		    "message");
	json_object_put(fields);
	c->migrated_to = id;
	answer = json_object_new_object();
	json_put_i64(answer, "id", id);
	reply_json(rq, 200, answer);
}

static void make_topic(struct req *rq, struct tg_chat *c)
{
	struct json_object *o = control_body(rq, " name from ");
	struct json_object *answer;
	struct tg_user *u;

	if (!o)
		return;
	u = control_user(rq, json_i64(o, "from", 0));
	if (!u)
		return;
	answer = json_object_new_object();
	json_put_i64(
		answer, "thread",
		tg_topic_new(c, u, NULL, json_str(o, "name", "Topic"), 0, NULL)
			->thread);
	reply_json(rq, 200, answer);
}

static bool act_on_topic(struct req *rq, struct tg_chat *c)
{
	struct tg_topic *t = tg_topic_find(c, control_id(rq, 5));
	const char *what = req_seg(rq, 6);
	struct json_object *o = control_body(rq, " from name ");
	struct json_object *value;
	struct tg_user *u;

	if (!o)
		return true;
	u = json_member(o, "from") ? control_user(rq, json_i64(o, "from", 0))
				   : creator_of(c);
	if (!t || !u) {
		control_fail(rq, 404, "no such topic or user");
		return true;
	}
	if (strcmp(what, "delete") == 0) {
		tg_topic_delete(c, t);
	} else if (strcmp(what, "close") == 0 || strcmp(what, "reopen") == 0) {
		t->closed = *what == 'c';
		tg_topic_service(c, t, u, NULL,
				 t->closed ? "forum_topic_closed"
					   : "forum_topic_reopened",
				 json_object_new_object());
	} else if (strcmp(what, "rename") == 0) {
		t->name = text_cut(&world.a, json_str(o, "name", "Topic"), 128);
		value = json_object_new_object();
		json_put_str(value, "name", t->name);
		tg_topic_service(c, t, u, NULL, "forum_topic_edited", value);
	} else {
		return false;
	}
	answer_ok(rq);
	return true;
}

bool act_on_group(struct req *rq, struct tg_chat *c)
{
	const char *what = req_seg(rq, 4);

	if (rq->n_seg == 5 && strcmp(what, "members") == 0)
		set_member(rq, c);
	else if (rq->n_seg == 5 && strcmp(what, "migrate") == 0)
		migrate(rq, c);
	else if (rq->n_seg == 5 && strcmp(what, "topics") == 0)
		make_topic(rq, c);
	else if (rq->n_seg == 7 && strcmp(what, "topics") == 0)
		return act_on_topic(rq, c);
	else
		return false;
	return true;
}

/* In a private chat the bot is a member, or kicked when it was blocked. */
static void block(struct req *rq, struct tg_bot *b)
{
	struct json_object *o = control_body(rq, " user blocked ");
	struct tg_member before = { .user = b->user, .status = "member" };
	struct tg_member after = before;
	struct tg_chat *c;
	struct tg_user *u;

	if (!o)
		return;
	u = control_user(rq, json_i64(o, "user", 0));
	if (!u)
		return;
	c = tg_private(b, u);
	if (c->blocked)
		before.status = "kicked";
	c->blocked = json_flag(o, "blocked", true);
	if (c->blocked)
		after.status = "kicked";
	if (before.status != after.status)
		tell_membership(b, c, u, &before, &after);
	world_touch();
	answer_ok(rq);
}

static void raw_update(struct req *rq, struct tg_bot *b)
{
	struct json_object *o = control_body(rq, " update times secret ");
	struct json_object *update;

	if (!o)
		return;
	update = json_object_at(o, "update");
	if (!update || !*b->url) {
		control_fail(rq, 400,
			     update ? "the bot has no webhook"
				    : "update: an object is expected");
		return;
	}
	for (int64_t i = json_i64(o, "times", 1); i > 0; i--)
		tg_update_raw(b, update, json_str(o, "secret", NULL));
	answer_ok(rq);
}

bool act_on_bot(struct req *rq, struct tg_bot *b)
{
	const char *what = req_seg(rq, 4);
	struct json_object *o;

	if (strcmp(what, "block") == 0) {
		block(rq, b);
	} else if (strcmp(what, "update") == 0) {
		raw_update(rq, b);
	} else if (strcmp(what, "business") == 0) {
		tg_business_control(rq, b);
	} else if (strcmp(what, "webhook") == 0) {
		o = control_body(rq, " url secret_token ");
		if (!o)
			return true;
		tg_webhook_set(b, json_str(o, "url", ""),
			       json_str(o, "secret_token", ""));
		answer_ok(rq);
	} else {
		return false;
	}
	return true;
}

struct tg_chat *act_chat(struct req *rq, const char *key)
{
	struct tg_chat *c = map_find(&tg.chats, key);
	const char *at = strchr(key, '@');
	struct tg_user *u, *owner;
	struct tg_bot *b;

	if (c)
		return c;
	u = at ? map_find_i64(&tg.users, strtoll(key, NULL, 10)) : NULL;
	b = at ? map_find(&tg.bots, at + 1) : NULL;
	if (u && b)
		return tg_private(b, u);
	owner = at ? map_find(&tg.users, at + 1) : NULL;
	if (u && owner && u != owner)
		return tg_business_chat(u, owner);
	control_fail(rq, 404, "no chat %s", key);
	return NULL;
}

/* Waiting for things in chats. */

static bool message_fits(const struct telegram_wish *w,
			 const struct tg_message *m)
{
	const char *text =
		json_str(m->json, "text", json_str(m->json, "caption", ""));

	return !m->deleted && (w->thread < 0 || m->thread == w->thread) &&
	       (!w->author ||
		strcmp(w->author, m->bot ? "bot" : "human") == 0) &&
	       (!w->kind || strcmp(w->kind, m->kind) == 0) &&
	       (!w->text || strstr(text, w->text));
}

static bool has_reaction(const struct tg_message *m, const char *emoji)
{
	for (size_t i = 0; m && i < m->reactions.n; i++) {
		const struct tg_reaction *r = m->reactions.at[i];

		if (json_flag(r->user->json, "is_bot", false) &&
		    (!emoji || strcmp(emoji, r->emoji) == 0))
			return true;
	}
	return false;
}

bool telegram_wish_holds(const struct telegram_wish *w)
{
	const struct tg_chat *c = map_find(&tg.chats, w->chat);
	int64_t topics = 0, messages = 0;

	if (!c)
		return false;
	for (size_t i = 0; i < c->topics.n; i++)
		topics += !((struct tg_topic *)c->topics.at[i])->deleted;
	if (topics < w->topics || (int64_t)c->pinned.n < w->pinned)
		return false;
	if (w->reaction &&
	    !has_reaction(tg_message_find(c, w->reaction), w->emoji))
		return false;
	for (size_t i = 0; w->messages && i < c->in_order.n; i++)
		messages += message_fits(w, c->in_order.at[i]);
	return !w->messages || messages >= w->count;
}
