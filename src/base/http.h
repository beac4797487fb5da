/*
 * http.h - one outgoing HTTP call as data.
 *
 * Drivers write a struct http_request and read a struct http_reply; neither
 * knows how bytes travel (base/client.h does that).  All strings belong to
 * the arena of the unit of work that makes the call.
 */
#ifndef BASE_HTTP_H
#define BASE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"

/* One part of a multipart/form-data body. */
struct http_part {
	const char *name;
	const char *filename; /* NULL: a plain field */
	const char *mime;     /* NULL: none is sent */
	const char *bytes;
	size_t len;
};

struct http_request {
	const char *method;   /* "GET" or "POST" */
	const char *url;      /* may hold a bot token: log only url_masked() */
	struct secret bearer; /* Authorization: Bearer; empty: none */
	const char *mime;     /* Content-Type of body; NULL without body */
	const char *body;
	size_t body_len;
	const struct http_part *parts; /* instead of body */
	size_t n_parts;
	size_t answer_max; /* bytes; 0: the client's default, 4 MiB */
	int timeout_ms;    /* whole call; 0: the client's default */

	/*
	 * Calling again changes nothing (a read, or a write that sets a
	 * state).  Decides what a lost answer means: with it ERR_DOWN, without
	 * it ERR_UNSURE.
	 */
	bool idempotent;

	/*
	 * The URL was told by somebody else (a photo, a voice): https only,
	 * allowed hosts only, public addresses only, no redirect.
	 */
	bool foreign;
};

enum http_end {
	HTTP_ANSWERED, /* status and body are there, whatever they say */
	HTTP_NOT_SENT, /* surely nothing reached the service */
	HTTP_LOST,     /* sent at least in part, no whole answer */
	HTTP_REFUSED,  /* our own rule forbids the call (foreign URL, size) */
};

struct http_reply {
	enum http_end end;
	int status;       /* with HTTP_ANSWERED */
	const char *body; /* NUL-terminated behind len bytes; never NULL */
	size_t len;
	const char *mime;    /* Content-Type without parameters, or "" */
	int retry_after_s;   /* Retry-After header in seconds; 0: absent */
	const char *problem; /* otherwise: what happened, safe to show */
	int connect_ms, total_ms;
};

#endif
