/*
 * guest.h - who writes to the master bot, and what they were invited to.
 *
 * For the daemon, which sees all clients.
 */
#ifndef STORE_GUEST_H
#define STORE_GUEST_H

#include "store/db.h"

struct guest {
	int64_t user_id; /* whose confirmed account it is; 0: nobody's */
	bool is_disabled;
	const char *client; /* the name of their client; "": none */
};

bool guest_find(struct db *db, struct arena *a, int64_t telegram_user_id,
		struct guest *g, struct err *err);

struct guest_invite {
	int64_t id; /* 0: there was never one with that code */
	const char *client, *role;
	bool is_good; /* neither revoked nor expired nor used up */
};

bool guest_invite_find(struct db *db, struct arena *a, const char *code_hash,
		       int64_t now, struct guest_invite *i, struct err *err);

#endif
