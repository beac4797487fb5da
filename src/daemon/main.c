/*
 * main.c - tuberryd: carries messages between buyers and the team.
 */
#include "config.h"

#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/glance.h"
#include "daemon/limits.h"
#include "daemon/look.h"
#include "daemon/metrics.h"
#include "daemon/shift.h"
#include "store/bell.h"
#include "store/presence.h"
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
	struct timer tell;
	struct presence presence;
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

/* While the database is away nobody could read it either. */
static void fire_tell(struct timer *t)
{
	struct main *m = container_of(t, struct main, tell);
	int64_t now = clock_now_us();
	struct arena a = { 0 };
	struct err err = { 0 };
	int alive;

	if (presence_tell(m->dm.db, &a, &m->presence, now,
			  now - PRESENCE_GONE_US, &err) &&
	    presence_count(m->dm.db, &a, now - PRESENCE_AWAY_S * SECOND_US,
			   &alive, &err))
		windows_daemons(m->dm.windows, alive);
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
	int64_t now = clock_now_us();
	struct task keep = { .kind = "housekeeping", .due_at = now };
	struct task watch = { .kind = "watch", .due_at = now };
	bool ok = task_add(dm->db, &a, &keep, err) &&
		  task_add(dm->db, &a, &watch, err);

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

	look_stop(&m->dm);
	loop_disarm(m->dm.loop, &m->tell);
	shift_wind_down(m->dm.shift);
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
	m->dm.shift = shift_new(&m->dm);
	m->dm.glances = glances_new();
	m->bell.rung = on_ring;
	watch_signals();
	if (!bell_start(&m->bell, m->dm.loop, s.redis_url))
		die("REDIS_URL is malformed");
	m->dm.windows = windows_new(s.redis_url);
	if (!plan_housekeeping(&m->dm, &err))
		log_warn("daemon.not_planned", lf_str("reason", err.text));
	begin_presence(m, &a);
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
