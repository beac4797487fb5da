/*
 * avito.h - the stand-in for the Avito API, as the rest of the sandbox sees it.
 */
#ifndef SANDBOX_AVITO_H
#define SANDBOX_AVITO_H

#include "base/arena.h"
#include "base/json.h"
#include "sandbox/http.h"

/* A request under /avito, or under /files for service "files". */
void avito_route(struct req *rq);
void files_route(struct req *rq);

/* A request under /control/avito.  False: no such path. */
bool avito_control(struct req *rq);

/* The service's own envelope for a status. */
const char *avito_error_body(struct arena *a, int status);

/* The member "avito" of the state; the caller's. */
struct json_object *avito_state(void);

/* Before the arena of the world ends. */
void avito_reset(void);

#endif
