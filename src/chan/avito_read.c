/*
 * avito_read.c - what Avito is asked: tokens, chats, history, webhooks.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "chan/avito_impl.h"

#define FORM_MAX 4096

/* Of a token whose answer names no life, and bounds for one that does. */
#define TOKEN_LIFE_S     3600
#define TOKEN_LIFE_MIN_S 60
#define TOKEN_LIFE_MAX_S (30 * 24 * 3600)

void avito_token_write(struct arena *a, const char *api_base,
		       const char *client_id, struct secret client_secret,
		       struct http_request *rq)
{
	struct buf b;

	buf_init(&b, a, FORM_MAX);
	buf_add_str(&b, "grant_type=client_credentials&client_id=");
	buf_add_url(&b, client_id);
	buf_add_str(&b, "&client_secret=");
	if (client_secret.bytes)
		buf_add_url(&b, client_secret.bytes);
	*rq = (struct http_request){
		.method = "POST",
		.url = arena_printf(a, "%s/token", avito_base(a, api_base)),
		.mime = "application/x-www-form-urlencoded",
		.body = b.s,
		.body_len = b.len,
		.answer_max = 65536,
		/* Another token more harms nobody; redirects are followed. */
		.idempotent = true,
	};
}

/* "number" in the documents: with or without a fraction. */
static int64_t read_life_s(struct json_object *body)
{
	struct json_object *v = json_member(body, "expires_in");
	double life = 0;

	if (v && (json_object_is_type(v, json_type_int) ||
		  json_object_is_type(v, json_type_double)))
		life = json_object_get_double(v);
	if (!(life > 0))
		return TOKEN_LIFE_S;
	if (life < TOKEN_LIFE_MIN_S)
		return TOKEN_LIFE_MIN_S;
	return life > TOKEN_LIFE_MAX_S ? TOKEN_LIFE_MAX_S : (int64_t)life;
}

bool avito_token_read(struct arena *a, const struct http_reply *reply,
		      struct avito_token *token, struct err *err)
{
	enum chan_trouble trouble;
	struct json_object *body;
	const char *text;

	*token = (struct avito_token){ 0 };
	if (!avito_reply(a, reply, AVITO_TOKEN, &body, &trouble, err))
		return false;
	text = json_str(body, "access_token", "");
	if (!*text)
		return avito_refused_again(a, reply, &trouble, err);
	token->token = secret_copy(a, text, strlen(text));
	token->expires_s = read_life_s(body);
	return true;
}

void avito_self_write(struct arena *a, const struct chan_end *end,
		      struct http_request *rq)
{
	avito_get(a, end, rq, "/core/v1/accounts/self");
}

bool avito_self_read(struct arena *a, const struct http_reply *reply,
		     struct avito_self *self, enum chan_trouble *trouble,
		     struct err *err)
{
	struct json_object *body;

	if (!avito_reply(a, reply, AVITO_ASK, &body, trouble, err))
		return false;
	*self = (struct avito_self){
		.user_id = avito_number(body, "id"),
		.name = json_str(body, "name", ""),
		.profile_url = json_str(body, "profile_url", ""),
	};
	return self->user_id > 0 || avito_misread(AVITO_ASK, err);
}

static int clamp(int n, int min, int max)
{
	return n < min ? min : n > max ? max : n;
}

void avito_chats_write(struct arena *a, const struct chan_end *end,
		       bool unread_only, int limit, int offset,
		       struct http_request *rq)
{
	avito_get(a, end, rq,
		  "/messenger/v2/accounts/%" PRId64
		  "/chats?chat_types=u2i,u2u%s&limit=%d&offset=%d",
		  end->account, unread_only ? "&unread_only=true" : "",
		  clamp(limit, 1, AVITO_PAGE_MAX),
		  clamp(offset, 0, AVITO_OFFSET_MAX));
}

/* The buyer is whoever of users[] is not the account. */
static void read_buyer(struct arena *a, struct json_object *o, int64_t user_id,
		       struct avito_chat *chat)
{
	const char *own = arena_printf(a, "%" PRId64, user_id);
	struct json_object *users = json_array_at(o, "users");
	size_t n = users ? json_object_array_length(users) : 0;

	chat->buyer_id = chat->buyer_name = chat->buyer_url = "";
	for (size_t i = 0; i < n; i++) {
		struct json_object *u = json_object_array_get_idx(users, i);
		const char *id = avito_id(a, u, "id");

		if (!*id || strcmp(id, own) == 0)
			continue;
		chat->buyer_id = id;
		chat->buyer_name = json_str(u, "name", "");
		chat->buyer_url = json_str(
			json_object_at(u, "public_user_profile"), "url", "");
		return;
	}
}

static void read_item(struct json_object *o, struct avito_chat *chat)
{
	struct json_object *context = json_object_at(o, "context");
	struct json_object *item = json_object_at(context, "value");
	struct json_object *images;

	/* Between users there is no ad, whatever else stands here. */
	if (strcmp(json_str(context, "type", ""), "item") != 0)
		item = NULL;
	images = json_object_at(item, "images");
	chat->item_id = avito_number(item, "id");
	if (chat->item_id < 0)
		chat->item_id = 0;
	chat->item_title = json_str(item, "title", "");
	chat->item_price = json_str(item, "price_string", "");
	chat->item_url = json_str(item, "url", "");
	chat->item_image =
		avito_largest(json_object_at(images, "main"), NULL, NULL);
}

/* False: no id, so it cannot be used. */
static bool read_chat(struct arena *a, struct json_object *o, int64_t user_id,
		      struct avito_chat *chat)
{
	struct json_object *last = json_object_at(o, "last_message");

	*chat = (struct avito_chat){
		.id = avito_id(a, o, "id"),
		.created_at = chan_seconds_at(json_i64(o, "created", 0)),
		.updated_at = chan_seconds_at(json_i64(o, "updated", 0)),
		.last_id = avito_id(a, last, "id"),
		.last_at = chan_seconds_at(json_i64(last, "created", 0)),
	};
	avito_author(last, user_id, &chat->last_author);
	chat->last_is_deleted =
		strcmp(json_str(last, "type", ""), "deleted") == 0 ||
		strcmp(json_str(json_object_at(last, "content"), "text", ""),
		       AVITO_DELETED_TEXT) == 0;
	read_buyer(a, o, user_id, chat);
	read_item(o, chat);
	return *chat->id != '\0';
}

/* The list under `key`.  Go writes an empty list as null, so null is one, but
 * a missing member is not. */
static bool read_list(struct json_object *body, const char *key,
		      struct json_object **list, size_t *n)
{
	struct json_object *v = NULL;

	*list = NULL;
	*n = 0;
	if (!body || !json_object_is_type(body, json_type_object) ||
	    !json_object_object_get_ex(body, key, &v))
		return false;
	if (!v)
		return true;
	if (!json_object_is_type(v, json_type_array))
		return false;
	*list = v;
	*n = json_object_array_length(v);
	return true;
}

bool avito_chats_read(struct arena *a, const struct http_reply *reply,
		      int64_t user_id, struct avito_chat **chats, size_t *n,
		      enum chan_trouble *trouble, struct err *err)
{
	struct json_object *body, *list;
	size_t told;

	*n = 0;
	if (!avito_reply(a, reply, AVITO_ASK, &body, trouble, err))
		return false;
	if (!read_list(body, "chats", &list, &told))
		return avito_misread(AVITO_ASK, err);
	*chats = arena_array(a, told, sizeof(**chats));
	for (size_t i = 0; i < told; i++)
		*n += read_chat(a, json_object_array_get_idx(list, i), user_id,
				&(*chats)[*n]);
	return true;
}

void avito_chat_write(struct arena *a, const struct chan_end *end,
		      const char *chat, struct http_request *rq)
{
	avito_get(a, end, rq, "/messenger/v2/accounts/%" PRId64 "/chats/%s",
		  end->account, avito_segment(a, chat));
}

bool avito_chat_read(struct arena *a, const struct http_reply *reply,
		     int64_t user_id, struct avito_chat *chat,
		     enum chan_trouble *trouble, struct err *err)
{
	struct json_object *body;

	if (!avito_reply(a, reply, AVITO_ASK, &body, trouble, err))
		return false;
	return read_chat(a, body, user_id, chat) ||
	       avito_misread(AVITO_ASK, err);
}

void avito_messages_write(struct arena *a, const struct chan_end *end,
			  const char *chat, int limit, int offset,
			  struct http_request *rq)
{
	avito_get(a, end, rq,
		  "/messenger/v3/accounts/%" PRId64
		  "/chats/%s/messages/?limit=%d&offset=%d",
		  end->account, avito_segment(a, chat),
		  clamp(limit, 1, AVITO_PAGE_MAX),
		  clamp(offset, 0, AVITO_OFFSET_MAX));
}

bool avito_messages_read(struct arena *a, const struct http_reply *reply,
			 const char *chat, int64_t user_id,
			 struct chan_message **messages, size_t *n,
			 enum chan_trouble *trouble, struct err *err)
{
	struct json_object *body, *list;
	size_t told;

	*n = 0;
	if (!avito_reply(a, reply, AVITO_ASK, &body, trouble, err))
		return false;
	if (body && json_object_is_type(body, json_type_array)) {
		list = body;
		told = json_object_array_length(list);
	} else if (!read_list(body, "messages", &list, &told)) {
		return avito_misread(AVITO_ASK, err);
	}
	*messages = arena_array(a, told, sizeof(**messages));
	for (size_t i = 0; i < told; i++) {
		struct chan_message *m = &(*messages)[*n];

		avito_message(a, json_object_array_get_idx(list, i), user_id,
			      m);
		m->chat = chat;
		*n += *m->id != '\0';
	}
	return true;
}

void avito_read_write(struct arena *a, const struct chan_end *end,
		      const char *chat, struct http_request *rq)
{
	avito_post(a, end, NULL, rq,
		   "/messenger/v1/accounts/%" PRId64 "/chats/%s/read",
		   end->account, avito_segment(a, chat));
	rq->idempotent = true;
}

void avito_voice_write(struct arena *a, const struct chan_end *end,
		       const char *voice_id, struct http_request *rq)
{
	avito_get(a, end, rq,
		  "/messenger/v1/accounts/%" PRId64
		  "/getVoiceFiles?voice_ids=%s",
		  end->account, avito_segment(a, voice_id));
}

bool avito_voice_read(struct arena *a, const struct http_reply *reply,
		      const char *voice_id, const char **url,
		      enum chan_trouble *trouble, struct err *err)
{
	struct json_object *body;

	if (!avito_reply(a, reply, AVITO_ASK, &body, trouble, err))
		return false;
	*url = json_str(json_object_at(body, "voices_urls"), voice_id, "");
	if (!**url)
		return err_set(err, ERR_MISSING,
			       "Avito не отдаёт это голосовое сообщение: "
			       "откройте чат в Avito");
	return true;
}

static void hook_write(struct arena *a, const struct chan_end *end,
		       const char *path, const char *url,
		       struct http_request *rq)
{
	struct json_object *body = json_new(a);

	json_put_str(body, "url", url);
	avito_post(a, end, body, rq, "%s", path);
	rq->idempotent = true;
}

void avito_subscribe_write(struct arena *a, const struct chan_end *end,
			   const char *url, struct http_request *rq)
{
	hook_write(a, end, "/messenger/v3/webhook", url, rq);
}

void avito_unsubscribe_write(struct arena *a, const struct chan_end *end,
			     const char *url, struct http_request *rq)
{
	hook_write(a, end, "/messenger/v1/webhook/unsubscribe", url, rq);
}

void avito_subscriptions_write(struct arena *a, const struct chan_end *end,
			       struct http_request *rq)
{
	avito_post(a, end, NULL, rq, "/messenger/v1/subscriptions");
	rq->idempotent = true;
}

bool avito_subscriptions_read(struct arena *a, const struct http_reply *reply,
			      const char ***urls, size_t *n,
			      enum chan_trouble *trouble, struct err *err)
{
	struct json_object *body, *list;
	size_t told;

	*n = 0;
	if (!avito_reply(a, reply, AVITO_ASK, &body, trouble, err))
		return false;
	if (!read_list(body, "subscriptions", &list, &told))
		return avito_misread(AVITO_ASK, err);
	*urls = arena_array(a, told, sizeof(**urls));
	for (size_t i = 0; i < told; i++) {
		const char *url =
			json_str(json_object_array_get_idx(list, i), "url", "");

		(*urls)[*n] = url;
		*n += *url != '\0';
	}
	return true;
}
