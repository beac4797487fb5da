/*
 * transfer.h - one libcurl transfer on the loop.
 *
 * What loop.c and client.c share, and nobody else includes.  client.c adds
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
	int calls; /* started and not yet told; kept by client.c */
};

struct loop_http *loop_http(struct loop *l);

#endif
