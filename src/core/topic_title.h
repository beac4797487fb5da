/*
 * topic_title.h - what a dialog's topic is called, and its icon.
 */
#ifndef CORE_TOPIC_TITLE_H
#define CORE_TOPIC_TITLE_H

#include "store/db.h"

/* "Анна · Велосипед": at most 128 UTF-16 units, never empty. */
const char *topic_title(struct arena *a, const char *buyer_name,
			const char *item_title);

/* The same with the sign of a state (store/topic_state.h) in front. */
const char *topic_title_with(struct arena *a, const char *title,
			     const char *state);

/* The custom emoji of a state among those that bots may use, as
 * bots.topic_icons has them; NULL: none that fits is there. */
const char *topic_icon(struct arena *a, const char *icons, const char *state);

/* The dialog's buyer or ad may have a name now: a title that says otherwise is
 * mended.  Inside the caller's transaction. */
bool topic_title_mend(struct db *db, struct arena *a, int64_t dialog_id,
		      int64_t now, const char *request_id, struct err *err);

#endif
