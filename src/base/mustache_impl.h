/*
 * mustache_impl.h - a template as it is kept.
 *
 * What mustache_read.c makes and mustache.c renders, and nobody else includes.
 *
 * The specification indents a stand-alone partial by putting the indentation
 * in front of each line of the partial's text before that is read.  Here the
 * text is read once: whatever begins a line knows it (`begins_line`), and the
 * indentation is put in front of it while rendering.
 */
#ifndef BASE_MUSTACHE_IMPL_H
#define BASE_MUSTACHE_IMPL_H

#include "base/mustache.h"

enum node_kind { TEXT, VALUE, RAW_VALUE, SECTION, INVERTED, PARTIAL };

struct node {
	enum node_kind kind;
	bool begins_line;
	bool alone;    /* a partial with a line of its own */
	const char *s; /* the text, the partial's indentation */
	size_t len;
	const char *name;   /* as written */
	const char **parts; /* "a.b" is a and b; none for "." */
	size_t n_parts;
	struct node *inside, *next;
};

struct mustache {
	const char *name;
	struct node *first;
	struct mustache *next;
};

#endif
