/*
 * attachment.h - the file of a message.
 */
#ifndef STORE_ATTACHMENT_H
#define STORE_ATTACHMENT_H

#include "store/delivery.h"

struct attachment {
	int64_t client_id;
	const char *mime, *name;
	const char *sha256; /* "": has not been fetched */
	bool is_gone;       /* nor can it be any more */
	bool is_deleted;    /* its message was taken back */
};

/* client_id 0: of any client; assignee_id 0: of any dialog.  ERR_MISSING. */
bool attachment_find(struct db *db, struct arena *a, int64_t client_id,
		     int64_t assignee_id, int64_t id, struct attachment *f,
		     struct err *err);

/* It lies in MEDIA_DIR. */
bool attachment_stored(struct db *db, struct arena *a, int64_t client_id,
		       int64_t id, const char *sha256, const char *mime,
		       int64_t bytes, struct err *err);

/* Its service does not have it any more. */
bool attachment_gone(struct db *db, struct arena *a, int64_t client_id,
		     int64_t id, struct err *err);

/* What it takes to fetch it: d is a delivery of which the file, the client and
 * who may ask the service for it are set, and nothing else.  ERR_MISSING. */
bool attachment_source(struct db *db, struct arena *a, int64_t id,
		       struct delivery *d, struct err *err);

#endif
