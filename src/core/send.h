/*
 * send.h - an operator's message from the web inbox.
 */
#ifndef CORE_SEND_H
#define CORE_SEND_H

#include "store/message.h"

/* Characters.  More than a person types; Avito's limit is met by parts. */
#define SEND_TEXT_MAX       10000
#define SEND_CLIENT_REF_MAX 64

/* Inside the caller's transaction; the caller rings the doorbell after its
 * commit.  ERR_INPUT names text or client_ref; ERR_MISSING: no such dialog in
 * the client.  The same client_ref of the same person gives the first one's
 * id; in another dialog it is ERR_CONFLICT. */
bool send_from_web(struct db *db, struct arena *a, const struct web_row *m,
		   int64_t *message_id, struct err *err);

#endif
