/*
 * upload.h - files that people bring, for messages to take.
 */
#ifndef CORE_UPLOAD_H
#define CORE_UPLOAD_H

#include "core/media_draft.h"
#include "store/upload.h"

/* Who uploads and sends nothing. */
#define UPLOAD_KEEP_US (INT64_C(86400) * 1000000)

/*
 * A file that has come in whole, inside the caller's transaction: what it is,
 * by its content, and its row.  u: client, user, name as it was told, and
 * created_at are set, the rest is filled in.  ERR_DENIED: files of such a kind
 * are not taken.  ERR_INPUT: it is empty, or there is no such client.  Others
 * as of media_store().
 */
bool upload_accept(struct db *db, struct arena *a, struct media_draft *m,
		   struct upload *u, struct err *err);

/* What was brought a day ago and sent by nobody is gone, and so is what a
 * process that died had begun to write. */
bool uploads_sweep(struct db *db, struct arena *a, const char *dir, int64_t now,
		   struct err *err);

#endif
