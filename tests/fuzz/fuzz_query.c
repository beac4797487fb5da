/*
 * fuzz_query.c - any bytes as a query string: what is read can be written and
 * is then read as the same.
 */
#include "config.h"

#include "fuzz/fields.h"
#include "web/query.h"

#define QUERY_MAX 65536

static void read_query(struct fuzz_request *f, struct arena *a, const char *s)
{
	fuzz_request_init(f, a, BODY_NONE,
			  arena_printf(a, "QUERY_STRING=%s", s), "", 0);
	/* Of a page, whose filters are more lenient. */
	f->rq.path = "/";
	query_read(&f->rq);
}

static const char *write_query(struct arena *a, struct json_object *o)
{
	struct buf b;

	buf_init(&b, a, QUERY_MAX);
	json_object_object_foreach(o, name, value)
	{
		buf_add_char(&b, '&');
		buf_add_url(&b, name);
		buf_add_char(&b, '=');
		buf_add_url(&b, json_object_get_string(value));
	}
	FUZZ_CHECK(!b.overflow);
	return b.s;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct arena a;
	struct fuzz_request first, again;

	read_query(&first, &a, arena_strn(&a, (const char *)bytes, len));
	if (first.rq.err.kind == ERR_NONE) {
		read_query(&again, &a, write_query(&a, first.rq.query.o));
		FUZZ_CHECK(again.rq.err.kind == ERR_NONE);
		FUZZ_CHECK(
			json_object_equal(first.rq.query.o, again.rq.query.o));
	}
	check_fields(&first.rq.query, 32);
	arena_reset(&a);
	return 0;
}
