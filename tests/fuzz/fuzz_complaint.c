/*
 * fuzz_complaint.c - any bytes as a button's data: what is read is exactly
 * what we would have written.
 */
#include "config.h"

#include <string.h>

#include "core/complaint.h"
#include "harness/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct arena a;
	const char *data = arena_strn(&a, (const char *)bytes, len);
	struct complaint_data d;

	if (complaint_data_read(data, &d)) {
		struct complaint c = {
			.delivery_id = d.delivery_id,
			.attempt_id = d.attempt_id,
			.state = "dead",
			.reason = "",
			.is_unsure = true,
		};
		struct complaint_words w;

		complaint_compose(&a, &c, &w);
		FUZZ_CHECK(d.delivery_id > 0 && d.attempt_id >= 0);
		FUZZ_CHECK(strcmp(w.buttons[d.action == COMPLAINT_ARRIVED].data,
				  data) == 0);
	}
	arena_reset(&a);
	return 0;
}
