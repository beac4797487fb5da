/*
 * door.h - further ports to the same stand-ins, which can be shut.
 *
 * A shut door refuses connections, and those that came through it are reset:
 * to whoever calls, the service is down.  The main port stays open, so that
 * it can be controlled meanwhile.
 */
#ifndef SANDBOX_DOOR_H
#define SANDBOX_DOOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"

/* port 0 asks for a free one.  NULL: *err says why.  The objects describe
 * the door; ownership passes to the caller. */
struct json_object *door_add(int64_t port, struct err *err);
/* ERR_MISSING when there is none at that port. */
struct json_object *door_set(int64_t port, bool open, struct err *err);
void door_clear(void);

#endif
