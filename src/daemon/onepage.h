/*
 * onepage.h - one page over HTTP, for a machine nearby.
 *
 * GET of one path is answered with text made at that moment; every other
 * request is refused.  A connection is one question and one answer.  What a
 * visitor can cost is bounded: so many at once, so long a question, so much
 * time; more visitors wait in the kernel.
 *
 * Where the address cannot be had (another daemon of this host has it), that
 * is logged once and tried again every few seconds: the page comes back when
 * the other one ends.
 */
#ifndef DAEMON_ONEPAGE_H
#define DAEMON_ONEPAGE_H

#include "base/buf.h"
#include "base/loop.h"

#define ONEPAGE_GUESTS    8
#define ONEPAGE_ASK_BYTES 2048

/* A connection; onepage.c's own. */
struct guest {
	struct onepage *page;
	struct watch watch;
	struct timer patience;
	struct arena a;
	char ask[ONEPAGE_ASK_BYTES];
	size_t asked;
	struct buf answer;
	size_t sent;
};

/* Embedded in what it shows; the first part is set by its owner. */
struct onepage {
	const char *address; /* "127.0.0.1:9464"; outlives the page */
	const char *path;    /* "/metrics" */
	const char *mime;
	size_t max; /* bytes of the page */
	void (*write)(struct onepage *p, struct buf *b);

	/* onepage.c's own */
	struct loop *loop;
	struct watch door;
	struct timer retry;
	bool told; /* the log knows that the address cannot be had */
	int n_guests;
	struct guest guests[ONEPAGE_GUESTS];
};

void onepage_start(struct onepage *p, struct loop *l);

/* Twice is harmless, and so is one that was never started. */
void onepage_stop(struct onepage *p);

#endif
