/*
 * upload.h - files that people brought, for messages to take.
 *
 * Its bytes lie in MEDIA_DIR by their content's name, which several uploads
 * and attachments of a client may share: upload_content_lock() comes before
 * who stores or removes them.
 */
#ifndef STORE_UPLOAD_H
#define STORE_UPLOAD_H

#include "store/db.h"

struct upload {
	int64_t id, client_id, user_id;
	const char *kind; /* chan_kind_name() */
	const char *name, *mime;
	int64_t bytes;
	int width, height, duration_s; /* 0: not known */
	const char *sha256;
	int64_t created_at;
	bool used; /* a message has taken it */
};

/* Until the transaction ends nobody else stores or removes these bytes. */
bool upload_content_lock(struct db *db, struct arena *a, int64_t client_id,
			 const char *sha256, struct err *err);

/* Neither an upload nor an attachment of the client has these bytes. */
bool upload_content_unused(struct db *db, struct arena *a, int64_t client_id,
			   const char *sha256, bool *unused, struct err *err);

/* Fills in the id. */
bool upload_insert(struct db *db, struct arena *a, struct upload *u,
		   struct err *err);

/* Of that person; client_id 0: of any client.  ERR_MISSING. */
bool upload_find(struct db *db, struct arena *a, int64_t client_id,
		 int64_t user_id, int64_t id, struct upload *u,
		 struct err *err);

/* What that person of the client has brought among these ids, and no message
 * has taken, is taken, and given back in the order of the ids. */
bool uploads_take(struct db *db, struct arena *a, int64_t client_id,
		  int64_t user_id, const int64_t *ids, size_t n_ids,
		  int64_t now, struct upload **list, size_t *n,
		  struct err *err);

/* At most a few hundred rows that nobody took since then are gone; *list has
 * their clients and contents. */
bool uploads_forget(struct db *db, struct arena *a, int64_t before,
		    struct upload **list, size_t *n, struct err *err);

#endif
