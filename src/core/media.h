/*
 * media.h - files of messages, kept per client by what they contain.
 *
 * MEDIA_DIR/<client>/<first two digits>/<sha256>.  A file is written aside
 * (media_draft.h) and renamed, so that a name always has the whole content;
 * the same content twice is one file.
 */
#ifndef CORE_MEDIA_H
#define CORE_MEDIA_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/* *sha256 is the name to load it by.  ERR_LIMIT when the disk is full. */
bool media_store(struct arena *a, const char *dir, int64_t client_id,
		 const char *bytes, size_t len, const char **sha256,
		 struct err *err);

/* ERR_MISSING when it is gone: fetch it anew. */
bool media_load(struct arena *a, const char *dir, int64_t client_id,
		const char *sha256, const char **bytes, size_t *len,
		struct err *err);

/* Its path below MEDIA_DIR. */
const char *media_name(struct arena *a, int64_t client_id, const char *sha256);

bool media_is_here(struct arena *a, const char *dir, int64_t client_id,
		   const char *sha256);

/* The caller knows that nothing refers to it any more. */
bool media_remove(struct arena *a, const char *dir, int64_t client_id,
		  const char *sha256, struct err *err);

/* So much is free there; also when nobody can tell. */
bool media_has_room(const char *dir, int64_t bytes);

/* How a browser may be told to show a file of that type in place: a type from
 * a fixed list, none of which can hold scripts.  NULL: not at all. */
const char *media_inline_type(const char *mime);

/* The MIME type by content (libmagic), whatever its sender says. */
const char *media_sniff(struct arena *a, const char *bytes, size_t len);

/* Of media_draft.c: a whole file gets its place; what errno says is told. */
#define MEDIA_DIR_MODE 0750
bool media_adopt(struct arena *a, const char *dir, int64_t client_id,
		 const char *sha256, const char *path, struct err *err);
bool media_trouble(struct err *err, const char *what);

#endif
