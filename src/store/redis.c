/*
 * redis.c - the doorbell and other things that may vanish.
 */
#include "config.h"

#include <stdlib.h>

#include <hiredis/hiredis.h>

#include "base/arena.h"
#include "store/redis.h"
#include "store/redis_link.h"

#define RINGS_KEPT 16 /* for as many daemons that wake up together */

struct redis {
	struct redis_link link;
};

struct redis *redis_new(const char *url)
{
	struct redis *r = mem_new(sizeof(*r));

	if (redis_link_init(&r->link, url, "bell"))
		return r;
	free(r);
	return NULL;
}

void redis_free(struct redis *r)
{
	if (!r)
		return;
	redis_link_release(&r->link);
	free(r);
}

static int queue_ring(struct redis_talk *t, redisContext *ctx)
{
	(void)t;
	redisAppendCommand(ctx, "RPUSH " REDIS_BELL_KEY " 1");
	redisAppendCommand(ctx, "LTRIM " REDIS_BELL_KEY " 0 %d",
			   RINGS_KEPT - 1);
	return 2;
}

static int queue_ping(struct redis_talk *t, redisContext *ctx)
{
	(void)t;
	redisAppendCommand(ctx, "PING");
	return 1;
}

void redis_ring(struct redis *r)
{
	struct redis_talk ring = { .queue = queue_ring };

	redis_link_talk(&r->link, &ring);
}

bool redis_ready(struct redis *r)
{
	struct redis_talk ping = { .queue = queue_ping };

	return redis_link_talk(&r->link, &ping);
}
