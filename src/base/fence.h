/*
 * fence.h - which HTTP calls may leave.
 *
 * Behind client.h: https only, tokens to their own API only, foreign URLs to
 * allowed hosts at public addresses only.  Process-wide.
 */
#ifndef BASE_FENCE_H
#define BASE_FENCE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/client.h"
#include "base/err.h"
#include "base/http.h"

/* Strings are copied; what was set before is forgotten. */
bool fence_set(const struct client_rules *told, struct err *err);

/* NULL: may leave.  Otherwise why not, without parts of the URL. */
const char *fence_refusal(struct arena *a, const struct http_request *rq);

/* Must the address that we connect to be a public one? */
bool fence_wants_public(const struct http_request *rq);

/* Both URLs have the same scheme, host and port. */
bool fence_same_origin(struct arena *a, const char *url, const char *other);

const char *fence_schemes(void);    /* as CURLOPT_PROTOCOLS_STR has it */
const char *fence_ca_file(void);    /* NULL: the system's */
const char *fence_user_agent(void); /* NULL: none is sent */

#endif
