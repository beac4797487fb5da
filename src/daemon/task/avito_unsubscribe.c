/*
 * avito_unsubscribe.c - ends the subscription of an account that was deleted
 * here.  The row is gone: all it needs came with the task, sealed.
 */
#include "config.h"

#include "daemon/limits.h"
#include "daemon/tasks.h"

static void on_done(struct call *c)
{
	struct run *r = container_of(c, struct run, call);
	enum chan_trouble trouble;
	struct err err = { 0 };

	/* Credentials that no longer work have no subscription to end. */
	if (avito_done_read(&r->a, &c->reply, &trouble, &err) ||
	    err.kind == ERR_AUTH || err.kind == ERR_DENIED)
		run_done(r);
	else
		run_error(r, &err);
}

static void on_token(struct call *c)
{
	struct run *r = container_of(c, struct run, call);
	struct avito_token token;
	struct secret url;
	struct err err = { 0 };

	if (!avito_token_read(&r->a, &c->reply, &token, &err)) {
		if (err.kind == ERR_AUTH)
			run_done(r);
		else
			run_error(r, &err);
		return;
	}
	if (!unseal(&r->a, "tasks.url", json_str(r->args, "url_sealed", ""),
		    &url, &err)) {
		run_error(r, &err);
		return;
	}
	r->end.token = token.token;
	avito_unsubscribe_write(&r->a, &r->end, url.bytes, &r->call.rq);
	run_call(r, on_done);
}

static void start(struct run *r)
{
	struct secret secret;
	struct err err = { 0 };

	r->end.api_base = r->dm->s->avito_api_base;
	if (!unseal(&r->a, "avito_accounts.api_client_secret",
		    json_str(r->args, "secret_sealed", ""), &secret, &err)) {
		run_error(r, &err);
		return;
	}
	avito_token_write(&r->a, r->end.api_base,
			  json_str(r->args, "api_client_id", ""), secret,
			  &r->call.rq);
	run_call(r, on_token);
}

const struct task_type task_avito_unsubscribe = {
	.kind = "avito.unsubscribe",
	.start = start,
};
