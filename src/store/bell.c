/*
 * bell.c - hears the doorbell that redis_ring() rings.
 *
 * One BLPOP is always under way; its answer, a ring or nothing, starts the
 * next.  An answer that does not come at all means a dead connection.
 */
#include "config.h"

#include <signal.h>

#include <hiredis/hiredis.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/log.h"
#include "store/bell.h"
#include "store/redis.h"

#define WAIT_S       5 /* of one BLPOP, at Redis */
#define PATIENCE_MS  (WAIT_S * 1000 + 3000)
#define PAUSE_MIN_MS 100
#define PAUSE_MAX_MS 5000

static void dial(struct bell *b);

static void hang_up(struct bell *b)
{
	loop_unwatch(b->loop, &b->watch);
	loop_disarm(b->loop, &b->timer);
	if (b->ctx)
		redisFree(b->ctx);
	b->ctx = NULL;
}

static void lose(struct bell *b, const char *why)
{
	if (!b->away)
		log_warn("bell.away", lf_str("reason", why));
	b->away = true;
	hang_up(b);
	loop_arm(b->loop, &b->timer, b->pause_ms);
	b->pause_ms *= 2;
	if (b->pause_ms > PAUSE_MAX_MS)
		b->pause_ms = PAUSE_MAX_MS;
}

static void on_timer(struct timer *t)
{
	struct bell *b = container_of(t, struct bell, timer);

	if (b->ctx)
		lose(b, "no answer");
	else
		dial(b);
}

static void listen_again(struct bell *b)
{
	redisAppendCommand(b->ctx, "BLPOP " REDIS_BELL_KEY " %d", WAIT_S);
	b->watch.want_write = true;
	loop_arm(b->loop, &b->timer, PATIENCE_MS);
}

/* True: somebody rang. */
static bool hear(struct bell *b, const redisReply *reply)
{
	if (b->greetings > 0) {
		/* Who rang before we listened was not heard. */
		return --b->greetings == 0;
	}
	/* Only now: a Redis that greets and then refuses is no use. */
	b->pause_ms = PAUSE_MIN_MS;
	if (b->away)
		log_info("bell.back");
	b->away = false;
	listen_again(b);
	return reply->type == REDIS_REPLY_ARRAY;
}

static void read_replies(struct bell *b)
{
	bool rang = false;

	if (redisBufferRead(b->ctx) != REDIS_OK) {
		lose(b, b->ctx->errstr);
		return;
	}
	for (;;) {
		redisReply *reply = NULL;

		if (redisGetReplyFromReader(b->ctx, (void **)&reply) !=
		    REDIS_OK) {
			lose(b, b->ctx->errstr);
			break;
		}
		if (!reply)
			break;
		if (reply->type == REDIS_REPLY_ERROR) {
			lose(b, reply->str);
			freeReplyObject(reply);
			break;
		}
		rang |= hear(b, reply);
		freeReplyObject(reply);
	}
	/* Last: it may stop the bell and free what that lives in. */
	if (rang)
		b->rung(b);
}

static void on_ready(struct watch *w, bool readable, bool writable)
{
	struct bell *b = container_of(w, struct bell, watch);
	int all_written = 0;

	if (writable) {
		if (redisBufferWrite(b->ctx, &all_written) != REDIS_OK) {
			lose(b, b->ctx->errstr);
			return;
		}
		w->want_write = !all_written;
	}
	if (readable)
		read_replies(b);
}

static void dial(struct bell *b)
{
	b->ctx = b->url.path ? redisConnectUnixNonBlock(b->url.path)
			     : redisConnectNonBlock(b->url.host, b->url.port);
	if (!b->ctx)
		die("out of memory");
	if (b->ctx->err) {
		lose(b, b->ctx->errstr);
		return;
	}
	b->watch = (struct watch){ .fd = b->ctx->fd,
				   .want_read = true,
				   .ready = on_ready };
	loop_watch(b->loop, &b->watch);
	b->greetings = redis_url_greet(&b->url, b->ctx) + 1;
	redisAppendCommand(b->ctx, "PING");
	listen_again(b);
}

bool bell_start(struct bell *b, struct loop *l, const char *url)
{
	if (!redis_url_read(&b->url, url))
		return false;
	/* hiredis writes without MSG_NOSIGNAL. */
	signal(SIGPIPE, SIG_IGN);
	b->loop = l;
	b->timer.fire = on_timer;
	b->pause_ms = PAUSE_MIN_MS;
	/* From the loop, as every later attempt. */
	loop_arm(l, &b->timer, 0);
	return true;
}

void bell_stop(struct bell *b)
{
	if (!b->loop)
		return;
	hang_up(b);
	redis_url_release(&b->url);
	b->loop = NULL;
}
