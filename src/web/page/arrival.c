/*
 * arrival.c - in by the Login Widget and by the master bot's link.
 */
#include "config.h"

#include "core/user.h"
#include "web/csrf.h"
#include "web/entry.h"
#include "web/page.h"
#include "web/page/arrival.h"
#include "web/page/pages.h"

#define STATE_MAX 128
#define STATE     "telegram sign-in"

/* What nginx/map.conf.in says of all pages, and the widget besides. */
#define CSP_WIDGET                                                     \
	"Content-Security-Policy: default-src 'self';"                 \
	" script-src https://telegram.org;"                            \
	" frame-src https://oauth.telegram.org; img-src 'self' data:;" \
	" object-src 'none'; base-uri 'none'; form-action 'self';"     \
	" frame-ancestors 'none'"

enum http_status reply_arrival_page(struct req *rq,
				    const struct arrival *arrival,
				    const char *next)
{
	const struct account *account = &arrival->account;
	struct json_object *o;

	if (!account->is_new)
		return reply_entry_page(rq, &arrival->entry, next);
	entry_set_cookies(rq, &arrival->entry);
	o = json_new(rq->a);
	json_put_str(o, "login", account->login);
	json_put_str(o, "password", account->password.bytes);
	json_put_str(o, "home", page_landing(role_read(account->role)));
	return reply_page(rq, HTTP_OK, "welcome", o);
}

void put_widget(struct req *rq, struct json_object *o, const char *name,
		const char *path)
{
	struct json_object *telegram;

	if (!*name) {
		json_put(o, "telegram", NULL);
		return;
	}
	telegram = json_object_new_object();
	json_put_str(telegram, "name", name);
	json_put_str(telegram, "return_url",
		     arena_printf(rq->a, "%s%s",
				  rq->settings->frontend_base_url, path));
	json_put(o, "telegram", telegram);
	reply_header(rq, CSP_WIDGET);
}

const char *arrival_path(struct req *rq, const char *next)
{
	struct buf b;

	buf_init(&b, rq->a, 4 * NEXT_MAX);
	buf_addf(&b, "/login/telegram?state=%s", visit_mark(rq, STATE));
	if (*next) {
		buf_add_str(&b, "&next=");
		buf_add_url(&b, next);
	}
	return b.s;
}

/* Anybody could send a browser here with a proof of their own, and whoever
 * followed would work in a stranger's account: the state says that this
 * browser asked for it. */
enum http_status page_login_telegram(struct req *rq)
{
	struct visitor v = req_visitor(rq, true);
	const char *state = "", *next = "";
	struct arrival arrival;

	form_text(&rq->query, "state", &state, STATE_MAX, FORM_BLANK);
	form_text(&rq->query, "next", &next, NEXT_MAX, FORM_BLANK);
	/* All other fields are Telegram's, so nothing is unknown here. */
	if (!rq->err.kind && !visit_mark_is(rq, STATE, state))
		err_set(&rq->err, ERR_DENIED,
			"this sign-in with Telegram was not begun in this "
			"browser; begin again");
	if (rq->err.kind || !req_may_try(rq) ||
	    !telegram_entry_widget(rq->db, rq->a, rq->settings, rq->query.o, &v,
				   &arrival, &rq->err))
		return reply_login(rq, next);
	return reply_arrival_page(rq, &arrival, next);
}

/* Also when what was typed is wrong: the link is still good then. */
static enum http_status show(struct req *rq, enum http_status status,
			     struct json_object *o, struct secret token,
			     const char *name, const char *email)
{
	const struct account *account;
	struct link_view view;

	if (!telegram_entry_look(rq->db, rq->a, token, rq->now, &view,
				 &rq->err))
		return reply_login(rq, "");
	account = &view.account;
	json_put_str(o, "token", token.bytes);
	json_put_str(o, "telegram_name", view.telegram_name);
	json_put_str(o, "username", *view.username ? view.username : NULL);
	json_put_bool(o, "is_new", !account->user_id);
	json_put_str(o, "login", account->user_id ? account->login : NULL);
	json_put_str(o, "client_name", view.client_name);
	json_put_str(o, "name", name ? name : view.telegram_name);
	json_put_str(o, "email", email);
	return reply_page(rq, status, "login_link", o);
}

enum http_status show_link(struct req *rq, struct secret token)
{
	return show(rq, HTTP_OK, json_new(rq->a), token, NULL, "");
}

enum http_status page_link_submit(struct req *rq)
{
	struct visitor v = req_visitor(rq, true);
	const char *name = "", *email = "";
	struct secret token = { 0 };
	struct arrival arrival;
	struct json_object *o;
	enum http_status status;

	form_secret(&rq->body, "token", &token, ENTRY_LINK_MAX, FORM_REQUIRED);
	form_text(&rq->body, "name", &name, USER_NAME_MAX, FORM_BLANK);
	form_text(&rq->body, "email", &email, EMAIL_MAX, FORM_BLANK);
	if (!req_bad(rq) && req_may_try(rq) &&
	    telegram_entry_link(rq->db, rq->a, rq->settings, token, name, email,
				&v, &arrival, &rq->err))
		return reply_arrival_page(rq, &arrival, NULL);
	if (rq->err.kind != ERR_INPUT || !token.len)
		return reply_login(rq, "");
	o = json_new(rq->a);
	status = page_refused(rq, o);
	return show(rq, status, o, token, name, email);
}
