/*
 * csrf.c - was it this browser, on one of our pages, that wanted this?
 */
#include "config.h"

#include <string.h>

#include "base/secret.h"
#include "web/cookie.h"
#include "web/csrf.h"
#include "web/routes.h"

#define VISIT_COOKIE "tuberry_visit"
#define VISIT_BYTES  24
#define TOKEN_MAX    256

static const char *mark(struct req *rq, const char *cookie, const char *label)
{
	return secret_mac(rq->a, (struct secret){ cookie, strlen(cookie) },
			  label);
}

static bool same(const char *a, const char *b)
{
	return secret_equal((struct secret){ a, strlen(a) },
			    (struct secret){ b, strlen(b) });
}

const char *session_cookie(struct req *rq)
{
	return cookie_find(rq, SESSION_COOKIE);
}

/* NULL when there is none and none shall be made. */
static const char *visit(struct req *rq, bool make)
{
	if (!rq->visit)
		rq->visit = cookie_find(rq, VISIT_COOKIE);
	if (!rq->visit && make) {
		rq->visit = secret_random(rq->a, VISIT_BYTES).bytes;
		cookie_set(rq, VISIT_COOKIE, rq->visit, 0);
	}
	return rq->visit;
}

const char *csrf_token(struct req *rq)
{
	if (rq->session.by_cookie)
		return mark(rq, session_cookie(rq), "csrf");
	return mark(rq, visit(rq, true), "csrf");
}

/* "https://app.example" of a setting that may go on with a path. */
static bool is_own_origin(const struct req *rq, const char *origin)
{
	const char *own = rq->settings->frontend_base_url;
	const char *host = strstr(own, "://");
	size_t len = strlen(own);

	if (host)
		len = (size_t)(host + 3 - own) + strcspn(host + 3, "/");
	return strlen(origin) == len && memcmp(origin, own, len) == 0;
}

/* What the form or the header showed; "" none. */
static const char *shown_token(struct req *rq)
{
	const char *token = req_param(rq, "HTTP_X_CSRF_TOKEN");

	if (rq->route->body == BODY_FORM)
		form_text(&rq->body, "csrf_token", &token, TOKEN_MAX,
			  FORM_OPTIONAL);
	return token;
}

/* A browser adds cookies by itself, a bearer token never. */
static bool could_be_forged(const struct req *rq)
{
	if (rq->method == GET)
		return false;
	return rq->session.user_id ? rq->session.by_cookie
				   : rq->route->body == BODY_FORM;
}

bool csrf_check(struct req *rq)
{
	const char *origin = req_param(rq, "HTTP_ORIGIN");
	const char *token = shown_token(rq), *cookie;

	if (!could_be_forged(rq))
		return true;
	if (*origin && !is_own_origin(rq, origin))
		return err_set(&rq->err, ERR_DENIED,
			       "this came from another site than %s",
			       rq->settings->frontend_base_url);
	cookie = rq->session.by_cookie ? session_cookie(rq) : visit(rq, false);
	if (cookie && same(mark(rq, cookie, "csrf"), token))
		return true;
	return err_set(&rq->err, ERR_DENIED,
		       "the page is too old or cookies are switched off; "
		       "reload it and try again");
}

const char *visit_mark(struct req *rq, const char *label)
{
	return mark(rq, visit(rq, true), label);
}

bool visit_mark_is(struct req *rq, const char *label, const char *shown)
{
	const char *cookie = visit(rq, false);

	return cookie && same(mark(rq, cookie, label), shown);
}
