/*
 * telegram_business.c - personal accounts that let a bot answer for them.
 *
 * Their messages are numbered apart from those of the bot's own chats, and
 * what the owner types comes as well.
 */
#include "config.h"

#include <string.h>

#include "chan/telegram_impl.h"

/* Far more than Telegram deletes at once. */
#define DELETED_MAX 1000

static bool read_connection(struct arena *a, struct json_object *o,
			    struct tg_connection *c, struct err *err)
{
	struct json_object *user = json_object_at(o, "user");
	struct json_object *rights = json_object_at(o, "rights");

	*c = (struct tg_connection){
		.id = json_str(o, "id", ""),
		.user_id = json_i64(user, "id", 0),
		.user_name = tg_person_name(a, user),
		.username = json_str(user, "username", ""),
		.user_chat_id = json_i64(o, "user_chat_id", 0),
		.is_enabled = json_flag(o, "is_enabled", false),
		/* Servers before rights had only this one. */
		.can_reply = json_flag(rights ? rights : o, "can_reply", false),
		.can_read = json_flag(rights, "can_read_messages", false),
		.can_delete =
			json_flag(rights, "can_delete_sent_messages", false) ||
			json_flag(rights, "can_delete_all_messages", false),
		.told_at = chan_seconds_at(json_i64(o, "date", 0)),
	};
	if (!*c->id || c->user_id <= 0)
		return err_set(err, ERR_INPUT,
			       "the business connection lacks its id or owner");
	return true;
}

/* Words in the chat of a connection.  Nobody but the two can be their author:
 * who is told by from_id. */
static bool read_words(struct arena *a, struct json_object *o,
		       enum tg_update_kind kind, struct tg_update *u,
		       struct err *err)
{
	u->connection = json_str(o, "business_connection_id", "");
	u->sent_by_bot =
		json_i64(json_object_at(o, "sender_business_bot"), "id", 0);
	if (!tg_message_read(a, o, kind, u, err))
		return false;
	if (!*u->connection || strcmp(u->chat_type, "private") != 0 ||
	    u->from_id <= 0)
		return err_set(err, ERR_INPUT,
			       "the business message lacks its connection, its "
			       "private chat or its author");
	return true;
}

static bool read_deleted(struct arena *a, struct json_object *o,
			 struct tg_update *u, struct err *err)
{
	struct json_object *chat = json_object_at(o, "chat");
	struct json_object *ids = json_array_at(o, "message_ids");
	size_t n = ids ? json_object_array_length(ids) : 0;
	int64_t *list;

	if (n > DELETED_MAX)
		n = DELETED_MAX;
	list = arena_array(a, n, sizeof(*list));
	u->kind = TG_BUSINESS_DELETED;
	u->connection = json_str(o, "business_connection_id", "");
	u->chat_id = json_i64(chat, "id", 0);
	u->chat_type = json_str(chat, "type", "");
	for (size_t i = 0; i < n; i++) {
		struct json_object *id = json_object_array_get_idx(ids, i);

		if (json_object_is_type(id, json_type_int) &&
		    json_object_get_int64(id) > 0)
			list[u->n_deleted++] = json_object_get_int64(id);
	}
	u->deleted = list;
	if (!*u->connection || u->chat_id == 0 || u->n_deleted == 0)
		return err_set(err, ERR_INPUT,
			       "the deletion lacks its connection, its chat or "
			       "its messages");
	return true;
}

bool tg_business_read(struct arena *a, struct json_object *body,
		      struct tg_update *u, struct err *err)
{
	struct json_object *o;

	if ((o = json_member(body, "business_message")))
		return read_words(a, o, TG_BUSINESS_MESSAGE, u, err);
	if ((o = json_member(body, "edited_business_message")))
		return read_words(a, o, TG_BUSINESS_EDITED, u, err);
	if ((o = json_member(body, "deleted_business_messages")))
		return read_deleted(a, o, u, err);
	if (!(o = json_member(body, "business_connection")))
		return true;
	u->kind = TG_CONNECTION;
	if (!read_connection(a, o, &u->business, err))
		return false;
	u->connection = u->business.id;
	return true;
}

void tg_get_connection_write(struct arena *a, const struct chan_end *end,
			     const char *id, struct http_request *rq)
{
	struct json_object *p = json_new(a);

	json_put_str(p, "business_connection_id", id);
	tg_call(a, end, "getBusinessConnection", p, rq);
	rq->idempotent = true;
}

bool tg_get_connection_read(struct arena *a, const struct http_reply *reply,
			    struct tg_connection *c, enum chan_trouble *trouble,
			    struct err *err)
{
	struct json_object *result;

	if (!tg_read(a, reply, &result, trouble, NULL, err))
		return false;
	if (read_connection(a, result, c, err))
		return true;
	*err = (struct err){ 0 };
	return err_set(err, ERR_DOWN,
		       "Telegram ответил непонятно; повторим позже");
}
