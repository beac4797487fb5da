/*
 * telegram_update.c - what a webhook of Telegram brought.
 *
 * Every number and every text is a stranger's.  What is not understood though
 * it claims to be of a kind we handle goes to quarantine; a kind we do not
 * know is accepted and left alone.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "chan/telegram_impl.h"

#define COMMAND_MAX 32

/* News about the chat instead of words of a person. */
static const struct news {
	const char *key;
	enum tg_service service;
} news[] = {
	{ "forum_topic_created", TG_TOPIC_CREATED },
	{ "forum_topic_edited", TG_TOPIC_EDITED },
	{ "forum_topic_closed", TG_TOPIC_CLOSED },
	{ "forum_topic_reopened", TG_TOPIC_REOPENED },
	{ "migrate_to_chat_id", TG_GROUP_MIGRATED },
	{ "migrate_from_chat_id", TG_SERVICE_OTHER },
	{ "general_forum_topic_hidden", TG_SERVICE_OTHER },
	{ "general_forum_topic_unhidden", TG_SERVICE_OTHER },
	{ "pinned_message", TG_SERVICE_OTHER },
	{ "new_chat_members", TG_SERVICE_OTHER },
	{ "left_chat_member", TG_SERVICE_OTHER },
	{ "chat_owner_left", TG_SERVICE_OTHER },
	{ "chat_owner_changed", TG_SERVICE_OTHER },
	{ "new_chat_title", TG_SERVICE_OTHER },
	{ "new_chat_photo", TG_SERVICE_OTHER },
	{ "delete_chat_photo", TG_SERVICE_OTHER },
	{ "group_chat_created", TG_SERVICE_OTHER },
	{ "supergroup_chat_created", TG_SERVICE_OTHER },
	{ "channel_chat_created", TG_SERVICE_OTHER },
	{ "message_auto_delete_timer_changed", TG_SERVICE_OTHER },
	{ "chat_background_set", TG_SERVICE_OTHER },
	{ "boost_added", TG_SERVICE_OTHER },
	{ "video_chat_scheduled", TG_SERVICE_OTHER },
	{ "video_chat_started", TG_SERVICE_OTHER },
	{ "video_chat_ended", TG_SERVICE_OTHER },
	{ "video_chat_participants_invited", TG_SERVICE_OTHER },
	{ "giveaway_created", TG_SERVICE_OTHER },
	{ "giveaway_winners", TG_SERVICE_OTHER },
	{ "giveaway_completed", TG_SERVICE_OTHER },
	{ "checklist_tasks_done", TG_SERVICE_OTHER },
	{ "checklist_tasks_added", TG_SERVICE_OTHER },
	{ "poll_option_added", TG_SERVICE_OTHER },
	{ "poll_option_deleted", TG_SERVICE_OTHER },
	{ "paid_message_price_changed", TG_SERVICE_OTHER },
	{ "direct_message_price_changed", TG_SERVICE_OTHER },
	{ "suggested_post_approved", TG_SERVICE_OTHER },
	{ "suggested_post_declined", TG_SERVICE_OTHER },
	{ "successful_payment", TG_SERVICE_OTHER },
	{ "refunded_payment", TG_SERVICE_OTHER },
	{ "gift", TG_SERVICE_OTHER },
	{ "unique_gift", TG_SERVICE_OTHER },
	{ "users_shared", TG_SERVICE_OTHER },
	{ "chat_shared", TG_SERVICE_OTHER },
	{ "connected_website", TG_SERVICE_OTHER },
	{ "write_access_allowed", TG_SERVICE_OTHER },
	{ "passport_data", TG_SERVICE_OTHER },
	{ "proximity_alert_triggered", TG_SERVICE_OTHER },
	{ "web_app_data", TG_SERVICE_OTHER },
};

static bool is_news(struct json_object *message, enum tg_service *service)
{
	for (size_t i = 0; i < ARRAY_LEN(news); i++) {
		if (json_member(message, news[i].key)) {
			*service = news[i].service;
			return true;
		}
	}
	return false;
}

const char *tg_person_name(struct arena *a, struct json_object *person)
{
	const char *first = json_str(person, "first_name", "");
	const char *last = json_str(person, "last_name", "");

	return *first && *last ? arena_printf(a, "%s %s", first, last)
	       : *last         ? last
			       : first;
}

static bool read_chat(struct arena *a, struct json_object *o,
		      struct tg_update *u)
{
	struct json_object *chat = json_object_at(o, "chat");

	u->chat_id = json_i64(chat, "id", 0);
	u->chat_type = json_str(chat, "type", "");
	u->chat_title = json_str(chat, "title", "");
	u->chat_name = tg_person_name(a, chat);
	u->chat_username = json_str(chat, "username", "");
	u->is_forum = json_flag(chat, "is_forum", false);
	return u->chat_id != 0;
}

static void read_person(struct arena *a, struct json_object *from,
			struct tg_update *u)
{
	u->from_id = json_i64(from, "id", 0);
	u->from_is_bot = json_flag(from, "is_bot", false);
	u->from_username = json_str(from, "username", "");
	u->from_language = json_str(from, "language_code", "");
	u->from_name = tg_person_name(a, from);
}

static void read_from(struct arena *a, struct json_object *o,
		      struct tg_update *u)
{
	read_person(a, json_object_at(o, "from"), u);
}

/* An anonymous administrator is the group's own voice: a bot by name, a
 * person in fact. */
static void read_sender(struct json_object *o, struct tg_update *u)
{
	struct json_object *sender = json_object_at(o, "sender_chat");

	if (u->from_id != TG_ANONYMOUS_ADMIN &&
	    (!sender || json_i64(sender, "id", 0) != u->chat_id))
		return;
	u->from_is_group = true;
	u->from_is_bot = false;
	u->from_name = json_str(o, "author_signature",
				json_str(sender, "title", u->chat_title));
	u->from_username = "";
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

static size_t word_len(const char *s)
{
	size_t n = 0;

	while (is_word(s[n]))
		n++;
	return n;
}

/* The service marks commands; then what follows may be anything. */
static bool is_marked(struct json_object *message)
{
	struct json_object *text = json_array_at(message, "entities");
	struct json_object *marks =
		text ? text : json_array_at(message, "caption_entities");
	size_t n = marks ? json_object_array_length(marks) : 0;

	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_object_array_get_idx(marks, i);

		if (json_i64(o, "offset", -1) == 0 &&
		    strcmp(json_str(o, "type", ""), "bot_command") == 0)
			return true;
	}
	return false;
}

static const char *trimmed(struct arena *a, const char *s)
{
	static const char spaces[] = " \t\r\n";
	size_t len;

	s += strspn(s, spaces);
	len = strlen(s);
	while (len && strchr(spaces, s[len - 1]))
		len--;
	return arena_strn(a, s, len);
}

/* "/name" or "/name@bot" at the start, then the end or white space; a caption
 * may be one as well. */
static void read_command(struct arena *a, struct json_object *message,
			 struct tg_update *u)
{
	const char *s = u->m.text, *at;
	size_t len, bot_len = 0;
	char *command;

	if (s[0] != '/')
		return;
	len = word_len(s + 1);
	if (len == 0 || len > COMMAND_MAX)
		return;
	at = s + 1 + len;
	if (*at == '@')
		bot_len = word_len(at + 1);
	if (!is_marked(message)) {
		const char *end = bot_len ? at + 1 + bot_len : at;

		if (*end && !strchr(" \t\r\n", *end))
			return;
	}
	command = arena_strn(a, s, len + 1);
	for (char *c = command; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	u->command = command;
	if (bot_len) {
		u->command_bot = arena_strn(a, at + 1, bot_len);
		at += 1 + bot_len;
	}
	u->command_args = trimmed(a, at);
}

/* Where it is no topic message the number marks a thread of answers. */
static int64_t read_topic(struct json_object *message)
{
	int64_t topic = json_i64(message, "message_thread_id", 0);

	return topic > 0 && json_flag(message, "is_topic_message", false)
		       ? topic
		       : 0;
}

/* In the chats of an account its own bot says so besides. */
static int64_t bot_of(struct json_object *message)
{
	struct json_object *from = json_object_at(message, "from");
	struct json_object *bot =
		json_object_at(message, "sender_business_bot");

	if (bot)
		return json_i64(bot, "id", 0);
	return json_flag(from, "is_bot", false) ? json_i64(from, "id", 0) : 0;
}

/* In a topic every message "answers" the topic's first one; that is none. */
static void read_reply(struct json_object *o, struct tg_update *u)
{
	struct json_object *reply = json_object_at(o, "reply_to_message");
	int64_t id = json_i64(reply, "message_id", 0);
	struct json_object *created =
		json_object_at(reply, "forum_topic_created");

	if (id > 0 && id != u->topic) {
		u->reply_to = id;
		u->reply_by_bot = bot_of(reply);
		u->reply_text = json_str(reply, "text", "");
	}
	if (created) {
		u->reply_topic_name = json_str(created, "name", "");
		u->reply_topic_by =
			json_i64(json_object_at(reply, "from"), "id", 0);
	}
}

static void read_content(struct arena *a, struct json_object *o,
			 struct tg_update *u)
{
	bool private = strcmp(u->chat_type, "private") == 0;
	bool known = tg_content(a, o, &u->m);

	if (is_news(o, &u->service) && !known) {
		u->kind = *u->connection ? TG_OTHER : TG_SERVICE;
		u->migrate_to = json_i64(o, "migrate_to_chat_id", 0);
	}
	u->m.id = arena_printf(a, "%" PRId64, u->message_id);
	u->m.chat = arena_printf(a, "%" PRId64, u->chat_id);
	u->m.author = private ? CHAN_BUYER : CHAN_SELLER;
	u->m.author_id =
		u->from_id ? arena_printf(a, "%" PRId64, u->from_id) : "";
	u->m.created_at = chan_seconds_at(json_i64(o, "date", 0));
	if (u->reply_to)
		u->m.quote_id = arena_printf(a, "%" PRId64, u->reply_to);
}

bool tg_message_read(struct arena *a, struct json_object *o,
		     enum tg_update_kind kind, struct tg_update *u,
		     struct err *err)
{
	u->kind = kind;
	u->message_id = json_i64(o, "message_id", 0);
	if (!read_chat(a, o, u) || u->message_id <= 0)
		return err_set(err, ERR_INPUT,
			       "the message lacks its id or its chat");
	read_from(a, o, u);
	read_sender(o, u);
	u->topic = read_topic(o);
	u->album = u->m.album = json_str(o, "media_group_id", NULL);
	if (kind == TG_EDITED || kind == TG_BUSINESS_EDITED)
		u->edited_at = chan_seconds_at(json_i64(o, "edit_date", 0));
	read_reply(o, u);
	read_content(a, o, u);
	read_command(a, o, u);
	return true;
}

static bool read_member(struct arena *a, struct json_object *o,
			struct tg_update *u, struct err *err)
{
	struct tg_member was, is;

	u->kind = TG_MEMBER;
	tg_member(json_object_at(o, "old_chat_member"), &was);
	tg_member(json_object_at(o, "new_chat_member"), &is);
	u->member_old_status = was.status;
	u->member_status = is.status;
	u->member_can_manage_topics = is.can_manage_topics;
	u->member_can_pin = is.can_pin;
	read_from(a, o, u);
	if (!read_chat(a, o, u) || !*is.status)
		return err_set(err, ERR_INPUT,
			       "the change of rights lacks its chat or status");
	return true;
}

/* message.date 0: too old to be shown; chat and message_id still count. */
static bool read_callback(struct arena *a, struct json_object *o,
			  struct tg_update *u, struct err *err)
{
	struct json_object *message = json_object_at(o, "message");

	u->kind = TG_CALLBACK;
	u->callback_id = json_str(o, "id", "");
	u->callback_data = json_str(o, "data", "");
	read_from(a, o, u);
	read_chat(a, message, u);
	u->message_id = json_i64(message, "message_id", 0);
	u->topic = read_topic(message);
	if (!*u->callback_id || u->from_id <= 0)
		return err_set(err, ERR_INPUT,
			       "the pressed button lacks its id or person");
	return true;
}

static bool read_reaction(struct arena *a, struct json_object *o,
			  struct tg_update *u, struct err *err)
{
	struct json_object *list = json_array_at(o, "new_reaction");
	struct json_object *actor = json_object_at(o, "actor_chat");
	size_t n = list ? json_object_array_length(list) : 0;

	u->kind = TG_REACTION;
	u->message_id = json_i64(o, "message_id", 0);
	u->reacted_at = chan_seconds_at(json_i64(o, "date", 0));
	read_person(a, json_object_at(o, "user"), u);
	if (actor) {
		u->from_id = json_i64(actor, "id", 0);
		u->from_name = json_str(actor, "title", "");
		u->from_is_group = true;
	}
	if (!read_chat(a, o, u) || u->message_id <= 0 || u->from_id == 0)
		return err_set(err, ERR_INPUT,
			       "the reaction lacks its message or person");
	u->emojis = arena_array(a, n, sizeof(*u->emojis));
	for (size_t i = 0; i < n; i++) {
		const char *emoji = json_str(json_object_array_get_idx(list, i),
					     "emoji", "");

		if (*emoji)
			u->emojis[u->n_emojis++] = emoji;
	}
	return true;
}

static void clear(struct tg_update *u)
{
	*u = (struct tg_update){
		.chat_type = "",
		.chat_title = "",
		.chat_name = "",
		.chat_username = "",
		.from_name = "",
		.from_username = "",
		.from_language = "",
		.command_args = "",
		.member_status = "",
		.member_old_status = "",
		.callback_id = "",
		.callback_data = "",
		.connection = "",
		.reply_text = "",
		.business = { .id = "", .user_name = "", .username = "" },
		.m = { .id = "",
		       .chat = "",
		       .foreign_kind = "",
		       .author_id = "",
		       .text = "",
		       .media = { .url = "",
				  .ref = "",
				  .unique = "",
				  .mime = "",
				  .name = "" } },
	};
}

bool tg_update_read(struct arena *a, struct json_object *body,
		    struct tg_update *u, struct err *err)
{
	struct json_object *o;
	bool ok;

	clear(u);
	if (!body || !json_object_is_type(body, json_type_object))
		return err_set(err, ERR_INPUT, "the update is no object");
	u->update_id = json_i64(body, "update_id", 0);
	if ((o = json_member(body, "message")))
		ok = tg_message_read(a, o, TG_MESSAGE, u, err);
	else if ((o = json_member(body, "edited_message")))
		ok = tg_message_read(a, o, TG_EDITED, u, err);
	else if ((o = json_member(body, "my_chat_member")))
		ok = read_member(a, o, u, err);
	else if ((o = json_member(body, "callback_query")))
		ok = read_callback(a, o, u, err);
	else if ((o = json_member(body, "message_reaction")))
		ok = read_reaction(a, o, u, err);
	else
		ok = tg_business_read(a, body, u, err);
	/* It is the key against taking one update twice. */
	if (ok && u->kind != TG_OTHER && u->update_id <= 0)
		return err_set(err, ERR_INPUT, "the update lacks its id");
	return ok;
}

bool tg_get_updates_read(struct arena *a, const struct http_reply *reply,
			 struct tg_update **list, size_t *n,
			 enum chan_trouble *trouble, struct err *err)
{
	struct json_object *all;
	size_t len;

	*n = 0;
	if (!tg_read(a, reply, &all, trouble, NULL, err))
		return false;
	if (!json_object_is_type(all, json_type_array))
		return err_set(err, ERR_DOWN,
			       "Telegram ответил непонятно; повторим позже");
	len = json_object_array_length(all);
	*list = arena_array(a, len, sizeof(**list));
	for (size_t i = 0; i < len; i++) {
		struct tg_update *u = &(*list)[*n];
		struct err misread = { 0 };

		if (!tg_update_read(a, json_object_array_get_idx(all, i), u,
				    &misread))
			u->kind = TG_OTHER;
		/* Without a number, or with one that none can follow, it can be
		 * neither kept nor confirmed. */
		if (u->update_id > 0 && u->update_id < INT64_MAX)
			++*n;
	}
	return true;
}
