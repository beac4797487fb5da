/*
 * changed.h - what an update of Telegram says of a message that is here
 * already: edited, deleted, reacted to.
 *
 * Inside the caller's transaction.  What is not known changes nothing.
 */
#ifndef CORE_CHANGED_H
#define CORE_CHANGED_H

#include "chan/telegram.h"
#include "store/db.h"

struct changed {
	const struct tg_update *u;
	int64_t client_id;
	/* At a source: it, and the chat as messages are called there; in a
	 * working group: 0, NULL, and the bot whose update it is. */
	int64_t source_id;
	const char *chat;
	int64_t bot_id;
	int64_t now;
	const char *request_id;

	/* The answer. */
	bool ring;           /* there is work for the daemon */
	const char *refusal; /* to tell the author, in Russian; NULL: nothing */
};

/* TG_EDITED, TG_BUSINESS_EDITED, TG_BUSINESS_DELETED and TG_REACTION; others
 * are left alone. */
bool changed_take(struct db *db, struct arena *a, struct changed *c,
		  struct err *err);

#endif
