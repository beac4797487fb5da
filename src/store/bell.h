/*
 * bell.h - hears the doorbell that redis_ring() rings.
 *
 * Lives on the loop and never blocks it.  When Redis vanishes it tries again
 * and again, and the database is asked every few seconds anyway.  Rings may
 * come without need (each new connection counts as one) and several may
 * become one, so rung() looks what there is to do.
 *
 * A Redis on another host is best told by number: a name is resolved while
 * the loop waits.
 */
#ifndef STORE_BELL_H
#define STORE_BELL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/loop.h"
#include "store/redis_url.h"

/* Embedded in what it wakes; all zero but for rung, which may stop it. */
struct bell {
	void (*rung)(struct bell *b);
	/* bell.c's own */
	struct loop *loop;
	struct redis_url url;
	struct redisContext *ctx; /* NULL: between two attempts */
	struct watch watch;
	struct timer timer; /* the next attempt, or patience running out */
	int greetings;      /* answers that come before the first ring's */
	int64_t pause_ms;
	bool away; /* and the log knows */
};

/* False: the address is malformed; redis.h says what they look like. */
bool bell_start(struct bell *b, struct loop *l, const char *url);

/* Twice is harmless. */
void bell_stop(struct bell *b);

#endif
