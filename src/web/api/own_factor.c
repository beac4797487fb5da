/*
 * own_factor.c - the caller's own second factor, and that of somebody who
 * has lost it.
 */
#include "config.h"

#include "core/totp.h"
#include "core/user.h"
#include "web/api/api.h"
#include "web/api/object.h"
#include "web/own_factor.h"
#include "web/qr.h"

enum http_status api_own_factor(struct req *rq)
{
	struct json_object *o = json_new(rq->a);
	struct second_factor f;

	if (req_bad(rq) || !own_factor_find(rq, &f))
		return reply_err(rq);
	json_put_bool(o, "enabled", f.confirmed_at != 0);
	json_put_time(rq, o, "confirmed_at", f.confirmed_at);
	json_put_i64(o, "recovery_codes_left", f.codes_left);
	json_put_bool(o, "required", own_factor_required(rq));
	return reply_json(rq, HTTP_OK, o);
}

enum http_status api_own_factor_start(struct req *rq)
{
	struct json_object *o = json_new(rq->a);
	struct secret secret, uri;

	if (!own_factor_start(rq, &secret))
		return reply_err(rq);
	uri = own_factor_uri(rq, secret);
	json_put_str(o, "secret", totp_secret_text(rq->a, secret).bytes);
	json_put_str(o, "uri", uri.bytes);
	json_put_str(o, "qr_svg", qr_svg(rq->a, uri.bytes));
	return reply_json(rq, HTTP_CREATED, o);
}

static enum http_status reply_codes(struct req *rq, struct json_object *codes)
{
	struct json_object *o = json_new(rq->a);

	json_put(o, "recovery_codes", codes);
	return reply_json(rq, HTTP_OK, o);
}

enum http_status api_own_factor_confirm(struct req *rq)
{
	struct json_object *codes;

	return own_factor_confirm(rq, &codes) ? reply_codes(rq, codes)
					      : reply_err(rq);
}

enum http_status api_own_factor_renew(struct req *rq)
{
	struct json_object *codes;

	return own_factor_renew(rq, &codes) ? reply_codes(rq, codes)
					    : reply_err(rq);
}

enum http_status api_own_factor_drop(struct req *rq)
{
	return own_factor_drop(rq) ? reply_empty(rq) : reply_err(rq);
}

enum http_status api_user_reset_factor(struct req *rq)
{
	int64_t id = req_path_i64(rq, "id");
	struct user u;

	if (req_bad(rq) ||
	    !user_lock(rq->db, rq->a, req_client(rq), id, &u, &rq->err))
		return reply_err(rq);
	/* Or the code that switching it off needs would be no hurdle. */
	if (id == rq->session.user_id)
		err_set(&rq->err, ERR_DENIED,
			"switch your own second factor off with a code");
	if (rq->err.kind || !second_factor_reset(rq->db, rq->a, id, &rq->err))
		return reply_err(rq);
	req_audit_act(rq, "user.second_factor_reset",
		      req_object(rq, "user", id), u.client_id);
	return reply_empty(rq);
}
