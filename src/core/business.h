/*
 * business.h - personal accounts that let a source's bot answer for them.
 *
 * While one may not be answered for, what is for its customers waits (a lane's
 * held_by "connection:5"), and a notice says so.
 */
#ifndef CORE_BUSINESS_H
#define CORE_BUSINESS_H

#include "chan/telegram.h"
#include "store/business.h"

/* Telegram tells of a connection: stored, noticed, and what waited for it goes
 * on.  Inside the caller's transaction, as all here.  *known false: the bot is
 * no source, or a later connection of that owner is known. */
bool business_told(struct db *db, struct arena *a, int64_t client_id,
		   int64_t bot_id, const struct tg_connection *c, int64_t now,
		   bool *known, struct err *err);

/* Telegram does not let us answer for it (any more); by `is_enabled` the
 * connection itself goes on. */
bool business_lost(struct db *db, struct arena *a, const struct business *b,
		   bool is_enabled, int64_t now, struct err *err);

/* Why it may not be answered for and what to do, for people; NULL: it may. */
const char *business_trouble(struct arena *a, const struct business *b);

/* "connection:5" */
const char *business_object(struct arena *a, int64_t id);

#endif
