/*
 * topic.h - where a dialog lives in the team's group: topic and card.
 */
#ifndef STORE_TOPIC_H
#define STORE_TOPIC_H

#include "store/delivery.h"

/* The topic and what it is called, by compare-and-set on the former one: false
 * with ERR_CONFLICT when somebody else was faster, unless it was with the same
 * topic.  topic_id 0: the dialog lives in a group without topics.  *continues:
 * it had another topic before, of which the new one says nothing yet. */
bool dialog_set_topic(struct db *db, struct arena *a, const struct delivery *d,
		      int64_t bot_id, int64_t group_id, int64_t topic_id,
		      const char *title, int64_t now, bool *continues,
		      struct err *err);
bool dialog_drop_topic(struct db *db, struct arena *a, const struct delivery *d,
		       struct err *err);
bool dialog_set_card(struct db *db, struct arena *a, const struct delivery *d,
		     int64_t card_id, struct err *err);

bool dialog_set_reopened(struct db *db, struct arena *a,
			 const struct delivery *d, struct err *err);

/* The topic has said that it continues a former one. */
bool dialog_set_introduced(struct db *db, struct arena *a,
			   const struct delivery *d, struct err *err);

/* What was said in a dialog before a delivery's message, oldest first: the
 * last ones that the team may see. */
struct topic_line {
	const char *when; /* "21.11 14:05", by the project's clock */
	const char *author, *author_name, *kind, *text;
	bool is_note, is_deleted;
};
bool topic_lines(struct db *db, struct arena *a, const struct delivery *d,
		 const char *timezone, int limit, struct topic_line **list,
		 size_t *n, struct err *err);

/* A topic that people write in and we do not know. */
struct topic_unknown {
	int64_t client_id, bot_id;
	int64_t chat_id, topic_id;
	const char *name;
	int64_t made_by; /* Telegram's id of who made it */
	int64_t now;
};

/*
 * Making it may have been ours, with the answer lost: this bot made it, and
 * just one dialog had its topic made under that name without knowing what
 * came of it.  Then the topic is that dialog's: its own if it has none, else
 * one more under which it is found.  Each such attempt is bound once.
 */
bool topic_adopt(struct db *db, struct arena *a, const struct topic_unknown *t,
		 bool *adopted, struct err *err);

#endif
