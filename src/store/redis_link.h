/*
 * redis_link.h - one connection to Redis that may be away.
 *
 * For redis.c and window.c, one connection each, made when it is first needed
 * (so after fork()).  A talk costs at most a fraction of a second; after one
 * that failed nobody tries for a second.
 */
#ifndef STORE_REDIS_LINK_H
#define STORE_REDIS_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "store/redis_url.h"

struct redisContext;
struct redisReply;

struct redis_link {
	const char *use; /* what it is for, as the log has it */
	/* redis_link.c's own */
	struct redis_url url;
	struct redisContext *ctx; /* NULL: not connected */
	int64_t not_before_ms;    /* monotonic */
	bool away;                /* and the log knows */
};

/* Embedded in the question and its answer. */
struct redis_talk {
	/* Appends commands; returns how many answers will come.  Comes twice
	 * when a kept connection turns out to be dead. */
	int (*queue)(struct redis_talk *t, struct redisContext *ctx);
	/* Each answer, in order.  NULL: any answer will do. */
	void (*hear)(struct redis_talk *t, const struct redisReply *reply);
};

/* Connects to nothing yet; `use` is kept, not copied.  False: the address is
 * malformed.  Ignores SIGPIPE in this process. */
bool redis_link_init(struct redis_link *k, const char *url, const char *use);
void redis_link_release(struct redis_link *k);

/* True: all answers came, and none was an error, except NOSCRIPT, which is
 * hear()'s business. */
bool redis_link_talk(struct redis_link *k, struct redis_talk *t);

#endif
