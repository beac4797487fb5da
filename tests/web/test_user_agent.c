/*
 * test_user_agent.c - a browser as people call it.
 */
#include "config.h"

#include <string.h>

#include "harness/unit.h"
#include "web/user_agent.h"

#define MOZILLA "Mozilla/5.0 "
#define WEBKIT  "AppleWebKit/537.36 (KHTML, like Gecko) "

static const char *words(const char *user_agent)
{
	return user_agent_words(&unit_arena, user_agent);
}

static void known_browsers_are_named_with_their_system(void)
{
	static const struct {
		const char *user_agent, *words;
	} known[] = {
		{ MOZILLA "(X11; Linux x86_64; rv:140.0) Gecko/20100101 "
			  "Firefox/140.0",
		  "Firefox, Linux" },
		{ MOZILLA "(Windows NT 10.0; Win64; x64) " WEBKIT
			  "Chrome/141.0.0.0 Safari/537.36",
		  "Chrome, Windows" },
		{ MOZILLA "(Windows NT 10.0; Win64; x64) " WEBKIT
			  "Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
		  "Edge, Windows" },
		{ MOZILLA "(Windows NT 10.0; Win64; x64) " WEBKIT
			  "Chrome/140.0.0.0 YaBrowser/25.10.0 Safari/537.36",
		  "Yandex Browser, Windows" },
		{ MOZILLA "(Linux; Android 10; K) " WEBKIT
			  "Chrome/141.0.0.0 Mobile Safari/537.36",
		  "Chrome, Android" },
		{ MOZILLA "(iPhone; CPU iPhone OS 18_6 like Mac OS X) "
			  "AppleWebKit/605.1.15 (KHTML, like Gecko) "
			  "Version/18.6 Mobile/15E148 Safari/604.1",
		  "Safari, iPhone" },
		{ MOZILLA "(Macintosh; Intel Mac OS X 10_15_7) "
			  "AppleWebKit/605.1.15 (KHTML, like Gecko) "
			  "Version/18.6 Safari/605.1.15",
		  "Safari, macOS" },
		{ MOZILLA "(Amiga) Firefox/4.0", "Firefox" },
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		UNIT_ASSERT_STR(words(known[i].user_agent), known[i].words);
}

static void what_is_not_known_is_shown_as_it_is_but_cut(void)
{
	const char *cut;

	UNIT_ASSERT_STR(words("curl/8.14.1"), "curl/8.14.1");
	UNIT_ASSERT_STR(words("tuberry-sync on Linux"),
			"tuberry-sync on Linux");
	UNIT_ASSERT_STR(words("Firefox/1.0"), "Firefox/1.0");
	cut = words("Программа с таким длинным названием, что в одну строку "
		    "списка она не поместится");
	CU_ASSERT(strlen(cut) < 2 * 64);
	UNIT_ASSERT_STR(cut + strlen(cut) - strlen("…"), "…");
}

static void nothing_is_said_of_who_says_nothing(void)
{
	CU_ASSERT_PTR_NULL(words(""));
	CU_ASSERT_PTR_NULL(words("  "));
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(known_browsers_are_named_with_their_system),
		UNIT_TEST(what_is_not_known_is_shown_as_it_is_but_cut),
		UNIT_TEST(nothing_is_said_of_who_says_nothing),
	};

	return unit_main("user_agent", tests, ARRAY_LEN(tests), argc, argv);
}
