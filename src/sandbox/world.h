/*
 * world.h - what both stand-ins share: memory, version, ids, files.
 *
 * All state lives in one arena and ends at once with world_reset().  Whoever
 * changes something that people can see calls world_touch().
 */
#ifndef SANDBOX_WORLD_H
#define SANDBOX_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"
#include "sandbox/map.h"

/* What was uploaded, or one of the samples.  The bytes are the world's. */
struct file {
	const char *id; /* "f1", "sample.jpg" */
	const char *name;
	const char *mime;
	const char *bytes;
	size_t len;
	int64_t claim;     /* the size that is told of it */
	int width, height; /* of JPEG, PNG and WebP; else 0 */
};

struct world {
	struct arena a;
	int64_t version; /* never goes back, not even at a reset */
	bool touched;    /* since the last turn of the loop */
	uint64_t seed;
	int64_t next_file;
	struct map files;
	const char *url; /* http://127.0.0.1:P, for ever */
};

extern struct world world;

void world_touch(void);
/* Forgets all files and every piece of memory; ids start anew. */
void world_reset(void);
void world_release(void);

/* Looks random, yet each run after a reset gives the same ones. */
const char *world_hex(struct arena *a, size_t digits);
uint64_t world_random(void);

int64_t now_s(void);

/* Copies the bytes.  name and mime may be NULL.  A claim can be set later. */
struct file *file_add(const char *name, const char *mime, const char *bytes,
		      size_t len);
/* NULL: no such file. */
struct file *file_find(const char *id);
struct json_object *file_json(const struct file *f);

/* Keeps a JSON tree as long as the world; takes a reference of its own. */
struct json_object *world_keep(struct json_object *o);

#endif
