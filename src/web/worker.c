/*
 * worker.c - the life of one worker: accept, serve, answer (over libfcgi).
 */
#include "config.h"

#include <errno.h>
#include <fcgiapp.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/log.h"
#include "web/serve.h"
#include "web/worker.h"

/* Below nginx's patience, above what any statement here should take. */
#define STATEMENT_TIMEOUT_MS 5000

static volatile sig_atomic_t told_to_stop;

static void on_term(int sig UNUSED)
{
	told_to_stop = 1;
}

/* *open is the mask while waiting: all but SIGTERM stays blocked. */
static void set_signals(sigset_t *open)
{
	struct sigaction sa = { .sa_handler = on_term };
	sigset_t blocked;

	sigaction(SIGTERM, &sa, NULL);
	sa.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &sa, NULL);
	/* The terminal's ^C is for the master, which tells us. */
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGQUIT, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	sa.sa_handler = SIG_DFL;
	sigaction(SIGALRM, &sa, NULL);
	sigemptyset(open);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
}

/* One of the workers is woken for one connection. */
static int watch(int fd)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	int ep = epoll_create1(EPOLL_CLOEXEC);

	if (ep < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) != 0)
		die("epoll: %s", strerror(errno));
	return ep;
}

/* nginx has given up while the request waited: nobody reads the answer, and
 * the next one in the queue should not wait for it. */
static bool is_abandoned(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLRDHUP };

	return poll(&p, 1, 0) == 1 &&
	       (p.revents & (POLLRDHUP | POLLHUP | POLLERR));
}

static size_t read_body(void *stream, char *s, size_t len)
{
	int n = FCGX_GetStr(s, len < INT_MAX ? (int)len : INT_MAX, stream);

	return n > 0 ? (size_t)n : 0;
}

static void write_reply(FCGX_Request *fc, const struct req *rq)
{
	const struct reply *r = &rq->reply;

	FCGX_FPrintF(fc->out, "Status: %d %s\r\n", (int)r->status,
		     status_title(r->status));
	if (r->mime)
		FCGX_FPrintF(fc->out, "Content-Type: %s\r\n", r->mime);
	FCGX_FPrintF(fc->out,
		     "Content-Length: %d\r\n"
		     "Cache-Control: %s\r\n"
		     "X-Request-Id: %s\r\n",
		     (int)r->len, r->cache ? r->cache : "no-store",
		     rq->request_id);
	if (r->headers.len)
		FCGX_PutS(r->headers.s, fc->out);
	FCGX_PutS("\r\n", fc->out);
	FCGX_PutStr(r->body, (int)r->len, fc->out);
}

static void handle(struct web *w, enum route_pools pool, FCGX_Request *fc,
		   struct arena *a)
{
	struct req_input in = { .params = fc->envp,
				.read = read_body,
				.from = fc->in };
	struct req rq;

	if (is_abandoned(fc->ipcFd))
		return;
	serve(w, pool, a, &in, &rq);
	write_reply(fc, &rq);
}

void worker_run(const struct settings *s, enum route_pools pool, int fd,
		struct pool_slot *slot)
{
	struct web w = { .settings = s, .slot = slot };
	struct arena a = { 0 };
	FCGX_Request fc;
	sigset_t open;
	int ep;

	set_signals(&open);
	w.db = db_new(s->database_url, "tuberry-web", STATEMENT_TIMEOUT_MS);
	w.redis = redis_new(s->redis_url);
	w.windows = windows_new(s->redis_url);
	if (!w.redis || !w.windows)
		die("REDIS_URL: not an address of Redis");
	windows_believe(w.windows);
	ep = watch(fd);
	if (FCGX_Init() != 0 || FCGX_InitRequest(&fc, fd, 0) != 0)
		die("libfcgi does not start");
	while (!told_to_stop) {
		struct epoll_event ev;

		if (epoll_pwait(ep, &ev, 1, -1, &open) != 1)
			continue;
		/* Fails when another worker was faster. */
		if (FCGX_Accept_r(&fc) != 0)
			continue;
		alarm(REQUEST_MAX_S);
		handle(&w, pool, &fc, &a);
		FCGX_Finish_r(&fc);
		alarm(0);
		slot->request_id[0] = slot->route[0] = '\0';
		log_set_id(NULL);
		arena_reset(&a);
	}
	windows_free(w.windows);
	redis_free(w.redis);
	db_free(w.db);
}
