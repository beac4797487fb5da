/*
 * cors.c - which other sites' scripts may use the API.
 */
#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "web/cors.h"
#include "web/routes.h"

/* How long a browser need not ask again, seconds. */
#define PREFLIGHT_MAX_AGE_S "600"

static bool has_prefix(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

static bool is_shared(const struct req *rq)
{
	return *rq->settings->cors_origins && has_prefix(rq->path, "/api/") &&
	       !has_prefix(rq->path, "/api/webhooks/");
}

/* Byte by byte: browsers write an origin in one way only. */
static bool is_listed(const char *list, const char *origin)
{
	size_t len = strlen(origin), n;

	for (; *list; list += n + (list[n] == ',')) {
		n = strcspn(list, ",");
		if (n == len && memcmp(list, origin, len) == 0)
			return true;
	}
	return false;
}

static bool is_allowed(const struct req *rq)
{
	const char *origin = req_param(rq, "HTTP_ORIGIN");

	return is_shared(rq) && *origin &&
	       is_listed(rq->settings->cors_origins, origin);
}

enum http_status cors_preflight(struct req *rq, unsigned allowed)
{
	if (strcmp(req_param(rq, "REQUEST_METHOD"), "OPTIONS") != 0 ||
	    !*req_param(rq, "HTTP_ACCESS_CONTROL_REQUEST_METHOD") ||
	    !is_allowed(rq))
		return 0;
	reply_header(rq, "Access-Control-Allow-Methods: %s",
		     method_list(rq->a, allowed));
	reply_header(rq, "Access-Control-Allow-Headers: Authorization, "
			 "Content-Type, X-Request-Id");
	reply_header(rq, "Access-Control-Max-Age: " PREFLIGHT_MAX_AGE_S);
	return reply_empty(rq);
}

void cors_finish(struct req *rq)
{
	if (!is_shared(rq))
		return;
	/* For caches: to somebody else the answer looks different. */
	reply_header(rq, "Vary: Origin");
	if (!is_allowed(rq))
		return;
	/* Listed, so it is no text of a stranger. */
	reply_header(rq, "Access-Control-Allow-Origin: %s",
		     req_param(rq, "HTTP_ORIGIN"));
	reply_header(rq, "Access-Control-Expose-Headers: X-Request-Id, "
			 "Retry-After");
}
