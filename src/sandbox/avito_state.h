/*
 * avito_state.h - accounts, ads, buyers, chats and messages of the stand-in.
 *
 * Everything lives in the world's arena until a reset.
 */
#ifndef SANDBOX_AVITO_STATE_H
#define SANDBOX_AVITO_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "sandbox/http.h"
#include "sandbox/map.h"
#include "sandbox/outbox.h"
#include "sandbox/world.h"

/* Avito's words for a message that its author removed. */
#define AV_DELETED_TEXT "Сообщение удалено"

struct av_chat;

struct av_sub {
	const char *url;
	int64_t failed; /* webhooks in a row */
	bool ended;
};

/* Calls within the present minute. */
struct av_rate {
	int64_t minute, n;
};

struct av_account {
	int64_t user_id;
	const char *name, *client_id, *client_secret, *email, *phone;
	const char *status; /* active, no_subscription, blocked */
	int64_t index;      /* 1, 2, ... in order of making */
	struct list subs, items;
	struct av_chat *newest; /* most recently updated first */
	int64_t min_generation; /* of tokens that still hold */
	struct av_rate messenger, item_list, single_item;
	struct outbox_group hooks;
	struct map chat_by_pair; /* "buyer/item" */
};

struct av_token {
	struct av_account *account;
	int64_t expires_us, generation;
};

struct av_item {
	int64_t id;
	struct av_account *account;
	const char *title, *url, *status, *image;
	int64_t price; /* roubles; -1: none */
};

struct av_buyer {
	int64_t id;
	const char *name;
};

/* An uploaded or received image, or a voice message's sound. */
struct av_media {
	const char *id;
	const struct file *file;
	const struct av_account *account;
	int64_t at_us;
};

struct av_message {
	const char *id;
	struct av_chat *chat;
	int64_t author_id, created;
	int64_t at_us; /* when it really came: deletes count from here */
	const char *type, *by;
	const char *envelope; /* of its webhooks; NULL: none yet */
	struct json_object *content, *quote;
	bool out, is_read;
	int64_t read_at; /* by the other side; 0: not yet */
};

struct av_chat {
	const char *id, *type;
	struct av_account *account;
	struct av_buyer *buyer; /* NULL in a2u chats */
	struct av_item *item;   /* NULL without an ad */
	int64_t created, updated, unread;
	bool blocked, removed;
	struct list messages; /* by `created`, oldest first */
	struct av_chat *older, *newer;
};

struct av_state {
	struct map accounts, clients, tokens, refresh, codes;
	struct map items, buyers, chats, messages, images, voices;
	struct list blacklist; /* json trees */
	int64_t next_account, next_item, next_buyer, generation, next_post;
};

extern struct av_state av;

struct av_chat *av_chat_find(const struct av_account *acc, int64_t buyer,
			     int64_t item);
/* id NULL: one is made. */
struct av_chat *av_chat_new(struct av_account *acc, struct av_buyer *buyer,
			    struct av_item *item, const char *type,
			    const char *id, int64_t created);

/* Stores it; content and quote are kept by a reference of its own.  by:
 * buyer, seller, api, system.  id NULL: one is made. */
struct av_message *av_message_new(struct av_chat *c, const char *id,
				  const char *by, const char *type,
				  struct json_object *content, int64_t created);
void av_chat_mark_read(struct av_chat *c);
void av_message_remove(struct av_message *m);

/* As the API shows them; the caller's. */
struct json_object *av_chat_json(const struct av_chat *c);
struct json_object *av_message_json(const struct av_message *m);

/* The id under which the account sees that buyer. */
int64_t av_visible_id(const struct av_account *acc, const struct av_buyer *b);

struct av_media *av_image_new(const struct av_account *acc,
			      const struct file *f);
struct av_media *av_voice_new(const struct av_account *acc,
			      const struct file *f);
/* {"1280x960":url,...} */
struct json_object *av_image_sizes(const struct av_media *m);
const char *av_voice_url(struct arena *a, const struct av_media *m);
/* The signature in a voice or image link that ends at that second. */
const char *av_link_sign(struct arena *a, const char *id, int64_t expires);

/* Webhooks of a message to all subscriptions.  waiter: its answer waits for
 * the first attempt to be over (on_over comes once, also without
 * subscriptions); NULL: none. */
void av_hook_send(struct av_message *m, int64_t delay_ms, struct req *waiter,
		  void (*on_over)(struct req *rq));
/* Any body to one URL, once. */
void av_hook_raw(struct av_account *acc, const char *url, const char *body);
void av_subscribe(struct av_account *acc, const char *url);
bool av_unsubscribe(struct av_account *acc, const char *url);

#endif
