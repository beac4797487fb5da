/*
 * tg_state.h - bots, people, chats, topics and messages of the stand-in.
 *
 * Everything lives in the world's arena until a reset.  A chat's key is its
 * id for groups and USER@BOT for private chats, which exist once per bot.
 * Inside messages a file stands as "kind.f1"; bots see "kind.BOT.f1", since
 * file ids belong to one bot and keep their kind.
 */
#ifndef SANDBOX_TG_STATE_H
#define SANDBOX_TG_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "sandbox/http.h"
#include "sandbox/map.h"
#include "sandbox/outbox.h"
#include "sandbox/world.h"

/* What stands in `from` of an anonymous administrator. */
#define TG_ANONYMOUS INT64_C(1087968824)

struct tg_user {
	int64_t id;
	const char *username; /* NULL: none */
	struct json_object *json;
	int64_t last_message; /* of all business chats; see tg_business.h */
};

struct tg_update {
	struct tg_bot *bot;
	int64_t id, dies_us;
	const char *queue;
	struct json_object *json; /* with update_id */
	const char *text;         /* of json, once it was sent */
	struct outbox_post *post; /* NULL: not in the outbox */
	struct tg_update *next, *prev;
};

/* Calls since a moment; see tg_rate_pass(). */
struct tg_rate {
	int64_t since_us, n;
};

struct tg_bot {
	struct tg_user *user;
	const char *token;
	bool privacy, can_join_groups;
	bool business;            /* people may connect it to their accounts */
	const char *url, *secret; /* webhook; "" : none */
	int64_t max_connections, set_at_us;
	struct json_object *allowed; /* array; NULL: the default list */
	int64_t error_at;
	const char *error; /* of the last failed delivery, or NULL */
	struct outbox_group hooks;
	int64_t next_update, n_updates;
	struct tg_update *first, *last; /* not confirmed yet, oldest first */
	struct req *poller;             /* a getUpdates that waits */
	struct tg_rate rate;
	struct json_object *commands;
};

enum tg_right {
	TG_CHANGE_INFO = 1 << 0,
	TG_DELETE = 1 << 1,
	TG_INVITE = 1 << 2,
	TG_RESTRICT = 1 << 3,
	TG_PIN = 1 << 4,
	TG_TOPICS = 1 << 5,
	TG_MANAGE = 1 << 6,
	TG_PROMOTE = 1 << 7,
	TG_SEND = 1 << 8,
	TG_ALL = (1 << 9) - 1,
};

struct tg_member {
	struct tg_user *user;
	const char *status;
	unsigned rights;
};

struct tg_topic {
	int64_t thread;
	const char *name, *emoji; /* emoji: icon_custom_emoji_id or NULL */
	int64_t color;
	bool closed, deleted;
	const struct tg_user *creator;
	struct tg_message *created;
};

struct tg_reaction {
	struct tg_user *user;
	const char *emoji;
};

struct tg_message {
	struct tg_chat *chat;
	int64_t id, thread, at_us;
	struct tg_user *from;
	struct tg_bot *bot; /* that sent it; NULL: a person did */
	const char *kind;   /* "text", "photo", ..., "service" */
	struct json_object *json;
	bool has_file, deleted, pinned;
	bool read; /* business chats: the owner has read it */
	struct list reactions;
};

struct tg_chat {
	const char *key;
	int64_t id;
	const char *type, *title, *username;
	bool is_forum;
	bool blocked;          /* private: the person blocked the bot */
	struct tg_bot *bot;    /* private chats */
	struct tg_user *user;  /* the same, and business chats: the customer */
	struct tg_user *owner; /* business chats: whose account it is */
	struct map members, messages;
	struct list in_order, topics, pinned;
	struct map topic_by_thread;
	int64_t last_message, migrated_to;
	struct tg_rate rate;
	int64_t rate_per_minute; /* its own limit; 0: as the settings say */
	int64_t held_at_us;      /* a 429 was told then */
	int64_t held_until_us;   /* no call before, after a 429 */
};

struct tg_callback {
	const char *id, *data, *text;
	struct tg_bot *bot;
	int64_t at_us;
	bool answered, alert;
};

struct tg_state {
	struct map users, bots, tokens, chats, names, callbacks, business;
	int64_t next_user, next_bot, next_group, next_small, next_callback;
	int64_t next_album;
};

extern struct tg_state tg;

struct tg_user *tg_user_new(int64_t id, bool is_bot, const char *first,
			    const char *last, const char *username,
			    const char *language);

struct tg_chat *tg_private_find(const struct tg_bot *bot, int64_t user);
/* Finds or makes it. */
struct tg_chat *tg_private(struct tg_bot *bot, struct tg_user *user);
struct tg_chat *tg_group_new(int64_t id, const char *type, const char *title,
			     const char *username, bool forum);
struct json_object *tg_chat_json(const struct tg_chat *c);

/* NULL: was never there. */
struct tg_member *tg_member_find(const struct tg_chat *c, int64_t user);
bool tg_member_is_in(const struct tg_member *m);
bool tg_member_is_admin(const struct tg_member *m);
bool tg_member_may(const struct tg_member *m, enum tg_right right);
struct json_object *tg_member_json(const struct tg_member *m);
/* rights: {"can_...":bool}; those not named are true.  NULL: all. */
void tg_member_set(struct tg_chat *c, struct tg_user *u, const char *status,
		   struct json_object *rights);
struct json_object *tg_rights_json(unsigned rights);

/* NULL: none, or deleted. */
struct tg_topic *tg_topic_find(const struct tg_chat *c, int64_t thread);
struct tg_topic *tg_topic_new(struct tg_chat *c, struct tg_user *by,
			      struct tg_bot *bot, const char *name,
			      int64_t color, const char *emoji);
void tg_topic_delete(struct tg_chat *c, struct tg_topic *t);
/* The service message of a change, announced. */
void tg_topic_service(struct tg_chat *c, struct tg_topic *t, struct tg_user *by,
		      struct tg_bot *bot, const char *member,
		      struct json_object *value);

/*
 * Stores a message.  The members of `fields` (which stays the caller's) are
 * added to it; bot is NULL for people; reply may be NULL.  Not announced yet.
 */
struct tg_message *tg_message_new(struct tg_chat *c, struct tg_user *from,
				  struct tg_bot *bot, int64_t thread,
				  const char *kind, struct json_object *fields,
				  const struct tg_message *reply);
/* NULL: none, or deleted. */
struct tg_message *tg_message_find(const struct tg_chat *c, int64_t id);
void tg_message_delete(struct tg_message *m);
/* A copy of the message's JSON that may be changed; becomes the message. */
struct json_object *tg_message_change(struct tg_message *m);
/* As a bot sees it, NULL: as the control API shows it.  The caller's. */
struct json_object *tg_message_json(const struct tg_message *m,
				    const struct tg_bot *bot);
/* An update of that kind ("message", "edited_message") to whoever sees it. */
void tg_announce(const struct tg_message *m, const char *kind);
void tg_pin(struct tg_message *m, struct tg_user *by, struct tg_bot *bot);
/* emoji: array of texts, or NULL for none. */
void tg_react(struct tg_message *m, struct tg_user *by, struct tg_bot *bot,
	      struct json_object *emoji);

/* Fields that a file of that kind adds to a message; the caller's. */
struct json_object *tg_file_fields(const char *kind, const struct file *f);

/* Takes a reference of the payload.  Not sent when the bot does not want
 * that kind. */
void tg_update_send(struct tg_bot *bot, const char *kind,
		    struct json_object *payload, const char *queue,
		    int64_t life_s);
bool tg_update_wanted(const struct tg_bot *bot, const char *kind);
/* As it is, with an update_id if it has none; secret NULL: the bot's. */
void tg_update_raw(struct tg_bot *bot, struct json_object *update,
		   const char *secret);
void tg_webhook_set(struct tg_bot *bot, const char *url, const char *secret);
void tg_updates_drop(struct tg_bot *bot);
/* All before that id are confirmed. */
void tg_updates_confirm(struct tg_bot *bot, int64_t before);

#endif
