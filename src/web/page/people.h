/*
 * people.h - what the pages of people have in common.
 */
#ifndef WEB_PAGE_PEOPLE_H
#define WEB_PAGE_PEOPLE_H

#include "base/secret.h"
#include "store/user.h"
#include "web/page/pages.h"

/* Where the visitor's pages of people begin: "/client/users". */
const char *people_path(const struct req *rq);

/* Somebody as lists show them. */
struct json_object *people_line(struct req *rq, const struct user *u);

/* A password for somebody else, who is told it by whoever is shown it. */
struct secret people_password(struct req *rq);

/* It cannot wait for another request: it is kept nowhere. */
enum http_status people_show_password(struct req *rq, enum http_status status,
				      const struct user *u,
				      struct secret password);

#endif
