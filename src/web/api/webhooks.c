/*
 * webhooks.c - what the services post to us; core/hook.h has the rules.
 *
 * Their transaction is their own: they come without a session, and the client
 * is known by the secret in the path.
 */
#include "config.h"

#include <string.h>

#include "base/log.h"
#include "core/hook.h"
#include "web/api/api.h"
#include "web/routes.h"

/* A service repeats after this long when we could not store what it brought. */
#define RETRY_S 2

typedef bool take_fn(struct db *db, struct arena *a, struct hook *h,
		     enum hook_result *result, struct err *err);

static enum http_status refused(struct req *rq, int64_t object_id)
{
	log_warn("webhook.refused", lf_str("route", rq->route->path),
		 lf_int("object", object_id));
	return reply_problem(rq, HTTP_NOT_FOUND,
			     "there is nothing at this address");
}

static enum http_status answer(struct req *rq, const struct hook *h,
			       enum hook_result result)
{
	struct json_object *o;

	switch (result) {
	case HOOK_REFUSED:
		return refused(rq, h->object_id);
	case HOOK_NOT_JSON:
		return reply_problem(rq, HTTP_BAD_REQUEST,
				     "the body is not JSON");
	case HOOK_LATER:
		rq->ring = h->ring;
		err_set(&rq->err, ERR_DOWN,
			"this will be understood in a moment; repeat it");
		rq->err.retry_s = RETRY_S;
		return reply_err(rq);
	case HOOK_TAKEN:
		break;
	}
	rq->ring = h->ring;
	if (h->answer)
		return reply_bytes(rq, "application/json", h->answer,
				   strlen(h->answer));
	o = json_new(rq->a);
	json_put_bool(o, "ok", true);
	return reply_json(rq, HTTP_OK, o);
}

static enum http_status webhook(struct req *rq, take_fn *take)
{
	const char *secret = req_path_str(rq, "secret");
	const char *header =
		req_param(rq, "HTTP_X_TELEGRAM_BOT_API_SECRET_TOKEN");
	struct hook h = {
		.object_id = req_path_i64(rq, "id"),
		.secret = secret_copy(rq->a, secret, strlen(secret)),
		.header = header,
		.body = rq->in->body,
		.body_len = rq->in->body_len,
		.now = rq->now,
		.request_id = rq->request_id,
	};
	enum hook_result result = HOOK_REFUSED;

	if (rq->err.kind) /* an id that no row can have */
		return refused(rq, 0);
	if (take(rq->db, rq->a, &h, &result, &rq->err))
		return answer(rq, &h, result);
	rq->err.kind = ERR_DOWN;
	rq->err.retry_s = RETRY_S;
	return reply_err(rq);
}

enum http_status webhook_avito(struct req *rq)
{
	return webhook(rq, hook_avito);
}

enum http_status webhook_telegram(struct req *rq)
{
	return webhook(rq, hook_telegram);
}

enum http_status webhook_source(struct req *rq)
{
	return webhook(rq, hook_source);
}
