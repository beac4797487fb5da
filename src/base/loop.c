/*
 * loop.c - the only place that waits: timers, descriptors and HTTP calls.
 *
 * A turn: wait, fire timers, serve watches, let libcurl work, tell finished
 * calls.  A call that a timer or a watch starts leaves in the same turn.
 */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/transfer.h"

/* Nothing depends on it. */
#define TURN_MAX_MS 60000

/* Of loop.fds, in front of those of watches. */
enum { FD_WAKE, FD_HTTP, N_OWN_FDS };

/* The order of arming decides between equal times, and tells a timer armed
 * during this turn from one that was waiting for it. */
struct alarm {
	int64_t due_ms;
	uint64_t order;
	struct timer *timer;
};

struct loop {
	struct loop_http http;

	struct alarm *heap; /* the earliest first */
	size_t n_alarms, heap_size;
	uint64_t order;

	struct watch *watches;
	size_t n_watches;

	/* Of this turn: fds[i] is that of polled[i], but for the first ones.  A
	 * watch that goes away meanwhile leaves NULL behind. */
	struct pollfd *fds;
	struct watch **polled;
	size_t n_polled, polled_size;

	int wake_fd; /* loop_stop() in a signal handler may only write() */
	volatile sig_atomic_t stop;
};

struct loop *loop_new(int calls_max)
{
	struct loop *l = mem_new(sizeof(*l));

	loop_http_init(&l->http, calls_max);
	l->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (l->wake_fd < 0)
		die("eventfd: %s", strerror(errno));
	return l;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	if (l->http.calls)
		bug("loop_free: %d calls in flight", l->http.calls);
	loop_http_release(&l->http);
	close(l->wake_fd);
	free(l->heap);
	free(l->fds);
	free(l->polled);
	free(l);
}

struct loop_http *loop_http(struct loop *l)
{
	return &l->http;
}

static void *grow(void *p, size_t n, size_t item_size)
{
	p = reallocarray(p, n, item_size);
	if (!p)
		die("out of memory");
	return p;
}

/*
 * Timers: a binary heap.  timer.slot is the place in it while due_ms is set.
 */

static bool is_before(const struct alarm *a, const struct alarm *b)
{
	if (a->due_ms != b->due_ms)
		return a->due_ms < b->due_ms;
	return a->order < b->order;
}

static void heap_put(struct loop *l, size_t i, struct alarm alarm)
{
	l->heap[i] = alarm;
	alarm.timer->slot = i;
}

static void heap_up(struct loop *l, size_t i, struct alarm alarm)
{
	while (i > 0 && is_before(&alarm, &l->heap[(i - 1) / 2])) {
		heap_put(l, i, l->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	heap_put(l, i, alarm);
}

static void heap_down(struct loop *l, size_t i, struct alarm alarm)
{
	size_t child;

	while ((child = 2 * i + 1) < l->n_alarms) {
		if (child + 1 < l->n_alarms &&
		    is_before(&l->heap[child + 1], &l->heap[child]))
			child++;
		if (!is_before(&l->heap[child], &alarm))
			break;
		heap_put(l, i, l->heap[child]);
		i = child;
	}
	heap_put(l, i, alarm);
}

void loop_disarm(struct loop *l, struct timer *t)
{
	size_t i = t->slot;
	struct alarm last;

	if (!t->due_ms)
		return;
	if (i >= l->n_alarms || l->heap[i].timer != t)
		bug("loop_disarm: timer of another loop");
	t->due_ms = 0;
	last = l->heap[--l->n_alarms];
	if (last.timer == t)
		return;
	if (i > 0 && is_before(&last, &l->heap[(i - 1) / 2]))
		heap_up(l, i, last);
	else
		heap_down(l, i, last);
}

void loop_arm(struct loop *l, struct timer *t, int64_t delay_ms)
{
	loop_disarm(l, t);
	if (l->n_alarms == l->heap_size) {
		l->heap_size = l->heap_size ? 2 * l->heap_size : 64;
		l->heap = grow(l->heap, l->heap_size, sizeof(*l->heap));
	}
	t->due_ms = clock_mono_ms() + (delay_ms > 0 ? delay_ms : 0);
	l->n_alarms++;
	heap_up(l, l->n_alarms - 1, (struct alarm){ t->due_ms, l->order++, t });
}

static void fire_timers(struct loop *l)
{
	int64_t now_ms = clock_mono_ms();
	uint64_t first_new = l->order;

	/* What a timer arms for now is due no earlier than what was waiting
	 * and comes behind it, so the first such one ends the round. */
	while (l->n_alarms && l->heap[0].due_ms <= now_ms &&
	       l->heap[0].order < first_new) {
		struct timer *t = l->heap[0].timer;

		loop_disarm(l, t);
		log_set_id(NULL);
		t->fire(t);
	}
}

/* The first timer, or libcurl. */
static int wait_until_due(const struct loop *l, int wait_ms)
{
	int64_t due_ms = l->http.due_ms, left_ms;

	if (l->n_alarms && (!due_ms || l->heap[0].due_ms < due_ms))
		due_ms = l->heap[0].due_ms;
	if (!due_ms)
		return wait_ms;
	left_ms = due_ms - clock_mono_ms();
	if (left_ms < 0)
		return 0;
	return left_ms < wait_ms ? (int)left_ms : wait_ms;
}

/*
 * Watches.
 */

static bool is_watched(const struct loop *l, const struct watch *w)
{
	const struct watch *other;

	for (other = l->watches; other; other = other->next)
		if (other == w)
			return true;
	return false;
}

void loop_watch(struct loop *l, struct watch *w)
{
	if (is_watched(l, w))
		return;
	w->next = l->watches;
	l->watches = w;
	l->n_watches++;
}

void loop_unwatch(struct loop *l, struct watch *w)
{
	struct watch **at = &l->watches;

	while (*at && *at != w)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = w->next;
	w->next = NULL;
	l->n_watches--;
	for (size_t i = N_OWN_FDS; i < l->n_polled; i++)
		if (l->polled[i] == w)
			l->polled[i] = NULL;
}

static void collect_watches(struct loop *l)
{
	struct watch *w;

	if (l->polled_size < l->n_watches + N_OWN_FDS) {
		l->polled_size = 2 * (l->n_watches + N_OWN_FDS);
		l->fds = grow(l->fds, l->polled_size, sizeof(*l->fds));
		l->polled = grow(l->polled, l->polled_size, sizeof(*l->polled));
	}
	l->fds[FD_WAKE] = (struct pollfd){ l->wake_fd, POLLIN, 0 };
	l->fds[FD_HTTP] = (struct pollfd){ l->http.epoll_fd, POLLIN, 0 };
	l->n_polled = N_OWN_FDS;
	for (w = l->watches; w; w = w->next) {
		short events = 0;

		if (w->want_read)
			events |= POLLIN;
		if (w->want_write)
			events |= POLLOUT;
		/* Without a wish poll() would still report a hang-up, and the
		 * loop would spin on it. */
		if (w->fd < 0 || !events)
			continue;
		l->fds[l->n_polled] = (struct pollfd){ w->fd, events, 0 };
		l->polled[l->n_polled++] = w;
	}
}

static void serve_watches(struct loop *l)
{
	uint64_t count;

	if (l->fds[FD_WAKE].revents &&
	    read(l->wake_fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		bug("eventfd: %s", strerror(errno));
	for (size_t i = N_OWN_FDS; i < l->n_polled; i++) {
		struct watch *w = l->polled[i];
		short wanted = l->fds[i].events;
		short ready = l->fds[i].revents & wanted;

		if (!w || !l->fds[i].revents || w->fd != l->fds[i].fd)
			continue;
		/* An error or a hang-up is nobody's wish; whatever is done
		 * next with the descriptor finds it. */
		if (!ready)
			ready = wanted;
		log_set_id(NULL);
		w->ready(w, ready & POLLIN, ready & POLLOUT);
	}
	l->n_polled = 0;
}

void loop_turn(struct loop *l, int wait_ms)
{
	collect_watches(l);
	if (poll(l->fds, l->n_polled, wait_until_due(l, wait_ms)) < 0 &&
	    errno != EINTR)
		bug("poll: %s", strerror(errno));
	fire_timers(l);
	serve_watches(l);
	loop_http_work(&l->http);
	log_set_id(NULL);
}

void loop_run(struct loop *l)
{
	/* Not reset at the start: a signal may come before the first turn. */
	while (!l->stop)
		loop_turn(l, TURN_MAX_MS);
	l->stop = 0;
}

void loop_stop(struct loop *l)
{
	const uint64_t one = 1;
	int saved = errno;
	ssize_t n;

	l->stop = 1;
	/* Fails only when the counter is full, and then it wakes anyway. */
	n = write(l->wake_fd, &one, sizeof(one));
	(void)n;
	errno = saved;
}
