/*
 * finding.h - what the doctor finds: one line each, with the cure.
 */
#ifndef CTL_FINDING_H
#define CTL_FINDING_H

#include "base/buf.h"
#include "base/json.h"

enum finding_level { FIND_OK, FIND_WARN, FIND_FAIL };

/* All findings so far; zero but for `a` is none. */
struct findings {
	struct arena *a;
	enum finding_level worst;
	struct json_object *list; /* {"findings":[{status,name,text,cure}]} */
};

void findings_init(struct findings *f, struct arena *a);

/* `cure` is NULL with FIND_OK; the name is a fixed dotted word. */
void find(struct findings *f, enum finding_level level, const char *name,
	  const char *cure, const char *fmt, ...) PRINTF_LIKE(5, 6);

/* "ok|warn|fail name: text; cure: ...", or all of it as JSON. */
void findings_print(const struct findings *f, bool as_json);

#endif
