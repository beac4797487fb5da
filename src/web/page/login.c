/*
 * login.c - the front door: password, second factor, and the way out.
 */
#include "config.h"

#include "core/installation.h"
#include "web/cookie.h"
#include "web/csrf.h"
#include "web/entry.h"
#include "web/page.h"
#include "web/page/arrival.h"
#include "web/page/pages.h"

/* By whom people sign in with Telegram, and whether strangers may.  Who has a
 * password is served even while that cannot be found out. */
static const char *bot_name(struct req *rq, bool *open)
{
	const char *name = "";
	struct err err = { 0 };
	bool ok;

	*open = false;
	ok = db_begin(rq->db, &err) &&
	     telegram_entry_bot(rq->db, rq->a, rq->settings, &name, &err) &&
	     sign_up_open(rq->db, rq->a, open, &err);
	return db_finish(rq->db, ok, &err) ? name : "";
}

static enum http_status show(struct req *rq, enum http_status status,
			     struct json_object *o, const char *login,
			     const char *next)
{
	bool open;

	if (!page_is_local(next))
		next = "";
	json_put_str(o, "login", login);
	json_put_str(o, "next", next);
	put_widget(rq, o, bot_name(rq, &open), arrival_path(rq, next));
	json_put_bool(o, "sign_up", open);
	return reply_page(rq, status, "login", o);
}

enum http_status reply_login(struct req *rq, const char *next)
{
	struct json_object *o = json_new(rq->a);
	enum http_status status = page_refused(rq, o);

	return show(rq, status, o, "", next);
}

enum http_status page_login(struct req *rq)
{
	struct secret token = { 0 };
	const char *next = "";

	form_text(&rq->query, "next", &next, NEXT_MAX, FORM_BLANK);
	form_secret(&rq->query, "token", &token, ENTRY_LINK_MAX, FORM_OPTIONAL);
	if (req_bad(rq))
		return reply_err(rq);
	/* Whoever is signed in may have asked for it with another account. */
	if (token.len)
		return show_link(rq, token);
	if (!req_recognise(rq))
		return reply_err(rq);
	if (!rq->session.user_id)
		return show(rq, HTTP_OK, json_new(rq->a), "", next);
	return reply_see_other(rq, page_is_local(next)
					   ? next
					   : page_landing(rq->session.role));
}

enum http_status page_login_submit(struct req *rq)
{
	struct visitor v = req_visitor(rq, true);
	struct json_object *o = json_new(rq->a);
	const char *login = "", *next = "";
	struct secret password = { 0 };
	enum http_status status;
	struct entry e;

	form_text(&rq->body, "login", &login, ENTRY_LOGIN_MAX, FORM_REQUIRED);
	form_secret(&rq->body, "password", &password, ENTRY_PASSWORD_MAX,
		    FORM_REQUIRED);
	form_text(&rq->body, "next", &next, NEXT_MAX, FORM_BLANK);
	if (!req_bad(rq) && auth_login(rq->db, rq->a, rq->settings, login,
				       password, &v, &e, &rq->err))
		return reply_entry_page(rq, &e, next);
	status = page_refused(rq, o);
	return show(rq, status, o, login, next);
}

static enum http_status show_code(struct req *rq, enum http_status status,
				  struct json_object *o, const char *next)
{
	json_put_str(o, "next", page_is_local(next) ? next : "");
	return reply_page(rq, status, "login_code", o);
}

enum http_status page_code(struct req *rq)
{
	const char *next = "";

	form_text(&rq->query, "next", &next, NEXT_MAX, FORM_BLANK);
	if (req_bad(rq))
		return reply_err(rq);
	if (!cookie_find(rq, CHALLENGE_COOKIE))
		return reply_see_other(rq, "/login");
	return show_code(rq, HTTP_OK, json_new(rq->a), next);
}

enum http_status page_code_submit(struct req *rq)
{
	const char *challenge = cookie_find(rq, CHALLENGE_COOKIE);
	struct visitor v = req_visitor(rq, true);
	struct json_object *o = json_new(rq->a);
	const char *code = "", *next = "";
	enum http_status status;
	struct entry e;

	form_text(&rq->body, "code", &code, ENTRY_CODE_MAX, FORM_REQUIRED);
	form_text(&rq->body, "next", &next, NEXT_MAX, FORM_BLANK);
	if (!challenge)
		return reply_see_other(rq, "/login");
	if (!req_bad(rq) && req_may_try(rq) &&
	    auth_second(rq->db, rq->a, rq->settings, challenge, code, &v, &e,
			&rq->err))
		return reply_entry_page(rq, &e, next);
	status = page_refused(rq, o);
	return show_code(rq, status, o, next);
}

enum http_status page_logout(struct req *rq)
{
	const struct session *s = &rq->session;

	if (req_bad(rq) ||
	    !session_end(rq->db, rq->a, s->id, rq->now, &rq->err))
		return reply_err(rq);
	req_audit_act(rq, "sign_out", req_object(rq, "session", s->id),
		      s->client_id);
	cookie_clear(rq, SESSION_COOKIE);
	return reply_see_other(rq, "/login");
}
