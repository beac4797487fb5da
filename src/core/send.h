/*
 * send.h - an operator's message from the web inbox.
 */
#ifndef CORE_SEND_H
#define CORE_SEND_H

#include "store/message.h"

/* Characters.  More than a person types; Avito's limit is met by parts. */
#define SEND_TEXT_MAX       10000
#define SEND_CLIENT_REF_MAX 64
#define SEND_FILES_MAX      10

/*
 * Inside the caller's transaction; the caller rings the doorbell after its
 * commit.  The message takes these uploads of its client, which no other has
 * taken, in their order; with one its text may be blank.
 *
 * ERR_INPUT names text, client_ref or attachments, also where the dialog's
 * source will not take a file; ERR_MISSING: no such dialog in the client.  The
 * same client_ref of the same person gives the first one's id, whatever else
 * is told; in another dialog it is ERR_CONFLICT.
 */
bool send_from_web(struct db *db, struct arena *a, const struct web_row *m,
		   const int64_t *uploads, size_t n_uploads,
		   int64_t *message_id, struct err *err);

#endif
