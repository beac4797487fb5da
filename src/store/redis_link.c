/*
 * redis_link.c - one connection to Redis that may be away.
 */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "store/redis_link.h"

#define TIMEOUT_US 100000 /* of connecting and of each answer */
#define PAUSE_MS   1000   /* after a failure nobody tries */
#define WHY_MAX    128

#define NO_SCRIPT "NOSCRIPT"

bool redis_link_init(struct redis_link *k, const char *url, const char *use)
{
	*k = (struct redis_link){ .use = use };
	/* hiredis writes without MSG_NOSIGNAL. */
	signal(SIGPIPE, SIG_IGN);
	return redis_url_read(&k->url, url);
}

static void hang_up(struct redis_link *k)
{
	if (k->ctx)
		redisFree(k->ctx);
	k->ctx = NULL;
}

void redis_link_release(struct redis_link *k)
{
	hang_up(k);
	redis_url_release(&k->url);
}

static bool is_failure(const redisReply *reply)
{
	return reply->type == REDIS_REPLY_ERROR &&
	       strncmp(reply->str, NO_SCRIPT, strlen(NO_SCRIPT)) != 0;
}

/* t is NULL for the greeting. */
static bool read_answers(redisContext *ctx, int n, struct redis_talk *t,
			 char why[WHY_MAX])
{
	for (; n > 0; n--) {
		redisReply *reply = NULL;
		bool ok;

		if (redisGetReply(ctx, (void **)&reply) != REDIS_OK) {
			snprintf(why, WHY_MAX, "%s", ctx->errstr);
			return false;
		}
		ok = !is_failure(reply);
		if (!ok)
			snprintf(why, WHY_MAX, "%s", reply->str);
		else if (t && t->hear)
			t->hear(t, reply);
		freeReplyObject(reply);
		if (!ok)
			return false;
	}
	return true;
}

static bool dial(struct redis_link *k, char why[WHY_MAX])
{
	const struct timeval limit = { 0, TIMEOUT_US };

	k->ctx = k->url.path ? redisConnectUnixWithTimeout(k->url.path, limit)
			     : redisConnectWithTimeout(k->url.host, k->url.port,
						       limit);
	if (!k->ctx)
		die("out of memory");
	if (k->ctx->err || redisSetTimeout(k->ctx, limit) != REDIS_OK) {
		snprintf(why, WHY_MAX, "%s", k->ctx->errstr);
		return false;
	}
	return read_answers(k->ctx, redis_url_greet(&k->url, k->ctx), NULL,
			    why);
}

/* Closed by the other side, not just slow; errno is of the failed read. */
static bool was_closed(const redisContext *ctx)
{
	return ctx->err == REDIS_ERR_EOF ||
	       (ctx->err == REDIS_ERR_IO && errno != EAGAIN);
}

bool redis_link_talk(struct redis_link *k, struct redis_talk *t)
{
	char why[WHY_MAX] = "";
	bool again;

	if (clock_mono_ms() < k->not_before_ms)
		return false;
	do {
		bool kept = k->ctx != NULL;

		if ((kept || dial(k, why)) &&
		    read_answers(k->ctx, t->queue(t, k->ctx), t, why)) {
			if (k->away)
				log_info("redis.back", lf_str("use", k->use));
			k->away = false;
			return true;
		}
		/* A kept connection that died since tells nothing: Redis may
		 * have been started anew.  Saying it twice is harmless. */
		again = kept && was_closed(k->ctx);
		hang_up(k);
	} while (again);
	if (!k->away)
		log_warn("redis.away", lf_str("use", k->use),
			 lf_str("reason", why));
	k->away = true;
	k->not_before_ms = clock_mono_ms() + PAUSE_MS;
	return false;
}
