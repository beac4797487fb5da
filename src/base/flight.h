/*
 * flight.h - a call while libcurl works on it.
 *
 * Behind client.c, and nobody else includes it: the easy handle, the body on
 * its way out and the answer on its way in.  A flight that has ended is kept
 * for the next call.
 */
#ifndef BASE_FLIGHT_H
#define BASE_FLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/uio.h>

#include "base/client.h"
#include "base/log.h"
#include "base/transfer.h"

struct flight {
	struct transfer transfer;
	struct loop *loop;
	struct call *call;
	struct timer refusal; /* armed instead of a transfer */
	struct curl_slist *headers;
	char log_id[LOG_ID_MAX];
	int64_t started_ms;
	int redirects;

	struct iovec *pieces; /* of the body */
	size_t n_pieces;
	size_t piece, piece_at; /* where reading goes on */

	char *answer;
	size_t len, size, max;

	bool repeatable;     /* libcurl may send it once more */
	bool sending;        /* the service may have seen something */
	bool too_long;       /* the answer passed answer_max */
	const char *refused; /* by which rule of ours */

	struct flight *next; /* in the free list */
};

/* Nothing is set but what belongs to the call; the caller says who is told,
 * in transfer.finished and refusal.fire. */
struct flight *flight_new(struct loop *l, struct call *c);

/* Everything that the request asks for. */
void flight_prepare(struct flight *f);

/* Prepared, and on to another URL. */
void flight_divert(struct flight *f, const char *url, int64_t timeout_ms);

/* Hands it to the loop. */
void flight_go(struct flight *f);

/* Out of the loop, if it is in; `f` is gone. */
void flight_end(struct flight *f);

int flight_timeout_ms(const struct flight *f);

#endif
