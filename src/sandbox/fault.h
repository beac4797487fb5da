/*
 * fault.h - what goes wrong on purpose.
 *
 * Rules are made by the control API.  Each request to a stand-in passes
 * fault_begin() before it runs and fault_finish() when its answer is ready;
 * without a matching rule both only pass it on.
 */
#ifndef SANDBOX_FAULT_H
#define SANDBOX_FAULT_H

#include "base/err.h"
#include "base/json.h"
#include "sandbox/http.h"

void fault_begin(struct req *rq);
void fault_finish(struct req *rq);

/* The rule with its id; NULL: err says what is wrong with it.  The caller
 * owns the tree. */
struct json_object *fault_add(struct json_object *rule, struct err *err);
struct json_object *fault_list(void);
/* False: no such rule.  Requests that hang on it are reset. */
bool fault_remove(int64_t id);
void fault_clear(void);

/* '*' any text, '?' one character. */
bool glob_matches(const char *pattern, const char *s);

#endif
