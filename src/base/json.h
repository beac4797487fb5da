/*
 * json.h - JSON from strangers, read without surprises (over json-c).
 *
 * A parsed tree belongs to the arena it was parsed with.  Readers return
 * borrowed strings that live as long as the tree.  No reader converts: a
 * number in quotes is not a number.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

#include "base/arena.h"
#include "base/err.h"

/* Deeper nesting is refused; no API we know comes near. */
#define JSON_DEPTH_MAX 32

/* One whole JSON value with nothing but white space behind it, as RFC 8259
 * says: invalid UTF-8, a half-finished value, NaN and a second value are
 * ERR_INPUT.  json-c turns lone surrogates into U+FFFD, and is lenient with
 * numbers ("1.") and raw control characters in strings. */
bool json_read(struct arena *a, const char *s, size_t len,
	       struct json_object **out, struct err *err);

/* The same, but NUL characters inside strings and bytes that are no UTF-8
 * become U+FFFD instead of failing: for webhooks, where refusing is worse. */
bool json_read_clean(struct arena *a, const char *s, size_t len,
		     struct json_object **out, struct err *err);

/* Some string in the tree holds U+0000, which PostgreSQL cannot store. */
bool json_has_nul(struct json_object *o);

/* Members by type; the default when absent, null or of another type.  `o` may
 * be NULL or no object.  The string keeps U+0000 out: it becomes U+FFFD when
 * the tree came from json_read_clean(). */
struct json_object *json_member(struct json_object *o, const char *key);
struct json_object *json_object_at(struct json_object *o, const char *key);
struct json_object *json_array_at(struct json_object *o, const char *key);
const char *json_str(struct json_object *o, const char *key, const char *def);
int64_t json_i64(struct json_object *o, const char *key, int64_t def);
bool json_flag(struct json_object *o, const char *key, bool def);

/* Builders: each takes ownership of what is added. */
struct json_object *json_new(struct arena *a); /* object, freed by the arena */
void json_put_str(struct json_object *o, const char *key, const char *value);
void json_put_i64(struct json_object *o, const char *key, int64_t value);
void json_put_bool(struct json_object *o, const char *key, bool value);
void json_put(struct json_object *o, const char *key, struct json_object *v);

/* Compact text that lives as long as the tree stays unchanged. */
const char *json_text(struct json_object *o);

#endif
