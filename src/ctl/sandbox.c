/*
 * sandbox.c - asks a running tuberry-sandbox for things to exist.
 */
#include "config.h"

#include <string.h>

#include "base/url.h"
#include "ctl/probe.h"
#include "ctl/sandbox.h"

#define TIMEOUT_MS       10000
#define ANSWER_MAX_BYTES (16 * 1024 * 1024)

static bool refuse(struct err *err, const char *why)
{
	return err_set(err, ERR_INPUT,
		       "%s: the demo needs tuberry-sandbox in place of Avito "
		       "and Telegram; scripts/demo starts one",
		       why);
}

bool sandbox_open(struct arena *a, const struct settings *s, struct sandbox *sb,
		  struct err *err)
{
	struct origin telegram, avito;

	if (!s->allow_insecure_api)
		return refuse(err, "ALLOW_INSECURE_API is off");
	if (!origin_read(a, s->telegram_api_base, &telegram) ||
	    !origin_read(a, s->avito_api_base, &avito) ||
	    !origin_is_same(&telegram, &avito))
		return refuse(err, "TELEGRAM_API_BASE and AVITO_API_BASE do "
				   "not lead to one place");
	*sb = (struct sandbox){
		.a = a,
		.origin = arena_printf(a, "%s://%s:%s", telegram.scheme,
				       telegram.host, telegram.port),
	};
	return probe_init(s, err);
}

static bool read_answer(struct sandbox *sb, const char *path,
			const struct http_reply *reply,
			struct json_object **answer, struct err *err)
{
	if (reply->end != HTTP_ANSWERED)
		return err_set(err, ERR_DOWN, "the sandbox at %s: %s",
			       sb->origin, reply->problem);
	if (!json_read(sb->a, reply->body, reply->len, answer, err))
		return err_set(err, ERR_INPUT,
			       "%s/control/%s does not answer as a sandbox",
			       sb->origin, path);
	if (reply->status != 200)
		return err_set(err, ERR_INPUT, "the sandbox refuses %s: %s",
			       path, json_str(*answer, "error", "no reason"));
	return true;
}

bool sandbox_ask(struct sandbox *sb, const char *path, struct json_object *body,
		 struct json_object **answer, struct err *err)
{
	const char *text = body ? json_text(body) : NULL;
	const struct http_request rq = {
		.method = body ? "POST" : "GET",
		.url = arena_printf(sb->a, "%s/control/%s", sb->origin, path),
		.mime = body ? "application/json" : NULL,
		.body = text,
		.body_len = text ? strlen(text) : 0,
		.answer_max = ANSWER_MAX_BYTES,
		.timeout_ms = TIMEOUT_MS,
	};
	struct http_reply reply = probe(sb->a, &rq);

	return read_answer(sb, path, &reply, answer, err);
}
