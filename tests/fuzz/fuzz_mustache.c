/*
 * fuzz_mustache.c - any text as a template: it is refused or it comes to an
 * end, and strict rendering gives what lenient rendering does.
 */
#include "config.h"

#include <string.h>

#include "base/json.h"
#include "base/mustache.h"
#include "harness/fuzz.h"

#define OUT_MAX 65536

static const char data[] =
	"{\"a\":\"<&>\",\"b\":[1,2,{\"a\":\"x\"}],\"c\":{\"d\":{\"e\":\"\"}},"
	"\"n\":null,\"t\":true,\"f\":false,\"l\":[[],[[1]],\"y\"]}";

static void render(struct arena *a, const struct mustache_set *set,
		   unsigned flags, struct buf *out)
{
	struct json_object *o;
	struct err err = { 0 };

	FUZZ_CHECK(json_read(a, data, sizeof(data) - 1, &o, &err));
	buf_init(out, a, OUT_MAX);
	if (mustache_render(set, "t", o, flags, out, &err)) {
		FUZZ_CHECK(!out->overflow && strlen(out->s) <= OUT_MAX);
		return;
	}
	FUZZ_CHECK(err.kind == ERR_INPUT || err.kind == ERR_LIMIT);
	FUZZ_CHECK(*err.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct arena a;
	struct mustache_set set = { .a = &a };
	struct err err = { 0 };
	struct buf lenient, strict;

	FUZZ_CHECK(mustache_add(&set, "a", " {{a}}\n{{#b}}{{.}}{{/b}}\n", 24,
				&err));
	if (mustache_add(&set, "t", (const char *)bytes, len, &err)) {
		render(&a, &set, 0, &lenient);
		render(&a, &set, MUSTACHE_STRICT, &strict);
		/* Strict is lenient up to where it gives up. */
		FUZZ_CHECK(memcmp(lenient.s, strict.s, strict.len) == 0);
	} else {
		FUZZ_CHECK(err.kind == ERR_INPUT && *err.text);
	}
	arena_reset(&a);
	return 0;
}
