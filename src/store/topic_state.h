/*
 * topic_state.h - what a dialog's topic shows of the dialog.
 *
 * Its title and icon say how things stand: "new" (the buyer waits),
 * "answered", "closed"; a closed dialog's topic is closed.  A task
 * "topic.state" (subject: the dialog) shows what is true when it runs.
 */
#ifndef STORE_TOPIC_STATE_H
#define STORE_TOPIC_STATE_H

#include "store/db.h"

struct topic_view {
	int64_t dialog_id, client_id;
	const char *buyer_name, *item_title;
	const char *state; /* as it is */
	/* Where; topic_id 0: nowhere. */
	int64_t bot_id, chat_id, topic_id;
	bool bot_broken;
	const char *icons; /* JSON: {"emoji": "custom emoji id"} */

	/* As the topic was when we changed it last; "" and 0: never. */
	const char *shown_state, *shown_title;
	bool shown_closed;
	int64_t shown_at;
};

/* ERR_MISSING. */
bool topic_view_find(struct db *db, struct arena *a, int64_t dialog_id,
		     struct topic_view *v, struct err *err);

/* The topic, if it still is the dialog's, now shows v's shown_*; *current: that
 * is what it shall show. */
bool topic_view_shown(struct db *db, struct arena *a,
		      const struct topic_view *v, bool *current,
		      struct err *err);

/* Something about the dialog has changed.  Inside the caller's transaction. */
bool topic_state_ask(struct db *db, struct arena *a, int64_t client_id,
		     int64_t dialog_id, int64_t now, const char *request_id,
		     struct err *err);

/* A person has closed or opened a topic: so is the dialog that lives there
 * now, unless the buyer wrote after that. */
struct topic_touch {
	int64_t client_id, bot_id, chat_id, topic_id;
	bool closed;
	int64_t at, now; /* when it was done, when we are told */
	const char *request_id;
};
bool topic_touched(struct db *db, struct arena *a, const struct topic_touch *t,
		   struct err *err);

#endif
