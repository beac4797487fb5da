/*
 * url.h - who a URL points to, read as libcurl reads it.
 *
 * The check and the call must never disagree about the host, so both use
 * libcurl's parser.  web and live must not link this.
 */
#ifndef BASE_URL_H
#define BASE_URL_H

#include <stdbool.h>

#include "base/arena.h"

struct origin {
	const char *scheme; /* lower case */
	const char *host;   /* lower case, no dot at the end */
	const char *port;   /* as digits, also where the scheme implies it */
	bool port_told;     /* not just implied */
	bool has_user;      /* "user@" or "user:password@" in front */
};

/* False: no absolute URL that libcurl would take. */
bool origin_read(struct arena *a, const char *url, struct origin *o);

/* Scheme, host and port. */
bool origin_is_same(const struct origin *a, const struct origin *b);

/* `list`: hosts with commas between; ".x" stands for x and all below it. */
bool host_is_listed(const char *host, const char *list);

#endif
