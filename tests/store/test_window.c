/*
 * test_window.c - limits that several daemons keep together, with Redis, with
 * one that comes and goes, and without.
 */
#include "config.h"

#include <poll.h>
#include <stdlib.h>

#include <hiredis/hiredis.h>

#include "base/clock.h"
#include "harness/redis_server.h"
#include "harness/unit.h"
#include "store/window.h"

#define T0          INT64_C(1790000000000000)
#define SECOND      CLOCK_SECOND_US
#define DAY         (86400 * SECOND)
#define DEADLINE_MS 20000
#define MODEL_MAX   20000

static struct windows *w, *other;
static int64_t free_at;

static const struct window group = { "chat:5:-100123", 20, 60 * SECOND, 1 };
static const struct window bot = { "bot:5", 30, SECOND, 1 };

/* Of Redis, by a connection of the test's own. */
static void tell(const char *command)
{
	redisContext *c =
		redisConnectUnix(redis_server_url() + strlen("unix://"));

	freeReplyObject(redisCommand(c, command));
	redisFree(c);
}

/* A Redis whose windows are older than any span. */
static void begin(void)
{
	tell("FLUSHALL");
	tell("SET tuberry:windows 1");
	w = windows_new(redis_server_url());
	other = windows_new(redis_server_url());
	CU_ASSERT_PTR_NOT_NULL_FATAL(w);
	CU_ASSERT_PTR_NOT_NULL_FATAL(other);
}

static void end(void)
{
	windows_free(w);
	windows_free(other);
}

static int take(struct windows *by, const struct window *window, int want,
		int64_t now)
{
	free_at = 0;
	return windows_take(by, window, 1, want, now, &free_at);
}

/* Lives on until Redis has answered again: until takes are in its log. */
static void wait_for_redis(struct windows *by, int64_t now)
{
	const struct window probe = { "probe", 1000000, 1, 1 };
	int64_t end_ms = clock_mono_ms() + DEADLINE_MS;
	long long seen = 0;
	redisContext *c =
		redisConnectUnix(redis_server_url() + strlen("unix://"));

	while (!seen && clock_mono_ms() < end_ms) {
		redisReply *reply;

		take(by, &probe, 1, now);
		reply = redisCommand(c, "EXISTS tuberry:window:probe");
		seen = reply->integer;
		freeReplyObject(reply);
		poll(NULL, 0, 10);
	}
	redisFree(c);
	tell("DEL tuberry:window:probe");
	CU_ASSERT_TRUE_FATAL(seen);
}

/*
 * The naive model: all that was ever granted.
 */

struct model {
	const struct window *window;
	int64_t at[MODEL_MAX];
	int n;
};

static struct model models[2];

static int in_span(const struct model *m, int64_t now)
{
	int n = 0;

	for (int i = 0; i < m->n; i++)
		n += m->at[i] + window_kept_us(m->window) > now;
	return n;
}

static int model_places(int64_t now, int want)
{
	for (size_t i = 0; i < ARRAY_LEN(models); i++) {
		int left = models[i].window->limit - in_span(&models[i], now);

		if (left < want)
			want = left;
	}
	return want;
}

/* The first moment at which one more fits; only an end of a span can be. */
static int64_t model_free_at(int64_t now)
{
	int64_t best = INT64_MAX;

	for (size_t i = 0; i < ARRAY_LEN(models); i++) {
		const struct model *m = &models[i];

		for (int j = 0; j < m->n; j++) {
			int64_t at = m->at[j] + window_kept_us(m->window);

			if (at > now && at < best && model_places(at, 1) == 1)
				best = at;
		}
	}
	return best;
}

static void model_add(int n, int64_t now)
{
	for (size_t i = 0; i < ARRAY_LEN(models); i++) {
		struct model *m = &models[i];
		int kept = 0;

		/* Far older than any span: the model may stay small. */
		for (int j = 0; j < m->n; j++)
			if (m->at[j] + 1000 * SECOND > now)
				m->at[kept++] = m->at[j];
		m->n = kept;
		for (int j = 0; j < n; j++)
			m->at[m->n++] = now;
	}
}

/* Each step by one of the two daemons; now and then exactly at free_at.  When
 * Redis is emptied again and again, this process's own memory must do. */
static void compare_with_model(bool both, bool emptied, int steps)
{
	const struct window list[] = { { "a", 7, 3 * SECOND, 1 },
				       { "b", 20, 20 * SECOND, 1 } };
	int64_t now = T0;

	srand(both ? 4 : 5);
	for (size_t i = 0; i < ARRAY_LEN(models); i++)
		models[i] = (struct model){ .window = &list[i] };
	for (int i = 0; i < steps; i++) {
		int want = 1 + rand() % (rand() % 8 ? 3 : 30);
		int64_t next = 0;
		int granted, expected = model_places(now, want);

		if (emptied && rand() % 20 == 0)
			tell(rand() % 2 ? "FLUSHALL" : "SCRIPT FLUSH");
		granted = windows_take(both && rand() % 2 ? other : w, list, 2,
				       want, now, &next);
		model_add(granted, now);
		if (granted != expected ||
		    (granted < want && next != model_free_at(now))) {
			UNIT_ASSERT_INT(i, -1);
			UNIT_ASSERT_INT(granted, expected);
			UNIT_ASSERT_INT(next, model_free_at(now));
			return;
		}
		if (granted < want && rand() % 2)
			now = next - rand() % 2;
		else
			now += rand() % (rand() % 4 ? SECOND / 4 : 10 * SECOND);
	}
}

static void one_daemon_grants_what_a_naive_model_grants(void)
{
	begin();
	compare_with_model(false, false, 4000);
	end();
}

static void two_daemons_grant_what_a_naive_model_grants(void)
{
	begin();
	windows_daemons(w, 2);
	windows_daemons(other, 2);
	compare_with_model(true, false, 4000);
	end();
}

static void a_daemon_alone_is_as_exact_without_redis(void)
{
	begin();
	unit_expect_log(LOG_WARN, "redis.away");
	redis_server_kill();
	compare_with_model(false, false, 4000);
	redis_server_revive();
	end();
}

static void a_daemon_alone_is_as_exact_when_redis_forgets(void)
{
	begin();
	compare_with_model(false, true, 4000);
	end();
}

static void a_place_must_be_free_in_all_windows(void)
{
	const struct window list[] = { group, bot };

	begin();
	UNIT_ASSERT_INT(take(w, &bot, 25, T0), 25);
	UNIT_ASSERT_INT(windows_take(w, list, 2, 10, T0, &free_at), 5);
	UNIT_ASSERT_INT(free_at, T0 + window_kept_us(&bot));
	UNIT_ASSERT_INT(windows_take(w, list, 2, 40, T0 + 2 * SECOND, &free_at),
			15);
	UNIT_ASSERT_INT(free_at, T0 + window_kept_us(&group));
	/* What the group refused is not taken from the bot. */
	UNIT_ASSERT_INT(take(w, &bot, 40, T0 + 2 * SECOND), 15);
	end();
}

/* An album counts as many messages as it has items. */
static void what_weighs_more_is_taken_whole_or_not_at_all(void)
{
	struct window heavy[] = { group, bot };

	heavy[0].weight = heavy[1].weight = 8;
	begin();
	UNIT_ASSERT_INT(take(w, &group, 5, T0), 5);
	UNIT_ASSERT_INT(windows_take(w, heavy, 2, 3, T0, &free_at), 1);
	/* Of the seven that are left, none was taken. */
	UNIT_ASSERT_INT(take(other, &group, 9, T0 + SECOND), 7);
	UNIT_ASSERT_INT(windows_take(w, heavy, 2, 1, T0 + 2 * SECOND, &free_at),
			0);
	UNIT_ASSERT_INT(free_at, T0 + window_kept_us(&group));
	UNIT_ASSERT_INT(windows_take(w, heavy, 2, 1, free_at, &free_at), 1);
	end();
}

static void what_weighs_more_is_taken_whole_without_redis_too(void)
{
	struct window heavy = group;

	heavy.weight = 8;
	begin();
	unit_expect_log(LOG_WARN, "redis.away");
	redis_server_kill();
	UNIT_ASSERT_INT(take(w, &group, 13, T0), 13);
	UNIT_ASSERT_INT(take(w, &heavy, 1, T0), 0);
	UNIT_ASSERT_INT(take(w, &group, 9, T0), 7);
	redis_server_revive();
	end();
}

static void who_believes_redis_hears_that_others_forgot(void)
{
	begin();
	windows_believe(w);
	windows_believe(other);
	UNIT_ASSERT_INT(take(w, &bot, 40, T0), 30);
	UNIT_ASSERT_INT(take(other, &bot, 1, T0), 0);
	UNIT_ASSERT_INT(free_at, T0 + window_kept_us(&bot));
	windows_forget(other, bot.key);
	UNIT_ASSERT_INT(take(w, &bot, 40, T0), 30);
	end();
}

static void the_span_is_longer_than_told(void)
{
	CU_ASSERT_TRUE(window_kept_us(&group) >= group.span_us + SECOND / 2);
	CU_ASSERT_TRUE(window_kept_us(&bot) > bot.span_us);
	CU_ASSERT_TRUE(window_kept_us(&bot) <= bot.span_us + SECOND / 10);
}

static void a_daemon_that_starts_learns_from_redis_what_was_taken(void)
{
	begin();
	UNIT_ASSERT_INT(take(w, &group, 18, T0), 18);
	windows_free(w);
	w = windows_new(redis_server_url());
	UNIT_ASSERT_INT(take(w, &group, 18, T0 + 1), 2);
	end();
}

static void a_daemon_that_starts_without_redis_keeps_to_its_share(void)
{
	begin();
	unit_expect_log(LOG_WARN, "redis.away");
	redis_server_kill();
	windows_daemons(w, 3);
	UNIT_ASSERT_INT(take(w, &group, 20, T0), 6);
	UNIT_ASSERT_INT(free_at, T0 + window_kept_us(&group));
	UNIT_ASSERT_INT(take(w, &group, 20, free_at), 6);
	redis_server_revive();
	end();
}

static void a_limit_below_the_number_of_daemons_stretches_the_span(void)
{
	const struct window one = { "one", 2, SECOND, 1 };

	begin();
	unit_expect_log(LOG_WARN, "redis.away");
	redis_server_kill();
	windows_daemons(w, 5);
	UNIT_ASSERT_INT(take(w, &one, 2, T0), 1);
	UNIT_ASSERT_INT(free_at, T0 + 3 * window_kept_us(&one));
	UNIT_ASSERT_INT(take(w, &one, 1, free_at - 1), 0);
	UNIT_ASSERT_INT(take(w, &one, 1, free_at), 1);
	redis_server_revive();
	end();
}

static void losing_redis_forgets_nothing(void)
{
	begin();
	windows_daemons(w, 2);
	windows_daemons(other, 2);
	/* More than its share, and then what both took. */
	UNIT_ASSERT_INT(take(w, &group, 12, T0), 12);
	UNIT_ASSERT_INT(take(other, &group, 3, T0 + 1), 3);
	UNIT_ASSERT_INT(take(other, &bot, 20, T0 + 1), 20);
	unit_expect_log(LOG_WARN, "redis.away");
	unit_expect_log(LOG_WARN, "redis.away");
	redis_server_kill();
	UNIT_ASSERT_INT(take(w, &group, 20, T0 + 2), 0);
	UNIT_ASSERT_INT(free_at, T0 + window_kept_us(&group));
	UNIT_ASSERT_INT(take(other, &group, 20, T0 + 2), 5);
	UNIT_ASSERT_INT(take(other, &bot, 20, T0 + 2), 0);
	/* All is over. */
	UNIT_ASSERT_INT(take(w, &group, 20, T0 + DAY), 10);
	UNIT_ASSERT_INT(take(other, &group, 20, T0 + DAY), 10);
	redis_server_revive();
	end();
}

static void redis_coming_back_empty_opens_no_second_burst(void)
{
	int64_t now = T0 + SECOND;

	begin();
	windows_daemons(w, 2);
	windows_daemons(other, 2);
	UNIT_ASSERT_INT(take(w, &bot, 1, T0), 1);
	UNIT_ASSERT_INT(take(other, &bot, 1, T0), 1);
	unit_expect_log(LOG_WARN, "redis.away");
	unit_expect_log(LOG_WARN, "redis.away");
	redis_server_kill();
	UNIT_ASSERT_INT(take(w, &group, 20, now), 10);
	UNIT_ASSERT_INT(take(other, &group, 20, now), 10);
	redis_server_revive();
	wait_for_redis(w, now);
	wait_for_redis(other, now);
	UNIT_ASSERT_INT(take(w, &group, 20, now + 1), 0);
	UNIT_ASSERT_INT(take(other, &group, 20, now + 1), 0);
	UNIT_ASSERT_INT(take(w, &group, 20, free_at), 10);
	/* One span later it is trusted again, and holds for both. */
	now = free_at + window_kept_us(&group) + 5 * SECOND;
	UNIT_ASSERT_INT(take(w, &group, 18, now), 18);
	UNIT_ASSERT_INT(take(other, &group, 18, now), 2);
	end();
}

static void an_emptied_redis_opens_no_second_burst(void)
{
	int64_t now;

	begin();
	windows_daemons(w, 2);
	windows_daemons(other, 2);
	UNIT_ASSERT_INT(take(w, &group, 12, T0), 12);
	UNIT_ASSERT_INT(take(other, &group, 8, T0), 8);
	tell("FLUSHALL");
	tell("SCRIPT FLUSH");
	UNIT_ASSERT_INT(take(w, &group, 20, T0 + 1), 0);
	UNIT_ASSERT_INT(free_at, T0 + window_kept_us(&group));
	/* The one that was there first may not use what the other does. */
	UNIT_ASSERT_INT(take(other, &group, 20, T0 + 1), 0);
	now = free_at;
	UNIT_ASSERT_INT(take(w, &group, 20, now), 10);
	UNIT_ASSERT_INT(take(other, &group, 20, now), 10);
	end();
}

static void a_redis_that_was_started_anew_is_asked_at_once(void)
{
	begin();
	windows_daemons(w, 2);
	UNIT_ASSERT_INT(take(w, &group, 5, T0), 5);
	redis_server_kill();
	redis_server_revive();
	UNIT_ASSERT_INT(take(w, &group, 20, T0 + 1), 5);
	/* It knows what was taken since, but not what w took before. */
	UNIT_ASSERT_INT(take(other, &group, 20, T0 + 1), 15);
	end();
}

static void a_frozen_redis_is_done_without(void)
{
	begin();
	UNIT_ASSERT_INT(take(w, &group, 5, T0), 5);
	redis_server_freeze();
	unit_expect_log(LOG_WARN, "redis.away");
	for (int i = 1; i <= 1000; i++)
		UNIT_ASSERT_INT(take(w, &group, 1, T0 + i), i <= 15);
	redis_server_resume();
	end();
}

static void a_key_of_the_wrong_type_is_done_without(void)
{
	begin();
	tell("SET tuberry:window:bot:5 text");
	unit_expect_log(LOG_WARN, "redis.away");
	UNIT_ASSERT_INT(take(w, &bot, 40, T0), 30);
	end();
}

static void a_clock_set_back_costs_a_span_at_most(void)
{
	begin();
	UNIT_ASSERT_INT(take(w, &group, 20, T0 + DAY), 20);
	UNIT_ASSERT_INT(take(w, &group, 20, T0), 0);
	UNIT_ASSERT_INT(free_at, T0 + window_kept_us(&group));
	UNIT_ASSERT_INT(take(other, &group, 20, T0 + SECOND), 0);
	CU_ASSERT_TRUE(free_at <= T0 + SECOND + window_kept_us(&group));
	UNIT_ASSERT_INT(take(other, &group, 20, free_at), 20);
	UNIT_ASSERT_INT(take(w, &group, 20, T0 + 2 * DAY), 20);
	end();
}

static void a_clock_set_back_without_redis_costs_a_span_at_most(void)
{
	begin();
	unit_expect_log(LOG_WARN, "redis.away");
	redis_server_kill();
	UNIT_ASSERT_INT(take(w, &group, 20, T0 + DAY), 20);
	UNIT_ASSERT_INT(take(w, &group, 20, T0), 0);
	UNIT_ASSERT_INT(free_at, T0 + window_kept_us(&group));
	UNIT_ASSERT_INT(take(w, &group, 20, free_at), 20);
	redis_server_revive();
	end();
}

static void windows_do_not_know_each_other(void)
{
	char key[32];
	struct window one = { key, 1, 60 * SECOND, 1 };

	begin();
	for (int i = 0; i < 2000; i++) {
		snprintf(key, sizeof(key), "chat:%d", i);
		UNIT_ASSERT_INT(take(w, &one, 2, T0), 1);
	}
	for (int i = 0; i < 2000; i++) {
		snprintf(key, sizeof(key), "chat:%d", i);
		UNIT_ASSERT_INT(take(other, &one, 1, T0 + 1), 0);
	}
	end();
}

/* More than a process remembers at once, in the time of many spans. */
static void idle_windows_make_room(void)
{
	char key[32];
	struct window one = { key, 1, SECOND, 1 };
	int granted = 0;

	begin();
	unit_expect_log(LOG_WARN, "redis.away");
	redis_server_kill();
	for (int i = 0; i < 100000; i++) {
		snprintf(key, sizeof(key), "chat:%d", i);
		granted += take(w, &one, 1, T0 + i * SECOND / 1000);
	}
	UNIT_ASSERT_INT(granted, 100000);
	redis_server_revive();
	end();
}

static void too_many_windows_at_once_wait(void)
{
	char key[32];
	struct window one = { key, 1, SECOND, 1 };
	int granted = 0;

	begin();
	unit_expect_log(LOG_WARN, "redis.away");
	redis_server_kill();
	for (int i = 0; i < 70000; i++) {
		snprintf(key, sizeof(key), "chat:%d", i);
		granted += take(w, &one, 1, T0);
	}
	UNIT_ASSERT_INT(granted, 65536);
	CU_ASSERT_TRUE(free_at > T0);
	for (int i = 0; i < 5000; i++)
		take(w, &group, 1, T0 + DAY);
	UNIT_ASSERT_INT(take(w, &one, 1, T0 + DAY), 1);
	redis_server_revive();
	end();
}

static void nothing_stays_in_redis_forever(void)
{
	redisContext *c;
	redisReply *keys;

	begin();
	take(w, &group, 3, T0);
	take(w, &bot, 3, T0);
	c = redisConnectUnix(redis_server_url() + strlen("unix://"));
	keys = redisCommand(c, "KEYS *");
	UNIT_ASSERT_INT(keys->elements, 3);
	for (size_t i = 0; i < keys->elements; i++) {
		redisReply *reply =
			redisCommand(c, "PTTL %s", keys->element[i]->str);

		CU_ASSERT_TRUE(reply->integer > 0);
		freeReplyObject(reply);
	}
	freeReplyObject(keys);
	redisFree(c);
	end();
}

static void a_malformed_address_is_refused(void)
{
	CU_ASSERT_PTR_NULL(windows_new("localhost"));
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(one_daemon_grants_what_a_naive_model_grants),
		UNIT_TEST(two_daemons_grant_what_a_naive_model_grants),
		UNIT_TEST(a_daemon_alone_is_as_exact_without_redis),
		UNIT_TEST(a_daemon_alone_is_as_exact_when_redis_forgets),
		UNIT_TEST(a_place_must_be_free_in_all_windows),
		UNIT_TEST(what_weighs_more_is_taken_whole_or_not_at_all),
		UNIT_TEST(what_weighs_more_is_taken_whole_without_redis_too),
		UNIT_TEST(who_believes_redis_hears_that_others_forgot),
		UNIT_TEST(the_span_is_longer_than_told),
		UNIT_TEST(
			a_daemon_that_starts_learns_from_redis_what_was_taken),
		UNIT_TEST(
			a_daemon_that_starts_without_redis_keeps_to_its_share),
		UNIT_TEST(
			a_limit_below_the_number_of_daemons_stretches_the_span),
		UNIT_TEST(losing_redis_forgets_nothing),
		UNIT_TEST(redis_coming_back_empty_opens_no_second_burst),
		UNIT_TEST(an_emptied_redis_opens_no_second_burst),
		UNIT_TEST(a_redis_that_was_started_anew_is_asked_at_once),
		UNIT_TEST(a_frozen_redis_is_done_without),
		UNIT_TEST(a_key_of_the_wrong_type_is_done_without),
		UNIT_TEST(a_clock_set_back_costs_a_span_at_most),
		UNIT_TEST(a_clock_set_back_without_redis_costs_a_span_at_most),
		UNIT_TEST(windows_do_not_know_each_other),
		UNIT_TEST(idle_windows_make_room),
		UNIT_TEST(too_many_windows_at_once_wait),
		UNIT_TEST(nothing_stays_in_redis_forever),
		UNIT_TEST(a_malformed_address_is_refused),
	};
	int status;

	redis_server_start();
	status = unit_main("window", tests, ARRAY_LEN(tests), argc, argv);
	redis_server_stop();
	return status;
}
