/*
 * redis.c - the doorbell and other things that may vanish.
 */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <hiredis/hiredis.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "store/redis.h"
#include "store/redis_url.h"

#define TIMEOUT_US 100000 /* of connecting and of each answer */
#define PAUSE_MS   1000   /* after a failure nobody tries */
#define RINGS_KEPT 16     /* for as many daemons that wake up together */
#define WHY_MAX    128

struct redis {
	struct redis_url url;
	redisContext *ctx;     /* NULL: not connected */
	int64_t not_before_ms; /* monotonic */
	bool away;             /* and the log knows */
};

struct redis *redis_new(const char *url)
{
	struct redis_url u;
	struct redis *r;

	if (!redis_url_read(&u, url))
		return NULL;
	/* hiredis writes without MSG_NOSIGNAL. */
	signal(SIGPIPE, SIG_IGN);
	r = mem_new(sizeof(*r));
	r->url = u;
	return r;
}

static void hang_up(struct redis *r)
{
	if (r->ctx)
		redisFree(r->ctx);
	r->ctx = NULL;
}

void redis_free(struct redis *r)
{
	if (!r)
		return;
	hang_up(r);
	redis_url_release(&r->url);
	free(r);
}

static bool read_answers(redisContext *ctx, int n, char why[WHY_MAX])
{
	for (; n > 0; n--) {
		redisReply *reply = NULL;
		bool ok;

		if (redisGetReply(ctx, (void **)&reply) != REDIS_OK) {
			snprintf(why, WHY_MAX, "%s", ctx->errstr);
			return false;
		}
		ok = reply->type != REDIS_REPLY_ERROR;
		if (!ok)
			snprintf(why, WHY_MAX, "%s", reply->str);
		freeReplyObject(reply);
		if (!ok)
			return false;
	}
	return true;
}

static bool dial(struct redis *r, char why[WHY_MAX])
{
	const struct timeval limit = { 0, TIMEOUT_US };

	r->ctx = r->url.path ? redisConnectUnixWithTimeout(r->url.path, limit)
			     : redisConnectWithTimeout(r->url.host, r->url.port,
						       limit);
	if (!r->ctx)
		die("out of memory");
	if (r->ctx->err || redisSetTimeout(r->ctx, limit) != REDIS_OK) {
		snprintf(why, WHY_MAX, "%s", r->ctx->errstr);
		return false;
	}
	return read_answers(r->ctx, redis_url_greet(&r->url, r->ctx), why);
}

/* Closed by the other side, not just slow; errno is of the failed read. */
static bool was_closed(const redisContext *ctx)
{
	return ctx->err == REDIS_ERR_EOF ||
	       (ctx->err == REDIS_ERR_IO && errno != EAGAIN);
}

/* Queue commands, send them in one go, read their answers. */
static bool talk(struct redis *r, int (*queue)(redisContext *ctx))
{
	char why[WHY_MAX] = "";
	bool again;

	if (clock_mono_ms() < r->not_before_ms)
		return false;
	do {
		bool kept = r->ctx != NULL;

		if ((kept || dial(r, why)) &&
		    read_answers(r->ctx, queue(r->ctx), why)) {
			if (r->away)
				log_info("redis.back");
			r->away = false;
			return true;
		}
		/* A kept connection that died since tells nothing: Redis may
		 * have been started anew.  Ringing twice is harmless. */
		again = kept && was_closed(r->ctx);
		hang_up(r);
	} while (again);
	if (!r->away)
		log_warn("redis.away", lf_str("reason", why));
	r->away = true;
	r->not_before_ms = clock_mono_ms() + PAUSE_MS;
	return false;
}

static int queue_ring(redisContext *ctx)
{
	redisAppendCommand(ctx, "RPUSH " REDIS_BELL_KEY " 1");
	redisAppendCommand(ctx, "LTRIM " REDIS_BELL_KEY " 0 %d",
			   RINGS_KEPT - 1);
	return 2;
}

static int queue_ping(redisContext *ctx)
{
	redisAppendCommand(ctx, "PING");
	return 1;
}

void redis_ring(struct redis *r)
{
	talk(r, queue_ring);
}

bool redis_ready(struct redis *r)
{
	return talk(r, queue_ping);
}
