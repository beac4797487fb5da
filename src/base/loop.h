/*
 * loop.h - the only place that waits: timers, descriptors and HTTP calls.
 *
 * One loop per process, on poll().  Timers and watches are
 * embedded in the struct they serve; container_of() leads home; arming
 * allocates nothing.  Callbacks come one after another from loop_run(), never
 * from inside the function that armed them; each may arm, disarm, watch and
 * unwatch anything, itself included, and free what it lives in.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;

struct timer {
	int64_t due_ms; /* monotonic; 0: not armed */
	void (*fire)(struct timer *t);
	/* loop.c's own */
	size_t slot;
};

/* fd and wishes may change at any time; the next turn goes by them.  An error
 * or a hang-up makes ready what is wished for. */
struct watch {
	int fd; /* -1: not watched */
	bool want_read, want_write;
	void (*ready)(struct watch *w, bool readable, bool writable);
	/* loop.c's own */
	struct watch *next;
};

/* `calls_max`: HTTP calls in flight; connections are kept for as many. */
struct loop *loop_new(int calls_max);

/* No call may be in flight any more; timers and watches are just forgotten. */
void loop_free(struct loop *l);

/* Fires once; arming again moves it.  delay_ms 0: in the next turn. */
void loop_arm(struct loop *l, struct timer *t, int64_t delay_ms);
void loop_disarm(struct loop *l, struct timer *t);

/* Twice is harmless, both ways.  Before its fd is closed a watch goes. */
void loop_watch(struct loop *l, struct watch *w);
void loop_unwatch(struct loop *l, struct watch *w);

/* Until loop_stop(); a signal handler may call loop_stop(). */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);

/* One turn, waiting at most so long: for tests. */
void loop_turn(struct loop *l, int wait_ms);

#endif
