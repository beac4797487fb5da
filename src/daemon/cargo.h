/*
 * cargo.h - the files that leave in one call.
 *
 * They are loaded one after the other into memory of their own, which the next
 * load empties: a job never holds more than one call's files, and those are
 * at most CARGO_BYTES_MAX, or a single file.  The others of a message wait on
 * disk, so a large album travels in several calls.
 */
#ifndef DAEMON_CARGO_H
#define DAEMON_CARGO_H

#include "chan/telegram.h"
#include "daemon/convert.h"
#include "daemon/file_get.h"

struct job;

/* Telegram takes so many in one call, and no other service takes more. */
#define CARGO_FILES_MAX TG_ALBUM_MAX

struct cargo_file {
	const char *bytes, *mime, *name;
	size_t len;
	const char *ref; /* its id goes instead; NULL: it goes itself */
};

/* Embedded in a job; all zero holds nothing. */
struct cargo {
	struct arena a;
	int part; /* of the first file */
	size_t n; /* files are there, of as many parts in a row */
	bool full;
	size_t bytes;
	struct cargo_file files[CARGO_FILES_MAX];

	/* cargo.c's own */
	size_t want;
	void (*done)(struct job *j, int part, const struct err *err);
	struct timer timer;
	struct file_get get;
	struct convert convert;
};

/*
 * Loads the files of up to n parts from `part` on, under a lease that covers
 * it; then done(), once: with an err of kind ERR_NONE, or with the part whose
 * file is not to be had (ERR_DOWN and ERR_LIMIT may pass) or not taken; those
 * before it are there.  A part's kind becomes what its file can go out as; a
 * sticker of which no picture can be made becomes a text, without a file.
 * done() is not called when the job ends because its lease is gone.
 */
void cargo_load(struct job *j, int part, size_t n,
		void (*done)(struct job *j, int part, const struct err *err));

/* All that leaves with this part is there. */
bool cargo_is_ready(const struct job *j, int part);

/* How many parts leave in the call that begins with this one. */
size_t cargo_parts(const struct job *j, int part);

/* What the driver sends of this part: text and file.  Where it goes is the
 * caller's. */
struct chan_out cargo_out(const struct job *j, int part);

/* A file that is not taken as what it is goes as a document from now on.
 * false: it does already, or cannot. */
bool cargo_as_document(struct job *j, int part);

void cargo_release(struct job *j);

#endif
