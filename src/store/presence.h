/*
 * presence.h - which daemons live.
 */
#ifndef STORE_PRESENCE_H
#define STORE_PRESENCE_H

#include "store/db.h"

struct presence {
	const char *id; /* a uuid of its own for each process */
	const char *host;
	/* Where its pid means something; "" when that is not known. */
	const char *machine;
	int pid;
	int64_t pid_started; /* tells it from a later one of that number */
	int64_t started_at;
};

/* It lives, now.  Forgets those that have not been seen since `gone_before`. */
bool presence_tell(struct db *db, struct arena *a, const struct presence *p,
		   int64_t now, int64_t gone_before, struct err *err);

/* The others of its machine. */
bool presence_neighbours(struct db *db, struct arena *a,
			 const struct presence *p, struct presence **list,
			 size_t *n, struct err *err);

/* It ends. */
bool presence_end(struct db *db, const char *id, struct err *err);

/* One that tells every PRESENCE_EVERY_S and was not seen for PRESENCE_AWAY_S
 * is away. */
#define PRESENCE_EVERY_S 5
#define PRESENCE_AWAY_S  20

/* How many have been seen since then. */
bool presence_count(struct db *db, struct arena *a, int64_t since, int *n,
		    struct err *err);

#endif
