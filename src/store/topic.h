/*
 * topic.h - where a dialog lives in the team's group: topic and card.
 */
#ifndef STORE_TOPIC_H
#define STORE_TOPIC_H

#include "store/delivery.h"

/* The topic, by compare-and-set on the former one: false with ERR_CONFLICT
 * when somebody else was faster, unless it was with the same topic. */
bool dialog_set_topic(struct db *db, struct arena *a, const struct delivery *d,
		      int64_t bot_id, int64_t group_id, int64_t topic_id,
		      int64_t now, struct err *err);
bool dialog_drop_topic(struct db *db, struct arena *a, const struct delivery *d,
		       struct err *err);
bool dialog_set_card(struct db *db, struct arena *a, const struct delivery *d,
		     int64_t card_id, struct err *err);

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
