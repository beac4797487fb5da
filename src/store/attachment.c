/*
 * attachment.c - the file of a message, once it lies in MEDIA_DIR.
 */
#include "config.h"

#include "store/attachment.h"

static const struct stmt stored = {
	"attachment_stored",
	"UPDATE attachments SET sha256 = $3, mime = $4, bytes = $5"
	" WHERE client_id = $1 AND id = $2",
};

bool attachment_stored(struct db *db, struct arena *a, int64_t client_id,
		       int64_t id, const char *sha256, const char *mime,
		       int64_t bytes, struct err *err)
{
	return db_exec(db, &stored,
		       DB_ARGS(arg_i64(a, client_id), arg_i64(a, id), sha256,
			       mime, arg_i64(a, bytes)),
		       err);
}
