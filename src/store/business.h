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

/* Of these sources, by source and id. */
bool businesses_list(struct db *db, struct arena *a, const int64_t *sources,
		     size_t n_sources, struct business **list, size_t *n,
		     struct err *err);

#endif
