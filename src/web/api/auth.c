/*
 * auth.c - signing in, staying signed in, signing out.
 */
#include "config.h"

#include "core/auth.h"
#include "web/api/api.h"
#include "web/entry.h"

#define TOKEN_MAX 1024

enum http_status api_login(struct req *rq)
{
	struct visitor v = req_visitor(rq, false);
	struct secret password = { 0 };
	const char *login = NULL;
	struct entry e;

	form_text(&rq->body, "login", &login, ENTRY_LOGIN_MAX, FORM_REQUIRED);
	form_secret(&rq->body, "password", &password, ENTRY_PASSWORD_MAX,
		    FORM_REQUIRED);
	if (req_bad(rq) || !auth_login(rq->db, rq->a, rq->settings, login,
				       password, &v, &e, &rq->err))
		return reply_err(rq);
	return reply_entry(rq, &e, NULL);
}

enum http_status api_second_factor(struct req *rq)
{
	struct visitor v = req_visitor(rq, false);
	const char *challenge = NULL, *code = NULL;
	struct entry e;

	form_text(&rq->body, "challenge", &challenge, TOKEN_MAX, FORM_REQUIRED);
	form_text(&rq->body, "code", &code, ENTRY_CODE_MAX, FORM_REQUIRED);
	if (req_bad(rq) || !req_may_try(rq) ||
	    !auth_second(rq->db, rq->a, rq->settings, challenge, code, &v, &e,
			 &rq->err))
		return reply_err(rq);
	return reply_entry(rq, &e, NULL);
}

enum http_status api_refresh(struct req *rq)
{
	struct visitor v = req_visitor(rq, false);
	const char *token = NULL;
	struct entry e;

	form_text(&rq->body, "refresh_token", &token, TOKEN_MAX, FORM_REQUIRED);
	if (req_bad(rq) ||
	    !auth_refresh(rq->db, rq->a, rq->settings, token, &v, &e, &rq->err))
		return reply_err(rq);
	return reply_entry(rq, &e, NULL);
}

enum http_status api_logout(struct req *rq)
{
	int64_t id = rq->session.id;

	if (req_bad(rq) || !session_end(rq->db, rq->a, id, rq->now, &rq->err))
		return reply_err(rq);
	req_audit_act(rq, "sign_out", req_object(rq, "session", id),
		      req_client(rq));
	return reply_empty(rq);
}
