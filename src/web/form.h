/*
 * form.h - the fields of a JSON object, a query string or a page's form, read
 * strictly.
 *
 * A reader leaves *out alone when the field is absent, so what stands there
 * before is the default: the same reader serves creating (FORM_REQUIRED) and
 * changing.  Nothing is converted: "5", 5.5 and true are no whole numbers.
 * Every wrong field is noted; form_end() notes those that no reader asked
 * for.  Strings live as long as the request.
 */
#ifndef WEB_FORM_H
#define WEB_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "base/secret.h"

#define FORM_FIELDS_MAX 48

struct req;

enum form_flags {
	FORM_OPTIONAL = 0,
	FORM_REQUIRED = 1 << 0,
	FORM_BLANK = 1 << 1, /* a text may be empty */
	FORM_NULL = 1 << 2,  /* null: NULL, or 0 for a number */
};

/* Required only when something is created, or in a page's form, which sends
 * an emptied input as an absent field. */
#define FORM_REQUIRED_IF(creating) ((creating) ? FORM_REQUIRED : FORM_OPTIONAL)

struct form {
	struct req *rq;
	struct json_object *o; /* NULL: without any field */
	const char *prefix;    /* "auto_reply.": in front of names in errors */
	bool texts;            /* all values are texts: "5" is a number */
	bool inputs;           /* texts as a browser sends them, see below */
	const char *asked[FORM_FIELDS_MAX];
	size_t n_asked;
};

/*
 * A browser sends a text for every input.  An empty one is an absent field,
 * with FORM_NULL null, and with FORM_BLANK the empty text.  A checkbox reads
 * as true; one that is not ticked is not sent at all, so the page's handler
 * has false stand there before.
 */

/* The field is there, null included.  Does not count as asked for. */
bool form_has(const struct form *f, const char *key);

/* At most max characters. */
void form_text(struct form *f, const char *key, const char **out, size_t max,
	       unsigned flags);
void form_secret(struct form *f, const char *key, struct secret *out,
		 size_t max, unsigned flags);
void form_i64(struct form *f, const char *key, int64_t *out, int64_t min,
	      int64_t max, unsigned flags);
/* An id: from 1 up. */
void form_id(struct form *f, const char *key, int64_t *out, unsigned flags);
void form_bool(struct form *f, const char *key, bool *out, unsigned flags);

/* One of the words; the list ends with NULL. */
void form_word(struct form *f, const char *key, const char **out,
	       const char *const *words, unsigned flags);

/* A JSON object inside: false when absent or wrong.  Close `sub` with
 * form_end(). */
bool form_object(struct form *f, const char *key, struct form *sub,
		 unsigned flags);

/* A JSON array of at most max items; NULL when absent or wrong. */
struct json_object *form_array(struct form *f, const char *key, size_t max,
			       unsigned flags);

/* Item i of such an array as a form; its name in errors is "key[i]". */
bool form_item(struct form *f, const char *key, struct json_object *array,
	       size_t i, struct form *sub);

/* Note what nobody asked for. */
void form_end(struct form *f);

#endif
