/*
 * broken.h - a bot or an Avito account that only a person can mend.
 *
 * What goes through it waits meanwhile (a lane's held_by "bot:5", "avito:7")
 * and burns no attempts.  There is at most one open notice of why; a check
 * ("bot.check", "avito.check") looks again by itself and, once all is well,
 * closes it and wakes what waits.
 */
#ifndef CORE_BROKEN_H
#define CORE_BROKEN_H

#include "chan/chan.h"
#include "store/db.h"

struct broken {
	int64_t client_id;
	int64_t bot_id, account_id; /* one of them; the other is 0 */
	/* What the driver named; CHAN_FINE: only `why` tells. */
	enum chan_trouble trouble;
	enum err_kind kind; /* of the refusal */
	const char *why;    /* for people: what happened, what to do */
	int64_t check_at;   /* when it is looked at again */
	const char *request_id;
};

/* A call was refused because of it: shown at the object, noticed, and its
 * check is planned.  Inside the caller's transaction, as all here. */
bool broken_report(struct db *db, struct arena *a, const struct broken *b,
		   int64_t now, struct err *err);

/* The notice alone, for a check that records its finding itself. */
bool broken_notice(struct db *db, struct arena *a, const struct broken *b,
		   int64_t now, struct err *err);

/* A check found nothing wrong: the notice closes, what waits goes on. */
bool broken_mended(struct db *db, struct arena *a, const struct broken *b,
		   int64_t now, struct err *err);

/* "bot:5" or "avito:7". */
const char *broken_object(struct arena *a, const struct broken *b);

#endif
