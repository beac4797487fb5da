/*
 * fuzz_form.c - any bytes as the body of a page's form.
 */
#include "config.h"

#include "fuzz/fields.h"
#include "web/body.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct arena a;
	struct fuzz_request f;
	enum http_status status;

	fuzz_request_init(&f, &a, BODY_FORM,
			  "CONTENT_TYPE=application/x-www-form-urlencoded",
			  (const char *)bytes, len);
	status = body_read(&f.rq);
	FUZZ_CHECK(status == 0 || status == HTTP_BAD_REQUEST);
	if (status == 0)
		check_fields(&f.rq.body, FORM_FIELDS_MAX + 1);
	arena_reset(&a);
	return 0;
}
