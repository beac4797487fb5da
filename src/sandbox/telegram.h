/*
 * telegram.h - the stand-in for the Telegram Bot API, as the rest of the
 * sandbox sees it.
 */
#ifndef SANDBOX_TELEGRAM_H
#define SANDBOX_TELEGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"
#include "sandbox/http.h"

/* A request under /telegram. */
void telegram_route(struct req *rq);
/* A request under /control/telegram.  False: no such path. */
bool telegram_control(struct req *rq);

/* retry_after 0: none. */
const char *telegram_error_body(struct arena *a, int status,
				int64_t retry_after);

/* The member "telegram" of the state; the caller's. */
struct json_object *telegram_state(void);

/* Before the arena of the world ends. */
void telegram_reset(void);

/* What a waiter wants of one chat; NULL, 0 and thread -1 want nothing. */
struct telegram_wish {
	const char *chat, *author, *kind, *text, *emoji;
	int64_t thread, count, topics, reaction, pinned;
	bool messages; /* are messages counted at all? */
};

bool telegram_wish_holds(const struct telegram_wish *w);
/* url NULL: any. */
bool telegram_has_webhook(int64_t bot, const char *url);

#endif
