/*
 * attachment.c - the file of a message.
 */
#include "config.h"

#include "store/attachment.h"

static const struct stmt find = {
	"attachment_find",
	"SELECT f.client_id, f.mime, f.name, f.sha256 FROM attachments f"
	" JOIN messages m ON m.client_id = f.client_id AND m.id = f.message_id"
	" JOIN dialogs g ON g.client_id = m.client_id AND g.id = m.dialog_id"
	" WHERE f.id = $3 AND NOT m.is_parked"
	"  AND ($1::bigint IS NULL OR f.client_id = $1)"
	"  AND ($2::bigint IS NULL OR g.assignee_id = $2)",
};

bool attachment_find(struct db *db, struct arena *a, int64_t client_id,
		     int64_t assignee_id, int64_t id, struct attachment *f,
		     struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &find,
		      DB_ARGS(arg_id(a, client_id), arg_id(a, assignee_id),
			      arg_i64(a, id)),
		      &r, err))
		return false;
	if (r.n == 0)
		return err_set(err, ERR_MISSING, "there is no such file");
	*f = (struct attachment){
		.client_id = rows_i64(&r, 0, 0),
		.mime = rows_str(&r, 0, 1),
		.name = rows_str(&r, 0, 2),
		.sha256 = rows_str(&r, 0, 3),
	};
	return true;
}

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
