/*
 * serve.c - one request, from its parameters to its answer.
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "core/auth.h"
#include "core/throttle.h"
#include "web/body.h"
#include "web/cors.h"
#include "web/csrf.h"
#include "web/language.h"
#include "web/page.h"
#include "web/query.h"
#include "web/serve.h"

#define REQUEST_ID_BYTES 12
#define LOGIN_PATH_MAX   512

/* What nginx takes for well formed; see nginx/map.conf.in. */
static bool is_request_id(const char *s)
{
	size_t len = strlen(s);

	if (len == 0 || len >= LOG_ID_MAX || !isalnum((unsigned char)s[0]))
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("._-", *s))
			return false;
	return true;
}

static const char *request_id(const struct req *rq)
{
	const char *id = req_param(rq, "REQUEST_ID");

	if (!is_request_id(id))
		id = req_param(rq, "HTTP_X_REQUEST_ID");
	if (!is_request_id(id))
		/* Random and safe in URLs, as an id should be. */
		id = arena_printf(rq->a, "r%s",
				  secret_random(rq->a, REQUEST_ID_BYTES).bytes);
	return id;
}

static enum http_method method_read(const char *word)
{
	static const struct {
		const char *word;
		enum http_method method;
	} known[] = {
		{ "GET", GET },     { "HEAD", GET },      { "POST", POST },
		{ "PATCH", PATCH }, { "DELETE", DELETE },
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strcmp(word, known[i].word) == 0)
			return known[i].method;
	return 0;
}

static enum http_status no_route(struct req *rq, unsigned allowed)
{
	enum http_status status = allowed ? cors_preflight(rq, allowed) : 0;

	if (status)
		return status;
	if (!allowed)
		return reply_problem(rq, HTTP_NOT_FOUND,
				     "there is nothing at this address");
	reply_header(rq, "Allow: %s", method_list(rq->a, allowed));
	return reply_problem(rq, HTTP_NOT_ALLOWED,
			     "this address does not know that method");
}

static enum http_status run(struct req *rq)
{
	enum http_status status = body_read(rq);

	if (status)
		return status;
	if (!csrf_check(rq))
		return reply_err(rq);
	return rq->route->run(rq);
}

static bool has_role(const struct req *rq)
{
	switch (rq->route->needs) {
	case NEED_SELF:
	case NEED_PERSON:
	case NEED_FACTOR:
	case NEED_USER:
		return rq->session.role >= ROLE_MANAGER;
	case NEED_OWNER:
	case NEED_KEEPER:
		return rq->session.role >= ROLE_OWNER;
	case NEED_ADMIN:
	case NEED_ADMIN_IF_HIDDEN:
		return rq->session.role == ROLE_ADMIN;
	case NEED_NONE:
		break;
	}
	return true;
}

/* Where what has to be done first is done, and why. */
static const struct {
	const char *page, *text;
} duties[] = {
	[DUTY_PASSWORD] = { "/profile/password",
			    "choose a password of your own first" },
	[DUTY_SECOND_FACTOR] = { "/profile/second-factor",
				 "administrators must set up a second factor "
				 "first" },
};

/* What an API token opens to nobody: the cabinet, its owner's account, and
 * what lets people in. */
static bool is_for_people(const struct req *rq)
{
	switch (rq->route->needs) {
	case NEED_SELF:
	case NEED_PERSON:
	case NEED_FACTOR:
	case NEED_KEEPER:
		return true;
	default:
		return page_is_here(rq);
	}
}

/* What has to be done first stands in front of everything else. */
static bool has_duty_first(const struct req *rq)
{
	switch (rq->session.duty) {
	case DUTY_PASSWORD:
		return rq->route->needs != NEED_SELF;
	case DUTY_SECOND_FACTOR:
		return rq->route->needs != NEED_SELF &&
		       rq->route->needs != NEED_FACTOR;
	case DUTY_NONE:
		break;
	}
	return false;
}

static bool may(struct req *rq)
{
	const struct session *s = &rq->session;

	if (s->token_id && is_for_people(rq))
		return err_set(&rq->err, ERR_DENIED,
			       "an API token does not allow this");
	if (!has_role(rq))
		return err_set(&rq->err, ERR_DENIED,
			       "your role does not allow this");
	if (s->read_only && rq->method != GET)
		return err_set(&rq->err, ERR_DENIED,
			       "this API token may only read");
	if (has_duty_first(rq))
		return err_set(&rq->err, ERR_DENIED, "%s",
			       duties[s->duty].text);
	return true;
}

static const char *bearer(const struct req *rq)
{
	const char *value = req_param(rq, "HTTP_AUTHORIZATION");

	return strncasecmp(value, "Bearer ", 7) == 0 ? value + 7 : "";
}

/* To a page a browser is led on; 0: it is no page, or hidden. */
static enum http_status lead_on(struct req *rq)
{
	struct buf b;

	if (!page_is_here(rq) || rq->route->needs == NEED_ADMIN_IF_HIDDEN)
		return 0;
	if (has_duty_first(rq))
		return reply_see_other(rq, duties[rq->session.duty].page);
	if (rq->err.kind != ERR_AUTH)
		return 0;
	buf_init(&b, rq->a, LOGIN_PATH_MAX);
	buf_add_str(&b, "/login");
	if (rq->method == GET) {
		buf_add_str(&b, "?next=");
		buf_add_url(&b, rq->path);
	}
	return reply_see_other(rq, b.overflow ? "/login" : b.s);
}

/* Inside the transaction that the session is bound to. */
static enum http_status run_bound(struct req *rq)
{
	const char *cookie = session_cookie(rq);
	struct credentials c = {
		.bearer = bearer(rq),
		.cookie = cookie ? cookie : "",
		.address = req_param(rq, "REMOTE_ADDR"),
	};
	enum http_status status;

	if (!session_begin(rq->db, rq->a, rq->settings, &c, rq->now,
			   &rq->session, &rq->err) ||
	    !request_allowed(rq->windows, rq->a, rq->settings,
			     rq->session.user_id, rq->now, &rq->err) ||
	    !may(rq)) {
		status = lead_on(rq);
		return status ? status : reply_err(rq);
	}
	return run(rq);
}

static enum http_status run_signed_in(struct req *rq)
{
	enum http_status status;
	struct err err = { 0 };
	bool wanted, done;

	status = run_bound(rq);
	wanted = status < HTTP_BAD_REQUEST;
	done = db_finish(rq->db, wanted, &err);
	if (done)
		req_audit_tell(rq);
	/* Without a cookie a visitor is led on before a transaction begins. */
	if (done || !wanted || err.kind == ERR_NONE)
		return status;
	/* Nothing was saved, whatever the handler had to say. */
	rq->reply = (struct reply){ 0 };
	rq->errors = rq->said = NULL;
	rq->ring = false;
	rq->err = err;
	return reply_err(rq);
}

/* The master names it in the log when this process dies of it. */
static void tell_master(const struct req *rq)
{
	if (!rq->slot)
		return;
	snprintf(rq->slot->request_id, sizeof(rq->slot->request_id), "%s",
		 rq->request_id);
	snprintf(rq->slot->route, sizeof(rq->slot->route), "%s",
		 rq->route->path);
}

static enum http_status dispatch(struct req *rq, enum route_pools pool)
{
	unsigned allowed;
	enum http_status status;

	rq->route = route_find(rq, pool, &allowed);
	if (!rq->route)
		return no_route(rq, allowed);
	tell_master(rq);
	status = body_take(rq);
	if (status)
		return status;
	/* Services may add to the addresses that we gave them. */
	if (rq->route->body != BODY_RAW)
		query_read(rq);
	if (rq->route->needs == NEED_NONE ||
	    (rq->route->needs == NEED_ADMIN_IF_HIDDEN &&
	     rq->settings->api_docs))
		return run(rq);
	status = run_signed_in(rq);
	/* What is hidden is not even refused. */
	if (rq->route->needs == NEED_ADMIN_IF_HIDDEN &&
	    (status == HTTP_UNAUTHORIZED || status == HTTP_FORBIDDEN)) {
		rq->reply = (struct reply){ 0 };
		return no_route(rq, 0);
	}
	return status;
}

void serve(struct web *w, enum route_pools pool, struct arena *a,
	   struct req_input *in, struct req *rq)
{
	int64_t began_ms = clock_mono_ms();
	enum http_status status;

	*rq = (struct req){
		.a = a,
		.db = w->db,
		.redis = w->redis,
		.windows = w->windows,
		.settings = w->settings,
		.now = clock_now_us(),
		.slot = w->slot,
		.in = in,
	};
	rq->query = (struct form){ .rq = rq, .texts = true };
	rq->body = (struct form){ .rq = rq };
	rq->request_id = request_id(rq);
	log_set_id(rq->request_id);
	rq->method = method_read(req_param(rq, "REQUEST_METHOD"));
	rq->path = req_param(rq, "DOCUMENT_URI");
	if (page_is_here(rq))
		language_speak(rq);
	status = dispatch(rq, pool);
	cors_finish(rq);
	language_speak(NULL);
	if (rq->ring)
		redis_ring(rq->redis);
	/* Never the path itself: it may hold a secret. */
	log_info("web.request",
		 lf_str("method", req_param(rq, "REQUEST_METHOD")),
		 lf_str("route", rq->route ? rq->route->path : "-"),
		 lf_int("status", status),
		 lf_int("ms", clock_mono_ms() - began_ms));
}
