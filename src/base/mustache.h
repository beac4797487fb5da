/*
 * mustache.h - logic-less templates, as the Mustache specification has them.
 *
 * Interpolation, sections, inverted sections, partials with indentation,
 * comments, delimiters and dotted names; no lambdas, no inheritance.  A set
 * of templates is compiled once and rendered any number of times, straight
 * from a json-c tree.  There is none of: null, false, 0, "", an empty list,
 * and a name that nobody knows.
 *
 *	struct mustache_set set = { .a = &a };
 *
 *	mustache_add(&set, "page", text, len, &err) &&
 *		mustache_render(&set, "page", o, 0, &out, &err);
 */
#ifndef BASE_MUSTACHE_H
#define BASE_MUSTACHE_H

#include <stdbool.h>
#include <stddef.h>

#include <json-c/json.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* Sections and partials inside one another: in a template's text, and while
 * it is rendered, where a partial may call itself. */
#define MUSTACHE_DEPTH_MAX 64

/* Tags and lines of text met in one rendering. */
#define MUSTACHE_STEPS_MAX 1000000

/* Templates that call each other by name as partials. */
struct mustache_set {
	struct arena *a;
	struct mustache *list;
};

enum mustache_flags {
	/* A name or a partial that is not there is an error, as is a list or
	 * an object where a text is due: for tests. */
	MUSTACHE_STRICT = 1 << 0,
};

/* Compiles a template; name and text stay the caller's and must live as long
 * as the set.  ERR_INPUT names the template and the line at fault. */
bool mustache_add(struct mustache_set *set, const char *name, const char *text,
		  size_t len, struct err *err);

/* Adds to `out`.  ERR_INPUT: no such template, one that calls itself without
 * end, a breach of MUSTACHE_STRICT; ERR_LIMIT: `out` is full. */
bool mustache_render(const struct mustache_set *set, const char *name,
		     struct json_object *o, unsigned flags, struct buf *out,
		     struct err *err);

#endif
