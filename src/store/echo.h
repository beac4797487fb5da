/*
 * echo.h - our own message shows up after its send was given up as unsure: it
 * comes back from a personal account's chat, or somebody quotes it.
 */
#ifndef STORE_ECHO_H
#define STORE_ECHO_H

#include "store/delivery.h"

struct echo {
	int64_t client_id, source_id;
	const char *chat, *external_id;
	const char *kind, *text;
	int64_t sender_bot; /* its number at Telegram; 0: it was ours */
	int64_t now;
	const char *request_id;
};

/*
 * The oldest such send of that kind and text has arrived: its delivery goes on
 * with what is left of it, if anything is.  Inside the caller's transaction;
 * *settled false: there is none, or another bot wrote it.
 */
bool echo_settle(struct db *db, struct arena *a, const struct echo *e,
		 bool *settled, struct err *err);

/* In the transaction that gives it up: it may have come back while it was
 * open.  What is still parked afterwards is none of ours. */
bool echo_settle_parked(struct db *db, struct arena *a,
			const struct delivery *d, int64_t now, struct err *err);

#endif
