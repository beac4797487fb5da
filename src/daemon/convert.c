/*
 * convert.c - a still sticker as a picture, made by a process of its own.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/convert.h"
#include "daemon/limits.h"

#define PROGRAM "tuberry-convert"

/* A picture of the largest sticker that the helper takes fits. */
#define PNG_MAX_BYTES (17 * 1024 * 1024)
#define CHUNK_BYTES   65536

/* Beside tuberryd where that was built, else where it is installed. */
static const char *find_program(struct arena *a)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	const char *path;
	char *slash;

	self[n > 0 ? n : 0] = '\0';
	slash = strrchr(self, '/');
	if (slash) {
		*slash = '\0';
		path = arena_printf(a, "%s/" PROGRAM, self);
		if (access(path, X_OK) == 0)
			return path;
	}
	return PKGLIBEXECDIR "/" PROGRAM;
}

static void watch_end(struct loop *l, struct watch *w)
{
	if (w->fd < 0)
		return;
	loop_unwatch(l, w);
	close(w->fd);
	w->fd = -1;
}

static void start_waiting(struct daemon *dm);

/* Everything of the helper is gone; who waits may begin. */
static void leave(struct convert *c)
{
	struct daemon *dm = c->dm;

	loop_disarm(dm->loop, &c->timer);
	watch_end(dm->loop, &c->in);
	watch_end(dm->loop, &c->out);
	watch_end(dm->loop, &c->end);
	c->pid = 0;
	c->busy = false;
	dm->converts.running--;
	start_waiting(dm);
}

static void finish(struct convert *c)
{
	leave(c);
	c->done(c);
}

static void fail(struct convert *c, const char *reason)
{
	log_warn("convert.failed", lf_str("reason", reason),
		 lf_int("ms", clock_mono_ms() - c->began_ms));
	err_set(&c->err, ERR_INPUT, "Стикер не удалось превратить в картинку.");
}

static void kill_helper(struct convert *c, const char *reason)
{
	if (!c->killed)
		kill(c->pid, SIGKILL);
	c->killed = reason;
	watch_end(c->dm->loop, &c->in);
	watch_end(c->dm->loop, &c->out);
}

static void fire_timeout(struct timer *t)
{
	kill_helper(container_of(t, struct convert, timer), "took too long");
}

static void judge(struct convert *c, const siginfo_t *how)
{
	bool exited = how->si_code == CLD_EXITED;

	if (c->killed)
		fail(c, c->killed);
	else if (!exited)
		fail(c,
		     arena_printf(c->a, "died of signal %d", how->si_status));
	else if (how->si_status == EX_DATAERR)
		err_set(&c->err, ERR_INPUT,
			"Стикер повреждён или слишком велик.");
	else if (how->si_status != EX_OK || c->png.len == 0)
		fail(c, arena_printf(c->a, "ended with status %d",
				     how->si_status));
}

/* false: for now there is nothing more. */
static bool read_some(struct convert *c)
{
	char bytes[CHUNK_BYTES];
	ssize_t n = read(c->out.fd, bytes, sizeof(bytes));

	if (n > 0) {
		buf_add(&c->png, bytes, (size_t)n);
		if (c->png.overflow)
			kill_helper(c, "wrote too much");
	} else if (n == 0) {
		watch_end(c->dm->loop, &c->out);
	}
	return n > 0 && c->out.fd >= 0;
}

static void on_output(struct watch *w, bool readable UNUSED,
		      bool writable UNUSED)
{
	read_some(container_of(w, struct convert, out));
}

/* A helper that reads no further is judged by how it ends. */
static void on_input(struct watch *w, bool readable UNUSED,
		     bool writable UNUSED)
{
	struct convert *c = container_of(w, struct convert, in);
	ssize_t n = write(w->fd, c->webp + c->written, c->len - c->written);

	if (n > 0)
		c->written += (size_t)n;
	if (c->written == c->len ||
	    (n < 0 && errno != EAGAIN && errno != EINTR))
		watch_end(c->dm->loop, w);
}

static void on_end(struct watch *w, bool readable UNUSED, bool writable UNUSED)
{
	struct convert *c = container_of(w, struct convert, end);
	siginfo_t how = { 0 };

	/* What it wrote before it ended is in the pipe. */
	while (c->out.fd >= 0 && read_some(c))
		;
	if (waitid(P_PID, (id_t)c->pid, &how, WEXITED) != 0)
		bug("waitid: %s", strerror(errno));
	judge(c, &how);
	finish(c);
}

static void fire_finish(struct timer *t)
{
	finish(container_of(t, struct convert, timer));
}

static void add_watch(struct convert *c, struct watch *w, int fd, bool write,
		      void (*ready)(struct watch *w, bool, bool))
{
	*w = (struct watch){
		.fd = fd,
		.want_read = !write,
		.want_write = write,
		.ready = ready,
	};
	loop_watch(c->dm->loop, w);
}

/* The helper has two pipes, nothing else of ours, and no environment. */
static int spawn(struct convert *c, const char *program, int in, int out)
{
	char *argv[] = { (char[]){ PROGRAM }, NULL }, *envp[] = { NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	sigset_t signals;
	int trouble;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null",
					 O_WRONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
	posix_spawnattr_init(&how);
	sigemptyset(&signals);
	posix_spawnattr_setsigmask(&how, &signals);
	sigaddset(&signals, SIGPIPE);
	posix_spawnattr_setsigdefault(&how, &signals);
	posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK |
					       POSIX_SPAWN_SETSIGDEF);
	trouble = posix_spawn(&c->pid, program, &files, &how, argv, envp);
	posix_spawnattr_destroy(&how);
	posix_spawn_file_actions_destroy(&files);
	return trouble;
}

/* Our ends are ours alone and never make the loop wait. */
static bool make_pipes(int to[2], int from[2])
{
	if (pipe2(to, O_CLOEXEC) != 0)
		return false;
	if (pipe2(from, O_CLOEXEC) == 0) {
		fcntl(to[1], F_SETFL, O_NONBLOCK);
		fcntl(from[0], F_SETFL, O_NONBLOCK);
		return true;
	}
	close(to[0]);
	close(to[1]);
	return false;
}

static void reap(pid_t pid)
{
	siginfo_t how;

	kill(pid, SIGKILL);
	/* What is killed ends at once. */
	waitid(P_PID, (id_t)pid, &how, WEXITED);
}

/* 0, or errno. */
static int run(struct convert *c, const char *program)
{
	int to[2], from[2], trouble, pidfd = -1;

	if (!make_pipes(to, from))
		return errno;
	trouble = spawn(c, program, to[0], from[1]);
	close(to[0]);
	close(from[1]);
	if (!trouble && (pidfd = pidfd_open(c->pid, 0)) < 0) {
		trouble = errno;
		reap(c->pid);
	}
	if (trouble) {
		close(to[1]);
		close(from[0]);
		return trouble;
	}
	add_watch(c, &c->in, to[1], true, on_input);
	add_watch(c, &c->out, from[0], false, on_output);
	add_watch(c, &c->end, pidfd, false, on_end);
	c->timer.fire = fire_timeout;
	loop_arm(c->dm->loop, &c->timer, CONVERT_TIMEOUT_MS);
	return 0;
}

static void begin(struct convert *c)
{
	const char *program = c->program ? c->program : find_program(c->a);
	int trouble;

	c->dm->converts.running++;
	c->began_ms = clock_mono_ms();
	trouble = run(c, program);
	if (!trouble)
		return;
	log_error("convert.not_started", lf_str("program", program),
		  lf_str("reason", strerror(trouble)));
	err_set(&c->err, ERR_DOWN, "Стикер не удалось превратить в картинку.");
	c->timer.fire = fire_finish;
	loop_arm(c->dm->loop, &c->timer, 0);
}

static void start_waiting(struct daemon *dm)
{
	struct converts *all = &dm->converts;

	while (all->waiting && all->running < CONVERTS_MAX) {
		struct convert *c = all->waiting;

		all->waiting = c->next;
		begin(c);
	}
}

void convert_start(struct convert *c)
{
	struct convert **last = &c->dm->converts.waiting;

	c->err = (struct err){ 0 };
	c->in.fd = c->out.fd = c->end.fd = -1;
	c->written = 0;
	c->killed = NULL;
	c->next = NULL;
	c->busy = true;
	buf_init(&c->png, c->a, PNG_MAX_BYTES);
	while (*last)
		last = &(*last)->next;
	*last = c;
	start_waiting(c->dm);
}

static bool take_out_of_line(struct convert *c)
{
	struct convert **at = &c->dm->converts.waiting;

	while (*at && *at != c)
		at = &(*at)->next;
	if (!*at)
		return false;
	*at = c->next;
	return true;
}

void convert_cancel(struct convert *c)
{
	if (!c->busy)
		return;
	if (take_out_of_line(c)) {
		c->busy = false;
		return;
	}
	if (c->end.fd >= 0)
		reap(c->pid);
	leave(c);
}
