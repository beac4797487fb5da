/*
 * own_factor.c - the caller's own second factor, changed by API or page.
 */
#include "config.h"

#include "core/throttle.h"
#include "core/totp.h"
#include "web/entry.h"
#include "web/own_factor.h"

#define ISSUER "Tuberry"

bool own_factor_find(struct req *rq, struct second_factor *f)
{
	return second_factor_find(rq->db, rq->a, rq->session.user_id, f,
				  &rq->err);
}

static void audit(struct req *rq, const char *action)
{
	req_audit_act(rq, action, req_object(rq, "user", rq->session.user_id),
		      rq->session.client_id);
}

bool own_factor_start(struct req *rq, struct secret *secret)
{
	return !req_bad(rq) &&
	       second_factor_start(rq->db, rq->a, rq->session.user_id, secret,
				   &rq->err);
}

/* Every code that is shown counts as a try, the right one as well. */
static bool read_code(struct req *rq, struct secret *code)
{
	form_secret(&rq->body, "code", code, ENTRY_CODE_MAX, FORM_REQUIRED);
	return !req_bad(rq) &&
	       proof_allowed(rq->windows, rq->a, rq->session.user_id, rq->now,
			     &rq->err);
}

static struct json_object *codes_json(const struct secret codes[RECOVERY_CODES])
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < RECOVERY_CODES; i++)
		json_object_array_add(list,
				      json_object_new_string(codes[i].bytes));
	return list;
}

bool own_factor_confirm(struct req *rq, struct json_object **codes)
{
	struct secret code = { 0 }, list[RECOVERY_CODES];

	if (!read_code(rq, &code) ||
	    !second_factor_confirm(rq->db, rq->a, rq->session.user_id,
				   code.bytes, rq->now, list, &rq->err))
		return false;
	audit(rq, "user.second_factor_on");
	*codes = codes_json(list);
	return true;
}

bool own_factor_renew(struct req *rq, struct json_object **codes)
{
	struct secret code = { 0 }, list[RECOVERY_CODES];

	if (!read_code(rq, &code) ||
	    !second_factor_renew_codes(rq->db, rq->a, rq->session.user_id,
				       code.bytes, rq->now, list, &rq->err))
		return false;
	audit(rq, "user.recovery_codes");
	*codes = codes_json(list);
	return true;
}

bool own_factor_drop(struct req *rq)
{
	struct secret code = { 0 };

	if (!read_code(rq, &code) ||
	    !second_factor_drop(rq->db, rq->a, rq->session.user_id, code.bytes,
				rq->now, &rq->err))
		return false;
	audit(rq, "user.second_factor_off");
	return true;
}

struct secret own_factor_uri(struct req *rq, struct secret secret)
{
	return totp_uri(rq->a, secret, ISSUER, rq->session.login);
}

bool own_factor_required(const struct req *rq)
{
	return rq->session.role == ROLE_ADMIN &&
	       rq->settings->admin_second_factor;
}
