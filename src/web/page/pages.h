/*
 * pages.h - the handlers of pages, one file per noun.
 *
 * As in web/api/api.h; how they are written: web/page.h.
 */
#ifndef WEB_PAGE_PAGES_H
#define WEB_PAGE_PAGES_H

#include "web/req.h"

/* audit.c */
enum http_status page_audit(struct req *rq);

/* invites.c */
enum http_status page_invites(struct req *rq);
enum http_status page_invite_create(struct req *rq);
enum http_status page_invite_revoke(struct req *rq);

/* settings.c */
enum http_status page_settings(struct req *rq);
enum http_status page_settings_change(struct req *rq);

/* second_factor.c */
enum http_status page_second_factor(struct req *rq);
enum http_status page_second_factor_start(struct req *rq);
enum http_status page_second_factor_confirm(struct req *rq);
enum http_status page_second_factor_renew(struct req *rq);
enum http_status page_second_factor_drop(struct req *rq);
enum http_status page_second_factor_qr(struct req *rq);

/* profile.c, password.c */
enum http_status page_profile(struct req *rq);
enum http_status page_profile_change(struct req *rq);
enum http_status page_session_end(struct req *rq);
enum http_status page_sessions_end(struct req *rq);
enum http_status page_token_create(struct req *rq);
enum http_status page_token_revoke(struct req *rq);
enum http_status page_password(struct req *rq);
enum http_status page_password_change(struct req *rq);

/* users.c, user.c */
enum http_status page_users(struct req *rq);
enum http_status page_user_new(struct req *rq);
enum http_status page_user_create(struct req *rq);
enum http_status page_user(struct req *rq);
enum http_status page_user_change(struct req *rq);
enum http_status page_user_ask(struct req *rq);
enum http_status page_user_act(struct req *rq);

/* clients.c */
enum http_status page_clients(struct req *rq);
enum http_status page_client_create(struct req *rq);
enum http_status page_client_one(struct req *rq);
enum http_status page_client_change(struct req *rq);
enum http_status page_client_ask_remove(struct req *rq);
enum http_status page_client_remove(struct req *rq);

/* home.c */
enum http_status page_home(struct req *rq);
enum http_status page_client(struct req *rq);
enum http_status page_admin(struct req *rq);
enum http_status page_language(struct req *rq);

/* login.c */
enum http_status page_login(struct req *rq);
enum http_status page_login_submit(struct req *rq);
enum http_status page_code(struct req *rq);
enum http_status page_code_submit(struct req *rq);
enum http_status page_logout(struct req *rq);

/* arrival.c */
enum http_status page_login_telegram(struct req *rq);
enum http_status page_link_submit(struct req *rq);

/* telegram.c */
enum http_status page_telegram(struct req *rq);
enum http_status page_telegram_link(struct req *rq);

#endif
