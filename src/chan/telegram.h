/*
 * telegram.h - Telegram's Bot API: what to ask and how to read the answer.
 *
 * Source of every rule: the Bot API documentation, version 10.1 of June 2026,
 * and the public source of its server.  *_write() fills a JSON request (or
 * multipart where bytes go up); tg_read() and its relatives read replies.
 * The token stands in the URL: log URLs only masked.
 */
#ifndef CHAN_TELEGRAM_H
#define CHAN_TELEGRAM_H

#include "chan/chan.h"

#define TG_TEXT_MAX     4096 /* UTF-16 units */
#define TG_CAPTION_MAX  1024
#define TG_TOPIC_MAX    128
#define TG_ALBUM_MAX    10  /* items */
#define TG_TOAST_MAX    200 /* answer to a pressed button */
#define TG_PHOTO_MAX    (10u * 1024 * 1024)
#define TG_UPLOAD_MAX   (50u * 1024 * 1024)
#define TG_DOWNLOAD_MAX (20u * 1024 * 1024)
#define TG_DELETE_S     (48 * 3600) /* messages that are older stay */

/* Anonymous administrators write under this id, with sender_chat set. */
#define TG_ANONYMOUS_ADMIN INT64_C(1087968824)

/* What a channel posts comes to its group in this name. */
#define TG_CHANNEL_POSTS INT64_C(777000)

/* The bot's number in front of a token as @BotFather gives it, like
 * "123456789:AA…"; 0: it is no token. */
#define TG_TOKEN_MAX 128 /* characters */
int64_t tg_token_id(struct secret token);

/* A name as @BotFather takes it, without @. */
bool tg_is_username(const char *s);

/* In a working group; to a person in private; to a person for the account of
 * somebody who lets the bot answer (Telegram Business). */
extern const struct chan chan_telegram, chan_telegram_bot,
	chan_telegram_business;

/*
 * How what is at a Telegram source is called here: a chat is "501", or
 * "501@900" with the account of the person 900; a message in it
 * "501@900/17".  In a working group both are plain numbers, and the two
 * readers take those as well.  owner 0: the bot's own chat.
 */
const char *tg_place_id(struct arena *a, int64_t chat, int64_t owner);
const char *tg_place_message_id(struct arena *a, const char *place,
				int64_t message);
/* "501" of "501@900"; "17" of "501@900/17". */
const char *tg_place_chat(struct arena *a, const char *place);
const char *tg_place_message(const char *id);
/* 900 of "501@900"; 0: none. */
int64_t tg_place_owner(const char *place);

/* The versioned list that every setWebhook carries, as a JSON array text. */
extern const char tg_allowed_updates[];

/*
 * The reply to an idempotent call: true and *result (borrowed from the arena; NULL where the state
 * was so already) when ok; else err by error_code and description, *trouble,
 * and *migrate_to with CHAN_MIGRATED.  `migrate_to` may be NULL.  What makes
 * something has a reader of its own, for which a lost answer is ERR_UNSURE.
 */
bool tg_read(struct arena *a, const struct http_reply *reply,
	     struct json_object **result, enum chan_trouble *trouble,
	     int64_t *migrate_to, struct err *err);

/* Methods that read or set a state (idempotent). */
void tg_get_me_write(struct arena *a, const struct chan_end *end,
		     struct http_request *rq);
struct tg_me {
	int64_t id;
	const char *username, *name;
	bool reads_all; /* can_read_all_group_messages: privacy mode is off */
	bool can_business;
};
bool tg_get_me_read(struct arena *a, const struct http_reply *reply,
		    struct tg_me *me, enum chan_trouble *trouble,
		    struct err *err);

/* drop_pending_updates false, allowed_updates always sent. */
void tg_set_webhook_write(struct arena *a, const struct chan_end *end,
			  const char *url, struct secret secret_token,
			  struct http_request *rq);
/* *url: where updates go now; "" nowhere. */
void tg_get_webhook_write(struct arena *a, const struct chan_end *end,
			  struct http_request *rq);
bool tg_get_webhook_read(struct arena *a, const struct http_reply *reply,
			 const char **url, enum chan_trouble *trouble,
			 struct err *err);

void tg_delete_webhook_write(struct arena *a, const struct chan_end *end,
			     struct http_request *rq);

/* Waits up to wait_s for what comes behind `offset` (0: the oldest), and
 * confirms all before it.  Messages only. */
void tg_get_updates_write(struct arena *a, const struct chan_end *end,
			  int64_t offset, int wait_s, struct http_request *rq);

void tg_get_chat_write(struct arena *a, const struct chan_end *end,
		       int64_t chat, struct http_request *rq);
struct tg_chat {
	int64_t id;
	const char *type, *title;
	bool is_forum;
	int64_t migrate_to; /* of a failed reading: CHAN_MIGRATED; else 0 */
};
bool tg_get_chat_read(struct arena *a, const struct http_reply *reply,
		      struct tg_chat *chat, enum chan_trouble *trouble,
		      struct err *err);

void tg_get_member_write(struct arena *a, const struct chan_end *end,
			 int64_t chat, int64_t user, struct http_request *rq);
struct tg_member {
	const char *status; /* creator administrator member restricted ... */
	bool is_there, is_admin, can_manage_topics, can_pin;
};
/* From a ChatMember object, wherever it stands. */
void tg_member(struct json_object *o, struct tg_member *member);
bool tg_get_member_read(struct arena *a, const struct http_reply *reply,
			struct tg_member *member, enum chan_trouble *trouble,
			struct err *err);

/* Not idempotent: the same name twice is two topics. */
void tg_create_topic_write(struct arena *a, const struct chan_end *end,
			   int64_t chat, const char *name,
			   struct http_request *rq);
bool tg_create_topic_read(struct arena *a, const struct http_reply *reply,
			  int64_t *topic, struct chan_sent *failure,
			  struct err *err);
/* Icon: a custom emoji of tg_get_icons_read(); NULL leaves it as it is. */
void tg_edit_topic_write(struct arena *a, const struct chan_end *end,
			 int64_t chat, int64_t topic, const char *name,
			 const char *icon, struct http_request *rq);
void tg_close_topic_write(struct arena *a, const struct chan_end *end,
			  int64_t chat, int64_t topic, struct http_request *rq);
void tg_reopen_topic_write(struct arena *a, const struct chan_end *end,
			   int64_t chat, int64_t topic,
			   struct http_request *rq);

/* What bots may use as a topic's icon: a JSON object {"emoji": "custom emoji
 * id"}. */
void tg_get_icons_write(struct arena *a, const struct chan_end *end,
			struct http_request *rq);
bool tg_get_icons_read(struct arena *a, const struct http_reply *reply,
		       const char **icons, enum chan_trouble *trouble,
		       struct err *err);

/* What groups are offered behind a slash, to those whose Telegram speaks this
 * language; NULL: to all others. */
struct tg_command {
	const char *word, *text;
};
void tg_set_commands_write(struct arena *a, const struct chan_end *end,
			   const struct tg_command *commands, size_t n,
			   const char *language, struct http_request *rq);

void tg_pin_write(struct arena *a, const struct chan_end *end, int64_t chat,
		  int64_t message, struct http_request *rq);
/* emoji NULL takes the bot's reaction off. */
void tg_react_write(struct arena *a, const struct chan_end *end, int64_t chat,
		    int64_t message, const char *emoji,
		    struct http_request *rq);
void tg_answer_callback_write(struct arena *a, const struct chan_end *end,
			      const char *query, const char *text,
			      struct http_request *rq);
/* The same as the body of the webhook's own answer. */
const char *tg_answer_callback_inline(struct arena *a, const char *query,
				      const char *text);

/* A text (out->kind is not looked at) with buttons below it, one a row; read
 * with chan_telegram.send_read.  Editing replaces both text and buttons. */
struct tg_button {
	const char *text;
	const char *data; /* 1 to 64 bytes */
};
void tg_ask_write(struct arena *a, const struct chan_end *end,
		  const struct chan_out *out, const struct tg_button *buttons,
		  size_t n, struct http_request *rq);
void tg_edit_write(struct arena *a, const struct chan_end *end, int64_t chat,
		   int64_t message, const char *text,
		   const struct tg_button *buttons, size_t n,
		   struct http_request *rq);

/* To one person: not to be forwarded, and links show no preview.  url, if
 * there is one (https), is opened by a button.  Read with
 * chan_telegram.send_read. */
struct tg_private {
	int64_t chat;
	const char *text;
	const char *button, *url; /* NULL: none */
};
void tg_private_write(struct arena *a, const struct chan_end *end,
		      const struct tg_private *m, struct http_request *rq);

/* getFile, then the bytes from /file/bot<token>/<path>. */
void tg_get_file_write(struct arena *a, const struct chan_end *end,
		       const char *file_id, struct http_request *rq);
bool tg_get_file_read(struct arena *a, const struct http_reply *reply,
		      const char **path, enum chan_trouble *trouble,
		      struct err *err);
void tg_download_write(struct arena *a, const struct chan_end *end,
		       const char *path, struct http_request *rq);

/* What a webhook brought.  Everything not listed is TG_OTHER: accepted, and
 * nothing else happens. */
enum tg_update_kind {
	TG_OTHER,
	TG_MESSAGE,  /* a person's message; m is filled */
	TG_EDITED,   /* the same, with edit_date */
	TG_SERVICE,  /* a message that tells of an event: service is set */
	TG_MEMBER,   /* my_chat_member */
	TG_CALLBACK, /* callback_query */
	TG_REACTION, /* message_reaction: emojis are all that now stand */

	/* Telegram Business: `connection` names whose account it is. */
	TG_CONNECTION,       /* begun, changed, ended */
	TG_BUSINESS_MESSAGE, /* in the owner's chat; m.author tells no more */
	TG_BUSINESS_EDITED,  /* the same, with edit_date */
	TG_BUSINESS_DELETED, /* deleted[] in chat_id */
};

enum tg_service {
	TG_SERVICE_OTHER,
	TG_TOPIC_CREATED,
	TG_TOPIC_EDITED,
	TG_TOPIC_CLOSED,
	TG_TOPIC_REOPENED,
	TG_GROUP_MIGRATED, /* migrate_to */
};

/* A personal account that lets the bot answer in some of its chats. */
struct tg_connection {
	const char *id;
	int64_t user_id; /* the account's owner */
	const char *user_name, *username;
	int64_t user_chat_id; /* where the bot may write to the owner */
	bool is_enabled, can_reply, can_read, can_delete;
	int64_t told_at; /* the service's time; an older word is void */
};

/* No string is NULL unless said so. */
struct tg_update {
	int64_t update_id;
	enum tg_update_kind kind;
	enum tg_service service;

	int64_t chat_id;
	const char *chat_type; /* private group supergroup channel */
	const char *chat_title;
	/* Of a private chat: the person there. */
	const char *chat_name, *chat_username;
	bool is_forum;
	int64_t message_id;
	int64_t topic; /* message_thread_id of a topic message; 0: General */
	int64_t from_id;
	bool from_is_bot, from_is_group; /* anonymous administrator */
	const char *from_name, *from_username;
	const char *from_language; /* "ru"; "": not told */
	const char *album;         /* media_group_id or NULL */
	const char *command;       /* "/getid" without @bot; NULL: none */
	const char *command_bot;   /* the name behind @, or NULL */
	const char *command_args;  /* what follows, trimmed; "": nothing */

	/* A real quote; the topic's own service message does not count. */
	int64_t reply_to;
	int64_t reply_by_bot; /* a bot wrote what is quoted; 0: nobody known */
	const char *reply_text; /* its words; "": none */
	int64_t edited_at;      /* TG_EDITED */
	/* forum_topic_created that a message answers: the topic it names, and
	 * who made it.  NULL: none. */
	const char *reply_topic_name;
	int64_t reply_topic_by;
	int64_t migrate_to;

	/* TG_MEMBER */
	const char *member_status, *member_old_status;
	bool member_can_manage_topics, member_can_pin;

	/* TG_CALLBACK */
	const char *callback_id, *callback_data;

	/* TG_REACTION.  Signs that only some may set are left out. */
	const char **emojis;
	size_t n_emojis;
	int64_t reacted_at;

	/* TG_CONNECTION and TG_BUSINESS_*. */
	const char *connection; /* business_connection_id; "": none */
	int64_t sent_by_bot;    /* sender_business_bot: a bot's, not typed */
	struct tg_connection business; /* TG_CONNECTION */
	const int64_t *deleted;        /* TG_BUSINESS_DELETED */
	size_t n_deleted;

	/* TG_MESSAGE and TG_EDITED; m.author is CHAN_SELLER in groups. */
	struct chan_message m;
};

/* False: it claims to be a kind we handle and is not understood (quarantine).
 * update_id is filled whenever it is there. */
bool tg_update_read(struct arena *a, struct json_object *body,
		    struct tg_update *u, struct err *err);

/* What tg_get_updates_write() brought, in order.  One that is not understood is
 * TG_OTHER; its update_id counts all the same. */
bool tg_get_updates_read(struct arena *a, const struct http_reply *reply,
			 struct tg_update **list, size_t *n,
			 enum chan_trouble *trouble, struct err *err);

/* The connection as it is now; one that is not known any more is ERR_INPUT
 * with CHAN_NOT_CONNECTED. */
void tg_get_connection_write(struct arena *a, const struct chan_end *end,
			     const char *id, struct http_request *rq);
bool tg_get_connection_read(struct arena *a, const struct http_reply *reply,
			    struct tg_connection *c, enum chan_trouble *trouble,
			    struct err *err);

/* "tg://…"-free link to a topic for people: https://t.me/c/<n>/<topic>. */
const char *tg_topic_link(struct arena *a, int64_t chat, int64_t topic);

#endif
