/*
 * cors.h - which other sites' scripts may use the API (CORS_ORIGINS).
 *
 * Only with a token of the API.  Cookies are never allowed across origins:
 * Access-Control-Allow-Credentials is not sent, and a session's cookie is
 * SameSite=Lax, so a listed site that is taken over can do nothing in the
 * name of a person who is signed in to the cabinet.
 */
#ifndef WEB_CORS_H
#define WEB_CORS_H

#include "web/req.h"

/* A browser's question before a call; `allowed` are the path's methods.  Its
 * answer, or 0: it is none, or its origin is not listed. */
enum http_status cors_preflight(struct req *rq, unsigned allowed);

/* What a finished answer says to browsers of other origins. */
void cors_finish(struct req *rq);

#endif
