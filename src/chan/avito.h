/*
 * avito.h - Avito's messenger API: what to ask and how to read the answer.
 *
 * Source of every rule: Avito's OpenAPI documents (authorization, user,
 * items, messenger) and what live services observed; named at the functions.
 * *_write() fills a request; *_read() reads its reply and fills err as
 * chan.h's send_read() does, with *trouble telling what to mend.
 */
#ifndef CHAN_AVITO_H
#define CHAN_AVITO_H

#include "chan/chan.h"

#define AVITO_PAGE_MAX   100
#define AVITO_OFFSET_MAX 1000
#define AVITO_TEXT_MAX   1000
#define AVITO_IMAGE_MAX  (24u * 1024 * 1024)
#define AVITO_DELETE_S   3600 /* messages that are older stay */

extern const struct chan chan_avito;

/*
 * A read or send failed with CHAN_TOKEN_STALE (401, or 403, which Avito
 * answers to an expired token too), a new token was fetched, and the same call
 * failed so again with this reply: now it is a refusal.  401: ERR_AUTH,
 * CHAN_TOKEN_REFUSED; 403: ERR_DENIED, CHAN_NO_SUBSCRIPTION.  Returns false.
 */
bool avito_refused_again(struct arena *a, const struct http_reply *reply,
			 enum chan_trouble *trouble, struct err *err);

/* POST /token, grant client_credentials (authorization chapter).  A 4xx, and
 * JSON without access_token, is a refusal of the keys: ERR_AUTH, that is
 * CHAN_TOKEN_REFUSED.  Too many requests, trouble on their side and an answer
 * that is no JSON are ERR_LIMIT and ERR_DOWN as everywhere. */
struct avito_token {
	struct secret token;
	int64_t expires_s; /* life from now, as told */
};
void avito_token_write(struct arena *a, const char *api_base,
		       const char *client_id, struct secret client_secret,
		       struct http_request *rq);
bool avito_token_read(struct arena *a, const struct http_reply *reply,
		      struct avito_token *token, struct err *err);

/* GET /core/v1/accounts/self */
struct avito_self {
	int64_t user_id;
	const char *name;
	const char *profile_url;
};
void avito_self_write(struct arena *a, const struct chan_end *end,
		      struct http_request *rq);
bool avito_self_read(struct arena *a, const struct http_reply *reply,
		     struct avito_self *self, enum chan_trouble *trouble,
		     struct err *err);

/* A chat as list and single read give it; any part may be absent. */
struct avito_chat {
	const char *id;
	int64_t created_at, updated_at;
	const char *buyer_id;   /* of the user that is not the account */
	const char *buyer_name; /* "" when absent */
	const char *buyer_url;
	int64_t item_id; /* 0: no ad (chat between users) */
	const char *item_title, *item_price, *item_url; /* "" when absent */
	const char *item_image;
	const char *last_id; /* last_message.id, "" when absent */
	int64_t last_at;
	enum chan_author last_author;
	bool last_is_deleted;
};

/* GET /messenger/v2/accounts/{user}/chats with chat_types=u2i,u2u */
void avito_chats_write(struct arena *a, const struct chan_end *end,
		       bool unread_only, int limit, int offset,
		       struct http_request *rq);
/* Array in the order given; entries without an id are left out. */
bool avito_chats_read(struct arena *a, const struct http_reply *reply,
		      int64_t user_id, struct avito_chat **chats, size_t *n,
		      enum chan_trouble *trouble, struct err *err);

/* GET /messenger/v2/accounts/{user}/chats/{chat} */
void avito_chat_write(struct arena *a, const struct chan_end *end,
		      const char *chat, struct http_request *rq);
bool avito_chat_read(struct arena *a, const struct http_reply *reply,
		     int64_t user_id, struct avito_chat *chat,
		     enum chan_trouble *trouble, struct err *err);

/* GET /messenger/v3/accounts/{user}/chats/{chat}/messages/ - newest first. */
void avito_messages_write(struct arena *a, const struct chan_end *end,
			  const char *chat, int limit, int offset,
			  struct http_request *rq);
/* Reads {"messages":[...]} and a bare array. */
bool avito_messages_read(struct arena *a, const struct http_reply *reply,
			 const char *chat, int64_t user_id,
			 struct chan_message **messages, size_t *n,
			 enum chan_trouble *trouble, struct err *err);

/* POST /messenger/v1/accounts/{user}/chats/{chat}/read */
void avito_read_write(struct arena *a, const struct chan_end *end,
		      const char *chat, struct http_request *rq);

/* GET /messenger/v1/accounts/{user}/getVoiceFiles; the URL lives an hour. */
void avito_voice_write(struct arena *a, const struct chan_end *end,
		       const char *voice_id, struct http_request *rq);
bool avito_voice_read(struct arena *a, const struct http_reply *reply,
		      const char *voice_id, const char **url,
		      enum chan_trouble *trouble, struct err *err);

/* Webhooks: POST /messenger/v3/webhook, /v1/webhook/unsubscribe and
 * /v1/subscriptions. */
void avito_subscribe_write(struct arena *a, const struct chan_end *end,
			   const char *url, struct http_request *rq);
void avito_unsubscribe_write(struct arena *a, const struct chan_end *end,
			     const char *url, struct http_request *rq);
void avito_subscriptions_write(struct arena *a, const struct chan_end *end,
			       struct http_request *rq);
bool avito_subscriptions_read(struct arena *a, const struct http_reply *reply,
			      const char ***urls, size_t *n,
			      enum chan_trouble *trouble, struct err *err);

/* An answer of which only success matters (read, subscribe, unsubscribe).
 * 409 on subscribe counts as success. */
bool avito_done_read(struct arena *a, const struct http_reply *reply,
		     enum chan_trouble *trouble, struct err *err);

/*
 * A webhook's body (v3).  True with is_message: *m and *user_id hold it;
 * true without: a kind to accept and ignore ({} is such a one).  False: it
 * says it is a message and is not understood; store it in quarantine.
 */
struct avito_hook {
	bool is_message;
	int64_t user_id;
	struct chan_message m;
};
bool avito_hook_read(struct arena *a, struct json_object *body,
		     struct avito_hook *hook, struct err *err);

/* What a person types in the app after deleting: Avito shows these words as
 * a text (observed live, 496 times in 30 days). */
#define AVITO_DELETED_TEXT "Сообщение удалено"

#endif
