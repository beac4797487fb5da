/*
 * home.c - where visitors arrive: the front door, the client's and the
 * administrator's first page, and the choice of a language.
 */
#include "config.h"

#include "core/tenant.h"
#include "web/entry.h"
#include "web/language.h"
#include "web/page.h"
#include "web/page/pages.h"

enum http_status page_home(struct req *rq)
{
	if (!req_recognise(rq))
		return reply_err(rq);
	if (rq->session.user_id)
		return reply_see_other(rq, page_landing(rq->session.role));
	return reply_page(rq, HTTP_OK, "home", json_new(rq->a));
}

enum http_status page_client(struct req *rq)
{
	struct json_object *o;

	if (!req_client(rq))
		return reply_see_other(rq, page_landing(rq->session.role));
	o = json_new(rq->a);
	page_put_done(rq, o);
	json_put_bool(o, "has_docs", rq->settings->api_docs);
	return reply_page(rq, HTTP_OK, "client", o);
}

enum http_status page_admin(struct req *rq)
{
	struct json_object *o = json_new(rq->a);
	struct tenant *clients;
	size_t n;

	if (!tenants_list(rq->db, rq->a, 0, 1, &clients, &n, &rq->err))
		return reply_err(rq);
	page_put_done(rq, o);
	json_put_bool(o, "has_clients", n > 0);
	return reply_page(rq, HTTP_OK, "admin", o);
}

enum http_status page_language(struct req *rq)
{
	const char *language = language_find(req_path_str(rq, "language"));
	const char *next = "/";

	form_text(&rq->query, "next", &next, NEXT_MAX, FORM_OPTIONAL);
	if (!language) {
		err_set(&rq->err, ERR_MISSING, "there is no such language");
		return reply_err(rq);
	}
	language_choose(rq, language);
	return reply_see_other(rq, page_is_local(next) ? next : "/");
}
