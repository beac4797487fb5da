/*
 * main.c - tuberryd: claims due lanes and tasks, and works them off.
 *
 * One question is asked again and again: is there room, and is anything due?
 * It is asked when the doorbell rings, when something ends, when the next
 * thing falls due, and every few seconds anyway.
 */
#include "config.h"

#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/job.h"
#include "daemon/limits.h"
#include "daemon/metrics.h"
#include "daemon/run.h"
#include "store/bell.h"
#include "store/presence.h"

#define STATEMENT_TIMEOUT_MS 5000

static const char help[] =
	"tuberryd - carries messages between buyers and the team\n"
	"\n"
	"  --config FILE    settings, KEY=VALUE lines; the environment wins\n"
	"  --check-config   name every bad setting and end\n"
	"  --help, --version\n"
	"\n"
	"SIGTERM ends it within five seconds; what was on its way is taken up\n"
	"at the next start.\n";

struct main {
	struct daemon dm;
	struct timer look;
	struct bell bell;
	struct timer tell;
	struct presence presence;
	struct metrics metrics;
	int64_t down_since_ms; /* the database; 0: it is there */
};

static struct main self;

void daemon_look(struct daemon *dm)
{
	struct main *m = container_of(dm, struct main, dm);

	if (!dm->stopping)
		loop_arm(dm->loop, &m->look, 0);
}

static bool claim_lanes(struct daemon *dm, bool *full, struct err *err)
{
	struct batch *batch = mem_new(sizeof(*batch));
	int64_t now = clock_now_us();
	int room = JOBS_MAX - dm->jobs;
	struct delivery *list;
	size_t n = 0;
	bool ok = room <= 0 || lanes_claim(dm->db, &batch->a, room, now,
					   now + LEASE_US, &list, &n, err);

	*full = room <= 0 || (int)n == room;
	for (size_t i = 0; i < n; i++)
		job_start(dm, batch, &list[i]);
	if (batch->jobs == 0) {
		arena_release(&batch->a);
		free(batch);
	}
	return ok;
}

static bool claim_tasks(struct daemon *dm, bool *full, struct err *err)
{
	int room = TASKS_MAX - dm->tasks;
	int64_t now = clock_now_us();
	struct arena a = { 0 };
	struct task *list;
	size_t n = 0;
	bool ok = room <= 0 || tasks_claim(dm->db, &a, room, now,
					   now + LEASE_US, &list, &n, err);

	*full = room <= 0 || (int)n == room;
	for (size_t i = 0; i < n; i++)
		run_start(dm, &list[i]);
	arena_release(&a);
	return ok;
}

/* How long nothing can fall due.  What is full is looked at again when
 * something ends. */
static int64_t pause_ms(struct daemon *dm, bool full)
{
	int64_t at = 0, ms = IDLE_MS;
	struct arena a = { 0 };
	struct err err = { 0 };

	if (!full && work_next_due(dm->db, &a, &at, &err) && at) {
		ms = (at - clock_now_us()) / 1000 + 1;
		ms = ms < 1 ? 1 : ms > IDLE_MS ? IDLE_MS : ms;
	}
	arena_release(&a);
	return ms;
}

static void database_is_away(struct main *m, const struct err *err)
{
	if (!m->down_since_ms) {
		m->down_since_ms = clock_mono_ms();
		log_error("db.away", lf_str("reason", err->text));
	}
	loop_arm(m->dm.loop, &m->look, DB_RETRY_MS);
}

static void fire_look(struct timer *t)
{
	struct main *m = container_of(t, struct main, look);
	bool lanes_full, tasks_full;
	struct err err = { 0 };

	if (m->dm.stopping)
		return;
	if (!claim_lanes(&m->dm, &lanes_full, &err) ||
	    !claim_tasks(&m->dm, &tasks_full, &err)) {
		database_is_away(m, &err);
		return;
	}
	if (m->down_since_ms)
		log_info("db.back",
			 lf_int("away_ms", clock_mono_ms() - m->down_since_ms));
	m->down_since_ms = 0;
	loop_arm(m->dm.loop, &m->look,
		 pause_ms(&m->dm, lanes_full || tasks_full));
}

static void on_ring(struct bell *b)
{
	daemon_look(&container_of(b, struct main, bell)->dm);
}

static void on_signal(int number UNUSED)
{
	loop_stop(self.dm.loop);
}

static void watch_signals(void)
{
	struct sigaction act = { .sa_handler = on_signal };

	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* While the database is away nobody could read it either. */
static void fire_tell(struct timer *t)
{
	struct main *m = container_of(t, struct main, tell);
	int64_t now = clock_now_us();
	struct arena a = { 0 };
	struct err err = { 0 };

	presence_tell(m->dm.db, &a, &m->presence, now, now - PRESENCE_GONE_US,
		      &err);
	arena_release(&a);
	loop_arm(m->dm.loop, t, PRESENCE_EVERY_S * 1000);
}

static void begin_presence(struct main *m, struct arena *a)
{
	char *host = arena_alloc(a, HOST_NAME_MAX + 1);

	gethostname(host, HOST_NAME_MAX);
	m->presence = (struct presence){
		.id = arena_strn(a, secret_hash(a, secret_random(a, 32)), 32),
		.host = host,
		.pid = (int)getpid(),
		.started_at = clock_now_us(),
	};
	m->tell.fire = fire_tell;
	loop_arm(m->dm.loop, &m->tell, 0);
}

/* Work that recurs by itself needs a first time. */
static bool plan_housekeeping(struct daemon *dm, struct err *err)
{
	struct arena a = { 0 };
	struct task t = { .kind = "housekeeping", .due_at = clock_now_us() };
	bool ok = task_add(dm->db, &a, &t, err);

	arena_release(&a);
	return ok;
}

static bool is_idle(const struct daemon *dm)
{
	return dm->jobs == 0 && dm->tasks == 0;
}

/* Calls in flight get a moment to end; what does not is found by its lease:
 * unsure and settled, never forgotten. */
static void wind_down(struct main *m)
{
	int64_t until_ms = clock_mono_ms() + STOP_MS;

	struct err ignored = { 0 };

	m->dm.stopping = true;
	loop_disarm(m->dm.loop, &m->look);
	loop_disarm(m->dm.loop, &m->tell);
	bell_stop(&m->bell);
	metrics_stop(&m->metrics);
	while (!is_idle(&m->dm) && clock_mono_ms() < until_ms)
		loop_turn(m->dm.loop, 50);
	presence_end(m->dm.db, m->presence.id, &ignored);
	log_info("daemon.stopped", lf_int("deliveries_left", m->dm.jobs),
		 lf_int("tasks_left", m->dm.tasks));
}

int main(int argc, char **argv)
{
	struct main *m = &self;
	struct arena a = { 0 };
	struct settings s = { 0 };
	struct err err = { 0 };
	struct client_rules rules;
	unsigned needs = NEED_DATABASE_DAEMON | NEED_REDIS | NEED_APP_SECRET |
			 NEED_URLS | NEED_MEDIA;

	settings_main(&a, argc, argv, help, needs, &s);
	rules = (struct client_rules){
		.user_agent = PACKAGE_NAME "/" PACKAGE_VERSION,
		.allow_insecure = s.allow_insecure_api,
		.media_hosts = s.media_hosts,
		.api_bases = { s.telegram_api_base, s.avito_api_base },
	};
	if (!client_init(&rules, &err))
		die("%s", err.text);
	m->dm.loop = loop_new(CALLS_MAX);
	m->dm.db =
		db_new(s.database_url_daemon, "tuberryd", STATEMENT_TIMEOUT_MS);
	m->dm.s = &s;
	m->dm.started_at = clock_now_us();
	m->look.fire = fire_look;
	m->bell.rung = on_ring;
	watch_signals();
	if (!bell_start(&m->bell, m->dm.loop, s.redis_url))
		die("REDIS_URL is malformed");
	if (!plan_housekeeping(&m->dm, &err))
		log_warn("daemon.not_planned", lf_str("reason", err.text));
	begin_presence(m, &a);
	metrics_start(&m->metrics, &m->dm);
	log_info("daemon.started");
	daemon_look(&m->dm);
	loop_run(m->dm.loop);
	wind_down(m);
	/* What is left in flight is cut off by the end of the process. */
	if (!is_idle(&m->dm))
		return 0;
	db_free(m->dm.db);
	loop_free(m->dm.loop);
	arena_release(&a);
	return 0;
}
