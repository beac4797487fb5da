/*
 * test_pool.c - workers are there, come back, and go when told.
 */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "harness/unit.h"
#include "web/listener.h"
#include "web/pool.h"

#define WAIT_MS 10000

static char dir[] = "/tmp/tuberry-pool.XXXXXX";
static char program[] = "test_pool";
static char *argv0[] = { program, NULL };

static const char *socket_path(void)
{
	return arena_printf(&unit_arena, "%s/sock", dir);
}

/* Answers each connection with its pid; "!" in the request kills it. */
static void answer_pid(const struct pool *p UNUSED, int fd,
		       struct pool_slot *slot)
{
	sigset_t none;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	snprintf(slot->route, sizeof(slot->route), "/deadly");
	for (;;) {
		struct timespec pause = { 0, 1000000 };
		int c = accept(fd, NULL, NULL);
		pid_t pid = getpid();
		char word = 0;

		if (c < 0) {
			nanosleep(&pause, NULL);
			continue;
		}
		if (read(c, &word, 1) == 1 && word == '!')
			abort();
		/* Who only looked whether somebody listens is gone. */
		if (write(c, &pid, sizeof(pid)) < 0)
			errno = 0;
		close(c);
	}
}

static pid_t start_master(int workers)
{
	struct pool pool = { "test", socket_path(), workers, answer_pid };
	pid_t pid = fork();

	if (pid == 0) {
		/* Its log lines are not the test's. */
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		log_set_sink(NULL);
		_exit(pool_main(&pool, 1, argv0));
	}
	return pid;
}

static int connect_once(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", socket_path());
	if (connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* The pid of the worker that answers; 0 when it died of the question. */
static pid_t ask(char word)
{
	int64_t until = clock_mono_ms() + WAIT_MS;
	pid_t pid = 0;
	int fd;

	while ((fd = connect_once()) < 0 && clock_mono_ms() < until)
		;
	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT(write(fd, &word, 1) == 1);
	if (read(fd, &pid, sizeof(pid)) != sizeof(pid))
		pid = 0;
	close(fd);
	return pid;
}

static int stop(pid_t master)
{
	int status = -1;

	kill(master, SIGTERM);
	waitpid(master, &status, 0);
	return status;
}

static void a_worker_that_dies_is_replaced(void)
{
	pid_t master = start_master(1);
	pid_t first = ask('?'), second;

	CU_ASSERT(first > 0 && first != master);
	UNIT_ASSERT_INT(ask('!'), 0);
	second = ask('?');
	CU_ASSERT(second > 0 && second != first);
	UNIT_ASSERT_INT(stop(master), 0);
}

static void stopping_ends_every_worker_and_the_socket(void)
{
	pid_t master = start_master(3);
	pid_t worker = ask('?');

	UNIT_ASSERT_INT(stop(master), 0);
	CU_ASSERT(kill(worker, 0) != 0 && errno == ESRCH);
	CU_ASSERT(access(socket_path(), F_OK) != 0);
}

static void workers_do_not_outlive_a_killed_master(void)
{
	pid_t master = start_master(1);
	pid_t worker = ask('?');
	int64_t until = clock_mono_ms() + WAIT_MS;

	kill(master, SIGKILL);
	waitpid(master, NULL, 0);
	while (kill(worker, 0) == 0 && clock_mono_ms() < until)
		;
	CU_ASSERT(kill(worker, 0) != 0 && errno == ESRCH);
}

static void a_served_socket_is_not_taken_away(void)
{
	pid_t master = start_master(1), worker = ask('?');
	struct err err = { 0 };

	UNIT_ASSERT_INT(listener_open(socket_path(), &err), -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "another server"));
	UNIT_ASSERT_INT(ask('?'), worker);
	stop(master);
}

static void a_socket_left_behind_is_replaced(void)
{
	struct err err = { 0 };
	struct stat st;
	int fd = listener_open(socket_path(), &err);

	close(fd);
	fd = listener_open(socket_path(), &err);
	CU_ASSERT(fd >= 0);
	CU_ASSERT(stat(socket_path(), &st) == 0);
	UNIT_ASSERT_INT(st.st_mode & 0777, 0660);
	close(fd);
	listener_unlink(socket_path());
}

static void an_address_that_is_none_is_refused(void)
{
	static const char *const bad[] = { "", "nonsense", ":80",
					   "localhost:port",
					   "/nonexistent/dir/sock" };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err err = { 0 };

		UNIT_ASSERT_INT(listener_open(bad[i], &err), -1);
		UNIT_ASSERT_INT(err.kind, ERR_DOWN);
	}
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(a_worker_that_dies_is_replaced),
		UNIT_TEST(stopping_ends_every_worker_and_the_socket),
		UNIT_TEST(workers_do_not_outlive_a_killed_master),
		UNIT_TEST(a_served_socket_is_not_taken_away),
		UNIT_TEST(a_socket_left_behind_is_replaced),
		UNIT_TEST(an_address_that_is_none_is_refused),
	};
	int status;

	if (!mkdtemp(dir))
		die("no temporary folder");
	status = unit_main("web/pool", tests, ARRAY_LEN(tests), argc, argv);
	rmdir(dir);
	return status;
}
