/*
 * media_draft.h - a file that comes bit by bit.
 *
 * It lies in MEDIA_DIR/tmp until media_draft_keep() gives it its place; if
 * that does not happen it goes with the arena, and housekeeping removes what
 * a process that died left there.  Memory does not grow with the file.
 */
#ifndef CORE_MEDIA_DRAFT_H
#define CORE_MEDIA_DRAFT_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"

/* Of the file's begin, which tells what it is. */
#define MEDIA_HEAD_BYTES (256 * 1024)

struct media_draft {
	const char *head;
	size_t head_len;
	int64_t bytes;

	/* media_draft.c's own */
	struct arena *a;
	const char *dir, *path;
	char *head_room;
	struct digest digest;
	const char *sha256; /* NULL: not known yet */
	int fd;             /* -1: closed */
	bool is_kept;
};

/* Errors as of media_store(). */
bool media_draft_begin(struct arena *a, const char *dir,
		       struct media_draft **draft, struct err *err);
bool media_draft_add(struct media_draft *m, const char *bytes, size_t len,
		     struct err *err);

/* It has come in whole: what its content is called. */
const char *media_draft_name(struct media_draft *m);

/* It is on disk under that name. */
bool media_draft_keep(struct media_draft *m, int64_t client_id,
		      struct err *err);

/* Those that nobody has written to since then (Unix seconds), which is when
 * their writers have died.  Returns how many are gone now. */
int media_drafts_sweep(struct arena *a, const char *dir, int64_t before_s);

#endif
