/*
 * fuzz_cookie.c - any bytes as Cookie headers, a line each: what is found
 * could have been written by us, and stands there once.
 */
#include "config.h"

#include <string.h>

#include "harness/fuzz.h"
#include "web/cookie.h"

#define HEADERS_MAX 3

static size_t count(char *const *params, const char *what)
{
	size_t n = 0;

	for (; *params; params++)
		for (const char *s = *params; (s = strstr(s, what)); s++)
			n++;
	return n;
}

static void find(struct arena *a, struct req_input *in, const char *base_url,
		 const char *pair)
{
	struct settings settings = { .frontend_base_url = base_url };
	struct req rq = { .a = a, .settings = &settings, .in = in };
	const char *value = cookie_find(&rq, "sid");

	if (!value)
		return;
	FUZZ_CHECK(*value && strlen(value) <= COOKIE_VALUE_MAX);
	for (const char *s = value; *s; s++)
		FUZZ_CHECK(*s > ' ' && *s <= '~' && !strchr("\",;\\", *s));
	FUZZ_CHECK(count(in->params, arena_printf(a, "%s=%s", pair, value)) >
		   0);
	/* One that can be read can be written. */
	cookie_set(&rq, "sid", value, 60);
	FUZZ_CHECK(strstr(rq.reply.headers.s,
			  arena_printf(a, "Set-Cookie: %s=%s; ", pair, value)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct arena a;
	char *params[HEADERS_MAX + 1] = { NULL };
	struct req_input in = { .params = params };
	char *rest = arena_strn(&a, (const char *)bytes, len), *line;

	for (size_t n = 0; n < HEADERS_MAX && (line = strsep(&rest, "\n")); n++)
		params[n] = arena_printf(&a, "HTTP_COOKIE=%s", line);
	find(&a, &in, "http://127.0.0.1", "sid");
	find(&a, &in, "https://app.example", "__Host-sid");
	arena_reset(&a);
	return 0;
}
