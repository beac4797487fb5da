/*
 * daemon.h - the one process-wide object of tuberryd.
 *
 * It lives from main() to its end.  Every piece of work (a delivery, a task)
 * has its own arena and holds a pointer here; nothing here points back, but
 * the counters that say how much room is left.
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include "base/client.h"
#include "base/loop.h"
#include "core/settings.h"
#include "store/db.h"

struct convert;
struct run;

/* Helper processes of convert.h. */
struct converts {
	int running;
	struct convert *waiting; /* in their order */
};

struct daemon {
	const char *id; /* a uuid of its own for each process */
	struct loop *loop;
	struct db *db;
	const struct settings *s;
	struct windows *windows;
	struct places *places;
	struct journal *journal;
	struct look *look;
	struct shift *shift;
	struct glances *glances;
	struct converts converts;
	struct job *all_jobs;
	int jobs;  /* deliveries in work: those of all_jobs */
	int tasks; /* tasks in work */
	/* The call that waits for the master bot's updates, or NULL. */
	struct run *long_poll;
	bool stopping;
	/* When this process began: the first walk of each account. */
	int64_t started_at;
};

/* There may be room or new work: look again in the next turn. */
void daemon_look(struct daemon *dm);

#endif
