/*
 * telegram_small.h - what tasks share that speak in a bot's group.
 */
#ifndef DAEMON_TASK_TELEGRAM_SMALL_H
#define DAEMON_TASK_TELEGRAM_SMALL_H

#include "daemon/run.h"

/* Nobody has told the bot to wait, neither a message nor another task, and its
 * quota is not used up; of a message (message_to, else 0) the chat's neither.
 * false: the run has ended and comes again. */
bool small_is_open(struct run *r, int64_t bot_id, int64_t message_to);

/* Ends the run; being told to wait counts for all that the bot says. */
void small_failed(struct run *r, int64_t bot_id, const struct err *err);

#endif
