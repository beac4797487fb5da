/*
 * message.h - messages coming in: stored once, with all they cause.
 *
 * Each message_take_*() stores a message and, in the same statement, its
 * attachment, its place in the lane and its delivery, and moves the dialog's
 * counters; a message that is already there changes nothing and leaves *id 0.
 * All run inside the caller's transaction.
 *
 * A further item of an album is added to the message that its first item made,
 * and *id is that one's, as long as its delivery has not begun; a later one is
 * a message of its own.
 */
#ifndef STORE_MESSAGE_H
#define STORE_MESSAGE_H

#include "store/db.h"

struct message_file {
	const char *kind;
	const char *url, *ref, *mime, *name; /* NULL: not told */
	int64_t bytes;
	int width, height, duration_s;
	const char *sha256; /* lies in MEDIA_DIR already; NULL: not yet */
};

struct message_in {
	int64_t client_id;
	const char *source; /* "avito", "telegram" */
	int64_t source_id;  /* Avito account, Telegram source */
	const char *chat;   /* external chat id */
	const char *external_id;
	const char *author_id, *author_name;
	const char *kind, *foreign_kind, *text;
	const char *entities, *data, *album; /* as in chan/chan.h; or NULL */
	const char *quote_id;                /* or NULL */
	const struct message_file *files;
	size_t n_files;
	int64_t item_id;      /* 0: not told */
	const char *buyer_id; /* "" when not told by this message */
	int64_t written_at, now;
	const char *request_id;
	bool history; /* stored, not relayed */
};

/* The dialog of an Avito chat exists afterwards.  Only put into the pipe. */
void dialog_queue_make(struct db *db, struct arena *a,
		       const struct message_in *m);

/* What a source brings may be kept back by the project's filters, which do not
 * look at history. */

/* From the buyer: relayed to the team. */
bool message_take_buyer(struct db *db, struct arena *a,
			const struct message_in *m, int64_t *id,
			struct err *err);

/* From the service itself: relayed only if the project wants it. */
bool message_take_system(struct db *db, struct arena *a,
			 const struct message_in *m, int64_t *id,
			 struct err *err);

/*
 * Our own message came back.  Known as a copy of what we sent: nothing.
 * While a send of ours is open: parked, and the lane is looked at again when
 * that send is unsure.  Else it was typed in the service's app: relayed to
 * the team, and it counts as an answer.
 */
bool message_take_own(struct db *db, struct arena *a,
		      const struct message_in *m, int64_t *id, struct err *err);

/* After the open send of a dialog has ended: what is still parked was typed
 * in the app after all, and goes its way. */
bool messages_unpark(struct db *db, struct arena *a, int64_t client_id,
		     int64_t dialog_id, int64_t now, struct err *err);

/* What has happened in a dialog, in our words: shown in the web and, unless
 * the dialog is archived, in the topic.  The same key again changes nothing. */
struct dialog_event {
	int64_t client_id, dialog_id;
	const char *key, *text;
	int64_t now;
	const char *request_id;
};
bool message_take_event(struct db *db, struct arena *a,
			const struct dialog_event *e, int64_t *id,
			struct err *err);

/* An operator's message in a topic: to the buyer, unless it is a note.  *id 0
 * also when the topic is no dialog's, the bot is not the dialog's, or the
 * person may not. */
struct topic_message {
	int64_t client_id, bot_id, chat_id, topic_id, message_id, update_id;
	int64_t from_id;
	const char *from_name, *from_username; /* the latter or NULL */
	const char *kind, *text;
	const char *entities, *data, *album; /* or NULL */
	const char *quote_id;                /* or NULL */
	const struct message_file *files;
	size_t n_files;
	bool is_note; /* stays inside */
	/* By somebody's decision, who may; 0: by the topic. */
	int64_t dialog_id;
	int64_t written_at, now;
	const char *request_id;
};
bool message_take_topic(struct db *db, struct arena *a,
			const struct topic_message *m, int64_t *id,
			struct err *err);

/* Typed in the web inbox: to the buyer and, so that colleagues see it, to the
 * topic.  The same client_ref again gives the first one's id. */
struct web_row {
	int64_t client_id, dialog_id, user_id;
	const char *user_name, *text;
	const char *client_ref; /* or NULL */
	const struct message_file *files;
	size_t n_files;
	int64_t quote_message_id; /* 0: none; of this dialog */
	int64_t now;
	const char *request_id;
};
bool message_take_web(struct db *db, struct arena *a, const struct web_row *m,
		      int64_t *id, struct err *err);

#endif
