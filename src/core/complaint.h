/*
 * complaint.h - what the bot says of a message that did not arrive.
 *
 * A button's data is "r:DELIVERY:ATTEMPT" or "s:DELIVERY:ATTEMPT".  It names
 * the last attempt that was made when the button was shown, so that a button
 * of an earlier failure does nothing.
 */
#ifndef CORE_COMPLAINT_H
#define CORE_COMPLAINT_H

#include "chan/telegram.h"
#include "store/complaint.h"

enum complaint_action {
	COMPLAINT_RETRY = 'r',   /* send it again */
	COMPLAINT_ARRIVED = 's', /* it was sent and has arrived */
};

#define COMPLAINT_BUTTONS_MAX 2

struct complaint_words {
	const char *text;
	struct tg_button buttons[COMPLAINT_BUTTONS_MAX];
	size_t n_buttons;
};

/* The complaint as it is to be seen now. */
void complaint_compose(struct arena *a, const struct complaint *c,
		       struct complaint_words *words);

/* A failure that waits for a person's decision. */
bool complaint_is_open(const struct complaint *c);

/* A button's data, from strangers: exactly what complaint_compose() writes,
 * and nothing else. */
struct complaint_data {
	enum complaint_action action;
	int64_t delivery_id, attempt_id;
};
bool complaint_data_read(const char *data, struct complaint_data *d);

#endif
