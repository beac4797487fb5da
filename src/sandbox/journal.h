/*
 * journal.h - what was asked of the stand-ins, what they sent, what was wrong.
 *
 * Three lists: calls, deliveries (attempts to hand over a webhook) and
 * violations.  The first two keep the newest `journal_max` entries.
 */
#ifndef SANDBOX_JOURNAL_H
#define SANDBOX_JOURNAL_H

#include <stdint.h>

#include "base/attr.h"
#include "base/json.h"
#include "sandbox/http.h"

struct journal {
	struct json_object **ring; /* entry n stands at n % size */
	int64_t last;
};

extern struct journal calls, deliveries;

/* fault: the name of its kind, or NULL. */
void journal_call(struct req *rq, const char *fault);
/* Takes ownership of the entry; n is put into it. */
void journal_add(struct journal *j, struct json_object *entry);
/* NULL: too old or not there yet. */
struct json_object *journal_at(const struct journal *j, int64_t n);
/* The oldest that is still there; last + 1 when there is none. */
int64_t journal_first(const struct journal *j);

void violation(const char *service, const char *method, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
int64_t violation_count(void);
/* {"violations":[...]}, the caller's. */
struct json_object *violation_list(void);
void violation_clear(void);

void journal_reset(void);

#endif
