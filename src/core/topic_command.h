/*
 * topic_command.h - an operator's command: who may, and what it does.
 *
 * In a dialog's topic, or as a reply to a message of it.  Every command is
 * answered; none goes to the buyer.
 */
#ifndef CORE_TOPIC_COMMAND_H
#define CORE_TOPIC_COMMAND_H

#include "core/bot_say.h"

/* g->u->command is this bot's.  Inside the caller's transaction; the update is
 * taken for the first time. */
bool topic_command(struct db *db, struct arena *a, struct in_group *g,
		   struct err *err);

/* To somebody who is no operator of the project: why not, and what to do. */
bool topic_command_refuse(struct db *db, struct arena *a, struct in_group *g,
			  struct err *err);

#endif
