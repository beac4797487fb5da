/*
 * test_bell.c - the doorbell, from the ring to the ear.
 */
#include "config.h"

#include <hiredis/hiredis.h>

#include "base/clock.h"
#include "base/loop.h"
#include "harness/redis_server.h"
#include "harness/unit.h"
#include "store/bell.h"
#include "store/redis.h"
#include "store/redis_url.h"

#define DEADLINE_MS 20000

static struct loop *l;
static struct redis *r;
static struct bell bell;
static int rings;

static void count(struct bell *b)
{
	CU_ASSERT_PTR_EQUAL(b, &bell);
	rings++;
}

/* A turn waits for a moment only, for what happens outside of the loop. */
static void turn_until(const int *n, int wanted)
{
	int64_t end_ms = clock_mono_ms() + DEADLINE_MS;

	while (*n < wanted && clock_mono_ms() < end_ms)
		loop_turn(l, 10);
	CU_ASSERT_TRUE(*n >= wanted);
}

static void turn_while(bool away)
{
	int64_t end_ms = clock_mono_ms() + DEADLINE_MS;

	while (bell.away == away && clock_mono_ms() < end_ms)
		loop_turn(l, 10);
	CU_ASSERT_NOT_EQUAL(bell.away, away);
}

static void begin(void)
{
	l = loop_new(1);
	r = redis_new(redis_server_url());
	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	rings = 0;
	bell = (struct bell){ .rung = count };
	CU_ASSERT_TRUE_FATAL(bell_start(&bell, l, redis_server_url()));
	UNIT_ASSERT_INT(rings, 0);
	turn_until(&rings, 1); /* the connection itself */
}

static void end(void)
{
	bell_stop(&bell);
	bell_stop(&bell);
	redis_free(r);
	loop_free(l);
}

/* An answer of Redis that is a number, by a connection of the test's own. */
static long long ask(const char *command)
{
	redisContext *c =
		redisConnectUnix(redis_server_url() + strlen("unix://"));
	redisReply *reply = redisCommand(c, command);
	long long n = reply->integer;

	freeReplyObject(reply);
	redisFree(c);
	return n;
}

static void addresses_are_taken_apart(void)
{
	struct redis_url u;

	CU_ASSERT_TRUE(redis_url_read(&u, "unix:///run/redis/a b.sock"));
	UNIT_ASSERT_STR(u.path, "/run/redis/a b.sock");
	redis_url_release(&u);
	CU_ASSERT_TRUE(redis_url_read(&u, "redis://localhost"));
	CU_ASSERT_PTR_NULL(u.path);
	UNIT_ASSERT_STR(u.host, "localhost");
	UNIT_ASSERT_INT(u.port, 6379);
	UNIT_ASSERT_INT(u.db, 0);
	CU_ASSERT_PTR_NULL(u.password);
	redis_url_release(&u);
	CU_ASSERT_TRUE(redis_url_read(&u, "redis://:p@s/s:w@[::1]:7000/3"));
	UNIT_ASSERT_STR(u.host, "::1");
	UNIT_ASSERT_INT(u.port, 7000);
	UNIT_ASSERT_INT(u.db, 3);
	CU_ASSERT_PTR_NULL(u.user);
	UNIT_ASSERT_STR(u.password, "p@s/s:w");
	redis_url_release(&u);
	CU_ASSERT_TRUE(redis_url_read(&u, "redis://me:pw@h/"));
	UNIT_ASSERT_STR(u.user, "me");
	UNIT_ASSERT_STR(u.password, "pw");
	redis_url_release(&u);
}

static void malformed_addresses_are_refused(void)
{
	static const char *const bad[] = { "",
					   "localhost",
					   "unix://relative",
					   "http://localhost",
					   "redis://",
					   "redis://h:0",
					   "redis://h:65536",
					   "redis://h:x",
					   "redis://h/x",
					   "redis://[::1",
					   "redis://[::1]7",
					   "redis://pw@h" };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CU_ASSERT_PTR_NULL(redis_new(bad[i]));
}

static void a_ring_is_heard(void)
{
	begin();
	for (int i = 2; i < 5; i++) {
		redis_ring(r);
		turn_until(&rings, i);
	}
	CU_ASSERT_TRUE(redis_ready(r));
	end();
}

static void rings_that_nobody_hears_do_not_pile_up(void)
{
	begin();
	bell_stop(&bell);
	for (int i = 0; i < 100; i++)
		redis_ring(r);
	UNIT_ASSERT_INT(ask("LLEN " REDIS_BELL_KEY), 16);
	ask("DEL " REDIS_BELL_KEY);
	end();
}

static void the_bell_comes_back_after_redis_did(void)
{
	begin();
	unit_expect_log(LOG_WARN, "bell.away");
	redis_server_kill();
	turn_while(false);
	redis_server_revive();
	/* Coming back counts as a ring, and then it hears again. */
	rings = 0;
	turn_until(&rings, 1);
	redis_ring(r);
	turn_until(&rings, 2);
	end();
}

static void ringing_without_redis_warns_once_and_goes_on(void)
{
	int64_t end_ms;

	begin();
	bell_stop(&bell);
	redis_ring(r);
	redis_server_kill();
	unit_expect_log(LOG_WARN, "redis.away");
	for (int i = 0; i < 1000; i++)
		redis_ring(r);
	CU_ASSERT_FALSE(redis_ready(r));
	redis_server_revive();
	end_ms = clock_mono_ms() + DEADLINE_MS;
	while (!redis_ready(r) && clock_mono_ms() < end_ms)
		loop_turn(l, 10);
	redis_ring(r);
	UNIT_ASSERT_INT(ask("LLEN " REDIS_BELL_KEY), 1);
	ask("DEL " REDIS_BELL_KEY);
	end();
}

static void a_redis_that_was_started_anew_is_no_failure(void)
{
	begin();
	bell_stop(&bell);
	redis_ring(r);
	redis_server_kill();
	redis_server_revive();
	redis_ring(r);
	UNIT_ASSERT_INT(ask("LLEN " REDIS_BELL_KEY), 1);
	ask("DEL " REDIS_BELL_KEY);
	end();
}

static void a_frozen_redis_is_given_up_soon(void)
{
	begin();
	bell_stop(&bell);
	CU_ASSERT_TRUE(redis_ready(r));
	redis_server_freeze();
	unit_expect_log(LOG_WARN, "redis.away");
	redis_ring(r);
	CU_ASSERT_FALSE(redis_ready(r));
	redis_server_resume();
	ask("DEL " REDIS_BELL_KEY);
	end();
}

static void a_refused_command_warns_and_is_tried_again(void)
{
	begin();
	bell_stop(&bell);
	ask("SET " REDIS_BELL_KEY " text");
	unit_expect_log(LOG_WARN, "redis.away");
	redis_ring(r);
	bell.rung = count;
	unit_expect_log(LOG_WARN, "bell.away");
	CU_ASSERT_TRUE_FATAL(bell_start(&bell, l, redis_server_url()));
	turn_while(false);
	rings = 0;
	turn_until(&rings, 2); /* it tries, and says so only once */
	ask("DEL " REDIS_BELL_KEY);
	ask("RPUSH " REDIS_BELL_KEY " 1");
	turn_while(true);
	end();
}

static void stop(struct bell *b)
{
	rings++;
	bell_stop(b);
}

static void the_bell_may_be_stopped_when_it_rings(void)
{
	begin();
	bell.rung = stop;
	redis_ring(r);
	turn_until(&rings, 2);
	redis_ring(r);
	loop_turn(l, 0);
	UNIT_ASSERT_INT(rings, 2);
	ask("DEL " REDIS_BELL_KEY);
	end();
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(addresses_are_taken_apart),
		UNIT_TEST(malformed_addresses_are_refused),
		UNIT_TEST(a_ring_is_heard),
		UNIT_TEST(rings_that_nobody_hears_do_not_pile_up),
		UNIT_TEST(the_bell_comes_back_after_redis_did),
		UNIT_TEST(ringing_without_redis_warns_once_and_goes_on),
		UNIT_TEST(a_redis_that_was_started_anew_is_no_failure),
		UNIT_TEST(a_frozen_redis_is_given_up_soon),
		UNIT_TEST(a_refused_command_warns_and_is_tried_again),
		UNIT_TEST(the_bell_may_be_stopped_when_it_rings),
	};
	int status;

	redis_server_start();
	status = unit_main("bell", tests, ARRAY_LEN(tests), argc, argv);
	redis_server_stop();
	return status;
}
