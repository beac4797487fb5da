/*
 * metrics.c - what tuberryd tells Prometheus.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/limits.h"
#include "daemon/metrics.h"
#include "store/presence.h"

/* Who asks more often gets the same figures. */
#define FRESH_MS 1000
/* Some kilobytes; it grows by rows of the tables below alone. */
#define PAGE_MAX_BYTES 65536

#define US_S 1e6

/* ---- counters ---- */

static const struct {
	const char *name, *help;
} counters[] = {
	{ COUNTER_UNSURE, "Messages sent to Telegram once more because nobody "
			  "knew whether they had arrived" },
	{ COUNTER_ORPHANS, "Topics that were made and could not be recorded" },
};

static int64_t counter_of(const struct metrics *m, const char *name)
{
	for (size_t i = 0; i < m->n_counters; i++)
		if (strcmp(m->counters[i].name, name) == 0)
			return m->counters[i].value;
	return 0;
}

static void add_head(struct buf *b, const char *name, const char *type,
		     const char *help)
{
	buf_addf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void add_counters(const struct metrics *m, struct buf *b)
{
	for (size_t i = 0; i < ARRAY_LEN(counters); i++) {
		add_head(b, counters[i].name, "counter", counters[i].help);
		buf_addf(b, "%s %" PRId64 "\n", counters[i].name,
			 counter_of(m, counters[i].name));
	}
}

/* ---- gauges of the database ---- */

#define AT(member) offsetof(struct gauges, member)

/* Rows of one name stand together; help with the first of them. */
static const struct {
	const char *name, *label, *help;
	size_t offset;
} gauges[] = {
	{ "tuberry_deliveries", "{state=\"queued\"}",
	  "Deliveries that have not ended well, by state", AT(queued) },
	{ "tuberry_deliveries", "{state=\"sending\"}", NULL, AT(sending) },
	{ "tuberry_deliveries", "{state=\"unsure\"}", NULL, AT(unsure) },
	{ "tuberry_deliveries", "{state=\"dead\"}", NULL, AT(dead) },
	{ "tuberry_lanes_waiting", "{for=\"bot\"}",
	  "Lanes held until an object is mended, or until there is room",
	  AT(held_by_bot) },
	{ "tuberry_lanes_waiting", "{for=\"avito\"}", NULL, AT(held_by_avito) },
	{ "tuberry_lanes_waiting", "{for=\"project\"}", NULL,
	  AT(held_by_project) },
	{ "tuberry_lanes_waiting", "{for=\"room\"}", NULL, AT(held_by_room) },
	{ "tuberry_tasks_due", "", "Tasks that are due and in nobody's work",
	  AT(tasks_due) },
	{ "tuberry_tasks_failed", "", "Tasks that failed for good",
	  AT(tasks_failed) },
	{ "tuberry_daemons", "", "Daemons seen alive", AT(daemons) },
};

static int64_t gauge_of(const struct metrics *m, size_t offset)
{
	int64_t value;

	memcpy(&value, (const char *)&m->gauges + offset, sizeof(value));
	return value;
}

static void add_gauges(const struct metrics *m, struct buf *b)
{
	int64_t oldest_at = m->gauges.oldest_at;

	for (size_t i = 0; i < ARRAY_LEN(gauges); i++) {
		if (gauges[i].help)
			add_head(b, gauges[i].name, "gauge", gauges[i].help);
		buf_addf(b, "%s%s %" PRId64 "\n", gauges[i].name,
			 gauges[i].label, gauge_of(m, gauges[i].offset));
	}
	add_head(b, "tuberry_delivery_oldest_seconds", "gauge",
		 "Age of the oldest delivery that has not ended");
	buf_addf(b, "tuberry_delivery_oldest_seconds %.3f\n",
		 oldest_at ? (double)(m->now - oldest_at) / US_S : 0.0);
}

/* ---- this process ---- */

static double resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	long size, resident = 0;

	if (file && fscanf(file, "%ld %ld", &size, &resident) != 2)
		resident = 0;
	if (file)
		fclose(file);
	return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static double cpu_s(void)
{
	struct rusage u;

	if (getrusage(RUSAGE_SELF, &u) != 0)
		return 0;
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / US_S;
}

static void add_process(const struct metrics *m, struct buf *b)
{
	const struct daemon *dm = m->dm;
	const struct {
		const char *name, *type, *help;
		double value;
	} rows[] = {
		{ "tuberry_database_up", "gauge",
		  "1: the database has just answered", m->is_up },
		{ "tuberry_jobs", "gauge", "Deliveries in this daemon's work",
		  dm->jobs },
		{ "tuberry_tasks", "gauge", "Tasks in this daemon's work",
		  dm->tasks },
		{ "tuberry_calls", "gauge", "HTTP calls in flight",
		  loop_calls(dm->loop) },
		{ "process_resident_memory_bytes", "gauge", "Resident memory",
		  resident_bytes() },
		{ "process_cpu_seconds_total", "counter", "Processor time used",
		  cpu_s() },
		{ "process_start_time_seconds", "gauge",
		  "When this daemon began, Unix time",
		  (double)dm->started_at / US_S },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		add_head(b, rows[i].name, rows[i].type, rows[i].help);
		buf_addf(b, "%s %.15g\n", rows[i].name, rows[i].value);
	}
}

/* ---- the page ---- */

static void refresh(struct metrics *m)
{
	int64_t now_ms = clock_mono_ms();
	struct db *db = m->dm->db;
	struct err err = { 0 };

	if (m->asked_ms && now_ms < m->asked_ms + FRESH_MS)
		return;
	arena_reset(&m->a);
	m->asked_ms = now_ms;
	m->now = clock_now_us();
	m->n_counters = 0;
	m->is_up = gauges_read(db, &m->a, m->now,
			       m->now - PRESENCE_AWAY_S * SECOND_US, &m->gauges,
			       &err) &&
		   counters_read(db, &m->a, &m->counters, &m->n_counters, &err);
}

static void write_page(struct onepage *p, struct buf *b)
{
	struct metrics *m = container_of(p, struct metrics, page);

	refresh(m);
	add_process(m, b);
	/* Yesterday's figures would look like today's; none do not. */
	if (!m->is_up)
		return;
	add_counters(m, b);
	add_gauges(m, b);
}

void metrics_start(struct metrics *m, struct daemon *dm)
{
	if (!*dm->s->metrics_addr)
		return;
	m->dm = dm;
	m->page.address = dm->s->metrics_addr;
	m->page.path = "/metrics";
	m->page.mime = "text/plain; version=0.0.4; charset=utf-8";
	m->page.max = PAGE_MAX_BYTES;
	m->page.write = write_page;
	onepage_start(&m->page, dm->loop);
}

void metrics_stop(struct metrics *m)
{
	onepage_stop(&m->page);
	arena_release(&m->a);
}
