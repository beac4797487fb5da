/*
 * test_mask.c - what logs may hold, and which addresses are public.
 */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "base/addr.h"
#include "base/mask.h"
#include "harness/unit.h"

static void tokens_passwords_and_queries_are_masked(void)
{
	static const char *const pairs[][2] = {
		{ "https://api.telegram.org/bot12:AA-b_c/sendMessage",
		  "https://api.telegram.org/bot12:***/sendMessage" },
		{ "https://api.telegram.org/file/bot12:AA/photos/f.jpg",
		  "https://api.telegram.org/file/bot12:***/photos/f.jpg" },
		{ "https://h/bot12%3AAA/getMe", "https://h/bot12:***/getMe" },
		{ "https://h/botxyz:AA", "https://h/bot:***" },
		{ "/api/webhooks/telegram/7/s3cret",
		  "/api/webhooks/telegram/7/***" },
		{ "https://h/api/webhooks/avito/7/s3cret?x=1",
		  "https://h/api/webhooks/avito/7/***?***" },
		{ "https://user:pw@h:8/x#frag", "https://***@h:8/x#***" },
		{ "https://h?a=/bot1:AA/", "https://h?***" },
		{ "https://api.avito.ru/messenger/v1/accounts/1/chats",
		  "https://api.avito.ru/messenger/v1/accounts/1/chats" },
		{ "/api/bots/12", "/api/bots/12" },
		{ "", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		UNIT_ASSERT_STR(url_masked(&unit_arena, pairs[i][0]),
				pairs[i][1]);
}

static void private_addresses_are_told_from_public_ones(void)
{
	static const char *const closed[] = {
		"0.0.0.0",
		"10.0.0.1",
		"100.64.0.1",
		"100.127.255.255",
		"127.0.0.1",
		"127.255.255.255",
		"169.254.169.254",
		"172.16.0.1",
		"172.31.255.255",
		"192.0.0.8",
		"192.0.2.1",
		"192.168.1.1",
		"198.18.0.1",
		"198.51.100.1",
		"203.0.113.1",
		"224.0.0.1",
		"240.0.0.1",
		"255.255.255.255",
		"::",
		"::1",
		"::ffff:10.0.0.1",
		"::ffff:127.0.0.1",
		"::127.0.0.1",
		"64:ff9b::10.0.0.1",
		"64:ff9b:1::1",
		"fe80::1",
		"fc00::1",
		"fd12:3456::1",
		"ff02::1",
		"2001:db8::1",
		"2001::1",
		"2002:7f00:1::1",
		"3fff::1",
		"localhost",
		"",
	};
	static const char *const open[] = {
		"1.1.1.1",          "100.63.255.255", "100.128.0.1",
		"172.15.0.1",       "172.32.0.1",     "149.154.167.220",
		"2001:67c:4e8::1",  "2a00:1450::1",   "::ffff:1.1.1.1",
		"64:ff9b::1.1.1.1",
	};

	for (size_t i = 0; i < ARRAY_LEN(closed); i++)
		CU_ASSERT_FALSE(addr_text_is_public(closed[i]));
	for (size_t i = 0; i < ARRAY_LEN(open); i++)
		CU_ASSERT_TRUE(addr_text_is_public(open[i]));
}

static void socket_addresses_are_judged_alike(void)
{
	struct sockaddr_in in4 = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	inet_pton(AF_INET, "1.1.1.1", &in4.sin_addr);
	CU_ASSERT_TRUE(addr_is_public((struct sockaddr *)&in4));
	inet_pton(AF_INET, "10.1.1.1", &in4.sin_addr);
	CU_ASSERT_FALSE(addr_is_public((struct sockaddr *)&in4));
	inet_pton(AF_INET6, "::ffff:192.168.0.1", &in6.sin6_addr);
	CU_ASSERT_FALSE(addr_is_public((struct sockaddr *)&in6));
	CU_ASSERT_FALSE(addr_is_public((struct sockaddr *)&un));
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(tokens_passwords_and_queries_are_masked),
		UNIT_TEST(private_addresses_are_told_from_public_ones),
		UNIT_TEST(socket_addresses_are_judged_alike),
	};

	return unit_main("mask", tests, ARRAY_LEN(tests), argc, argv);
}
