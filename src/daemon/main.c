/*
 * main.c - tuberryd: carries messages between buyers and the team.
 */
#include "config.h"

#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/alive.h"
#include "daemon/glance.h"
#include "daemon/journal.h"
#include "daemon/limits.h"
#include "daemon/look.h"
#include "daemon/metrics.h"
#include "daemon/run.h"
#include "daemon/shift.h"
#include "store/bell.h"
#include "store/task.h"
#include "store/window.h"

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
	struct bell bell;
	struct alive alive;
	struct metrics metrics;
};

static struct main self;

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

/* Work that recurs by itself needs a first time. */
static bool plan_housekeeping(struct daemon *dm, struct err *err)
{
	struct arena a = { 0 };
	int64_t now = clock_now_us();
	struct task keep = { .kind = "housekeeping", .due_at = now };
	struct task watch = { .kind = "watch", .due_at = now };
	struct task poll = { .kind = "master.poll", .due_at = now };
	bool ok = task_add(dm->db, &a, &keep, err) &&
		  task_add(dm->db, &a, &watch, err) &&
		  task_add(dm->db, &a, &poll, err);

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

	look_stop(&m->dm);
	/* It would wait for what nobody may write for long. */
	if (m->dm.long_poll)
		run_give_back(m->dm.long_poll);
	shift_wind_down(m->dm.shift);
	bell_stop(&m->bell);
	metrics_stop(&m->metrics);
	while (!is_idle(&m->dm) && clock_mono_ms() < until_ms)
		loop_turn(m->dm.loop, 50);
	journal_close(&m->dm);
	alive_stop(&m->alive);
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
	m->dm.shift = shift_new(&m->dm);
	m->dm.glances = glances_new();
	m->bell.rung = on_ring;
	watch_signals();
	if (!bell_start(&m->bell, m->dm.loop, s.redis_url))
		die("REDIS_URL is malformed");
	m->dm.windows = windows_new(s.redis_url);
	if (!plan_housekeeping(&m->dm, &err))
		log_warn("daemon.not_planned", lf_str("reason", err.text));
	alive_start(&m->alive, &m->dm, &a);
	metrics_start(&m->metrics, &m->dm);
	log_info("daemon.started");
	look_start(&m->dm);
	loop_run(m->dm.loop);
	wind_down(m);
	/* What is left in flight is cut off by the end of the process. */
	if (!is_idle(&m->dm))
		return 0;
	windows_free(m->dm.windows);
	db_free(m->dm.db);
	loop_free(m->dm.loop);
	arena_release(&a);
	return 0;
}
