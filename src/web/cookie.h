/*
 * cookie.h - cookies of this program, and nothing of anybody else's.
 *
 * Names are given bare ("tuberry_session").  Where FRONTEND_BASE_URL is https
 * they travel as "__Host-tuberry_session" with Secure, and a cookie without
 * that prefix is not seen: a neighbouring subdomain, or somebody on a plain
 * connection, can plant the one but not the other.
 */
#ifndef WEB_COOKIE_H
#define WEB_COOKIE_H

#include <stdint.h>

#include "web/req.h"

/* Longer values are neither written nor read. */
#define COOKIE_VALUE_MAX 512

/* The value, never empty, alive as long as the request.  NULL: absent, not
 * as we write it, or there twice, so that nobody can say which one is ours. */
const char *cookie_find(struct req *rq, const char *name);

/* The value is of letters, digits and punctuation without " , ; and \.
 * max_age_s 0: until the browser is closed. */
void cookie_set(struct req *rq, const char *name, const char *value,
		int64_t max_age_s);
void cookie_clear(struct req *rq, const char *name);

#endif
