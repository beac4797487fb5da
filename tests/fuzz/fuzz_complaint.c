/*
 * fuzz_complaint.c - any bytes as a button's data: what is read is exactly
 * what we would have written.
 */
#include "config.h"

#include <string.h>

#include "core/complaint.h"
#include "core/route.h"
#include "harness/fuzz.h"

static void check_route(struct arena *a, const char *data)
{
	struct route_choice choice = { .buyer_name = "", .item_title = "" };
	struct unrouted u = { .way = "ask", .body = "{}" };
	struct route_words w;
	struct route_data d;

	if (!route_data_read(data, &d))
		return;
	u.id = d.unrouted_id;
	choice.dialog_id = d.dialog_id;
	route_compose(a, &u, &choice, 1, &w);
	FUZZ_CHECK(d.unrouted_id > 0 && d.dialog_id >= 0);
	FUZZ_CHECK(strcmp(w.buttons[0].data, data) == 0);
}

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
			.robots_text = "",
			.is_unsure = true,
		};
		struct complaint_words w;

		complaint_compose(&a, &c, &w);
		FUZZ_CHECK(d.delivery_id > 0 && d.attempt_id >= 0);
		FUZZ_CHECK(strcmp(w.buttons[d.action == COMPLAINT_ARRIVED].data,
				  data) == 0);
	}
	check_route(&a, data);
	arena_reset(&a);
	return 0;
}
