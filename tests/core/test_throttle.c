/*
 * test_throttle.c - how often somebody may try or ask, while Redis is away.
 *
 * That all processes count together is store/window's business.
 */
#include "config.h"

#include "base/clock.h"
#include "core/throttle.h"
#include "harness/unit.h"

#define NOW         INT64_C(1790000000000000)
#define PER_ADDRESS 6
#define PER_ACCOUNT 3

static const struct window ten_minutes = { .span_us = 600 * CLOCK_SECOND_US };
static const struct settings settings = {
	.sign_in_per_address = PER_ADDRESS,
	.sign_in_per_account = PER_ACCOUNT,
};

static struct windows *w;
static struct err err;

static void begin(void)
{
	windows_free(w);
	w = windows_new("unix:///nonexistent/redis.sock");
	CU_ASSERT_PTR_NOT_NULL_FATAL(w);
	unit_expect_log(LOG_WARN, "redis.away");
}

static bool may(const char *address, int64_t user_id, const char *login,
		int64_t now)
{
	err = (struct err){ 0 };
	return sign_in_allowed(w, &unit_arena, &settings, address, user_id,
			       login, now, &err);
}

/* How many of ten tries from there are let through. */
static int let(const char *address, int64_t user_id, const char *login)
{
	int n = 0;

	for (int i = 0; i < 10; i++)
		n += may(address, user_id, login, NOW);
	return n;
}

static void an_address_has_so_many_tries(void)
{
	begin();
	UNIT_ASSERT_INT(let("192.0.2.1", 0, NULL), PER_ADDRESS);
	UNIT_ASSERT_INT(err.kind, ERR_LIMIT);
	UNIT_ASSERT_INT(err.retry_s,
			window_kept_us(&ten_minutes) / CLOCK_SECOND_US + 1);
	UNIT_ASSERT_INT(let("192.0.2.2", 0, NULL), PER_ADDRESS);
}

static void who_waits_as_told_may_try_again(void)
{
	begin();
	let("192.0.2.1", 0, NULL);
	CU_ASSERT_TRUE(
		may("192.0.2.1", 0, NULL, NOW + err.retry_s * CLOCK_SECOND_US));
}

static void a_subscribers_ipv6_addresses_count_as_one(void)
{
	begin();
	UNIT_ASSERT_INT(let("2001:db8:1:2::1", 0, NULL), PER_ADDRESS);
	UNIT_ASSERT_INT(let("2001:db8:1:2:ffff:ffff:ffff:ffff", 0, NULL), 0);
	UNIT_ASSERT_INT(let("2001:0DB8:0001:0002:a::", 0, NULL), 0);
	UNIT_ASSERT_INT(let("2001:db8:1:3::1", 0, NULL), PER_ADDRESS);
}

/* As nginx writes them where one socket serves both. */
static void ipv4_in_ipv6_counts_as_the_ipv4_that_it_is(void)
{
	begin();
	UNIT_ASSERT_INT(let("::ffff:192.0.2.1", 0, NULL), PER_ADDRESS);
	UNIT_ASSERT_INT(let("192.0.2.1", 0, NULL), 0);
	UNIT_ASSERT_INT(let("::ffff:192.0.2.2", 0, NULL), PER_ADDRESS);
}

static void an_account_has_so_many_tries_from_anywhere(void)
{
	begin();
	for (int i = 0; i < PER_ACCOUNT; i++)
		CU_ASSERT_TRUE(may(arena_printf(&unit_arena, "192.0.2.%d", i),
				   7, "anna", NOW));
	CU_ASSERT_FALSE(may("198.51.100.1", 7, "anna@shop.example", NOW));
	CU_ASSERT_TRUE(may("198.51.100.1", 8, "boris", NOW));
}

static void an_unknown_login_counts_as_a_known_one_would(void)
{
	static const char *const forms[] = { "nobody", "Nobody", "NOBODY" };

	begin();
	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		CU_ASSERT_TRUE(
			may(arena_printf(&unit_arena, "192.0.2.%d", (int)i), 0,
			    forms[i], NOW));
	UNIT_ASSERT_INT(let("198.51.100.1", 0, "nobodY"), 0);
	UNIT_ASSERT_INT(let("198.51.100.1", 0, "another"), PER_ACCOUNT);
}

/* Or nobody could come in from an address that tries another account. */
static void what_is_refused_counts_nowhere(void)
{
	begin();
	UNIT_ASSERT_INT(let("192.0.2.1", 7, "anna"), PER_ACCOUNT);
	UNIT_ASSERT_INT(let("192.0.2.1", 8, "boris"),
			PER_ADDRESS - PER_ACCOUNT);
}

static void who_is_signed_in_proves_five_times(void)
{
	int n = 0;

	begin();
	for (int i = 0; i < 10; i++)
		n += proof_allowed(w, &unit_arena, 7, NOW, &err);
	UNIT_ASSERT_INT(n, 5);
	CU_ASSERT_TRUE(proof_allowed(w, &unit_arena, 8, NOW, &err));
	CU_ASSERT_TRUE(may("192.0.2.1", 7, "anna", NOW));
}

static void without_windows_nothing_is_limited(void)
{
	windows_free(w);
	w = NULL;
	UNIT_ASSERT_INT(let("192.0.2.1", 7, "anna"), 10);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(an_address_has_so_many_tries),
		UNIT_TEST(who_waits_as_told_may_try_again),
		UNIT_TEST(a_subscribers_ipv6_addresses_count_as_one),
		UNIT_TEST(ipv4_in_ipv6_counts_as_the_ipv4_that_it_is),
		UNIT_TEST(an_account_has_so_many_tries_from_anywhere),
		UNIT_TEST(an_unknown_login_counts_as_a_known_one_would),
		UNIT_TEST(what_is_refused_counts_nowhere),
		UNIT_TEST(who_is_signed_in_proves_five_times),
		UNIT_TEST(without_windows_nothing_is_limited),
	};

	return unit_main("core/throttle", tests, ARRAY_LEN(tests), argc, argv);
}
