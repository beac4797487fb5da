/*
 * master_answer.h - what the master bot says to whoever writes to it.
 *
 * A question is taken down as a task in the transaction that moves past its
 * update, and answered from there: so each is answered though daemons die, and
 * one person's answer never waits for another's.  Somebody who writes faster
 * than they are answered gets one answer to the last of it.
 */
#ifndef CORE_MASTER_ANSWER_H
#define CORE_MASTER_ANSWER_H

#include "base/json.h"
#include "chan/telegram.h"
#include "core/settings.h"
#include "store/db.h"

/* Leaves the task that will answer; nothing for what needs no answer: groups,
 * other bots, what is no message. */
bool master_take(struct db *db, struct arena *a, int64_t bot_id,
		 const struct tg_update *u, int64_t now, struct err *err);

/* The bot that was asked, from such a task's args. */
int64_t master_asked(struct json_object *args);

/* The words for such a task's args.  A link is made where one is due; doing
 * the same again replaces it.  *what: a word for the log. */
bool master_answer(struct db *db, struct arena *a, const struct settings *s,
		   struct json_object *args, int64_t now, struct tg_private *m,
		   const char **what, struct err *err);

#endif
