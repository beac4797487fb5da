/*
 * telegram_source.h - the rules for Telegram sources.
 *
 * All run inside the caller's transaction.  Nothing outside is asked here: the
 * daemon checks the bot and sets its webhook, for which tasks are left (the
 * caller rings the doorbell after its commit).  What is wrong with the input is
 * noted in `problems`, and the first of it in *err.
 */
#ifndef CORE_TELEGRAM_SOURCE_H
#define CORE_TELEGRAM_SOURCE_H

#include "base/secret.h"
#include "core/problems.h"
#include "store/telegram_source.h"

/* From s: client_id (0: the project's), project_id, monitoring, auto_reply,
 * and bot_id unless a token names the bot: a new one, or one that the client
 * has already.  Sets s->id and s->bot_id. */
bool telegram_source_add(struct db *db, struct arena *a,
			 struct telegram_source *s, struct secret token,
			 int64_t now, struct problems *problems,
			 struct err *err);

/* `before` is what telegram_source_lock() gave; a token without bytes leaves
 * the bot's as it is. */
bool telegram_source_change(struct db *db, struct arena *a,
			    const struct telegram_source *before,
			    struct telegram_source *s, struct secret token,
			    int64_t now, struct problems *problems,
			    struct err *err);

/* ERR_CONFLICT while it has dialogs, unless those shall go with it.  Its bot
 * stays. */
bool telegram_source_remove(struct db *db, struct arena *a,
			    const struct telegram_source *s, bool with_dialogs,
			    int64_t now, struct err *err);

#endif
