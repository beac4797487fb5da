/*
 * attachment.h - the file of a message.
 */
#ifndef STORE_ATTACHMENT_H
#define STORE_ATTACHMENT_H

#include "store/db.h"

struct attachment {
	int64_t client_id;
	const char *mime, *name;
	const char *sha256; /* "": does not lie in MEDIA_DIR */
};

/* client_id 0: of any client; assignee_id 0: of any dialog.  ERR_MISSING. */
bool attachment_find(struct db *db, struct arena *a, int64_t client_id,
		     int64_t assignee_id, int64_t id, struct attachment *f,
		     struct err *err);

/* It lies in MEDIA_DIR. */
bool attachment_stored(struct db *db, struct arena *a, int64_t client_id,
		       int64_t id, const char *sha256, const char *mime,
		       int64_t bytes, struct err *err);

#endif
