/*
 * sandbox.h - asks a running tuberry-sandbox for things to exist.
 *
 * docs/SANDBOX.md describes its control API.
 */
#ifndef CTL_SANDBOX_H
#define CTL_SANDBOX_H

#include "base/json.h"
#include "core/settings.h"

struct sandbox {
	struct arena *a;
	const char *origin; /* "http://127.0.0.1:8090" */
};

/* ERR_INPUT: the settings name real services, or two sandboxes. */
bool sandbox_open(struct arena *a, const struct settings *s, struct sandbox *sb,
		  struct err *err);

/* `path` is that behind /control/; `body` is an object, or NULL for a GET.
 * *answer lives as long as the arena. */
bool sandbox_ask(struct sandbox *sb, const char *path, struct json_object *body,
		 struct json_object **answer, struct err *err);

#endif
