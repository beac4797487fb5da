/*
 * arrival.h - the pages' part of coming in by way of Telegram.
 */
#ifndef WEB_PAGE_ARRIVAL_H
#define WEB_PAGE_ARRIVAL_H

#include "core/telegram_entry.h"
#include "web/req.h"

/* Sets the cookie.  Somebody new sees login and password, this once; others
 * are sent on. */
enum http_status reply_arrival_page(struct req *rq,
				    const struct arrival *arrival,
				    const char *next);

/* The Login Widget that sends the browser to `path`, a path with a query or
 * without, into o: `telegram` {name, return_url}, or null where there is no
 * master bot (name ""). */
void put_widget(struct req *rq, struct json_object *o, const char *name,
		const char *path);

/* The widget of the sign-in page sends the browser there. */
const char *arrival_path(struct req *rq, const char *next);

/* The sign-in page says what went wrong, and one can begin again. */
enum http_status reply_login(struct req *rq, const char *next);

/* The master bot's link: whose account it is; consumes nothing. */
enum http_status show_link(struct req *rq, struct secret token);

#endif
