/*
 * bot_say.h - a short answer of the bot to somebody in its group.
 */
#ifndef CORE_BOT_SAY_H
#define CORE_BOT_SAY_H

#include "chan/telegram.h"
#include "store/db.h"

/* Something that a person did in a group of ours. */
struct in_group {
	int64_t client_id, bot_id;
	const struct tg_update *u;
	int64_t now;
	const char *request_id;
	bool ring; /* out: there is work for the daemon */
};

/* As a reply, by the daemon.  Inside the caller's transaction. */
bool bot_say(struct db *db, struct arena *a, struct in_group *g,
	     const char *text, struct err *err);

#endif
