/*
 * tg_edit.c - changes to messages: edits, deletes, pins, reactions.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "sandbox/settings.h"
#include "sandbox/tg_business.h"

#define TEXT_MAX       4096
#define CAPTION_MAX    1024
#define DELETE_TIME_US (48 * 3600 * CLOCK_SECOND_US)

static const char *const emoji[] = {
	"❤",          "👍",    "👎",           "🔥",          "🥰", "👏",
	"😁",          "🤔", "🤯",        "😱",          "🤬", "😢",
	"🎉",          "🤩", "🤮",        "💩",          "🙏",    "👌",
	"🕊",       "🤡", "🥱",        "🥴",       "😍",    "🐳",
	"❤‍🔥", "🌚",    "🌭",        "💯",          "🤣", "⚡",
	"🍌",          "🏆",    "💔",           "🤨",       "😐",    "🍓",
	"🍾",       "💋",    "🖕",        "😈",          "😴",    "😭",
	"🤓",       "👻",    "👨‍💻", "👀",          "🎃",    "🙈",
	"😇",          "😨",    "🤝",        "✍",          "🤗", "🫡",
	"🎅",          "🎄",    "☃",           "💅",          "🤪", "🗿",
	"🆒",          "💘",    "🙉",           "🦄",       "😘",    "💊",
	"🙊",          "😎",    "👾",           "🤷‍♂", "🤷", "🤷‍♀",
	"😡",
};

/* With or without the variation selector U+FE0F. */
bool tg_emoji_allowed(const char *s)
{
	struct arena a = { 0 };
	struct buf b;
	bool found = false;

	buf_init(&b, &a, 64);
	buf_add_str(&b, "");
	while (*s) {
		if (strncmp(s, "\xef\xb8\x8f", 3) == 0)
			s += 3;
		else
			buf_add_char(&b, *s++);
	}
	for (size_t i = 0; b.s && i < ARRAY_LEN(emoji) && !found; i++)
		found = strcmp(emoji[i], b.s) == 0;
	arena_release(&a);
	return found;
}

/* What the owner of a business chat wrote himself counts for two days. */
static bool is_ours(const struct tg_call *c, const struct tg_message *m)
{
	if (m->bot == c->bot)
		return true;
	return m->chat->owner && m->from == m->chat->owner &&
	       clock_now_us() <= m->at_us + DELETE_TIME_US;
}

/* The bot's own message of an edit; NULL: the call has failed. */
static struct tg_message *to_edit(struct tg_call *c)
{
	struct tg_chat *chat;
	struct tg_message *m;

	if (json_str(c->params, "inline_message_id", NULL)) {
		tg_fail(c, 400, "message to edit not found");
		return NULL;
	}
	chat = tg_param_chat(c);
	m = chat ? tg_param_message(c, chat, "edit") : NULL;
	if (!m)
		return NULL;
	if (chat->owner && !tg_business_may(c, TG_B_REPLY))
		return NULL;
	if (!is_ours(c, m) || strcmp(m->kind, "service") == 0) {
		tg_fail(c, 400, "message can't be edited");
		return NULL;
	}
	return m;
}

static bool equal(struct json_object *a, struct json_object *b)
{
	return (!a && !b) || (a && b && json_object_equal(a, b));
}

/* Replaces NAME, NAME's entities and the buttons. */
static void apply(struct tg_call *c, struct tg_message *m, const char *name,
		  const char *list, struct json_object *fields)
{
	struct json_object *markup = json_object_at(c->params, "reply_markup");
	struct json_object *o;

	if (!json_array_at(markup, "inline_keyboard"))
		markup = NULL;
	if (equal(json_object_at(m->json, "reply_markup"), markup) &&
	    (!name ||
	     (equal(json_member(m->json, name), json_member(fields, name)) &&
	      equal(json_member(m->json, list), json_member(fields, list))))) {
		tg_fail(c, 400,
			"message is not modified: specified new message "
			"content and reply markup are exactly the same as a "
			"current content and reply markup of the message");
		return;
	}
	o = tg_message_change(m);
	json_object_object_del(o, "reply_markup");
	if (name) {
		json_object_object_del(o, name);
		json_object_object_del(o, list);
		json_object_object_foreach(fields, key, v)
			json_put(o, key, json_object_get(v));
	}
	json_put_i64(o, "edit_date", now_s());
	if (markup)
		json_put(o, "reply_markup", json_object_get(markup));
	if (m->chat->owner)
		tg_announce(m, "edited_message");
	tg_ok(c, tg_message_json(m, c->bot));
}

static void edit(struct tg_call *c, const char *name, const char *list,
		 size_t max)
{
	struct json_object *fields = json_new(c->a);
	struct tg_message *m = to_edit(c);

	if (!m || !tg_markup_ok(c, json_object_at(c->params, "reply_markup")))
		return;
	if (name && !tg_param_text(c, c->params, name, max, fields))
		return;
	if (name && strcmp(name, "text") == 0 && strcmp(m->kind, "text") != 0)
		tg_fail(c, 400, "there is no text in the message to edit");
	else if (name && strcmp(name, "caption") == 0 && !m->has_file)
		tg_fail(c, 400, "there is no caption in the message to edit");
	else
		apply(c, m, name, list, fields);
}

void tg_run_edit_text(struct tg_call *c)
{
	edit(c, "text", "entities", TEXT_MAX);
}

void tg_run_edit_caption(struct tg_call *c)
{
	edit(c, "caption", "caption_entities", CAPTION_MAX);
}

void tg_run_edit_markup(struct tg_call *c)
{
	edit(c, NULL, NULL, 0);
}

void tg_run_delete(struct tg_call *c)
{
	struct tg_chat *chat = tg_param_chat(c);
	struct tg_message *m =
		chat ? tg_param_message(c, chat, "delete") : NULL;
	const struct tg_member *me;

	if (!m)
		return;
	me = tg_member_find(chat, c->bot->user->id);
	if (json_member(m->json, "forum_topic_created") ||
	    clock_now_us() > m->at_us + DELETE_TIME_US ||
	    (m->bot != c->bot && !chat->bot && !tg_member_may(me, TG_DELETE))) {
		tg_fail(c, 400, "message can't be deleted");
		return;
	}
	tg_message_delete(m);
	tg_true(c);
}

static struct tg_message *to_pin(struct tg_call *c, const char *verb)
{
	struct tg_chat *chat = tg_param_chat(c);

	if (!chat)
		return NULL;
	if (!chat->user &&
	    !tg_member_may(tg_member_find(chat, c->bot->user->id), TG_PIN)) {
		tg_fail(c, 400,
			"not enough rights to manage pinned messages "
			"in the chat");
		return NULL;
	}
	/* Without an id the newest pin is meant. */
	if (*verb == 'u' && !json_member(c->params, "message_id") &&
	    chat->pinned.n)
		return chat->pinned.at[chat->pinned.n - 1];
	return tg_param_message(c, chat, verb);
}

void tg_run_pin(struct tg_call *c)
{
	struct tg_message *m = to_pin(c, "pin");

	if (!m)
		return;
	if (strcmp(m->kind, "service") == 0) {
		tg_fail(c, 400, "message can't be pinned");
		return;
	}
	tg_pin(m, c->bot->user, c->bot);
	tg_true(c);
}

void tg_run_unpin(struct tg_call *c)
{
	struct tg_message *m = to_pin(c, "unpin");

	if (!m)
		return;
	if (m->pinned)
		list_remove(&m->chat->pinned, m);
	m->pinned = false;
	world_touch();
	tg_true(c);
}

/* The emoji of a list of ReactionType; NULL: the call has failed. */
static struct json_object *read_reaction(struct tg_call *c)
{
	struct json_object *list = json_array_at(c->params, "reaction");
	struct json_object *holder = json_new(c->a);
	struct json_object *out = json_object_new_array();

	json_put(holder, "emoji", out);
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *r = json_object_array_get_idx(list, i);
		const char *s = json_str(r, "emoji", "");

		if (strcmp(json_str(r, "type", ""), "emoji") != 0 ||
		    !tg_emoji_allowed(s) || i > 0) {
			tg_violation(c, "a reaction that a bot cannot set");
			tg_fail(c, 400, "REACTION_INVALID");
			return NULL;
		}
		json_object_array_add(out, json_object_new_string(s));
	}
	return out;
}

void tg_run_reaction(struct tg_call *c)
{
	struct json_object *list = read_reaction(c);
	struct tg_chat *chat = list ? tg_param_chat(c) : NULL;
	struct tg_message *m = chat ? tg_param_message(c, chat, "react") : NULL;

	if (!m)
		return;
	tg_react(m, c->bot->user, c->bot, list);
	tg_true(c);
}

static struct json_object *reactions_of(const struct tg_message *m,
					const struct tg_user *by)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < m->reactions.n; i++) {
		const struct tg_reaction *r = m->reactions.at[i];
		struct json_object *o;

		if (r->user != by)
			continue;
		o = json_object_new_object();
		json_put_str(o, "type", "emoji");
		json_put_str(o, "emoji", r->emoji);
		json_object_array_add(list, o);
	}
	return list;
}

static void tell_reaction(const struct tg_message *m, struct tg_user *by,
			  struct json_object *before)
{
	struct json_object *o = json_object_new_object();
	struct tg_chat *chat = m->chat;
	const char *queue;
	struct lh_entry *e;

	json_put(o, "chat", tg_chat_json(chat));
	json_put_i64(o, "message_id", m->id);
	json_put(o, "user", json_object_get(by->json));
	json_put_i64(o, "date", now_s());
	json_put(o, "old_reaction", json_object_get(before));
	json_put(o, "new_reaction", reactions_of(m, by));
	/* A bot that stands in for a person is not told. */
	if (chat->bot && !set.telegram_private_reactions) {
		json_object_put(o);
		return;
	}
	queue = arena_printf(&world.a, "%s/reactions", chat->key);
	for (e = map_first(&tg.bots); e; e = e->next) {
		struct tg_bot *bot = map_value(e);

		if (chat->bot ? chat->bot == bot
			      : tg_member_is_admin(
					tg_member_find(chat, bot->user->id)))
			tg_update_send(bot, "message_reaction", o, queue,
				       set.telegram_update_life_s);
	}
	json_object_put(o);
}

void tg_react(struct tg_message *m, struct tg_user *by, struct tg_bot *bot,
	      struct json_object *list)
{
	struct json_object *before = reactions_of(m, by);

	for (size_t i = m->reactions.n; i > 0; i--) {
		struct tg_reaction *r = m->reactions.at[i - 1];

		if (r->user == by)
			list_remove(&m->reactions, r);
	}
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct tg_reaction *r = arena_alloc(&world.a, sizeof(*r));
		const char *s = json_object_get_string(
			json_object_array_get_idx(list, i));

		r->user = by;
		r->emoji = arena_str(&world.a, s ? s : "");
		list_add(&m->reactions, &world.a, r);
	}
	world_touch();
	/* Bots' own reactions are told to nobody. */
	if (!bot)
		tell_reaction(m, by, before);
	json_object_put(before);
}
