/*
 * metrics.h - what tuberryd tells Prometheus, at METRICS_ADDR.
 *
 * What counts events survives the process (store/counter.h); what is told of
 * the database is asked when somebody looks, at most once a second.  Every
 * daemon tells the same of the database and its own of itself.
 *
 * To add a figure: a row in one of the tables of metrics.c, and one in
 * docs/OPERATIONS.md.
 */
#ifndef DAEMON_METRICS_H
#define DAEMON_METRICS_H

#include "daemon/daemon.h"
#include "daemon/onepage.h"
#include "store/counter.h"
#include "store/gauges.h"

/* All zero before metrics_start(). */
struct metrics {
	struct daemon *dm;
	struct onepage page;

	/* What the database said last. */
	struct arena a;
	int64_t asked_ms; /* monotonic; 0: never */
	bool is_up;
	int64_t now;
	struct gauges gauges;
	struct counter *counters;
	size_t n_counters;
};

/* Nothing happens when METRICS_ADDR is empty. */
void metrics_start(struct metrics *m, struct daemon *dm);

/* Twice is harmless. */
void metrics_stop(struct metrics *m);

#endif
