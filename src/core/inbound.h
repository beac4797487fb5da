/*
 * inbound.h - messages that Avito shows or tells of, into the database.
 *
 * The webhook and the poller end here, so what comes both ways is stored
 * once.  Runs inside the caller's transaction; the caller sees to it that the
 * daemon looks after its commit.
 */
#ifndef CORE_INBOUND_H
#define CORE_INBOUND_H

#include "chan/avito.h"
#include "store/message.h"

struct inbound {
	int64_t client_id, account_id;
	int64_t now;
	const char *request_id;
	bool history; /* shown, never relayed */
};

/* *id: the new message's, 0 when it was known or is our own send's echo. */
bool inbound_avito(struct db *db, struct arena *a, const struct inbound *in,
		   const struct chan_message *m, int64_t *id, struct err *err);

/* Messages of the chat that are here already, read again: some have been
 * deleted since, some of ours have been read.  *changed: there is work for the
 * daemon. */
bool inbound_again(struct db *db, struct arena *a, const struct inbound *in,
		   const struct chan_message *m, size_t n, bool *changed,
		   struct err *err);

/* What the chat itself tells: buyer, ad.  The dialog exists afterwards. */
bool inbound_chat(struct db *db, struct arena *a, const struct inbound *in,
		  const struct avito_chat *c, int64_t *dialog_id,
		  struct err *err);

/* What chan tells of a file, as the store takes it.  How many: 0 or 1. */
size_t inbound_file(const struct chan_message *m, struct message_file *file);

#endif
