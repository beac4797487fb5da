/*
 * complaint.h - the bot's word to the team that a message did not arrive.
 *
 * One for each delivery that ever failed, said in the topic and edited
 * afterwards.  A row says that there is one; what it shows follows from the
 * delivery as it is when the task "telegram.complaint" (subject: the delivery)
 * runs, so the order in which things happened to it does not matter.
 */
#ifndef STORE_COMPLAINT_H
#define STORE_COMPLAINT_H

#include "store/db.h"

/* An operator's message has failed for good.  Inside the caller's
 * transaction, as the next two. */
bool complaint_raise(struct db *db, struct arena *a, int64_t client_id,
		     int64_t delivery_id, int64_t now, const char *request_id,
		     struct err *err);

/* Something became of the delivery: its complaint, if there is one, shows it.
 * Only put into the pipe. */
void complaint_queue_show(struct db *db, struct arena *a, int64_t delivery_id,
			  int64_t now, const char *request_id);

/* The same after a person's decision; `who` may be "". */
bool complaint_decided(struct db *db, struct arena *a, int64_t delivery_id,
		       const char *who, int64_t now, const char *request_id,
		       struct err *err);

/* What a complaint shows, and where. */
struct complaint {
	int64_t delivery_id;
	const char *state, *reason; /* the delivery's */
	int64_t attempt_id;         /* the last one; 0: none */
	bool is_unsure;             /* its outcome is not known */
	bool is_confirmed;          /* a person said that it arrived */
	const char *decided_by;     /* "" nobody */
	int64_t changed_at;         /* the delivery */

	/* Of a text that was to go by itself; else "". */
	const char *robots_text;
	const char *buyer_name, *item_title;

	/* Where it stands; message_id 0: not said yet. */
	int64_t bot_id, chat_id, message_id;

	/* Where the dialog is now; topic_bot_id 0: nowhere. */
	int64_t topic_bot_id, group_id, topic_id;
	int64_t reply_to; /* the operator's message; 0: written elsewhere */
};

/* ERR_MISSING: there is none (any more). */
bool complaint_find(struct db *db, struct arena *a, int64_t delivery_id,
		    struct complaint *c, struct err *err);

/* It stands there now: c's bot, chat and message. */
bool complaint_said(struct db *db, struct arena *a, const struct complaint *c,
		    struct err *err);

/* A button below a complaint, pressed. */
struct complaint_press {
	int64_t client_id, bot_id, chat_id;
	int64_t topic_id; /* 0: not told */
	int64_t message_id;
	int64_t from_id;
	int64_t delivery_id;
};

/* The complaint as *c, with its lane locked, so that its state stays.
 * ERR_MISSING: it is not one of this bot's in this group and topic;
 * ERR_DENIED: this person is no operator. */
bool complaint_lock(struct db *db, struct arena *a,
		    const struct complaint_press *p, struct complaint *c,
		    struct err *err);

#endif
