/*
 * source_hook.h - updates of a bot that is a Telegram source: what people write
 * to it in private, and what its business connections bring.
 */
#ifndef CORE_SOURCE_HOOK_H
#define CORE_SOURCE_HOOK_H

#include "chan/telegram.h"
#include "store/db.h"

enum source_result {
	SOURCE_NOT_OURS, /* the bot is no source, or it is none of its updates */
	SOURCE_TAKEN,
	/* Nobody has told us of the connection yet: a task asks, and Telegram
	 * shall bring the update again. */
	SOURCE_LATER,
	/* The same, and it has not helped for long: to quarantine. */
	SOURCE_LOST,
};

struct source_hook {
	int64_t client_id, bot_id;
	const struct tg_update *u;
	int64_t now;
	const char *request_id;
	bool ring;                 /* out: there is work for the daemon */
	enum source_result result; /* out */
};

/* Inside the caller's transaction. */
bool source_hook(struct db *db, struct arena *a, struct source_hook *h,
		 struct err *err);

#endif
