/*
 * invite.h - the rules for invitations: who may make them, and what their
 * codes are good for.
 *
 * A code is 128 random bits, shown once to who made it and kept as a hash.  It
 * is good for a number of uses and a time, and makes its bearer owner or
 * manager of the client, never an administrator.
 *
 * All run inside the caller's transaction.
 */
#ifndef CORE_INVITE_H
#define CORE_INVITE_H

#include "base/secret.h"
#include "core/problems.h"
#include "core/session.h"
#include "store/invite.h"

#define INVITE_USES_DEFAULT 1
#define INVITE_USES_MAX     1000
#define INVITE_DAYS_DEFAULT 7
#define INVITE_DAYS_MAX     365

/* Words, NULL at the end. */
extern const char *const invite_roles[];

/* "active", "used", "expired", "revoked" */
const char *invite_status(const struct invite *i, int64_t now);

struct invite_wish {
	int64_t client_id;
	const char *role;
	bool assigned_only;
	int64_t uses, days;
	int64_t maker_id; /* 0: the operator */
	enum role maker;  /* nobody invites to more than they are */
};

/* *i is what was made, *code what its bearer shows.  ERR_INPUT names
 * the field. */
bool invite_create(struct db *db, struct arena *a,
		   const struct invite_wish *wish, int64_t now,
		   struct invite *i, struct secret *code,
		   struct problems *problems, struct err *err);

/* Uses it once and binds the rest of the transaction to its client; of several
 * at once no more succeed than there are uses left.  Only what commits counts.
 * i->role and i->assigned_only are what the bearer becomes.  ERR_MISSING: it is
 * unknown, used up, revoked or expired. */
bool invite_take(struct db *db, struct arena *a, int64_t client_id, int64_t id,
		 int64_t now, struct invite *i, struct err *err);

/* Where Telegram opens the master bot with the code; NULL when the bot's name
 * is not known ("" or NULL). */
const char *invite_link(struct arena *a, const char *bot_name,
			struct secret code);

#endif
