/*
 * convert.h - a still sticker as a picture, made by a process of its own.
 *
 * tuberry-convert reads the stranger's bytes behind limits (convert/cell.h);
 * the daemon only moves bytes through pipes on its loop.  A helper that
 * refuses, dies, hangs or floods ends in an error, and the caller shows the
 * sticker's emoji instead.
 *
 *	j->convert = (struct convert){ .dm = j->dm, .a = &j->a,
 *				       .webp = bytes, .len = len,
 *				       .done = on_picture };
 *	convert_start(&j->convert);
 */
#ifndef DAEMON_CONVERT_H
#define DAEMON_CONVERT_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "daemon/daemon.h"

/* Embedded in what wants it; zero but for the first part. */
struct convert {
	struct daemon *dm;
	struct arena *a;
	const char *webp; /* stays until done() or convert_cancel() */
	size_t len;
	void (*done)(struct convert *c);
	/* NULL: tuberry-convert. */
	const char *program;

	/* The answer.  err: ERR_INPUT, this one never becomes a picture;
	 * ERR_DOWN, the helper could not be started. */
	struct err err;
	struct buf png;
	bool busy;

	/* convert.c's own */
	struct convert *next;
	struct timer timer;
	struct watch in, out, end;
	pid_t pid;
	size_t written;
	int64_t began_ms;
	const char *killed; /* by us, and why; or NULL */
};

/* done() comes exactly once and never before this has returned; the answer
 * lives as long as `a`.  Only a few helpers run at once, the others wait. */
void convert_start(struct convert *c);

/* No done() any more; also when it is not busy. */
void convert_cancel(struct convert *c);

#endif
