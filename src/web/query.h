/*
 * query.h - raw input turned into what forms read.
 */
#ifndef WEB_QUERY_H
#define WEB_QUERY_H

#include "web/req.h"

/*
 * "a=1&b=2", percent-encoded, into the form's object; a name that is there
 * twice is noted.  The text is changed.  False: malformed (a broken escape,
 * U+0000, no UTF-8) or more than `max` fields.
 */
bool query_fields(struct form *f, char *text, size_t max);

/* One more field of texts; a name that is there twice is noted. */
void query_put(struct form *f, const char *name, const char *value);

/* The query string into rq->query; what is malformed is noted. */
void query_read(struct req *rq);

/* Some object of the tree that was read from this text has a name twice,
 * of which json-c keeps the last. */
bool json_has_twice(const char *s, size_t len, struct json_object *o);

#endif
