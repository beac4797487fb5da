/*
 * redis.h - the doorbell and other things that may vanish.
 *
 * Redis holds no truth: whatever fails here is coped with, costs the caller
 * at most a fraction of a second, and is tried again a second later.  One
 * connection per process, made when it is first needed (so after fork()).
 *
 * Addresses: "unix:///path" and "redis://[[user]:password@]host[:port][/db]",
 * port 6379 and database 0 unless told; an IPv6 host in brackets.
 */
#ifndef STORE_REDIS_H
#define STORE_REDIS_H

#include <stdbool.h>

/* The list that carries the doorbell; store/bell.h listens to it. */
#define REDIS_BELL_KEY "tuberry:tasks"

struct redis;

/* Connects to nothing yet.  NULL: the address is malformed.  Ignores SIGPIPE
 * in this process. */
struct redis *redis_new(const char *url);
void redis_free(struct redis *r);

/* "There is work in the database."  Never fails: unheard, the daemon finds
 * the work within 5 s by itself. */
void redis_ring(struct redis *r);

/* Does it answer?  For health checks. */
bool redis_ready(struct redis *r);

#endif
