/*
 * business.h - personal accounts that let a source's bot answer for them
 * (Telegram Business).
 *
 * One row for each owner and source: Telegram names a connection anew whenever
 * its owner connects again.
 */
#ifndef STORE_BUSINESS_H
#define STORE_BUSINESS_H

#include "store/db.h"

struct business {
	int64_t id, client_id, source_id;
	const char *external_id; /* Telegram's name of the connection */
	int64_t user_id;         /* its owner */
	const char *user_name, *username;
	int64_t user_chat_id; /* where the bot may write to the owner */
	bool is_enabled, can_reply, can_read, can_delete;
	int64_t told_at; /* by Telegram's clock */
};

/*
 * As Telegram tells it, of a bot that is a source: from external_id on; sets
 * b->id, which stays 0 where the bot is none, or where a later connection of
 * that owner is known.
 */
bool business_store(struct db *db, struct arena *a, struct business *b,
		    int64_t bot_id, int64_t now, struct err *err);

/* ERR_MISSING.  By its id, and the bot whose source it belongs to. */
bool business_find(struct db *db, struct arena *a, int64_t id,
		   struct business *b, int64_t *bot_id, struct err *err);

/* Telegram has refused to act for it: it has ended, or (with `is_enabled`) may
 * not be answered for.  Nothing if it has been connected anew meanwhile. */
bool business_refused(struct db *db, struct arena *a, int64_t id,
		      const char *external_id, bool is_enabled,
		      struct err *err);

/* Of these sources, by source and id. */
bool businesses_list(struct db *db, struct arena *a, const int64_t *sources,
		     size_t n_sources, struct business **list, size_t *n,
		     struct err *err);

#endif
