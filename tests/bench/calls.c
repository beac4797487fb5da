/*
 * calls.c - what an outgoing HTTP call costs: CPU, turns of the loop, memory.
 *
 *	calls [IN_FLIGHT [CALLS [DELAY_MS [URL]]]]
 *
 * Keeps IN_FLIGHT calls under way until CALLS are done, towards a service of
 * its own on loopback that answers after DELAY_MS, or one behind URL.
 */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/client.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/text.h"

#define EVENTS_MAX 64
#define FDS_MAX    4096
#define READ_MAX   65536

/*
 * The service.  A client sends its next request only after the answer, so one
 * read() that ends with the body's end is one request.
 */

static const char answer[] =
	"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	"Content-Length: 66\r\n\r\n"
	"{\"ok\":true,\"result\":{\"message_id\":1000,\"date\":1790000000,"
	"\"x\":\"1\"}}";

struct owed {
	int fd;
	int64_t due_ms;
};

static struct owed owed[FDS_MAX];
static unsigned first_owed, n_owed;

static void hear(int epoll, int listener, int fd, int delay_ms)
{
	static char bytes[READ_MAX];
	struct epoll_event e = { .events = EPOLLIN };
	const int yes = 1;
	ssize_t n;

	if (fd == listener) {
		e.data.fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		setsockopt(e.data.fd, IPPROTO_TCP, TCP_NODELAY, &yes,
			   sizeof(yes));
		epoll_ctl(epoll, EPOLL_CTL_ADD, e.data.fd, &e);
		return;
	}
	n = read(fd, bytes, sizeof(bytes));
	if (n <= 0)
		close(fd);
	else if (bytes[n - 1] == '}')
		owed[(first_owed + n_owed++) % FDS_MAX] =
			(struct owed){ fd, clock_mono_ms() + delay_ms };
}

static void serve(int listener, int delay_ms) NORETURN;

static void serve(int listener, int delay_ms)
{
	struct epoll_event e = { .events = EPOLLIN, .data.fd = listener };
	struct epoll_event events[EVENTS_MAX];
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &e);
	for (;;) {
		int64_t left =
			n_owed ? owed[first_owed].due_ms - clock_mono_ms() : -1;
		int n = epoll_wait(epoll, events, EVENTS_MAX,
				   n_owed && left < 0 ? 0 : (int)left);

		for (int i = 0; i < n; i++)
			hear(epoll, listener, events[i].data.fd, delay_ms);
		while (n_owed && owed[first_owed].due_ms <= clock_mono_ms()) {
			if (write(owed[first_owed].fd, answer,
				  sizeof(answer) - 1) < 0)
				die("service: %s", strerror(errno));
			first_owed = (first_owed + 1) % FDS_MAX;
			n_owed--;
		}
	}
}

static int start_service(int delay_ms)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&at, len) != 0 ||
	    listen(fd, FDS_MAX) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) != 0)
		die("service: %s", strerror(errno));
	if (fork() == 0)
		serve(fd, delay_ms);
	close(fd);
	return ntohs(at.sin_port);
}

/*
 * The calls.
 */

struct slot {
	struct call call;
	struct timer timer; /* of its first call */
	struct arena a;
};

static struct loop *l;
static const char *url;
static long n_started, n_done, n_wanted, n_bad;

static void start(struct slot *s);

static void on_done(struct call *c)
{
	n_done++;
	n_bad += c->reply.end != HTTP_ANSWERED || c->reply.status != 200;
	if (n_bad == 1 && c->reply.end != HTTP_ANSWERED)
		fprintf(stderr, "%s\n", c->reply.problem);
	start(container_of(c, struct slot, call));
}

static void start(struct slot *s)
{
	static const char body[] =
		"{\"chat_id\":-1001234567890,\"message_thread_id\":42,"
		"\"text\":\"a text of the usual length, two lines or so\"}";

	arena_reset(&s->a);
	if (n_started == n_wanted)
		return;
	n_started++;
	s->call = (struct call){ .a = &s->a,
				 .done = on_done,
				 .rq = { .method = "POST",
					 .url = url,
					 .mime = "application/json",
					 .body = body,
					 .body_len = sizeof(body) - 1 } };
	call_start(l, &s->call);
}

static void on_timer(struct timer *t)
{
	start(container_of(t, struct slot, timer));
}

/* In kB, of this process. */
static long memory(const char *name)
{
	FILE *f = fopen("/proc/self/smaps_rollup", "re");
	char line[256];
	long kb = 0;

	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, name, strlen(name)) == 0)
			kb = strtol(line + strlen(name), NULL, 10);
	if (f)
		fclose(f);
	return kb;
}

static void tell_memory(const char *when)
{
	printf("%-12s pss %6ld kB, private dirty %6ld kB\n", when,
	       memory("Pss:"), memory("Private_Dirty:"));
}

static double cpu_s(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static long number(int argc, char **argv, int i, long otherwise)
{
	long long n = otherwise;

	if (i < argc && !text_read_i64(argv[i], 0, 10000000, &n))
		die("not a number: %s", argv[i]);
	return (long)n;
}

int main(int argc, char **argv)
{
	long in_flight = number(argc, argv, 1, 512);
	long delay_ms = number(argc, argv, 3, 250);
	static char own[64];
	struct client_rules rules = { .allow_insecure = true };
	struct err err = { 0 };
	struct slot *slots;
	bool is_told = false;
	int64_t from_ms;
	double from_s;
	long turns = 0;

	n_wanted = number(argc, argv, 2, 20000);
	snprintf(own, sizeof(own), "http://127.0.0.1:%d/",
		 start_service((int)delay_ms));
	url = argc > 4 ? argv[4] : own;
	rules.api_bases[0] = url;
	if (!client_init(&rules, &err))
		die("%s", err.text);
	tell_memory("start");
	l = loop_new((int)in_flight);
	slots = calloc((size_t)in_flight, sizeof(*slots));
	from_ms = clock_mono_ms();
	from_s = cpu_s();
	/* Spread, so that answers come one by one. */
	for (long i = 0; i < in_flight; i++) {
		slots[i].timer.fire = on_timer;
		loop_arm(l, &slots[i].timer, i * delay_ms / in_flight);
	}
	for (; n_done < n_wanted; turns++) {
		loop_turn(l, 1000);
		if (!is_told && n_done > n_wanted / 2) {
			tell_memory("in flight");
			is_told = true;
		}
	}
	from_s = cpu_s() - from_s;
	tell_memory("after");
	printf("%ld calls, %ld bad: %.0f calls/s, %.1f us CPU/call, "
	       "%.2f turns/call\n",
	       n_done, n_bad,
	       1000.0 * (double)n_done / (double)(clock_mono_ms() - from_ms),
	       from_s * 1e6 / (double)n_done, (double)turns / (double)n_done);
	for (long i = 0; i < in_flight; i++)
		arena_release(&slots[i].a);
	free(slots);
	loop_free(l);
	return n_bad != 0;
}
