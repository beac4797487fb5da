/*
 * telegram_act.c - what is done to messages that have been sent: edit, delete,
 * react, mark as read; and that somebody is typing.
 *
 * All of it may be repeated.  In the chat of a connected personal account the
 * bot acts for its owner, and deletes and reads by methods of their own.
 */
#include "config.h"

#include "base/text.h"
#include "chan/rich.h"
#include "chan/telegram_impl.h"

static void ask(struct arena *a, const struct chan_end *end, const char *method,
		struct json_object *params, struct http_request *rq)
{
	tg_call(a, end, method, params, rq);
	rq->idempotent = true;
}

static int64_t number_of(const char *id)
{
	long long n;

	return text_read_i64(tg_place_message(id), 1, INT64_MAX, &n) ? n : 0;
}

static struct json_object *message_params(struct arena *a,
					  const struct chan_end *end,
					  const char *chat, const char *id)
{
	struct json_object *p = json_new(a);

	tg_put_chat(a, p, end, chat);
	json_put_i64(p, "message_id", number_of(id));
	return p;
}

void tg_edit_content_write(struct arena *a, const struct chan_end *end,
			   const struct chan_out *out, const char *id,
			   struct http_request *rq)
{
	struct json_object *p = message_params(a, end, out->chat, id);
	bool is_text = out->kind == CHAN_TEXT;

	tg_put_text(a, p, is_text ? "text" : "caption",
		    is_text ? "entities" : "caption_entities", out);
	ask(a, end, is_text ? "editMessageText" : "editMessageCaption", p, rq);
}

void tg_delete_write(struct arena *a, const struct chan_end *end,
		     const char *chat, const char *id, struct http_request *rq)
{
	ask(a, end, "deleteMessage", message_params(a, end, chat, id), rq);
}

void tg_delete_business_write(struct arena *a, const struct chan_end *end,
			      const char *chat UNUSED, const char *id,
			      struct http_request *rq)
{
	struct json_object *p = json_new(a), *ids = json_object_new_array();

	json_put_str(p, "business_connection_id", end->connection);
	json_object_array_add(ids, json_object_new_int64(number_of(id)));
	json_put(p, "message_ids", ids);
	ask(a, end, "deleteBusinessMessages", p, rq);
}

void tg_react_to_write(struct arena *a, const struct chan_end *end,
		       const char *chat, const char *id, const char *emoji,
		       struct http_request *rq)
{
	struct json_object *p = message_params(a, end, chat, id), *one;
	struct json_object *reaction = json_object_new_array();

	if (emoji) {
		one = json_object_new_object();
		json_put_str(one, "type", "emoji");
		json_put_str(one, "emoji", emoji);
		json_object_array_add(reaction, one);
	}
	json_put(p, "reaction", reaction);
	ask(a, end, "setMessageReaction", p, rq);
}

void tg_read_business_write(struct arena *a, const struct chan_end *end,
			    const char *chat, const char *id,
			    struct http_request *rq)
{
	ask(a, end, "readBusinessMessage", message_params(a, end, chat, id),
	    rq);
}

void tg_typing_write(struct arena *a, const struct chan_end *end,
		     const char *chat, struct http_request *rq)
{
	struct json_object *p = json_new(a);

	tg_put_chat(a, p, end, chat);
	json_put_str(p, "action", "typing");
	ask(a, end, "sendChatAction", p, rq);
}

bool tg_done_read(struct arena *a, const struct http_reply *reply,
		  enum chan_trouble *trouble, struct err *err)
{
	struct json_object *result;

	return tg_read(a, reply, &result, trouble, NULL, err);
}
