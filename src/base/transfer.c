/*
 * transfer.c - libcurl's transfers on the loop.
 */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/transfer.h"

/* What is left over is there in the next turn. */
#define EVENTS_MAX 128

/* libcurl takes 0 as "choose yourself". */
#define CONNECTIONS_MIN 8

/* libcurl's word on what it waits for at a socket.  What we assign comes back
 * as `known` until the socket is removed. */
static int on_socket(CURL *easy, curl_socket_t fd, int wanted, void *data,
		     void *known)
{
	struct loop_http *h = data;
	struct epoll_event e = { .data.fd = fd };
	int op = known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	(void)easy;
	if (wanted == CURL_POLL_REMOVE)
		op = EPOLL_CTL_DEL;
	if (wanted == CURL_POLL_IN || wanted == CURL_POLL_INOUT)
		e.events |= EPOLLIN;
	if (wanted == CURL_POLL_OUT || wanted == CURL_POLL_INOUT)
		e.events |= EPOLLOUT;
	/* A socket that is closed already has left by itself. */
	if (epoll_ctl(h->epoll_fd, op, fd, &e) != 0 && op != EPOLL_CTL_DEL)
		bug("epoll_ctl: %s", strerror(errno));
	curl_multi_assign(h->multi, fd, op == EPOLL_CTL_DEL ? NULL : h);
	return 0;
}

static int on_timeout(CURLM *multi, long timeout_ms, void *data)
{
	struct loop_http *h = data;

	(void)multi;
	h->due_ms = timeout_ms < 0 ? 0 : clock_mono_ms() + timeout_ms;
	return 0;
}

void loop_http_init(struct loop_http *h, int calls_max)
{
	long kept = calls_max > CONNECTIONS_MIN ? calls_max : CONNECTIONS_MIN;

	h->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (h->epoll_fd < 0)
		die("epoll: %s", strerror(errno));
	h->multi = curl_multi_init();
	if (!h->multi)
		die("libcurl does not start");
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, on_timeout);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
	/* Fewer kept connections than calls in flight would mean a new
	 * connection for nearly every call. */
	curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, kept);
}

void loop_http_release(struct loop_http *h)
{
	curl_multi_cleanup(h->multi);
	close(h->epoll_fd);
}

static void act(struct loop_http *h, curl_socket_t fd, int ready)
{
	int running;
	CURLMcode rc = curl_multi_socket_action(h->multi, fd, ready, &running);

	if (rc != CURLM_OK)
		bug("curl_multi_socket_action: %s", curl_multi_strerror(rc));
}

static int ready_of(uint32_t events)
{
	int ready = 0;

	if (events & EPOLLIN)
		ready |= CURL_CSELECT_IN;
	if (events & EPOLLOUT)
		ready |= CURL_CSELECT_OUT;
	if (events & (EPOLLERR | EPOLLHUP))
		ready |= CURL_CSELECT_ERR;
	return ready;
}

static void tell_finished(struct loop_http *h)
{
	CURLMsg *msg;
	int left;

	/* finished() may start and cancel calls: the queue is asked anew each
	 * time, and libcurl drops from it what is cancelled. */
	while ((msg = curl_multi_info_read(h->multi, &left))) {
		CURL *easy = msg->easy_handle;
		CURLcode rc = msg->data.result;
		struct transfer *t = NULL;

		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(easy, CURLINFO_PRIVATE, &t);
		curl_multi_remove_handle(h->multi, easy);
		t->finished(t, rc);
	}
}

void loop_http_work(struct loop_http *h)
{
	struct epoll_event events[EVENTS_MAX];
	int n = epoll_wait(h->epoll_fd, events, EVENTS_MAX, 0);

	for (int i = 0; i < n; i++)
		act(h, events[i].data.fd, ready_of(events[i].events));
	if (h->due_ms && h->due_ms <= clock_mono_ms()) {
		/* Before: libcurl tells the next time from inside. */
		h->due_ms = 0;
		act(h, CURL_SOCKET_TIMEOUT, 0);
	}
	tell_finished(h);
}
