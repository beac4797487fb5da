/*
 * fields.h - a request made of any bytes, and what holds for its fields.
 */
#ifndef TESTS_FUZZ_FIELDS_H
#define TESTS_FUZZ_FIELDS_H

#include <string.h>

#include "base/text.h"
#include "harness/fuzz.h"
#include "web/req.h"
#include "web/routes.h"

/* All that reading input needs; `param` is "NAME=value". */
struct fuzz_request {
	struct req rq;
	struct req_input in;
	struct route route;
	char *params[2];
};

static inline void fuzz_request_init(struct fuzz_request *f, struct arena *a,
				     enum route_body wanted, const char *param,
				     const char *body, size_t len)
{
	*f = (struct fuzz_request){ .route = { .body = wanted } };
	f->params[0] = arena_str(a, param);
	f->in = (struct req_input){ .params = f->params,
				    .body = body,
				    .body_len = len };
	f->rq = (struct req){ .a = a,
			      .in = &f->in,
			      .path = "/api/fuzz",
			      .request_id = "fuzz",
			      .route = &f->route };
	f->rq.query = (struct form){ .rq = &f->rq, .texts = true };
	f->rq.body = (struct form){ .rq = &f->rq };
}

/* Texts that can be shown and stored, whatever was sent; then read them as a
 * handler would. */
static inline void check_fields(struct form *f, size_t max)
{
	const char *text = NULL;
	int64_t n = 1;
	bool flag;

	FUZZ_CHECK((size_t)json_object_object_length(f->o) <= max);
	json_object_object_foreach(f->o, name, value)
	{
		const char *s = json_object_get_string(value);
		size_t len = (size_t)json_object_get_string_len(value);

		FUZZ_CHECK(json_object_is_type(value, json_type_string));
		FUZZ_CHECK(strlen(s) == len && text_is_utf8(s, len));
		FUZZ_CHECK(text_is_utf8(name, strlen(name)));
	}
	form_text(f, "text", &text, 10, FORM_OPTIONAL);
	FUZZ_CHECK(!text || (*text && text_points(text) <= 10));
	form_i64(f, "n", &n, 1, 9, FORM_OPTIONAL);
	FUZZ_CHECK(n >= 1 && n <= 9);
	form_bool(f, "flag", &flag, FORM_OPTIONAL);
	if (req_bad(f->rq))
		FUZZ_CHECK(f->rq->err.kind == ERR_INPUT && f->rq->errors);
}

#endif
