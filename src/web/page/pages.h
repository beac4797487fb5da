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

/* home.c */
enum http_status page_home(struct req *rq);
enum http_status page_client(struct req *rq);
enum http_status page_admin(struct req *rq);
enum http_status page_language(struct req *rq);

#endif
