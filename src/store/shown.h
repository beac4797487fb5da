/*
 * shown.h - a message as it stands now, and where it can be seen.
 *
 * For what is done to messages after they were sent: a task names the message
 * and finds here what it shall look like, and which copies look otherwise.
 */
#ifndef STORE_SHOWN_H
#define STORE_SHOWN_H

#include "store/delivery.h"

struct shown_copy {
	const char *place;
	int64_t place_id;
	int part;
	const char *external_id;
	int64_t created_at;
};

struct shown {
	/* Message, files, dialog, and where the team is; nothing of a lane. */
	struct delivery d;
	int64_t changed_at; /* edited or deleted; 0: neither */
	/* One of its deliveries is at work on it, or half done: what it has
	 * shown can only be told afterwards. */
	bool is_moving;
	struct shown_copy *copies; /* by place and part */
	size_t n_copies;
};

/* ERR_MISSING. */
bool shown_find(struct db *db, struct arena *a, int64_t message_id,
		struct shown *s, struct err *err);

/* All messages that one copy shows (joined texts), in their order; the message
 * itself is among them. */
bool shown_company(struct db *db, struct arena *a, int64_t client_id,
		   const struct shown_copy *copy, int64_t **ids, size_t *n,
		   struct err *err);

/* How the driver reaches a dialog's buyer.  ERR_MISSING. */
struct shown_chat {
	const char *source, *chat;
	const char *connection; /* "": none, or none any more */
	int64_t source_id;
	int64_t bot_id; /* of a Telegram source; else 0 */
};
bool shown_chat(struct db *db, struct arena *a, int64_t dialog_id,
		struct shown_chat *c, struct err *err);

/* The newest message of a customer of a connected account that the team has
 * seen, if its owner lets the bot read; external_id "": there is none. */
struct shown_newest {
	const char *external_id, *chat, *connection;
	int64_t source_id, bot_id;
};
bool shown_newest(struct db *db, struct arena *a, int64_t dialog_id,
		  struct shown_newest *m, struct err *err);

/* A copy that a longer text needed, and one that is gone.  Inside the caller's
 * transaction. */
bool shown_copy_put(struct db *db, struct arena *a, const struct shown *s,
		    const struct shown_copy *copy, struct err *err);
bool shown_copy_drop(struct db *db, struct arena *a, const struct shown *s,
		     const struct shown_copy *copy, struct err *err);

#endif
