/*
 * redis_server.c - a throwaway Redis for one test program.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "harness/redis_server.h"

#define START_MAX_MS 10000
#define PAUSE_MS     5
#define EXEC_FAILED  127

static char dir[] = "/tmp/tuberry-redis-XXXXXX";
static char path[64];
static char url[80];
static pid_t pid;

static void become_redis(void) NORETURN;

static void become_redis(void)
{
	/* Nothing of Redis's own chatter belongs to the test's output. */
	if (!freopen("/dev/null", "w", stdout))
		_exit(EXEC_FAILED);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execlp("redis-server", "redis-server", "--port", "0", "--unixsocket",
	       path, "--save", "", "--appendonly", "no", "--dir", dir,
	       (char *)NULL);
	_exit(EXEC_FAILED);
}

static int answers(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc;

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	rc = connect(fd, (struct sockaddr *)&addr, sizeof(addr));
	close(fd);
	return rc == 0;
}

void redis_server_revive(void)
{
	int64_t end_ms = clock_mono_ms() + START_MAX_MS;
	int status;

	pid = fork();
	if (pid < 0)
		die("redis-server: %s", strerror(errno));
	if (pid == 0)
		become_redis();
	while (!answers()) {
		if (waitpid(pid, &status, WNOHANG) == pid) {
			pid = 0;
			redis_server_stop();
			if (WIFEXITED(status) &&
			    WEXITSTATUS(status) == EXEC_FAILED) {
				printf("skipped: redis-server is missing\n");
				exit(77);
			}
			die("redis-server ended with status %d", status);
		}
		if (clock_mono_ms() > end_ms)
			die("redis-server does not answer");
		poll(NULL, 0, PAUSE_MS);
	}
}

void redis_server_start(void)
{
	if (!mkdtemp(dir))
		die("mkdtemp: %s", strerror(errno));
	snprintf(path, sizeof(path), "%s/redis.sock", dir);
	snprintf(url, sizeof(url), "unix://%s", path);
	redis_server_revive();
}

void redis_server_kill(void)
{
	if (!pid)
		return;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	pid = 0;
	unlink(path);
}

void redis_server_stop(void)
{
	redis_server_kill();
	rmdir(dir);
}

const char *redis_server_url(void)
{
	return url;
}

void redis_server_freeze(void)
{
	kill(pid, SIGSTOP);
}

void redis_server_resume(void)
{
	kill(pid, SIGCONT);
}
