/*
 * page.h - pages: one json-c object shown by one template.
 *
 * A page's handler puts what its template names into an object from
 * json_new() and replies:
 *
 *	enum http_status page_thing(struct req *rq)
 *	{
 *		struct json_object *o = json_new(rq->a);
 *
 *		json_put_str(o, "name", name);
 *		return reply_page(rq, HTTP_OK, "thing", o);
 *	}
 *
 * A form that was refused is shown again with what was typed:
 *
 *		return reply_page(rq, page_refused(rq, o), "thing", o);
 *
 * Templates lie in templates/, what they say in texts/; both are built into
 * the program and read once per process.
 */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H

#include "web/req.h"

/*
 * Adds to the object, unless it is there already:
 *   t           the texts of the visitor's language: {{t.thing.title}}
 *   title       t.<template>.title
 *   problem     null, errors {}
 *   done        null: {{>done}}
 * and in any case:
 *   lang        "ru" or "en"; has_language: the person has set it
 *   csrf        the token for hidden fields: {{>csrf}}
 *   user        {name, login, role, role_name, is_admin, is_owner}, or null
 *   nav         [{path, name, about, current}] for this visitor
 *   path, here  the path, and path and query encoded for a query's value
 *   request_id, version
 */
enum http_status reply_page(struct req *rq, enum http_status status,
			    const char *template, struct json_object *o);

/* The status for rq->err, and into the object what a form shows of it:
 * `problem`, a sentence, and `errors`, field -> sentence. */
enum http_status page_refused(struct req *rq, struct json_object *o);

/* 303: after every form that was taken.  The path is one of ours. */
enum http_status reply_see_other(struct req *rq, const char *path);

/* To such a path with "?done=" and a word of t.done, as "saved": the page
 * there tells so.  Whoever follows one that somebody else made up is told what
 * is not so, once. */
enum http_status reply_done(struct req *rq, const char *path, const char *word);

/* Reads that word from the query; before req_bad(). */
void page_put_done(struct req *rq, struct json_object *o);

/* A path on this site, as a visitor may name where to go on. */
bool page_is_local(const char *path);

/* Of such a path and its query; a longer one is not worth going back to. */
#define NEXT_MAX 512

/* "2026-01-31 23:59:59", in UTC. */
const char *page_when(const struct req *rq, int64_t at);

/* Where somebody of that role belongs who has signed in. */
const char *page_landing(enum role role);

/* This address answers pages, failures included; others answer JSON. */
bool path_is_page(const char *path);
bool page_is_here(const struct req *rq);

/* A failure as a page.  `said` may be "". */
enum http_status reply_failure(struct req *rq, enum http_status status,
			       const char *said);

/* What reply_page() shows, into `out`; flags as in base/mustache.h. */
bool page_write(struct req *rq, const char *template, struct json_object *o,
		unsigned flags, struct buf *out, struct err *err);

#endif
