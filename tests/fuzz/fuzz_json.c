/*
 * fuzz_json.c - any bytes as JSON: what is read can be written and read again.
 */
#include "config.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "harness/fuzz.h"
#include "web/query.h"

static void read_again(struct arena *a, struct json_object *o)
{
	const char *text = json_text(o);
	struct json_object *again;
	struct err err = { 0 };

	FUZZ_CHECK(text_is_utf8(text, strlen(text)));
	FUZZ_CHECK(json_read(a, text, strlen(text), &again, &err));
	FUZZ_CHECK(strcmp(text, json_text(again)) == 0);
	/* Whatever was there twice has been left out by now. */
	FUZZ_CHECK(!json_has_twice(text, strlen(text), again));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct arena a;
	struct json_object *o;
	struct err err = { 0 };

	if (json_read(&a, (const char *)bytes, len, &o, &err)) {
		json_has_twice((const char *)bytes, len, o);
		read_again(&a, o);
	} else
		FUZZ_CHECK(err.kind == ERR_INPUT && *err.text);
	if (json_read_clean(&a, (const char *)bytes, len, &o, &err)) {
		FUZZ_CHECK(!json_has_nul(o));
		read_again(&a, o);
	}
	arena_reset(&a);
	return 0;
}
