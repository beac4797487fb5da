/*
 * master_bot.h - how the master bot is doing: one row.
 *
 * Which token is in force is core/master.h's business; telegram_id says whose
 * state this is.
 */
#ifndef STORE_MASTER_BOT_H
#define STORE_MASTER_BOT_H

#include "store/db.h"

struct master_bot {
	int64_t telegram_id; /* 0: there is none */
	const char *username;
	const char *status;     /* "off", "checking", "active", "error" */
	const char *last_error; /* for people; NULL: none */
	int64_t update_id; /* the last one whose effect is stored; 0: none */
	int64_t polled_at;
};

bool master_bot_find(struct db *db, struct arena *a, struct master_bot *m,
		     struct err *err);

/* Another bot, or another token of the same: nothing is known of it yet.
 * telegram_id 0: none any more. */
bool master_bot_begin(struct db *db, struct arena *a, int64_t telegram_id,
		      struct err *err);

/* What was found out about it; nothing happens when it is another one by now.
 * username NULL: as before. */
bool master_bot_record(struct db *db, struct arena *a, int64_t telegram_id,
		       const char *status, const char *error,
		       const char *username, struct err *err);

/* A poll that began behind `from` has come to `to`, and what it brought is in
 * the same transaction.  *mine false: somebody else was there first. */
bool master_bot_advance(struct db *db, struct arena *a, int64_t telegram_id,
			int64_t from, int64_t to, int64_t now, bool *mine,
			struct err *err);

/* A client's bot has that number? */
bool master_bot_is_clients(struct db *db, struct arena *a, int64_t telegram_id,
			   bool *yes, struct err *err);

#endif
