/*
 * hook_telegram.c - updates of a group's bot.
 *
 * Only the topic's own bot acts on a message; several bots of one client may
 * sit in one group.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "chan/telegram.h"
#include "core/changed.h"
#include "core/hook.h"
#include "core/press.h"
#include "core/route.h"
#include "core/source_hook.h"
#include "core/topic_command.h"
#include "core/topic_message.h"
#include "store/hook.h"
#include "store/message.h"
#include "store/task.h"
#include "store/topic.h"
#include "store/topic_state.h"

/* One update on its way through here. */
struct update {
	struct db *db;
	struct arena *a;
	struct hook *h;
	int64_t client_id;
	struct json_object *body;
	struct tg_update u;
	bool is_early; /* to be brought again */
};

struct secret hook_header_secret(struct arena *a, struct secret secret)
{
	const char *text = arena_printf(a, "header:%s", secret.bytes);
	const char *hash = secret_hash(a, secret_copy(a, text, strlen(text)));

	return secret_copy(a, hash, strlen(hash));
}

static bool add_task(struct update *x, const char *kind, const char *key,
		     const char *args, struct err *err)
{
	struct task t = {
		.client_id = x->client_id,
		.kind = kind,
		.subject_id = x->h->object_id,
		.key = key,
		.args = args,
		.due_at = x->h->now,
		.request_id = x->h->request_id,
	};

	x->h->ring = true;
	return task_add(x->db, x->a, &t, err);
}

static struct in_group in_group(const struct update *x)
{
	return (struct in_group){
		.client_id = x->client_id,
		.bot_id = x->h->object_id,
		.u = &x->u,
		.now = x->h->now,
		.request_id = x->h->request_id,
	};
}

static bool on_command(struct update *x, struct err *err)
{
	struct in_group g = in_group(x);
	bool ok = topic_command(x->db, x->a, &g, err);

	x->h->ring = g.ring;
	return ok;
}

static bool on_stray(struct update *x, struct err *err)
{
	struct in_group g = in_group(x);
	bool ok = route_message(x->db, x->a, &g, x->body, err);

	x->h->ring = g.ring;
	return ok;
}

/* Its author sees that it was taken for a note. */
static bool mark_note(struct update *x, struct err *err)
{
	struct json_object *args = json_new(x->a);

	json_put_i64(args, "chat", x->u.chat_id);
	json_put_str(args, "message",
		     arena_printf(x->a, "%" PRId64, x->u.message_id));
	json_put_str(args, "emoji", "✍");
	return add_task(x, "telegram.react",
			arena_printf(x->a, "update:%" PRId64, x->u.update_id),
			json_text(args), err);
}

/* In a topic that nobody knows it may be one of ours after all. */
static bool take_adopted(struct update *x, const struct topic_message *m,
			 int64_t *id, struct err *err)
{
	struct topic_unknown t = {
		.client_id = x->client_id,
		.bot_id = x->h->object_id,
		.chat_id = m->chat_id,
		.topic_id = m->topic_id,
		.name = x->u.reply_topic_name,
		.made_by = x->u.reply_topic_by,
		.now = x->h->now,
	};
	bool adopted;

	if (!topic_adopt(x->db, x->a, &t, &adopted, err))
		return false;
	if (!adopted)
		return true;
	log_info("topic.adopted", lf_int("bot", t.bot_id),
		 lf_int("topic", t.topic_id));
	update_queue_forget(x->db, x->a, x->client_id, x->h->object_id,
			    m->update_id);
	return message_take_topic(x->db, x->a, m, id, err);
}

static bool on_topic_message(struct update *x, struct err *err)
{
	struct in_group g = in_group(x);
	struct message_file file;
	struct topic_message m = topic_message_read(x->a, &g, &file);
	int64_t id;

	if (!message_take_topic(x->db, x->a, &m, &id, err))
		return false;
	if (id == 0 && x->u.reply_topic_name && !take_adopted(x, &m, &id, err))
		return false;
	if (id == 0)
		return on_stray(x, err);
	x->h->ring = true;
	return !m.is_note || mark_note(x, err);
}

static bool is_group(const struct update *x)
{
	return strcmp(x->u.chat_type, "supergroup") == 0 ||
	       strcmp(x->u.chat_type, "group") == 0;
}

/* Of a message that is here already. */
static bool on_changed(struct update *x, struct err *err)
{
	struct changed c = {
		.u = &x->u,
		.client_id = x->client_id,
		.bot_id = x->h->object_id,
		.now = x->h->now,
		.request_id = x->h->request_id,
	};
	struct in_group g = in_group(x);

	/* First the question, so that its answer does not overtake this. */
	if (x->u.kind == TG_EDITED && is_group(x) &&
	    !route_edited(x->db, x->a, &g, x->body, err))
		return false;
	if (!changed_take(x->db, x->a, &c, err))
		return false;
	x->h->ring = g.ring || c.ring || c.refusal;
	return !c.refusal || bot_say(x->db, x->a, &g, c.refusal, err);
}

/* The bot came, went, or got other rights: look again what it may. */
static bool on_member(struct update *x, struct err *err)
{
	if (!is_group(x))
		return true;
	return bot_seen_in_group(x->db, x->a, x->client_id, x->h->object_id,
				 x->u.chat_id, x->u.chat_title, x->u.from_id,
				 x->h->now, err) &&
	       add_task(x, "bot.check", NULL, NULL, err);
}

/* The second time it is only answered: whoever pressed it waits for that. */
static bool on_callback(struct update *x, bool fresh, struct err *err)
{
	const struct tg_update *u = &x->u;
	struct press p = {
		.at = { .client_id = x->client_id,
			.bot_id = x->h->object_id,
			.chat_id = u->chat_id,
			.topic_id = u->topic,
			.message_id = u->message_id,
			.from_id = u->from_id },
		.data = u->callback_data,
		.who = u->from_name,
		.now = x->h->now,
		.request_id = x->h->request_id,
	};
	bool person = !u->from_is_bot || u->from_id == TG_ANONYMOUS_ADMIN;

	if (fresh && person && !press_button(x->db, x->a, &p, err))
		return false;
	x->h->ring = p.acted;
	x->h->answer = tg_answer_callback_inline(x->a, u->callback_id, p.toast);
	return true;
}

/* Of bots, ours too, it is no decision of a person. */
static bool on_door(struct update *x, struct err *err)
{
	struct topic_touch t = {
		.client_id = x->client_id,
		.bot_id = x->h->object_id,
		.chat_id = x->u.chat_id,
		.topic_id = x->u.topic,
		.closed = x->u.service == TG_TOPIC_CLOSED,
		.at = x->u.m.created_at,
		.now = x->h->now,
		.request_id = x->h->request_id,
	};

	x->h->ring = !x->u.from_is_bot;
	return x->u.from_is_bot || topic_touched(x->db, x->a, &t, err);
}

/* Meant for another bot of the group: "/getid@other_bot". */
static bool is_for_us(const struct update *x, bool *ours, struct err *err)
{
	if (!x->u.command_bot) {
		*ours = true;
		return true;
	}
	return bot_is_named(x->db, x->a, x->client_id, x->h->object_id,
			    x->u.command_bot, ours, err);
}

/* An album with a command below it: its other items, which say nothing, are
 * meant for the buyer as little. */
static bool keep_inside(struct update *x, struct err *err)
{
	struct in_group g = in_group(x);
	struct message_file file;
	struct topic_message m;
	int64_t id;

	if (!x->u.album || !x->u.topic || !is_group(x))
		return true;
	m = topic_message_read(x->a, &g, &file);
	m.is_note = true;
	update_queue_forget(x->db, x->a, x->client_id, x->h->object_id,
			    m.update_id);
	return message_take_topic(x->db, x->a, &m, &id, err);
}

static bool on_fresh(struct update *x, struct err *err)
{
	bool ours = false;

	switch (x->u.kind) {
	case TG_MESSAGE:
		if (x->u.from_is_bot)
			return true;
		if (!x->u.command)
			return !is_group(x) || on_stray(x, err);
		return is_for_us(x, &ours, err) &&
		       (!ours || on_command(x, err)) && keep_inside(x, err);
	case TG_EDITED:
	case TG_REACTION:
		return on_changed(x, err);
	case TG_MEMBER:
		return on_member(x, err);
	case TG_SERVICE:
		if (x->u.service == TG_TOPIC_CLOSED ||
		    x->u.service == TG_TOPIC_REOPENED)
			return on_door(x, err);
		if (x->u.service != TG_GROUP_MIGRATED)
			return true;
		return group_migrated(x->db, x->a, x->client_id, x->u.chat_id,
				      x->u.migrate_to, err) &&
		       add_task(x, "bot.check", NULL, NULL, err);
	case TG_CALLBACK:
	case TG_OTHER:
	case TG_CONNECTION:
	case TG_BUSINESS_MESSAGE:
	case TG_BUSINESS_EDITED:
	case TG_BUSINESS_DELETED:
		return true;
	}
	return true;
}

static bool quarantine(struct update *x, const char *reason, struct err *err)
{
	return quarantine_add(x->db, x->a, x->client_id, "telegram",
			      x->h->object_id, reason, json_text(x->body),
			      x->h->now, x->h->request_id, err);
}

/* What people and personal accounts bring to a bot that is a source.  *taken
 * false: it is for the bot itself. */
static bool to_source(struct update *x, bool *taken, struct err *err)
{
	struct source_hook s = {
		.client_id = x->client_id,
		.bot_id = x->h->object_id,
		.u = &x->u,
		.now = x->h->now,
		.request_id = x->h->request_id,
	};

	*taken = false;
	if (x->u.kind == TG_MESSAGE && x->u.command &&
	    strcmp(x->u.command, "/getid") == 0)
		return true;
	if (!source_hook(x->db, x->a, &s, err))
		return false;
	x->h->ring = s.ring;
	*taken = s.result != SOURCE_NOT_OURS;
	x->is_early = s.result == SOURCE_LATER;
	return s.result != SOURCE_LOST ||
	       quarantine(x, "its business connection is not known to Telegram",
			  err);
}

static bool on_update(struct update *x, struct err *err)
{
	const struct tg_update *u = &x->u;
	bool fresh = false, taken = false;

	/* The common case needs no look-up of the update before: its own
	 * statement does that. */
	if (u->kind == TG_MESSAGE && u->topic && !u->command &&
	    !u->from_is_bot && is_group(x))
		return on_topic_message(x, err);
	if (!is_group(x) && (!to_source(x, &taken, err) || taken))
		return !err->kind;
	if (!update_seen(x->db, x->a, x->client_id, x->h->object_id,
			 u->update_id, x->h->now, &fresh, err))
		return false;
	if (u->kind == TG_CALLBACK)
		return on_callback(x, fresh, err);
	return !fresh || on_fresh(x, err);
}

static bool dispatch(struct update *x, enum hook_result *result,
		     struct err *err)
{
	struct err problem = { 0 };
	struct hook *h = x->h;

	if (!json_read_clean(x->a, h->body, h->body_len, &x->body, &problem)) {
		*result = HOOK_NOT_JSON;
		return true;
	}
	if (tg_update_read(x->a, x->body, &x->u, &problem)
		    ? !on_update(x, err)
		    : !quarantine(x, problem.text, err))
		return false;
	*result = x->is_early ? HOOK_LATER : HOOK_TAKEN;
	return true;
}

static bool header_is_right(struct arena *a, const struct hook *h)
{
	struct secret told = { h->header, h->header ? strlen(h->header) : 0 };

	return secret_equal(hook_header_secret(a, h->secret), told);
}

bool hook_telegram(struct db *db, struct arena *a, struct hook *h,
		   enum hook_result *result, struct err *err)
{
	struct update x = { .db = db, .a = a, .h = h };
	bool ok;

	*result = HOOK_REFUSED;
	if (!header_is_right(a, h))
		return true;
	ok = db_begin(db, err) &&
	     hook_find_bot(db, a, h->object_id, secret_hash(a, h->secret),
			   &x.client_id, err) &&
	     (x.client_id == 0 || dispatch(&x, result, err));
	return db_finish(db, ok, err);
}

bool hook_source(struct db *db, struct arena *a, struct hook *h,
		 enum hook_result *result, struct err *err)
{
	struct update x = { .db = db, .a = a, .h = h };
	bool ok;

	*result = HOOK_REFUSED;
	if (!header_is_right(a, h))
		return true;
	ok = db_begin(db, err) &&
	     hook_find_source(db, a, h->object_id, secret_hash(a, h->secret),
			      &x.client_id, &h->object_id, err) &&
	     (x.client_id == 0 || dispatch(&x, result, err));
	return db_finish(db, ok, err);
}
