/*
 * probe.h - one HTTP call, waited for.
 */
#ifndef CTL_PROBE_H
#define CTL_PROBE_H

#include "base/http.h"
#include "core/settings.h"

/* Once, before the first probe(). */
bool probe_init(const struct settings *s, struct err *err);

/* The reply's strings live as long as `a`. */
struct http_reply probe(struct arena *a, const struct http_request *rq);

#endif
