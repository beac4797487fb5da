/*
 * door.c - further ports to the same stand-ins, which can be shut.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/attr.h"
#include "sandbox/door.h"
#include "sandbox/http.h"
#include "sandbox/loop.h"

#define BACKLOG 1024

struct door {
	struct watch watch; /* fd -1: shut */
	int port;
	struct door *next;
};

static struct door *doors;
static int n_doors;

/* An open listening socket; *port is set when it was 0. */
static int listen_at(int *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int yes = 1;

	if (fd < 0)
		return -1;
	at.sin_port = htons((uint16_t)*port);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ||
	    listen(fd, BACKLOG) < 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) < 0) {
		close(fd);
		return -1;
	}
	*port = ntohs(at.sin_port);
	return fd;
}

static void on_ready(struct watch *w)
{
	struct sockaddr_in from;
	socklen_t len;
	int fd;

	for (;;) {
		len = sizeof(from);
		fd = accept4(w->fd, (struct sockaddr *)&from, &len,
			     SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		http_adopt(fd, (struct sockaddr *)&from, len);
	}
}

static bool open_door(struct door *d, struct err *err)
{
	if (d->watch.fd >= 0)
		return true;
	d->watch.fd = listen_at(&d->port);
	if (d->watch.fd < 0)
		return err_set(err, ERR_INPUT, "port %d: %s", d->port,
			       strerror(errno));
	d->watch.ready = on_ready;
	loop_watch(&d->watch);
	return true;
}

static void shut(struct door *d)
{
	if (d->watch.fd < 0)
		return;
	loop_unwatch(&d->watch);
	close(d->watch.fd);
	d->watch.fd = -1;
	http_reset_port(d->port);
}

static struct json_object *door_json(const struct door *d)
{
	struct json_object *o = json_object_new_object();

	json_put_i64(o, "port", d->port);
	json_put_bool(o, "open", d->watch.fd >= 0);
	return o;
}

struct json_object *door_add(int64_t port, struct err *err)
{
	struct door *d;

	if (n_doors == LOOP_WATCHES_MAX) {
		err_set(err, ERR_INPUT, "there are %d doors already", n_doors);
		return NULL;
	}
	d = mem_new(sizeof(*d));
	d->port = (int)port;
	d->watch.fd = -1;
	if (!open_door(d, err)) {
		free(d);
		return NULL;
	}
	d->next = doors;
	doors = d;
	n_doors++;
	return door_json(d);
}

struct json_object *door_set(int64_t port, bool open, struct err *err)
{
	struct door *d = doors;

	while (d && d->port != port)
		d = d->next;
	if (!d) {
		err_set(err, ERR_MISSING, "no door at that port");
		return NULL;
	}
	if (!open)
		shut(d);
	else if (!open_door(d, err))
		return NULL;
	return door_json(d);
}

void door_clear(void)
{
	while (doors) {
		struct door *d = doors;

		doors = d->next;
		shut(d);
		free(d);
	}
	n_doors = 0;
}
