/*
 * topic.h - where a dialog lives in the team's group: topic and card.
 */
#ifndef STORE_TOPIC_H
#define STORE_TOPIC_H

#include "store/delivery.h"

/* The topic, by compare-and-set on the former one: false with ERR_CONFLICT
 * when somebody else was faster. */
bool dialog_set_topic(struct db *db, struct arena *a, const struct delivery *d,
		      int64_t bot_id, int64_t group_id, int64_t topic_id,
		      int64_t now, struct err *err);
bool dialog_drop_topic(struct db *db, struct arena *a, const struct delivery *d,
		       struct err *err);
bool dialog_set_card(struct db *db, struct arena *a, const struct delivery *d,
		     int64_t card_id, struct err *err);

#endif
