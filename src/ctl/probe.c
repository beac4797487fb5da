/*
 * probe.c - one HTTP call, waited for.
 */
#include "config.h"

#include "base/client.h"
#include "ctl/probe.h"

struct probe {
	struct call call;
	struct loop *loop;
};

bool probe_init(const struct settings *s, struct err *err)
{
	const struct client_rules rules = {
		.user_agent = PACKAGE_NAME "/" PACKAGE_VERSION,
		.allow_insecure = s->allow_insecure_api,
		.media_hosts = s->media_hosts,
		.api_bases = { s->telegram_api_base, s->avito_api_base },
	};

	return client_init(&rules, err);
}

static void on_done(struct call *c)
{
	loop_stop(container_of(c, struct probe, call)->loop);
}

struct http_reply probe(struct arena *a, const struct http_request *rq)
{
	struct probe p = { .call = { .a = a, .rq = *rq, .done = on_done } };

	p.loop = loop_new(1);
	call_start(p.loop, &p.call);
	loop_run(p.loop);
	loop_free(p.loop);
	return p.call.reply;
}
