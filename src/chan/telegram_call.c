/*
 * telegram_call.c - methods of the Bot API but the sending ones.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "chan/telegram_impl.h"

#define ANSWER_MAX (1024u * 1024)

/* Webhooks that Telegram may have open at once: its own default. */
#define WEBHOOK_CONNECTIONS 40

/* Updates in one answer, and the room for as many of the longest ones with the
 * longest quotes: an answer that is too long would come again and again. */
#define UPDATES_MAX        50
#define UPDATES_ANSWER_MAX (16u * 1024 * 1024)

/* A topic needs a name; white space is none. */
#define TOPIC_NAMELESS "Диалог"

/* Version 1 of the list.  Reactions come only to administrators. */
const char tg_allowed_updates[] =
	"[\"message\",\"edited_message\",\"callback_query\","
	"\"my_chat_member\",\"message_reaction\",\"business_connection\","
	"\"business_message\",\"edited_business_message\","
	"\"deleted_business_messages\"]";

/* "https://api/bot123:ABC", or with `root` "/file". */
static void add_bot(struct buf *b, const struct chan_end *end, const char *root)
{
	size_t len = strlen(end->api_base);
	const char *s = end->token.bytes ? end->token.bytes : "";

	while (len && end->api_base[len - 1] == '/')
		len--;
	buf_add(b, end->api_base, len);
	buf_add_str(b, root);
	buf_add_str(b, "/bot");
	/* The colon stays; anything odd cannot change the path. */
	for (; *s; s++)
		if (*s == ':')
			buf_add_char(b, ':');
		else
			buf_add_url(b, (char[]){ *s, '\0' });
	buf_add_char(b, '/');
}

static void start(struct arena *a, const struct chan_end *end,
		  const char *method, struct http_request *rq)
{
	struct buf b;

	buf_init(&b, a,
		 strlen(end->api_base) + 3 * end->token.len + strlen(method) +
			 sizeof("/file/bot/"));
	add_bot(&b, end, "");
	buf_add_str(&b, method);
	*rq = (struct http_request){
		.method = "POST",
		.url = b.s,
		.answer_max = ANSWER_MAX,
	};
}

void tg_call(struct arena *a, const struct chan_end *end, const char *method,
	     struct json_object *params, struct http_request *rq)
{
	start(a, end, method, rq);
	rq->mime = "application/json";
	rq->body = arena_str(a, json_text(params));
	rq->body_len = strlen(rq->body);
}

void tg_call_with_files(struct arena *a, const struct chan_end *end,
			const char *method, struct json_object *params,
			const struct http_part *files, size_t n_files,
			struct http_request *rq)
{
	size_t n = (size_t)json_object_object_length(params);
	struct http_part *parts, *part;

	if (n_files == 0) {
		tg_call(a, end, method, params, rq);
		return;
	}
	parts = part = arena_array(a, n + n_files, sizeof(*parts));
	start(a, end, method, rq);
	json_object_object_foreach(params, key, value)
	{
		part->name = arena_str(a, key);
		/* A string as it is, all else as JSON text. */
		part->bytes = arena_str(a, json_object_get_string(value));
		part->len = strlen(part->bytes);
		part++;
	}
	memcpy(part, files, n_files * sizeof(*files));
	rq->parts = parts;
	rq->n_parts = n + n_files;
}

/* A method that reads or sets a state. */
static void ask(struct arena *a, const struct chan_end *end, const char *method,
		struct json_object *params, struct http_request *rq)
{
	tg_call(a, end, method, params, rq);
	rq->idempotent = true;
}

/* ok, but not the result that was promised. */
static bool misread(struct err *err)
{
	return err_set(err, ERR_DOWN,
		       "Telegram ответил непонятно; повторим позже");
}

void tg_get_me_write(struct arena *a, const struct chan_end *end,
		     struct http_request *rq)
{
	ask(a, end, "getMe", json_new(a), rq);
}

bool tg_get_me_read(struct arena *a, const struct http_reply *reply,
		    struct tg_me *me, enum chan_trouble *trouble,
		    struct err *err)
{
	struct json_object *r;

	if (!tg_read(a, reply, &r, trouble, NULL, err))
		return false;
	*me = (struct tg_me){
		.id = json_i64(r, "id", 0),
		.username = json_str(r, "username", ""),
		.name = json_str(r, "first_name", ""),
		.reads_all = json_flag(r, "can_read_all_group_messages", false),
		.can_business = json_flag(r, "can_connect_to_business", false),
	};
	return me->id > 0 || misread(err);
}

void tg_set_webhook_write(struct arena *a, const struct chan_end *end,
			  const char *url, struct secret secret_token,
			  struct http_request *rq)
{
	struct json_object *p = json_new(a), *allowed = NULL;
	struct err bad = { 0 };

	if (!json_read(a, tg_allowed_updates, strlen(tg_allowed_updates),
		       &allowed, &bad))
		bug("tg_allowed_updates: %s", bad.text);
	json_put_str(p, "url", url);
	json_put_str(p, "secret_token", secret_token.bytes);
	json_put(p, "allowed_updates", json_object_get(allowed));
	json_put_bool(p, "drop_pending_updates", false);
	json_put_i64(p, "max_connections", WEBHOOK_CONNECTIONS);
	ask(a, end, "setWebhook", p, rq);
}

void tg_get_webhook_write(struct arena *a, const struct chan_end *end,
			  struct http_request *rq)
{
	ask(a, end, "getWebhookInfo", json_new(a), rq);
}

bool tg_get_webhook_read(struct arena *a, const struct http_reply *reply,
			 const char **url, enum chan_trouble *trouble,
			 struct err *err)
{
	struct json_object *r;

	if (!tg_read(a, reply, &r, trouble, NULL, err))
		return false;
	*url = json_str(r, "url", NULL);
	return *url || misread(err);
}

void tg_delete_webhook_write(struct arena *a, const struct chan_end *end,
			     struct http_request *rq)
{
	struct json_object *p = json_new(a);

	json_put_bool(p, "drop_pending_updates", false);
	ask(a, end, "deleteWebhook", p, rq);
}

void tg_get_updates_write(struct arena *a, const struct chan_end *end,
			  int64_t offset, int wait_s, struct http_request *rq)
{
	struct json_object *p = json_new(a);
	struct json_object *allowed = json_object_new_array();

	json_object_array_add(allowed, json_object_new_string("message"));
	if (offset)
		json_put_i64(p, "offset", offset);
	json_put_i64(p, "limit", UPDATES_MAX);
	json_put_i64(p, "timeout", wait_s);
	json_put(p, "allowed_updates", allowed);
	ask(a, end, "getUpdates", p, rq);
	rq->answer_max = UPDATES_ANSWER_MAX;
}

static struct json_object *chat_params(struct arena *a, int64_t chat)
{
	struct json_object *p = json_new(a);

	json_put_i64(p, "chat_id", chat);
	return p;
}

void tg_get_chat_write(struct arena *a, const struct chan_end *end,
		       int64_t chat, struct http_request *rq)
{
	ask(a, end, "getChat", chat_params(a, chat), rq);
}

bool tg_get_chat_read(struct arena *a, const struct http_reply *reply,
		      struct tg_chat *chat, enum chan_trouble *trouble,
		      struct err *err)
{
	struct json_object *r;

	*chat = (struct tg_chat){ 0 };
	if (!tg_read(a, reply, &r, trouble, &chat->migrate_to, err))
		return false;
	*chat = (struct tg_chat){
		.id = json_i64(r, "id", 0),
		.type = json_str(r, "type", ""),
		.title = json_str(r, "title", ""),
		.is_forum = json_flag(r, "is_forum", false),
	};
	return chat->id != 0 || misread(err);
}

void tg_get_member_write(struct arena *a, const struct chan_end *end,
			 int64_t chat, int64_t user, struct http_request *rq)
{
	struct json_object *p = chat_params(a, chat);

	json_put_i64(p, "user_id", user);
	ask(a, end, "getChatMember", p, rq);
}

void tg_member(struct json_object *o, struct tg_member *member)
{
	const char *status = json_str(o, "status", "");
	bool creator = strcmp(status, "creator") == 0;

	*member = (struct tg_member){
		.status = status,
		.is_there = strcmp(status, "left") != 0 &&
			    strcmp(status, "kicked") != 0,
		.is_admin = creator || strcmp(status, "administrator") == 0,
		.can_manage_topics =
			creator || json_flag(o, "can_manage_topics", false),
		.can_pin = creator || json_flag(o, "can_pin_messages", false),
	};
}

bool tg_get_member_read(struct arena *a, const struct http_reply *reply,
			struct tg_member *member, enum chan_trouble *trouble,
			struct err *err)
{
	struct json_object *r;

	if (!tg_read(a, reply, &r, trouble, NULL, err))
		return false;
	tg_member(r, member);
	return *member->status || misread(err);
}

static void put_topic_name(struct arena *a, struct json_object *p,
			   const char *name)
{
	json_put_str(p, "name",
		     text_is_blank(name) ? TOPIC_NAMELESS
					 : text_cut(a, name, TG_TOPIC_MAX));
}

void tg_create_topic_write(struct arena *a, const struct chan_end *end,
			   int64_t chat, const char *name,
			   struct http_request *rq)
{
	struct json_object *p = chat_params(a, chat);

	put_topic_name(a, p, name);
	tg_call(a, end, "createForumTopic", p, rq);
}

bool tg_create_topic_read(struct arena *a, const struct http_reply *reply,
			  int64_t *topic, struct chan_sent *failure,
			  struct err *err)
{
	struct json_object *r;

	*topic = 0;
	*failure = (struct chan_sent){ 0 };
	if (!tg_read_made(a, reply, &r, &failure->trouble, &failure->migrate_to,
			  err))
		return false;
	*topic = json_i64(r, "message_thread_id", 0);
	return *topic > 0 || tg_misread_made(err);
}

static struct json_object *topic_params(struct arena *a, int64_t chat,
					int64_t topic)
{
	struct json_object *p = chat_params(a, chat);

	json_put_i64(p, "message_thread_id", topic);
	return p;
}

void tg_edit_topic_write(struct arena *a, const struct chan_end *end,
			 int64_t chat, int64_t topic, const char *name,
			 const char *icon, struct http_request *rq)
{
	struct json_object *p = topic_params(a, chat, topic);

	put_topic_name(a, p, name);
	if (icon)
		json_put_str(p, "icon_custom_emoji_id", icon);
	ask(a, end, "editForumTopic", p, rq);
}

void tg_close_topic_write(struct arena *a, const struct chan_end *end,
			  int64_t chat, int64_t topic, struct http_request *rq)
{
	ask(a, end, "closeForumTopic", topic_params(a, chat, topic), rq);
}

void tg_reopen_topic_write(struct arena *a, const struct chan_end *end,
			   int64_t chat, int64_t topic, struct http_request *rq)
{
	ask(a, end, "reopenForumTopic", topic_params(a, chat, topic), rq);
}

void tg_get_icons_write(struct arena *a, const struct chan_end *end,
			struct http_request *rq)
{
	ask(a, end, "getForumTopicIconStickers", json_new(a), rq);
}

bool tg_get_icons_read(struct arena *a, const struct http_reply *reply,
		       const char **icons, enum chan_trouble *trouble,
		       struct err *err)
{
	struct json_object *list, *found = json_new(a);

	if (!tg_read(a, reply, &list, trouble, NULL, err))
		return false;
	if (!json_object_is_type(list, json_type_array))
		return misread(err);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *o = json_object_array_get_idx(list, i);
		const char *emoji = json_str(o, "emoji", "");
		const char *id = json_str(o, "custom_emoji_id", "");

		if (*emoji && *id)
			json_put_str(found, emoji, id);
	}
	*icons = json_text(found);
	return true;
}

void tg_set_commands_write(struct arena *a, const struct chan_end *end,
			   const struct tg_command *commands, size_t n,
			   const char *language, struct http_request *rq)
{
	struct json_object *p = json_new(a), *scope = json_object_new_object();
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_object_new_object();

		json_put_str(o, "command", commands[i].word);
		json_put_str(o, "description", commands[i].text);
		json_object_array_add(list, o);
	}
	json_put(p, "commands", list);
	json_put_str(scope, "type", "all_group_chats");
	json_put(p, "scope", scope);
	if (language)
		json_put_str(p, "language_code", language);
	ask(a, end, "setMyCommands", p, rq);
}

void tg_pin_write(struct arena *a, const struct chan_end *end, int64_t chat,
		  int64_t message, struct http_request *rq)
{
	struct json_object *p = chat_params(a, chat);

	json_put_i64(p, "message_id", message);
	json_put_bool(p, "disable_notification", true);
	ask(a, end, "pinChatMessage", p, rq);
}

void tg_react_write(struct arena *a, const struct chan_end *end, int64_t chat,
		    int64_t message, const char *emoji, struct http_request *rq)
{
	struct json_object *p = chat_params(a, chat), *one;
	struct json_object *reaction = json_object_new_array();

	if (emoji) {
		one = json_object_new_object();
		json_put_str(one, "type", "emoji");
		json_put_str(one, "emoji", emoji);
		json_object_array_add(reaction, one);
	}
	json_put_i64(p, "message_id", message);
	json_put(p, "reaction", reaction);
	ask(a, end, "setMessageReaction", p, rq);
}

static struct json_object *callback_answer(struct arena *a, const char *query,
					   const char *text)
{
	struct json_object *p = json_new(a);

	json_put_str(p, "callback_query_id", query);
	if (text && *text)
		json_put_str(p, "text", text_cut(a, text, TG_TOAST_MAX));
	return p;
}

void tg_answer_callback_write(struct arena *a, const struct chan_end *end,
			      const char *query, const char *text,
			      struct http_request *rq)
{
	ask(a, end, "answerCallbackQuery", callback_answer(a, query, text), rq);
}

const char *tg_answer_callback_inline(struct arena *a, const char *query,
				      const char *text)
{
	struct json_object *p = callback_answer(a, query, text);

	json_put_str(p, "method", "answerCallbackQuery");
	return json_text(p);
}

void tg_get_file_write(struct arena *a, const struct chan_end *end,
		       const char *file_id, struct http_request *rq)
{
	struct json_object *p = json_new(a);

	json_put_str(p, "file_id", file_id);
	ask(a, end, "getFile", p, rq);
}

bool tg_get_file_read(struct arena *a, const struct http_reply *reply,
		      const char **path, enum chan_trouble *trouble,
		      struct err *err)
{
	struct json_object *r;

	*path = "";
	if (!tg_read(a, reply, &r, trouble, NULL, err))
		return false;
	*path = json_str(r, "file_path", "");
	return **path || misread(err);
}

void tg_download_write(struct arena *a, const struct chan_end *end,
		       const char *path, struct http_request *rq)
{
	struct buf b;

	buf_init(&b, a,
		 strlen(end->api_base) + 3 * (end->token.len + strlen(path)) +
			 sizeof("/file/bot/"));
	add_bot(&b, end, "/file");
	for (; *path; path++)
		if (*path == '/')
			buf_add_char(&b, '/');
		else
			buf_add_url(&b, (char[]){ *path, '\0' });
	*rq = (struct http_request){
		.method = "GET",
		.url = b.s,
		.answer_max = TG_DOWNLOAD_MAX,
		.idempotent = true,
	};
}

const char *tg_topic_link(struct arena *a, int64_t chat, int64_t topic)
{
	/* A supergroup's id is this minus the number that links use. */
	const int64_t base = INT64_C(-1000000000000);

	if (chat >= base)
		return "";
	return arena_printf(a, "https://t.me/c/%" PRId64 "/%" PRId64,
			    base - chat, topic);
}
