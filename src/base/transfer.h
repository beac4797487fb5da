/*
 * transfer.h - libcurl's transfers on the loop.
 *
 * What loop.c and flight.c share, and nobody else includes.  flight.c adds
 * easy handles to the multi handle with the address of a struct transfer as
 * CURLOPT_PRIVATE; transfer.c takes a finished one out of the multi handle and
 * calls finished().
 *
 * libcurl tells which sockets it waits for, and an epoll descriptor of our own
 * watches them: a turn of the loop costs what has happened, however many calls
 * are under way.
 */
#ifndef BASE_TRANSFER_H
#define BASE_TRANSFER_H

#include <curl/curl.h>

#include "base/loop.h"

struct transfer {
	CURL *easy;
	void (*finished)(struct transfer *t, CURLcode rc);
};

/* Of one loop. */
struct loop_http {
	CURLM *multi;
	int calls;      /* started and not yet told; kept by flight.c */
	int epoll_fd;   /* readable: loop_http_work() has something to do */
	int64_t due_ms; /* monotonic: it has by then; 0: never */
};

void loop_http_init(struct loop_http *h, int calls_max);
void loop_http_release(struct loop_http *h);

/* Lets libcurl work, then tells what has finished; these may start and cancel
 * calls. */
void loop_http_work(struct loop_http *h);

struct loop_http *loop_http(struct loop *l);

#endif
