/*
 * control.h - what the control API's parts share.
 *
 * Control calls act at once, are not in the journal and cause no violations.
 */
#ifndef SANDBOX_CONTROL_H
#define SANDBOX_CONTROL_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/json.h"
#include "sandbox/http.h"

/* A request under /control, or for the page. */
void control_route(struct req *rq);
void page_route(struct req *rq);

/* GET /control/wait; and what wakes it, once per turn of the loop. */
void wait_run(struct req *rq);
void wait_turn(void);

/* {"error":"..."} */
void control_fail(struct req *rq, int status, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
void control_fail_err(struct req *rq, const struct err *err);

/* The request's object with only known members ("a b c" with a space at both
 * ends); NULL: answered. */
struct json_object *control_body(struct req *rq, const char *known);
bool control_known(struct json_object *o, const char *known, struct err *err);

/* The decoded segment behind "/control" as a number; 0 when it is none. */
int64_t control_id(const struct req *rq, size_t seg);

#endif
