/*
 * test_cookie.c - our cookies are found when they are surely ours.
 */
#include "config.h"

#include <string.h>

#include "web/call.h"
#include "web/cookie.h"

#define PARAMS_MAX 4

static struct settings settings;
static struct req_input in;
static struct req rq;

/* A request with up to two Cookie headers. */
static void ask(const char *base_url, const char *first, const char *second)
{
	char **params = arena_array(&unit_arena, PARAMS_MAX, sizeof(*params));
	size_t n = 0;

	params[n++] = arena_str(&unit_arena, "HTTP_COOKIES=sid=wrong");
	if (first)
		params[n++] =
			arena_printf(&unit_arena, "HTTP_COOKIE=%s", first);
	if (second)
		params[n++] =
			arena_printf(&unit_arena, "HTTP_COOKIE=%s", second);
	settings = (struct settings){ .frontend_base_url = base_url };
	in = (struct req_input){ .params = params };
	rq = (struct req){ .a = &unit_arena, .settings = &settings, .in = &in };
}

static const char *find_plain(const char *header)
{
	ask("http://127.0.0.1:8080", header, NULL);
	return cookie_find(&rq, "sid");
}

static void a_cookie_is_found_among_others(void)
{
	static const char *const headers[] = {
		"sid=abc",
		"a=1; sid=abc; b=2",
		"a=1;sid=abc;b=2",
		"a=1;\tsid=abc \t; b=2",
		";;; ;sid=abc;;",
		"flag; =nameless; sid=abc",
		"a=\"x y\"; b=\xd0\xbf\xff; sid=abc; c={\"d\":[1,2]}",
		"sid2=x; xsid=y; SID=z; sid=abc",
		"sid =x; sid=abc",
		"a=sid=x; sid=abc",
		"__Host-sid=x; sid=abc",
	};

	for (size_t i = 0; i < ARRAY_LEN(headers); i++)
		UNIT_ASSERT_STR(find_plain(headers[i]), "abc");
	UNIT_ASSERT_STR(find_plain("sid=a=b=="), "a=b==");
}

static void what_we_would_not_write_is_absent(void)
{
	static const char *const headers[] = {
		"",
		";",
		" ",
		"sid",
		"sid=",
		"sid= ; a=1",
		"si=d",
		"=sid=abc",
		"sid=\"abc\"",
		"sid=a b",
		"sid=a,b",
		"sid=a\\b",
		"sid=\xd0\xbf",
		"sid=a\x01",
		"sid=a\x7f",
		"SID=abc",
		"sid =abc",
	};

	for (size_t i = 0; i < ARRAY_LEN(headers); i++)
		UNIT_ASSERT_STR(find_plain(headers[i]), NULL);
	UNIT_ASSERT_STR(find_plain(NULL), NULL);
}

static void a_value_has_a_limit(void)
{
	char value[COOKIE_VALUE_MAX + 2];

	memset(value, 'x', sizeof(value));
	value[COOKIE_VALUE_MAX + 1] = '\0';
	UNIT_ASSERT_STR(find_plain(arena_printf(&unit_arena, "sid=%s", value)),
			NULL);
	value[COOKIE_VALUE_MAX] = '\0';
	UNIT_ASSERT_STR(find_plain(arena_printf(&unit_arena, "sid=%s", value)),
			value);
}

static void a_name_that_is_there_twice_is_absent(void)
{
	UNIT_ASSERT_STR(find_plain("sid=a; sid=b"), NULL);
	UNIT_ASSERT_STR(find_plain("sid=a; x=1; sid=a"), NULL);
	UNIT_ASSERT_STR(find_plain("sid=; sid=a"), NULL);
	UNIT_ASSERT_STR(find_plain("sid=a; sid=\"b\""), NULL);
	ask("http://127.0.0.1", "sid=a", "sid=b");
	UNIT_ASSERT_STR(cookie_find(&rq, "sid"), NULL);
}

static void several_headers_are_one_list(void)
{
	ask("http://127.0.0.1", "a=1", "sid=abc");
	UNIT_ASSERT_STR(cookie_find(&rq, "sid"), "abc");
	UNIT_ASSERT_STR(cookie_find(&rq, "a"), "1");
}

static void under_tls_only_the_prefixed_cookie_counts(void)
{
	ask("https://app.example", "sid=planted", NULL);
	UNIT_ASSERT_STR(cookie_find(&rq, "sid"), NULL);
	ask("https://app.example", "sid=planted; __Host-sid=abc", NULL);
	UNIT_ASSERT_STR(cookie_find(&rq, "sid"), "abc");
	ask("https://app.example", "__host-sid=abc; __Host-sid2=x", NULL);
	UNIT_ASSERT_STR(cookie_find(&rq, "sid"), NULL);
}

static void a_cookie_is_set_for_this_host_alone(void)
{
	ask("https://app.example", NULL, NULL);
	cookie_set(&rq, "sid", "abc_-=", 3600);
	UNIT_ASSERT_STR(rq.reply.headers.s,
			"Set-Cookie: __Host-sid=abc_-=; Path=/; Max-Age=3600; "
			"HttpOnly; SameSite=Lax; Secure\r\n");
	ask("http://127.0.0.1", NULL, NULL);
	cookie_set(&rq, "sid", "abc", 0);
	UNIT_ASSERT_STR(rq.reply.headers.s,
			"Set-Cookie: sid=abc; Path=/; HttpOnly; "
			"SameSite=Lax\r\n");
}

static void a_cookie_is_cleared_as_it_was_set(void)
{
	ask("https://app.example", NULL, NULL);
	cookie_clear(&rq, "sid");
	UNIT_ASSERT_STR(rq.reply.headers.s,
			"Set-Cookie: __Host-sid=; Path=/; Max-Age=0; HttpOnly; "
			"SameSite=Lax; Secure\r\n");
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(a_cookie_is_found_among_others),
		UNIT_TEST(what_we_would_not_write_is_absent),
		UNIT_TEST(a_value_has_a_limit),
		UNIT_TEST(a_name_that_is_there_twice_is_absent),
		UNIT_TEST(several_headers_are_one_list),
		UNIT_TEST(under_tls_only_the_prefixed_cookie_counts),
		UNIT_TEST(a_cookie_is_set_for_this_host_alone),
		UNIT_TEST(a_cookie_is_cleared_as_it_was_set),
	};

	return unit_main("web/cookie", tests, ARRAY_LEN(tests), argc, argv);
}
