/*
 * shift.h - tasks are taken up and written off in groups.
 *
 * When tasks fall due and end many times a second, a shift does both for all
 * of them in one transaction, and then rests for a moment; so what a thousand
 * pollers cost is bounded by the number of shifts.  After a quiet time tasks
 * are taken up and written off at once.
 *
 * When the process dies before an ending is written, the lease ends and the
 * task runs once more, as every task may.
 *
 * Each kind of task has its own room (run.h): a service that does not answer
 * fills that of its own kinds only.  A kind that this version does not know
 * has none, and waits for the version that does.
 */
#ifndef DAEMON_SHIFT_H
#define DAEMON_SHIFT_H

#include "daemon/daemon.h"

struct shift;
struct run;

/* Lives as long as the process. */
struct shift *shift_new(struct daemon *dm);

/* Something may be due. */
void shift_look(struct shift *s);

/* Since when tasks have been taken up without a break: what was due before
 * that has waited for us, with everything else. */
int64_t shift_awake_at(const struct shift *s);

/* r->ending is filled; the run is freed when that has been written. */
void shift_end(struct shift *s, struct run *r);

/* Without an ending: its lease is lost. */
void shift_drop(struct shift *s, struct run *r);

/* No further tasks are taken up; endings are written at once. */
void shift_wind_down(struct shift *s);

#endif
