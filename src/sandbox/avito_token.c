/*
 * avito_token.c - tokens of the Avito stand-in, and who may pass with one.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/text.h"
#include "sandbox/avito_api.h"
#include "sandbox/settings.h"

#define FORM_TYPE "application/x-www-form-urlencoded"

/* What the grants that act for another account may do. */
#define SCOPE "messenger:read,messenger:write,user:read,items:info"

static void oauth_fail(struct req *rq, int status, const char *error,
		       const char *text)
{
	struct json_object *o = json_object_new_object();

	rq->call.error = text;
	json_put_str(o, "error", error);
	json_put_str(o, "error_description", text);
	reply_json(rq, status, o);
}

void av_tokens_end(struct av_account *acc)
{
	acc->min_generation = av.generation + 1;
}

static const char *token_new(struct av_account *acc)
{
	struct av_token *t = arena_alloc(&world.a, sizeof(*t));
	const char *text = world_hex(&world.a, 43);

	if (!set.avito_tokens_coexist)
		av_tokens_end(acc);
	t->account = acc;
	t->generation = ++av.generation;
	t->expires_us =
		clock_now_us() + set.avito_token_ttl_s * CLOCK_SECOND_US;
	map_put(&av.tokens, &world.a, text, t);
	return text;
}

static void answer_token(struct req *rq, struct av_account *acc, bool refresh)
{
	struct json_object *o = json_object_new_object();

	json_put_str(o, "access_token", token_new(acc));
	json_put_i64(o, "expires_in", set.avito_token_ttl_s);
	if (refresh) {
		const char *again = world_hex(&world.a, 43);

		map_put(&av.refresh, &world.a, again, acc);
		json_put_str(o, "refresh_token", again);
		json_put_str(o, "scope", SCOPE);
	}
	json_put_str(o, "token_type", "Bearer");
	world_touch();
	av_ok(rq, o);
}

/* Codes and refresh tokens work once. */
static void redeem(struct req *rq, struct av_account *acc, struct map *where,
		   const char *given)
{
	if (!given || map_find(where, given) != acc) {
		oauth_fail(rq, 400, "invalid_grant",
			   "the code or refresh token is unknown or used");
		return;
	}
	map_remove(where, given);
	answer_token(rq, acc, true);
}

static void check_fields(struct req *rq, const struct form *f,
			 const char *extra)
{
	for (size_t i = 0; i < f->n; i++) {
		const char *name = f->fields[i].name;

		if (strcmp(name, "grant_type") != 0 &&
		    strcmp(name, "client_id") != 0 &&
		    strcmp(name, "client_secret") != 0 &&
		    strcmp(name, extra) != 0)
			av_violation(rq, "unknown form field %s", name);
	}
}

static struct json_object *form_json(struct req *rq, const struct form *f)
{
	struct json_object *o = json_new(&rq->a);

	for (size_t i = 0; i < f->n; i++)
		json_put_str(o, f->fields[i].name,
			     text_clean(&rq->a, f->fields[i].value,
					f->fields[i].len));
	return o;
}

void av_run_token(struct av_call *c)
{
	struct req *rq = c->rq;
	const char *type = req_header(rq, "Content-Type");
	struct form f = { 0 };
	struct av_account *acc;
	const char *grant;

	if (!type || strncasecmp(type, FORM_TYPE, strlen(FORM_TYPE)) != 0)
		av_violation(rq, "Content-Type is not " FORM_TYPE);
	if (req_header(rq, "Authorization"))
		av_violation(rq, "/token takes no Authorization header");
	form_read_query(&rq->a, rq->body.s ? rq->body.s : "", rq->body.len, &f);
	rq->call.params = form_json(rq, &f);
	grant = form_value(&f, "grant_type", "");
	acc = map_find(&av.clients, form_value(&f, "client_id", ""));
	if (acc)
		rq->call.account =
			arena_printf(&rq->a, "%" PRId64, acc->user_id);
	if (!acc || strcmp(acc->client_secret,
			   form_value(&f, "client_secret", "")) != 0) {
		oauth_fail(rq, (int)set.avito_bad_secret_status,
			   "invalid_client", "client authentication failed");
	} else if (strcmp(grant, "client_credentials") == 0) {
		check_fields(rq, &f, "");
		answer_token(rq, acc, false);
	} else if (strcmp(grant, "authorization_code") == 0) {
		check_fields(rq, &f, "code");
		redeem(rq, acc, &av.codes, form_value(&f, "code", NULL));
	} else if (strcmp(grant, "refresh_token") == 0) {
		check_fields(rq, &f, "refresh_token");
		redeem(rq, acc, &av.refresh,
		       form_value(&f, "refresh_token", NULL));
	} else {
		av_violation(rq, "unknown grant_type \"%s\"", grant);
		oauth_fail(rq, 400, "unsupported_grant_type",
			   "the grant type is not supported");
	}
}

static bool status_allows(struct av_call *c)
{
	const char *status = c->account->status;
	bool messenger = strncmp(c->route->path, "/messenger", 10) == 0;

	if (strcmp(status, "blocked") == 0) {
		av_fail(c->rq, 403, "the account is blocked");
		return false;
	}
	if (messenger && strcmp(status, "no_subscription") == 0) {
		av_fail(c->rq, 402, "the messenger API needs a paid level");
		return false;
	}
	return true;
}

bool av_authorize(struct av_call *c)
{
	const char *header = req_header(c->rq, "Authorization");
	const char *user = av_arg(c, 'u');
	const struct av_token *t = NULL;
	long long id = 0;

	if (header && strncmp(header, "Bearer ", 7) == 0)
		t = map_find(&av.tokens, header + 7);
	if (!t) {
		av_fail(c->rq, 401, "unauthorized");
		return false;
	}
	c->account = t->account;
	if (!c->rq->call.account)
		c->rq->call.account = arena_printf(&c->rq->a, "%" PRId64,
						   t->account->user_id);
	if (t->expires_us <= clock_now_us() ||
	    t->generation < t->account->min_generation) {
		av_fail(c->rq, (int)set.avito_expired_status,
			"access token is expired");
		return false;
	}
	if (*user && (!text_read_i64(user, 1, INT64_MAX, &id) ||
		      id != t->account->user_id)) {
		av_fail(c->rq, 403, "permission denied");
		return false;
	}
	return status_allows(c);
}
