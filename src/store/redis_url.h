/*
 * redis_url.h - where Redis is, taken apart.
 *
 * For redis_link.c and bell.c; redis.h says what addresses look like.
 */
#ifndef STORE_REDIS_URL_H
#define STORE_REDIS_URL_H

#include <stdbool.h>

struct redisContext;

struct redis_url {
	char *text;       /* what the members point into */
	const char *path; /* of the socket; NULL: over TCP */
	const char *host;
	int port;
	const char *user;     /* NULL: none */
	const char *password; /* NULL: none */
	int db;
};

/* False: malformed, and *u holds nothing. */
bool redis_url_read(struct redis_url *u, const char *url);
void redis_url_release(struct redis_url *u);

/* Queues what a new connection says first; returns how many answers come. */
int redis_url_greet(const struct redis_url *u, struct redisContext *c);

#endif
