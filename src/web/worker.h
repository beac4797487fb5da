/*
 * worker.h - the life of one worker: accept, serve, answer.
 *
 * One request at a time.  SIGTERM is heard only between two requests, so no
 * signal interrupts a handler or the reading of a body.  A request that takes
 * longer than 30 s ends the process (SIGALRM), and the master says which.
 */
#ifndef WEB_WORKER_H
#define WEB_WORKER_H

#include "core/settings.h"
#include "web/routes.h"

#define REQUEST_MAX_S 30

/* Returns when it was told to stop and no request is in flight. */
void worker_run(const struct settings *s, enum route_pools pool, int fd,
		struct pool_slot *slot);

#endif
