/*
 * telegram_small.h - what tasks share that speak in a bot's group.
 */
#ifndef DAEMON_TASK_TELEGRAM_SMALL_H
#define DAEMON_TASK_TELEGRAM_SMALL_H

#include "daemon/run.h"

/* Nobody has told the bot to wait in this chat, neither a message nor another
 * task.  false: the run has ended and comes again. */
bool small_is_open(struct run *r, int64_t bot_id, int64_t chat);

/* Ends the run; being told to wait counts for all that the bot says there. */
void small_failed(struct run *r, int64_t bot_id, int64_t chat,
		  const struct err *err);

#endif
