/*
 * transfer.h - one libcurl transfer on the loop.
 *
 * What loop.c and flight.c share, and nobody else includes.  flight.c adds
 * easy handles to the multi handle with the address of a struct transfer as
 * CURLOPT_PRIVATE; loop.c drives them, takes a finished one out of the multi
 * handle and calls finished().
 */
#ifndef BASE_TRANSFER_H
#define BASE_TRANSFER_H

#include <curl/curl.h>

#include "base/loop.h"

struct transfer {
	CURL *easy;
	void (*finished)(struct transfer *t, CURLcode rc);
};

struct loop_http {
	CURLM *multi;
	int calls; /* started and not yet told; kept by flight.c */
};

struct loop_http *loop_http(struct loop *l);

#endif
