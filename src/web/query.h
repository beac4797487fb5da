/*
 * query.h - raw input turned into what forms read.
 */
#ifndef WEB_QUERY_H
#define WEB_QUERY_H

#include "web/req.h"

/* The query string into rq->query; what is malformed is noted. */
void query_read(struct req *rq);

/* Some object of the tree that was read from this text has a name twice,
 * of which json-c keeps the last. */
bool json_has_twice(const char *s, size_t len, struct json_object *o);

#endif
