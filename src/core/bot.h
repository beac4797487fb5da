/*
 * bot.h - the rules for Telegram bots.
 *
 * All run inside the caller's transaction.  Nothing outside is asked here:
 * the daemon checks the token and sets the webhook, for which tasks are left
 * (the caller rings the doorbell after its commit).  What is wrong with the
 * input is noted in `problems`, and the first of it in *err.
 */
#ifndef CORE_BOT_H
#define CORE_BOT_H

#include "base/secret.h"
#include "core/problems.h"
#include "store/bot.h"

/* From b: client_id, group_chat_id, topic_mode.  Sets b->id and all else. */
bool bot_add(struct db *db, struct arena *a, struct bot *b, struct secret token,
	     int64_t now, struct problems *problems, struct err *err);

/* `before` is what bot_lock() gave; a token without bytes stays as it is. */
bool bot_change(struct db *db, struct arena *a, const struct bot *before,
		struct bot *b, struct secret token, int64_t now,
		struct problems *problems, struct err *err);

/* A new webhook secret; the former one is good until Telegram has confirmed
 * the new one. */
bool bot_renew_webhook(struct db *db, struct arena *a, struct bot *b,
		       int64_t now, struct err *err);

/* Telegram sends this bot's updates to us no more, until it is renewed.  One
 * task for both, so that the last one asked for is what becomes of it. */
bool bot_drop_webhook(struct db *db, struct arena *a, const struct bot *b,
		      int64_t now, struct err *err);

/* ERR_CONFLICT while something uses it. */
bool bot_remove(struct db *db, struct arena *a, const struct bot *b,
		int64_t now, struct err *err);

/* Token, group and webhook are looked at, and the webhook is set anew. */
bool bot_check(struct db *db, struct arena *a, struct bot *b, int64_t now,
	       struct err *err);

/* Where Telegram sends a bot's updates, up to the secret: a Telegram source
 * without a group has an address of its own.  Ids of what it is not are 0. */
const char *bot_hook_address(struct arena *a, const char *webhook_base_url,
			     int64_t bot_id, int64_t group_chat_id,
			     int64_t source_id);

/* For owners and administrators only: whoever knows it can speak as
 * Telegram. */
bool bot_webhook_url(struct arena *a, const char *webhook_base_url,
		     const struct bot *b, const char **url, struct err *err);

#endif
