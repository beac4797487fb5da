/*
 * file_get.h - a file of a message, from MEDIA_DIR or from its service.
 *
 * Fetched once and kept: a retry, a second part and the web inbox read it
 * from disk.
 */
#ifndef DAEMON_FILE_GET_H
#define DAEMON_FILE_GET_H

#include "daemon/avito_ask.h"
#include "store/delivery.h"

/* Embedded in what wants it; zero but for the first part. */
struct file_get {
	struct daemon *dm;
	struct arena *a;
	const struct delivery *d;
	const struct delivery_file *file; /* one of d's */
	void (*done)(struct file_get *g);

	/* The answer.  err: ERR_DOWN and ERR_LIMIT may pass, the others say
	 * why the file will never be had. */
	struct err err;
	const char *bytes, *mime, *sha256;
	size_t len;
	bool busy;

	/* file_get.c's own */
	struct avito_ask ask;
	struct call call;
	struct timer timer;
};

/* done() comes exactly once and never before this has returned. */
void file_get(struct file_get *g);
void file_get_cancel(struct file_get *g);

#endif
