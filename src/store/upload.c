/*
 * upload.c - files that people brought, for messages to take.
 */
#include "config.h"

#include "base/buf.h"
#include "store/upload.h"

#define IDS_MAX_BYTES 4096

static const struct stmt content_lock = {
	"upload_content_lock",
	"SELECT pg_advisory_xact_lock(hashtextextended("
	"  'media ' || $1 || ' ' || $2, 0))",
};

bool upload_content_lock(struct db *db, struct arena *a, int64_t client_id,
			 const char *sha256, struct err *err)
{
	return db_exec(db, &content_lock,
		       DB_ARGS(arg_i64(a, client_id), sha256), err);
}

static const struct stmt content_unused = {
	"upload_content_unused",
	"SELECT NOT EXISTS (SELECT 1 FROM uploads"
	"  WHERE client_id = $1 AND sha256 = $2)"
	" AND NOT EXISTS (SELECT 1 FROM attachments"
	"  WHERE client_id = $1 AND sha256 = $2)",
};

bool upload_content_unused(struct db *db, struct arena *a, int64_t client_id,
			   const char *sha256, bool *unused, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &content_unused,
		    DB_ARGS(arg_i64(a, client_id), sha256), &r, err))
		return false;
	*unused = rows_bool(&r, 0, 0);
	return true;
}

static const struct stmt insert = {
	"upload_insert",
	"INSERT INTO uploads (client_id, user_id, kind, name, mime, bytes,"
	"  width, height, duration_s, sha256, created_at)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
	" RETURNING id",
};

bool upload_insert(struct db *db, struct arena *a, struct upload *u,
		   struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &insert,
		    DB_ARGS(arg_i64(a, u->client_id), arg_i64(a, u->user_id),
			    u->kind, u->name, u->mime, arg_i64(a, u->bytes),
			    arg_i64(a, u->width), arg_i64(a, u->height),
			    arg_i64(a, u->duration_s), u->sha256,
			    arg_time(a, u->created_at)),
		    &r, err))
		return false;
	u->id = rows_i64(&r, 0, 0);
	return true;
}

#define UPLOAD_COLUMNS                                           \
	" u.id, u.client_id, u.user_id, u.kind, u.name, u.mime," \
	" u.bytes, u.width, u.height, u.duration_s, u.sha256,"   \
	" u.created_at, u.used_at IS NOT NULL"

static struct upload read_upload(const struct rows *r, int row)
{
	return (struct upload){
		.id = rows_i64(r, row, 0),
		.client_id = rows_i64(r, row, 1),
		.user_id = rows_i64(r, row, 2),
		.kind = rows_str(r, row, 3),
		.name = rows_str(r, row, 4),
		.mime = rows_str(r, row, 5),
		.bytes = rows_i64(r, row, 6),
		.width = (int)rows_i64(r, row, 7),
		.height = (int)rows_i64(r, row, 8),
		.duration_s = (int)rows_i64(r, row, 9),
		.sha256 = rows_str(r, row, 10),
		.created_at = rows_time(r, row, 11),
		.used = rows_bool(r, row, 12),
	};
}

static bool read_all(struct arena *a, const struct rows *r,
		     struct upload **list, size_t *n)
{
	*n = (size_t)r->n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r->n; i++)
		(*list)[i] = read_upload(r, i);
	return true;
}

static const struct stmt find = {
	"upload_find",
	"SELECT" UPLOAD_COLUMNS " FROM uploads u WHERE u.id = $3"
	" AND u.user_id = $2 AND ($1::bigint IS NULL OR u.client_id = $1)",
};

bool upload_find(struct db *db, struct arena *a, int64_t client_id,
		 int64_t user_id, int64_t id, struct upload *u, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &find,
		      DB_ARGS(arg_id(a, client_id), arg_i64(a, user_id),
			      arg_i64(a, id)),
		      &r, err))
		return false;
	if (r.n == 0)
		return err_set(err, ERR_MISSING, "there is no such upload");
	*u = read_upload(&r, 0);
	return true;
}

static const struct stmt take = {
	"uploads_take",
	"WITH t AS (SELECT x.id, x.place FROM jsonb_array_elements_text($2)"
	"   WITH ORDINALITY x (id, place)),"
	" u AS (UPDATE uploads u SET used_at = $3 FROM t"
	"   WHERE u.client_id = $1 AND u.id = t.id::bigint"
	"    AND u.user_id = $4 AND u.used_at IS NULL"
	"   RETURNING u.*, t.place)"
	" SELECT" UPLOAD_COLUMNS " FROM u ORDER BY u.place",
};

static const char *ids_json(struct arena *a, const int64_t *ids, size_t n)
{
	struct buf b;

	buf_init(&b, a, IDS_MAX_BYTES);
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%c%s", i ? ',' : '[', arg_i64(a, ids[i]));
	buf_add_str(&b, n ? "]" : "[]");
	return b.s;
}

bool uploads_take(struct db *db, struct arena *a, int64_t client_id,
		  int64_t user_id, const int64_t *ids, size_t n_ids,
		  int64_t now, struct upload **list, size_t *n, struct err *err)
{
	struct rows r;

	return db_all(db, a, &take,
		      DB_ARGS(arg_i64(a, client_id), ids_json(a, ids, n_ids),
			      arg_time(a, now), arg_i64(a, user_id)),
		      &r, err) &&
	       read_all(a, &r, list, n);
}

static const struct stmt forget = {
	"uploads_forget",
	"WITH u AS (DELETE FROM uploads WHERE id = ANY (ARRAY("
	"   SELECT id FROM uploads WHERE used_at IS NULL AND created_at < $1"
	"   ORDER BY created_at LIMIT 200 FOR UPDATE SKIP LOCKED))"
	"  RETURNING *)"
	/* Two at once lock contents in one order. */
	" SELECT" UPLOAD_COLUMNS " FROM u ORDER BY client_id, sha256",
};

bool uploads_forget(struct db *db, struct arena *a, int64_t before,
		    struct upload **list, size_t *n, struct err *err)
{
	struct rows r;

	return db_all(db, a, &forget, DB_ARGS(arg_time(a, before)), &r, err) &&
	       read_all(a, &r, list, n);
}
