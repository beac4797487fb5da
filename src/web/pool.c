/*
 * pool.c - a master process that keeps pools of workers running.
 *
 * All signals stay blocked and are taken from sigtimedwait(), so that nothing
 * here is interrupted.  Every turn looks at the state and does what is
 * missing: reap, start, retire, kill.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "web/listener.h"
#include "web/pool.h"

/* A worker that dies younger than this makes the next start wait. */
#define YOUNG_MS       1000
#define BACKOFF_MIN_MS 50
#define BACKOFF_MAX_MS 5000
#define STOP_MAX_MS    30000
#define IDLE_MS        60000

/* Two generations of both pools at their largest. */
#define WORKER_MAX 2048

/* How a re-executed master learns of sockets ("L fd address") and workers
 * ("W pid"), a line each. */
#define HANDOVER     "TUBERRY_WEB_HANDOVER"
#define HANDOVER_MAX 65536

struct worker {
	pid_t pid; /* 0: free */
	int pool;  /* -1: of a former generation */
	int64_t started_ms;
	int64_t kill_at_ms; /* 0: not asked to stop */
};

struct master {
	const struct pool *pools;
	size_t n_pools;
	int fds[POOL_MAX];
	int64_t start_at_ms[POOL_MAX];
	int64_t backoff_ms[POOL_MAX];
	struct worker workers[WORKER_MAX];
	struct pool_slot *slots; /* one for each of workers[] */
	bool stopping;
	char program[PATH_MAX];
	char **argv;
};

static struct master master;

static sigset_t all_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	return set;
}

static int alive(int pool)
{
	int n = 0;

	for (int i = 0; i < WORKER_MAX; i++)
		n += master.workers[i].pid && master.workers[i].pool == pool;
	return n;
}

static bool any_alive(void)
{
	for (int i = 0; i < WORKER_MAX; i++)
		if (master.workers[i].pid)
			return true;
	return false;
}

static int free_worker(void)
{
	for (int i = 0; i < WORKER_MAX; i++)
		if (!master.workers[i].pid)
			return i;
	return -1;
}

/* In the child: it must not outlive the master, and sees only its socket. */
static void become_worker(int pool, int i, pid_t parent) NORETURN;

static void become_worker(int pool, int i, pid_t parent)
{
	const struct pool *p = &master.pools[pool];

	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent)
		_exit(1);
	for (size_t k = 0; k < master.n_pools; k++)
		if ((int)k != pool)
			close(master.fds[k]);
	p->run(p, master.fds[pool], &master.slots[i]);
	_exit(0);
}

static void start_worker(int pool, int64_t now_ms)
{
	int i = free_worker();
	pid_t parent = getpid(), pid;

	if (i < 0)
		return;
	memset(&master.slots[i], 0, sizeof(master.slots[i]));
	pid = fork();
	if (pid == 0)
		become_worker(pool, i, parent);
	if (pid < 0) {
		log_error("pool.fork_failed",
			  lf_str("reason", strerror(errno)));
		master.start_at_ms[pool] = now_ms + BACKOFF_MAX_MS;
		return;
	}
	master.workers[i] = (struct worker){ pid, pool, now_ms, 0 };
}

static void retire(struct worker *w, int64_t now_ms)
{
	if (w->kill_at_ms)
		return;
	kill(w->pid, SIGTERM);
	w->kill_at_ms = now_ms + STOP_MAX_MS;
}

static void note_death(int i, int status, int64_t now_ms)
{
	struct worker *w = &master.workers[i];
	const struct pool_slot *slot = &master.slots[i];
	int pool = w->pool;
	bool young = now_ms - w->started_ms < YOUNG_MS;

	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		log_error("pool.worker_hung", lf_int("pid", w->pid),
			  lf_str("request", slot->request_id),
			  lf_str("route", slot->route));
	else if (WIFSIGNALED(status) && WTERMSIG(status) != SIGTERM)
		log_error("pool.worker_died", lf_int("pid", w->pid),
			  lf_int("signal", WTERMSIG(status)),
			  lf_str("request", slot->request_id),
			  lf_str("route", slot->route));
	else if (!w->kill_at_ms)
		log_warn("pool.worker_left", lf_int("pid", w->pid),
			 lf_int("status", WEXITSTATUS(status)));
	*w = (struct worker){ 0 };
	if (pool < 0)
		return;
	if (!young) {
		master.backoff_ms[pool] = 0;
		return;
	}
	master.backoff_ms[pool] *= 2;
	if (master.backoff_ms[pool] < BACKOFF_MIN_MS)
		master.backoff_ms[pool] = BACKOFF_MIN_MS;
	if (master.backoff_ms[pool] > BACKOFF_MAX_MS)
		master.backoff_ms[pool] = BACKOFF_MAX_MS;
	master.start_at_ms[pool] = now_ms + master.backoff_ms[pool];
}

static void reap(int64_t now_ms)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (int i = 0; i < WORKER_MAX; i++)
			if (master.workers[i].pid == pid)
				note_death(i, status, now_ms);
}

/* Do what is missing; returns how long nothing else will be. */
static int64_t turn(int64_t now_ms)
{
	int64_t wait_ms = IDLE_MS;

	reap(now_ms);
	for (size_t p = 0; p < master.n_pools && !master.stopping; p++) {
		int missing = master.pools[p].workers - alive((int)p);

		if (missing > 0 && master.start_at_ms[p] > now_ms) {
			if (master.start_at_ms[p] - now_ms < wait_ms)
				wait_ms = master.start_at_ms[p] - now_ms;
			continue;
		}
		while (missing-- > 0)
			start_worker((int)p, now_ms);
	}
	for (int i = 0; i < WORKER_MAX; i++) {
		struct worker *w = &master.workers[i];

		if (!w->pid)
			continue;
		/* The new generation has been started above. */
		if (master.stopping || w->pool < 0)
			retire(w, now_ms);
		if (!w->kill_at_ms)
			continue;
		if (w->kill_at_ms <= now_ms) {
			kill(w->pid, SIGKILL);
			w->kill_at_ms = now_ms + STOP_MAX_MS;
		} else if (w->kill_at_ms - now_ms < wait_ms) {
			wait_ms = w->kill_at_ms - now_ms;
		}
	}
	return wait_ms;
}

/* The same program with the same words would start: asked in a child. */
static bool would_start(void)
{
	static char check[] = "--check-config";
	char *argv[64];
	int n = 0, status = 0;
	pid_t pid;

	argv[n++] = master.argv[0];
	for (int i = 1; master.argv[i] && n < 62; i++)
		if (strcmp(master.argv[i], "--config") == 0 &&
		    master.argv[i + 1]) {
			argv[n++] = master.argv[i];
			argv[n++] = master.argv[++i];
		}
	argv[n++] = check;
	argv[n] = NULL;
	pid = fork();
	if (pid == 0) {
		execv(master.program, argv);
		_exit(127);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid &&
	       WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void set_cloexec(bool on)
{
	for (size_t i = 0; i < master.n_pools; i++)
		fcntl(master.fds[i], F_SETFD, on ? FD_CLOEXEC : 0);
}

static void reload(void)
{
	struct arena a = { 0 };
	struct buf b;

	if (!would_start()) {
		log_error("pool.reload_refused",
			  lf_str("reason", "the program would not start with "
					   "its settings as they are now"));
		return;
	}
	buf_init(&b, &a, HANDOVER_MAX);
	for (size_t i = 0; i < master.n_pools; i++)
		buf_addf(&b, "L %d %s\n", master.fds[i],
			 master.pools[i].address);
	for (int i = 0; i < WORKER_MAX; i++)
		if (master.workers[i].pid)
			buf_addf(&b, "W %d\n", (int)master.workers[i].pid);
	setenv(HANDOVER, b.s, 1);
	set_cloexec(false);
	log_info("pool.reload");
	execv(master.program, master.argv);
	log_error("pool.reload_refused", lf_str("reason", strerror(errno)));
	set_cloexec(true);
	unsetenv(HANDOVER);
	arena_release(&a);
}

/* A socket of the former generation that is still wanted is taken on. */
static void adopt_listener(int fd, const char *address)
{
	for (size_t i = 0; i < master.n_pools; i++) {
		if (master.fds[i] < 0 &&
		    strcmp(master.pools[i].address, address) == 0) {
			master.fds[i] = fd;
			fcntl(fd, F_SETFD, FD_CLOEXEC);
			return;
		}
	}
	listener_unlink(address);
	close(fd);
}

static void adopt_worker(pid_t pid)
{
	int i = free_worker();

	if (i >= 0)
		master.workers[i] = (struct worker){ .pid = pid, .pool = -1 };
}

static void adopt(void)
{
	const char *told = getenv(HANDOVER);
	struct arena a = { 0 };
	char *text, *line, *rest;

	if (!told)
		return;
	text = rest = arena_str(&a, told);
	unsetenv(HANDOVER);
	while ((line = strsep(&rest, "\n")) && *line) {
		char *number = line + 2, *address = strchr(number, ' ');
		long long value;

		if (address)
			*address++ = '\0';
		if (!text_read_i64(number, 0, INT_MAX, &value))
			bug("%s: %s", HANDOVER, text);
		if (line[0] == 'L' && address)
			adopt_listener((int)value, address);
		else
			adopt_worker((pid_t)value);
	}
	arena_release(&a);
}

static void open_listeners(void)
{
	struct err err = { 0 };

	for (size_t i = 0; i < master.n_pools; i++) {
		if (master.fds[i] < 0)
			master.fds[i] =
				listener_open(master.pools[i].address, &err);
		if (master.fds[i] < 0)
			die("%s", err.text);
		log_info("pool.listening", lf_str("pool", master.pools[i].name),
			 lf_str("address", master.pools[i].address),
			 lf_int("workers", master.pools[i].workers));
	}
}

static void start(const struct pool *pools, size_t n, char **argv)
{
	sigset_t set = all_signals();
	ssize_t len;

	if (n > POOL_MAX)
		bug("pool_main: %zu pools", n);
	sigprocmask(SIG_BLOCK, &set, NULL);
	master.pools = pools;
	master.n_pools = n;
	master.argv = argv;
	for (size_t i = 0; i < POOL_MAX; i++)
		master.fds[i] = -1;
	/* Its name now: after an update the link says "(deleted)". */
	len = readlink("/proc/self/exe", master.program,
		       sizeof(master.program) - 1);
	if (len < 0)
		die("/proc/self/exe: %s", strerror(errno));
	master.slots =
		mmap(NULL, WORKER_MAX * sizeof(*master.slots),
		     PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     /* cppcheck-suppress invalidFunctionArg ; no file at all */
		     -1, 0);
	if (master.slots == MAP_FAILED)
		die("out of memory");
	adopt();
	open_listeners();
}

int pool_main(const struct pool *pools, size_t n, char **argv)
{
	sigset_t set = all_signals();

	start(pools, n, argv);
	for (;;) {
		int64_t wait_ms = turn(clock_mono_ms());
		struct timespec ts = { wait_ms / 1000,
				       (wait_ms % 1000) * 1000000 };
		int sig;

		if (master.stopping && !any_alive())
			break;
		sig = sigtimedwait(&set, NULL, &ts);
		if (sig == SIGTERM || sig == SIGINT || sig == SIGQUIT)
			master.stopping = true;
		else if (sig == SIGHUP && !master.stopping)
			reload();
	}
	for (size_t i = 0; i < n; i++)
		listener_unlink(pools[i].address);
	log_info("pool.stopped");
	return 0;
}
