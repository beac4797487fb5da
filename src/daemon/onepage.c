/*
 * onepage.c - one page over HTTP, for a machine nearby.
 */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/log.h"
#include "daemon/onepage.h"

#define BACKLOG     16
#define RETRY_MS    5000
#define PATIENCE_MS 5000 /* from the connection to its end */
#define HEAD_MAX    256

static void guest_leave(struct guest *g)
{
	struct onepage *p = g->page;

	loop_disarm(p->loop, &g->patience);
	loop_unwatch(p->loop, &g->watch);
	close(g->watch.fd);
	arena_release(&g->a);
	*g = (struct guest){ .watch.fd = -1 };
	p->n_guests--;
	p->door.want_read = true;
}

static void fire_patience(struct timer *t)
{
	guest_leave(container_of(t, struct guest, patience));
}

/* ---- the answer ---- */

static void send_more(struct guest *g)
{
	ssize_t n;

	while (g->sent < g->answer.len) {
		n = send(g->watch.fd, g->answer.s + g->sent,
			 g->answer.len - g->sent, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			g->watch.want_read = false;
			g->watch.want_write = true;
			return;
		}
		if (n < 0)
			break;
		g->sent += (size_t)n;
	}
	guest_leave(g);
}

static void answer(struct guest *g, const char *status, const char *mime,
		   const char *body, size_t len)
{
	buf_init(&g->answer, &g->a, len + HEAD_MAX);
	buf_addf(&g->answer,
		 "HTTP/1.1 %s\r\n"
		 "Content-Type: %s\r\n"
		 "Content-Length: %zu\r\n"
		 "Cache-Control: no-store\r\n"
		 "Connection: close\r\n\r\n",
		 status, mime, len);
	buf_add(&g->answer, body, len);
	send_more(g);
}

static void refuse(struct guest *g, const char *status)
{
	answer(g, status, "text/plain", "", 0);
}

static void show(struct guest *g)
{
	struct onepage *p = g->page;
	struct buf body;

	buf_init(&body, &g->a, p->max);
	p->write(p, &body);
	if (body.overflow)
		bug("onepage: the page is longer than %zu bytes", p->max);
	answer(g, "200 OK", p->mime, body.s, body.len);
}

/* ---- the question ---- */

/* Of the request line; what stands in the headers changes nothing. */
static void judge(struct guest *g)
{
	const char *path = g->ask + strlen("GET ");
	size_t len;

	if (strncmp(g->ask, "GET ", strlen("GET ")) != 0) {
		refuse(g, "405 Method Not Allowed\r\nAllow: GET");
		return;
	}
	len = strcspn(path, " ?\r\n");
	if (len == strlen(g->page->path) &&
	    memcmp(path, g->page->path, len) == 0)
		show(g);
	else
		refuse(g, "404 Not Found");
}

static bool is_whole(const struct guest *g)
{
	return strstr(g->ask, "\r\n\r\n") || strstr(g->ask, "\n\n");
}

static void listen_to(struct guest *g)
{
	/* The last byte stays 0. */
	size_t room = sizeof(g->ask) - 1 - g->asked;
	ssize_t n = recv(g->watch.fd, g->ask + g->asked, room, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || memchr(g->ask + g->asked, '\0', (size_t)n)) {
		guest_leave(g);
		return;
	}
	g->asked += (size_t)n;
	if (is_whole(g))
		judge(g);
	else if (g->asked == sizeof(g->ask) - 1)
		refuse(g, "431 Request Header Fields Too Large");
}

static void on_guest(struct watch *w, bool readable, bool writable)
{
	struct guest *g = container_of(w, struct guest, watch);

	if (writable)
		send_more(g);
	else if (readable)
		listen_to(g);
}

/* ---- the door ---- */

static void let_in(struct onepage *p, int fd)
{
	struct guest *g = p->guests;

	while (g->page)
		g++;
	g->page = p;
	g->watch = (struct watch){ .fd = fd,
				   .want_read = true,
				   .ready = on_guest };
	g->patience.fire = fire_patience;
	loop_watch(p->loop, &g->watch);
	loop_arm(p->loop, &g->patience, PATIENCE_MS);
	p->n_guests++;
}

static void on_door(struct watch *w, bool readable UNUSED, bool writable UNUSED)
{
	struct onepage *p = container_of(w, struct onepage, door);
	int fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd >= 0)
		let_in(p, fd);
	w->want_read = p->n_guests < ONEPAGE_GUESTS;
}

static int open_door(const struct onepage *p)
{
	struct sockaddr_storage addr;
	socklen_t len;
	int fd, saved, one = 1;

	if (!addr_read(p->address, &addr, &len))
		bug("onepage: '%s' is no address", p->address);
	fd = socket(addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
		    0);
	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
	    bind(fd, (const struct sockaddr *)&addr, len) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static void try_door(struct onepage *p)
{
	int fd = open_door(p);

	if (fd < 0) {
		if (!p->told)
			log_warn("metrics.away", lf_str("address", p->address),
				 lf_str("reason", strerror(errno)));
		p->told = true;
		loop_arm(p->loop, &p->retry, RETRY_MS);
		return;
	}
	p->told = false;
	p->door =
		(struct watch){ .fd = fd, .want_read = true, .ready = on_door };
	loop_watch(p->loop, &p->door);
	log_info("metrics.listening", lf_str("address", p->address));
}

static void fire_retry(struct timer *t)
{
	try_door(container_of(t, struct onepage, retry));
}

void onepage_start(struct onepage *p, struct loop *l)
{
	p->loop = l;
	p->door.fd = -1;
	p->retry.fire = fire_retry;
	try_door(p);
}

void onepage_stop(struct onepage *p)
{
	if (!p->loop)
		return;
	for (int i = 0; i < ONEPAGE_GUESTS; i++)
		if (p->guests[i].page)
			guest_leave(&p->guests[i]);
	loop_disarm(p->loop, &p->retry);
	loop_unwatch(p->loop, &p->door);
	if (p->door.fd >= 0)
		close(p->door.fd);
	p->loop = NULL;
}
