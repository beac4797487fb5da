/*
 * source_chat.h - the chats of people with a Telegram source: what a webhook
 * of its bot asks and leaves before a message is stored (store/message.h).
 *
 * All run inside the caller's transaction.  Lanes are locked before dialogs,
 * as everywhere: source_chat_open() therefore writes to no dialog that is
 * there already, and what has changed about one is written by
 * source_chat_queue_told() behind its message.
 */
#ifndef STORE_SOURCE_CHAT_H
#define STORE_SOURCE_CHAT_H

#include "store/db.h"

/* A chat as an update tells it. */
struct source_chat {
	int64_t client_id, bot_id;
	const char *chat;       /* "501", "501@900" */
	const char *connection; /* business_connection_id; NULL: none */
	const char *buyer_id, *buyer_name, *buyer_url;
	const char *language; /* "": not told */
	const char *origin;   /* what led the person here; "": not told */
	int64_t at, now;
};

/* And as it is here. */
struct source_found {
	int64_t source_id; /* 0: the bot is no source, or a paused one */
	/* With a connection: its owner, 0: nobody told us of it yet. */
	int64_t connection_id, owner_id;
	int64_t dialog_id; /* 0: somebody else is making it just now */
	bool is_blocked;
	bool is_told; /* what the update tells is here already */
};

/* Whose chat it is; chat is not looked at.  For updates of a connection,
 * whose owner is part of the chat's name. */
bool source_find(struct db *db, struct arena *a, const struct source_chat *c,
		 struct source_found *found, struct err *err);

/* The dialog of that chat exists afterwards, unless found->source_id is 0. */
bool source_chat_open(struct db *db, struct arena *a,
		      const struct source_chat *c, struct source_found *found,
		      struct err *err);

/* The same without making one: dialog_id 0 for none. */
bool source_chat_find(struct db *db, struct arena *a,
		      const struct source_chat *c, struct source_found *found,
		      struct err *err);

/* Name, address, language, connection, and the origin if there was none.
 * Only put into the pipe. */
void source_chat_queue_told(struct db *db, struct arena *a,
			    const struct source_chat *c, int64_t dialog_id,
			    int64_t connection_id);

/*
 * This person takes messages no more (blocked_at), or takes them again (0),
 * and then what waited goes on.  Locks the dialog's lanes.  *changed: it was
 * otherwise before.
 */
bool dialog_set_blocked(struct db *db, struct arena *a, int64_t client_id,
			int64_t dialog_id, int64_t blocked_at, int64_t now,
			bool *changed, struct err *err);

#endif
