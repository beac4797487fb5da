/*
 * master.c - sign-in links for people whom another program knows.
 */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "core/link.h"
#include "web/api/api.h"

/* Characters; Telegram's own limits. */
#define USERNAME_MAX   32
#define NAME_MAX_CHARS 64

/* 0: it may.  What it shows is no token of a user's, so nothing else looks at
 * it. */
static enum http_status check_caller(struct req *rq)
{
	static const char scheme[] = "Bearer ";
	const char *given = req_param(rq, "HTTP_AUTHORIZATION");

	given += strncasecmp(given, scheme, strlen(scheme)) == 0
			 ? strlen(scheme)
			 : strlen(given);
	if (!rq->settings->master_link_token.len)
		return reply_problem(rq, HTTP_NOT_FOUND,
				     "there is nothing at this address");
	if (secret_equal(rq->settings->master_link_token,
			 (struct secret){ given, strlen(given) }))
		return 0;
	err_set(&rq->err, ERR_AUTH,
		"the bearer token must be that of MASTER_LINK_TOKEN");
	return reply_err(rq);
}

enum http_status api_master_link(struct req *rq)
{
	enum http_status status = check_caller(rq);
	struct link_new n = { 0 };
	struct json_object *o;
	struct secret token;
	int64_t expires_at;

	if (status)
		return status;
	form_id(&rq->body, "telegram_user_id", &n.telegram_user_id,
		FORM_REQUIRED);
	form_text(&rq->body, "username", &n.username, USERNAME_MAX,
		  FORM_BLANK | FORM_NULL);
	form_text(&rq->body, "first_name", &n.first_name, NAME_MAX_CHARS,
		  FORM_BLANK | FORM_NULL);
	if (req_bad(rq) || !link_grant(rq->db, rq->a, &n, rq->now, &token,
				       &expires_at, &rq->err))
		return reply_err(rq);
	o = json_new(rq->a);
	json_put_str(o, "link_token", token.bytes);
	json_put_str(o, "url",
		     link_url(rq->a, rq->settings->frontend_base_url, token));
	json_put_str(o, "expires_at", clock_text(rq->a, expires_at));
	return reply_json(rq, HTTP_CREATED, o);
}
