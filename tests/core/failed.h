/*
 * failed.h - an operator's message to the buyer that did not arrive.
 */
#ifndef TESTS_CORE_FAILED_H
#define TESTS_CORE_FAILED_H

#include <stdint.h>

#include "harness/relay.h"

#define FAILED_TOPIC   5
#define FAILED_MESSAGE 55 /* the operator's */
#define FAILED_REPLY   56 /* the bot's complaint */

struct failed {
	int64_t dialog_id, delivery_id;
	int64_t attempt_id; /* its last, that ended with `outcome` */
};

/* A dialog in FAILED_TOPIC of r's bot, and in it a dead delivery with its
 * complaint. */
struct failed failed_make(struct db *db, const struct relay *r,
			  const char *outcome);

#endif
