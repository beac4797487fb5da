/*
 * loop.h - the one place that waits: the HTTP server, libcurl, timers.
 *
 * One thread does everything, so no state needs a lock.  Timers are embedded
 * in the struct they serve; container_of() leads home.
 */
#ifndef SANDBOX_LOOP_H
#define SANDBOX_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

struct MHD_Daemon;

/* All zero is a timer that is not armed. */
struct timer {
	int64_t due_ms; /* monotonic */
	size_t slot;    /* its place among the armed ones plus one; 0: none */
	void (*fire)(struct timer *t);
};

/* Arms it, or moves it when armed already.  It fires once. */
void timer_start(struct timer *t, int64_t delay_ms,
		 void (*fire)(struct timer *t));
void timer_stop(struct timer *t);

/* One outgoing request: `done` comes exactly once, from the loop. */
struct transfer {
	CURL *easy;
	void (*done)(struct transfer *t, CURLcode code);
};

/* The handle's options are set by the caller before this. */
void transfer_start(struct transfer *t);
/* Ends it without calling `done`; harmless when it is not running. */
void transfer_stop(struct transfer *t);

/* A descriptor that is looked at in each turn; `ready` when it can be read. */
struct watch {
	int fd;
	void (*ready)(struct watch *w);
	struct watch *next;
};

/* At most so many at once. */
#define LOOP_WATCHES_MAX 16

/* The caller's storage, until loop_unwatch(); not from within `ready`. */
void loop_watch(struct watch *w);
void loop_unwatch(struct watch *w);

/* The server has work that its descriptor does not show: do not wait. */
void loop_hurry(void);

void loop_init(void);
/* Until SIGTERM or SIGINT.  `turn` is called after each round of events. */
void loop_run(struct MHD_Daemon *server, void (*turn)(void));
void loop_release(void);

#endif
