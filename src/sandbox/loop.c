/*
 * loop.c - the one place that waits: the HTTP server, libcurl, timers.
 */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <microhttpd.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "sandbox/loop.h"

/* Nothing is that far away; libcurl and the server wake us earlier. */
#define WAIT_MAX_MS 1000

/* More than the queues that send webhooks at once: a smaller cache makes
 * libcurl open a connection for every request. */
#define IDLE_CONNECTIONS 1024L

static struct {
	CURLM *multi;
	int signals;
	bool stop, hurry;
	struct watch *watches;
	unsigned n_watches;
	struct timer **heap; /* earliest first; heap[i] has slot i + 1 */
	size_t n, size;
} loop;

static void place(struct timer *t, size_t i)
{
	loop.heap[i] = t;
	t->slot = i + 1;
}

static void sift_up(struct timer *t, size_t i)
{
	while (i > 0 && loop.heap[(i - 1) / 2]->due_ms > t->due_ms) {
		place(loop.heap[(i - 1) / 2], i);
		i = (i - 1) / 2;
	}
	place(t, i);
}

static void sift_down(struct timer *t, size_t i)
{
	size_t child;

	while ((child = 2 * i + 1) < loop.n) {
		if (child + 1 < loop.n &&
		    loop.heap[child + 1]->due_ms < loop.heap[child]->due_ms)
			child++;
		if (loop.heap[child]->due_ms >= t->due_ms)
			break;
		place(loop.heap[child], i);
		i = child;
	}
	place(t, i);
}

void timer_stop(struct timer *t)
{
	struct timer *last;
	size_t i;

	if (!t->slot)
		return;
	i = t->slot - 1;
	t->slot = 0;
	last = loop.heap[--loop.n];
	if (last == t)
		return;
	sift_down(last, i);
	sift_up(last, last->slot - 1);
}

void timer_start(struct timer *t, int64_t delay_ms,
		 void (*fire)(struct timer *t))
{
	timer_stop(t);
	if (loop.n == loop.size) {
		loop.size = loop.size ? loop.size * 2 : 64;
		loop.heap =
			realloc(loop.heap, loop.size * sizeof(struct timer *));
		if (!loop.heap)
			die("out of memory");
	}
	t->due_ms = clock_mono_ms() + (delay_ms > 0 ? delay_ms : 0);
	t->fire = fire;
	sift_up(t, loop.n++);
}

/* What a timer arms for "now" waits for the next turn: no turn is endless. */
static void run_timers(void)
{
	int64_t now_ms = clock_mono_ms();
	size_t most = loop.n;

	while (most-- > 0 && loop.n > 0 && loop.heap[0]->due_ms <= now_ms) {
		struct timer *t = loop.heap[0];

		timer_stop(t);
		t->fire(t);
	}
}

void transfer_start(struct transfer *t)
{
	curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
	if (curl_multi_add_handle(loop.multi, t->easy) != CURLM_OK)
		bug("a transfer was started twice");
}

void transfer_stop(struct transfer *t)
{
	if (t->easy)
		curl_multi_remove_handle(loop.multi, t->easy);
}

static void run_transfers(void)
{
	int n;
	CURLMsg *m;

	curl_multi_perform(loop.multi, &n);
	while ((m = curl_multi_info_read(loop.multi, &n))) {
		struct transfer *t = NULL;
		CURLcode code = m->data.result;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE,
				  (char **)&t);
		curl_multi_remove_handle(loop.multi, m->easy_handle);
		t->done(t, code);
	}
}

void loop_watch(struct watch *w)
{
	if (loop.n_watches == LOOP_WATCHES_MAX)
		bug("more than %d watches", LOOP_WATCHES_MAX);
	w->next = loop.watches;
	loop.watches = w;
	loop.n_watches++;
}

void loop_unwatch(struct watch *w)
{
	struct watch **at = &loop.watches;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	loop.n_watches--;
}

void loop_hurry(void)
{
	loop.hurry = true;
}

void loop_init(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	loop.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (loop.signals < 0)
		die("cannot receive signals: %s", strerror(errno));
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    !(loop.multi = curl_multi_init()))
		die("cannot start libcurl");
	curl_multi_setopt(loop.multi, CURLMOPT_MAXCONNECTS, IDLE_CONNECTIONS);
}

static int64_t wait_ms(struct MHD_Daemon *server)
{
	MHD_UNSIGNED_LONG_LONG server_ms;
	int64_t ms = loop.hurry ? 0 : WAIT_MAX_MS;

	if (MHD_get_timeout(server, &server_ms) == MHD_YES &&
	    server_ms < (MHD_UNSIGNED_LONG_LONG)ms)
		ms = (int64_t)server_ms;
	if (loop.n > 0) {
		int64_t left = loop.heap[0]->due_ms - clock_mono_ms();

		if (left < ms)
			ms = left > 0 ? left : 0;
	}
	return ms;
}

/* The server, the signals and whoever watches, until one of them or libcurl
 * has something. */
static void wait_for_events(struct MHD_Daemon *server)
{
	struct curl_waitfd fds[2 + LOOP_WATCHES_MAX] = { 0 };
	struct watch *w = loop.watches;
	unsigned n = 2 + loop.n_watches;

	for (unsigned i = 0; i < n; i++)
		fds[i].events = CURL_WAIT_POLLIN;
	fds[0].fd =
		MHD_get_daemon_info(server, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	fds[1].fd = loop.signals;
	for (unsigned i = 2; w; i++, w = w->next)
		fds[i].fd = w->fd;
	curl_multi_poll(loop.multi, fds, n, (int)wait_ms(server), NULL);
	w = loop.watches;
	for (unsigned i = 2; w; i++, w = w->next)
		if (fds[i].revents)
			w->ready(w);
}

void loop_run(struct MHD_Daemon *server, void (*turn)(void))
{
	while (!loop.stop) {
		struct signalfd_siginfo si;

		loop.hurry = false;
		MHD_run(server);
		run_transfers();
		run_timers();
		turn();
		wait_for_events(server);
		if (read(loop.signals, &si, sizeof(si)) == sizeof(si))
			loop.stop = true;
	}
}

void loop_release(void)
{
	curl_multi_cleanup(loop.multi);
	curl_global_cleanup();
	close(loop.signals);
	free(loop.heap);
	memset(&loop, 0, sizeof(loop));
}
