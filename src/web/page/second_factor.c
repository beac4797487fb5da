/*
 * second_factor.c - where people switch their second factor on and off.
 *
 * One page in three states: off, waiting for the app's first code, on.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "core/totp.h"
#include "web/own_factor.h"
#include "web/page.h"
#include "web/page/pages.h"
#include "web/qr.h"

#define HERE        "/profile/second-factor"
#define GROUP_CHARS 4

/* "GEZD GNBV GY3T QOJQ": to be typed from one screen into another. */
static const char *grouped(struct arena *a, const char *text)
{
	size_t len = strlen(text);
	struct buf b;

	buf_init(&b, a, 2 * len);
	for (size_t i = 0; i < len; i++) {
		if (i && i % GROUP_CHARS == 0)
			buf_add_char(&b, ' ');
		buf_add_char(&b, text[i]);
	}
	return b.s;
}

static struct json_object *on_json(struct req *rq,
				   const struct second_factor *f)
{
	struct json_object *o = json_object_new_object();

	json_put_str(o, "since", clock_text(rq->a, f->confirmed_at));
	json_put_str(o, "when", page_when(rq, f->confirmed_at));
	json_put_i64(o, "codes_left", f->codes_left);
	json_put_bool(o, "no_codes", f->codes_left == 0);
	return o;
}

static struct json_object *waiting_json(struct req *rq, struct secret secret)
{
	struct json_object *o = json_object_new_object();

	json_put_str(o, "secret",
		     grouped(rq->a, totp_secret_text(rq->a, secret).bytes));
	json_put_str(o, "uri", own_factor_uri(rq, secret).bytes);
	return o;
}

/* `o` has what a refused form shows besides. */
static enum http_status show(struct req *rq, enum http_status status,
			     struct json_object *o)
{
	struct second_factor f;
	struct secret secret;
	bool on, waiting;

	if (!own_factor_find(rq, &f))
		return reply_err(rq);
	on = f.confirmed_at != 0;
	waiting = !on && *f.secret_sealed;
	if (waiting &&
	    !second_factor_pending(rq->db, rq->a, rq->session.user_id, &secret,
				   &rq->err))
		return reply_err(rq);
	json_put(o, "on", on ? on_json(rq, &f) : NULL);
	json_put(o, "waiting", waiting ? waiting_json(rq, secret) : NULL);
	json_put_bool(o, "off", !on && !waiting);
	json_put_bool(o, "must", !on && own_factor_required(rq));
	return reply_page(rq, status, "second_factor", o);
}

static enum http_status refused(struct req *rq)
{
	struct json_object *o = json_new(rq->a);

	return show(rq, page_refused(rq, o), o);
}

static enum http_status show_codes(struct req *rq, struct json_object *codes)
{
	struct json_object *o = json_new(rq->a);

	json_put(o, "codes", codes);
	return reply_page(rq, HTTP_OK, "second_factor_codes", o);
}

enum http_status page_second_factor(struct req *rq)
{
	return req_bad(rq) ? reply_err(rq) : show(rq, HTTP_OK, json_new(rq->a));
}

enum http_status page_second_factor_start(struct req *rq)
{
	struct secret secret;

	return own_factor_start(rq, &secret) ? reply_see_other(rq, HERE)
					     : refused(rq);
}

enum http_status page_second_factor_confirm(struct req *rq)
{
	struct json_object *codes;

	return own_factor_confirm(rq, &codes) ? show_codes(rq, codes)
					      : refused(rq);
}

enum http_status page_second_factor_renew(struct req *rq)
{
	struct json_object *codes;

	return own_factor_renew(rq, &codes) ? show_codes(rq, codes)
					    : refused(rq);
}

enum http_status page_second_factor_drop(struct req *rq)
{
	return own_factor_drop(rq) ? reply_see_other(rq, HERE) : refused(rq);
}

/* An image of its own, so that no page has to let markup through. */
enum http_status page_second_factor_qr(struct req *rq)
{
	struct secret secret;
	const char *svg;

	if (req_bad(rq) ||
	    !second_factor_pending(rq->db, rq->a, rq->session.user_id, &secret,
				   &rq->err))
		return reply_err(rq);
	svg = qr_svg(rq->a, own_factor_uri(rq, secret).bytes);
	return reply_bytes(rq, "image/svg+xml", svg, strlen(svg));
}
