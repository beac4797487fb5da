/*
 * pool.h - a master process that keeps pools of workers running.
 *
 * The master opens each pool's socket, forks its workers and replaces those
 * that die (with a growing pause when they die young).  SIGTERM or SIGINT:
 * workers finish the request in flight and go; SIGKILL after 30 s.  SIGHUP:
 * the master executes the program anew, so that a new binary and new
 * settings count, hands the sockets over, starts a new generation and then
 * retires the old one; no request is refused meanwhile.  Settings that are
 * refused leave everything as it is.
 */
#ifndef WEB_POOL_H
#define WEB_POOL_H

#include <stddef.h>

#define POOL_NAME_MAX 16
#define POOL_MAX      2

/* What a worker is busy with; shared with the master, which names it in the
 * log when the worker dies of it. */
struct pool_slot {
	char request_id[64];
	char route[96];
};

struct pool {
	const char *name;
	const char *address; /* listener.h */
	int workers;
	/* Never returns.  `fd` is the pool's socket. */
	void (*run)(const struct pool *p, int fd, struct pool_slot *slot);
};

/* Until told to stop; the exit status.  argv is what SIGHUP executes. */
int pool_main(const struct pool *pools, size_t n, char **argv);

#endif
