/*
 * alive.c - this daemon lives, and who of its machine has died.
 */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "daemon/alive.h"
#include "daemon/limits.h"
#include "store/lane.h"
#include "store/task.h"
#include "store/window.h"

#define BOOT_ID "/proc/sys/kernel/random/boot_id"
#define PID_NS  "/proc/self/ns/pid"

/* Fields of proc(5)'s stat: the state, and when the process began, in ticks
 * since boot. */
#define STAT_STATE   3
#define STAT_STARTED 22

/* A pid means something within one boot and one namespace.  "": who knows. */
static const char *machine_name(struct arena *a)
{
	char boot[40] = "", ns[64] = "";
	FILE *f = fopen(BOOT_ID, "re");
	ssize_t len = readlink(PID_NS, ns, sizeof(ns) - 1);

	if (f && !fgets(boot, sizeof(boot), f))
		*boot = '\0';
	if (f)
		fclose(f);
	boot[strcspn(boot, "\n")] = '\0';
	if (len <= 0 || !*boot)
		return "";
	return arena_printf(a, "%s %.*s", boot, (int)len, ns);
}

/* Others' processes may be hidden in /proc, but not from kill(). */
static bool is_gone(int pid)
{
	return kill(pid, 0) == -1 && errno == ESRCH;
}

/* What comes behind the name, which is in parentheses and may hold anything:
 * state, and further fields. */
static const char *read_stat(int pid, char *line, int size)
{
	char path[32], *end = NULL;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (f && fgets(line, size, f))
		end = strrchr(line, ')');
	if (f)
		fclose(f);
	return end && end[1] == ' ' ? end + 2 : NULL;
}

/* When it began; 0: there is no such process; -1: who knows. */
static int64_t process_started(int pid)
{
	char line[1024];
	const char *at = read_stat(pid, line, sizeof(line));

	if (!at)
		return is_gone(pid) ? 0 : -1;
	/* A zombie has closed everything. */
	if (*at == 'Z' || *at == 'X')
		return 0;
	for (int field = STAT_STATE; at && field < STAT_STARTED; field++)
		at = strchr(at + 1, ' ');
	return at ? strtoll(at + 1, NULL, 10) : -1;
}

static bool has_died(const struct presence *p)
{
	int64_t started = process_started(p->pid);

	return started >= 0 && started != p->pid_started;
}

static bool bury(struct alive *l, struct arena *a, const struct presence *p,
		 struct err *err)
{
	struct db *db = l->dm->db;
	int64_t until = clock_now_us() + SETTLE_WAIT_US, lanes = 0, tasks = 0;
	bool ok = db_begin(db, err) &&
		  lanes_orphaned(db, a, p->id, until, &lanes, err) &&
		  tasks_orphaned(db, a, p->id, until, &tasks, err) &&
		  presence_end(db, p->id, err);

	if (!db_finish(db, ok, err))
		return false;
	log_warn("daemon.died", lf_int("pid", p->pid), lf_int("lanes", lanes),
		 lf_int("tasks", tasks));
	daemon_look(l->dm);
	return true;
}

static bool look_around(struct alive *l, struct arena *a, struct err *err)
{
	struct presence *list;
	size_t n;

	if (!presence_neighbours(l->dm->db, a, &l->self, &list, &n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (has_died(&list[i]) && !bury(l, a, &list[i], err))
			return false;
	return true;
}

/* While the database is away nobody could read it either. */
static void fire(struct timer *t)
{
	struct alive *l = container_of(t, struct alive, timer);
	struct db *db = l->dm->db;
	int64_t now = clock_now_us();
	struct arena a = { 0 };
	struct err err = { 0 };
	int alive;

	if (presence_tell(db, &a, &l->self, now, now - PRESENCE_GONE_US,
			  &err) &&
	    look_around(l, &a, &err) &&
	    presence_count(db, &a, now - PRESENCE_AWAY_S * SECOND_US, &alive,
			   &err))
		windows_daemons(l->dm->windows, alive);
	arena_release(&a);
	loop_arm(l->dm->loop, t, PRESENCE_EVERY_S * 1000);
}

void alive_start(struct alive *l, struct daemon *dm, struct arena *a)
{
	char *host = arena_alloc(a, HOST_NAME_MAX + 1);

	gethostname(host, HOST_NAME_MAX);
	dm->id = arena_strn(a, secret_hash(a, secret_random(a, 32)), 32);
	l->dm = dm;
	l->self = (struct presence){
		.id = dm->id,
		.host = host,
		.machine = machine_name(a),
		.pid = (int)getpid(),
		.pid_started = process_started((int)getpid()),
		.started_at = clock_now_us(),
	};
	l->timer.fire = fire;
	loop_arm(dm->loop, &l->timer, 0);
}

void alive_stop(struct alive *l)
{
	struct err ignored = { 0 };

	loop_disarm(l->dm->loop, &l->timer);
	presence_end(l->dm->db, l->self.id, &ignored);
}
