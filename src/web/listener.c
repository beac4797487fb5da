/*
 * listener.c - the socket a pool of workers accepts on.
 */
#include "config.h"

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "web/listener.h"

/* More waiting than this is refused at once with 502, which beats a page
 * that comes after its reader has gone. */
#define BACKLOG     256
#define SOCKET_MODE 0660
#define HOST_MAX    256

static bool is_path(const char *address)
{
	return strchr(address, '/') != NULL;
}

static int fail(int fd, const char *address, const char *what, struct err *err)
{
	err_set(err, ERR_DOWN, "cannot listen on %s: %s", address, what);
	if (fd >= 0)
		close(fd);
	return -1;
}

static int new_socket(int family)
{
	return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* A name left behind by a crash is removed, a living server's is not. */
static bool is_served(const struct sockaddr_un *un)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool served = fd >= 0 && connect(fd, (const struct sockaddr *)un,
					 sizeof(*un)) == 0;

	if (fd >= 0)
		close(fd);
	return served;
}

static int open_unix(const char *path, struct err *err)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	mode_t mask;
	int fd, bound;

	if (strlen(path) >= sizeof(un.sun_path))
		return fail(-1, path, "the path is too long for a socket", err);
	memcpy(un.sun_path, path, strlen(path) + 1);
	if (is_served(&un))
		return fail(-1, path, "another server is listening there", err);
	if (unlink(path) != 0 && errno != ENOENT)
		return fail(-1, path, strerror(errno), err);
	fd = new_socket(AF_UNIX);
	if (fd < 0)
		return fail(fd, path, strerror(errno), err);
	/* Born with its mode: nobody can connect before it has it. */
	mask = umask(0777 & ~SOCKET_MODE);
	bound = bind(fd, (struct sockaddr *)&un, sizeof(un));
	umask(mask);
	if (bound != 0 || listen(fd, BACKLOG) != 0)
		return fail(fd, path, strerror(errno), err);
	return fd;
}

static int open_tcp(const char *address, struct err *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	const char *colon = strrchr(address, ':');
	struct addrinfo *found;
	char host[HOST_MAX];
	int fd, code, one = 1;

	if (!colon || colon == address ||
	    (size_t)(colon - address) >= sizeof(host))
		return fail(-1, address, "it is neither a path nor HOST:PORT",
			    err);
	snprintf(host, sizeof(host), "%.*s", (int)(colon - address), address);
	code = getaddrinfo(host, colon + 1, &hints, &found);
	if (code != 0)
		return fail(-1, address, gai_strerror(code), err);
	fd = new_socket(found->ai_family);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
	    bind(fd, found->ai_addr, found->ai_addrlen) != 0 ||
	    listen(fd, BACKLOG) != 0)
		fd = fail(fd, address, strerror(errno), err);
	freeaddrinfo(found);
	return fd;
}

int listener_open(const char *address, struct err *err)
{
	return is_path(address) ? open_unix(address, err)
				: open_tcp(address, err);
}

void listener_unlink(const char *address)
{
	if (is_path(address))
		unlink(address);
}
