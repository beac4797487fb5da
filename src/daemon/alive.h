/*
 * alive.h - this daemon lives, and who of its machine has died.
 *
 * Each daemon says every few seconds that it lives (store/presence.h).  A
 * process that is gone has no call under way any more: the system has closed
 * its connections.  So one that finds a neighbour gone, usually its own
 * predecessor, ends that one's leases soon instead of waiting for their time;
 * soon, not at once, because the service may still be busy with what it got.
 */
#ifndef DAEMON_ALIVE_H
#define DAEMON_ALIVE_H

#include "daemon/daemon.h"
#include "store/presence.h"

struct alive {
	struct daemon *dm;
	struct presence self;
	struct timer timer;
};

/* Names the daemon (dm->id); from the next turn on it is said to live. */
void alive_start(struct alive *l, struct daemon *dm, struct arena *a);

/* It ends. */
void alive_stop(struct alive *l);

#endif
