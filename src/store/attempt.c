/*
 * attempt.c - the ledger of attempts, and where copies of a message are.
 */
#include "config.h"

#include "store/attempt.h"

static const struct stmt copies = {
	"message_copies",
	"SELECT part, external_id FROM message_copies"
	" WHERE client_id = $1 AND message_id = $2 AND place = $3"
	"  AND place_id = $4 ORDER BY part",
};

bool copies_of(struct db *db, struct arena *a, const struct delivery *d,
	       const char *place, int64_t place_id, int n_parts,
	       const char **ids, struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &copies,
		    DB_ARGS(arg_i64(a, d->client_id), arg_i64(a, d->message_id),
			    place, arg_i64(a, place_id)),
		    &r, err))
		return false;
	for (int i = 0; i < n_parts; i++)
		ids[i] = NULL;
	for (int i = 0; i < r.n; i++) {
		int64_t part = rows_i64(&r, i, 0);

		if (part >= 0 && part < n_parts)
			ids[part] = rows_str(&r, i, 1);
	}
	return true;
}

static const struct stmt attempt_insert = {
	"attempt_begin",
	"WITH l AS (UPDATE lanes SET due_at = $8"
	"   WHERE dialog_id = $2 AND direction = $3 AND lease_token = $4::uuid"
	"   RETURNING 1),"
	" x AS (UPDATE deliveries SET state = 'sending', settle_reads = 0,"
	"   updated_at = $7 WHERE id = $5 AND EXISTS (SELECT 1 FROM l))"
	" INSERT INTO attempts (client_id, delivery_id, part, action,"
	"   content, known_external_id, started_at, request_id)"
	"  SELECT $1, $5, $6::integer, $9, $11, coalesce((SELECT m.external_id "
	"FROM messages "
	"m"
	"    WHERE m.client_id = $1 AND m.dialog_id = $2 AND m.origin = 'avito'"
	"    ORDER BY m.id DESC LIMIT 1), ''), $7::timestamptz, $10 FROM l"
	"  RETURNING id",
};

bool attempt_begin(struct db *db, struct arena *a, const struct delivery *d,
		   int part, const char *action, const char *content,
		   int64_t now, int64_t lease_until, int64_t *attempt_id,
		   struct err *err)
{
	struct rows r;
	bool ok = db_maybe(db, a, &attempt_insert,
			   DB_ARGS(arg_i64(a, d->client_id),
				   arg_i64(a, d->dialog_id), d->direction,
				   d->lease_token, arg_i64(a, d->id),
				   arg_i64(a, part), arg_time(a, now),
				   arg_time(a, lease_until), action,
				   d->request_id, content),
			   &r, err);

	if (!delivery_owned(ok, &r, err))
		return false;
	*attempt_id = rows_i64(&r, 0, 0);
	return true;
}

static const struct stmt attempt_update = {
	"attempt_end",
	"UPDATE attempts SET finished_at = $6, outcome = $3, status = $4,"
	"  detail = $5"
	" WHERE client_id = $1 AND id = $2 AND finished_at IS NULL",
};

bool attempt_end(struct db *db, struct arena *a, int64_t client_id,
		 int64_t attempt_id, const char *outcome, int status,
		 const char *detail, int64_t now, struct err *err)
{
	return db_exec(db, &attempt_update,
		       DB_ARGS(arg_i64(a, client_id), arg_i64(a, attempt_id),
			       outcome, arg_id(a, status), detail,
			       arg_time(a, now)),
		       err);
}

static const struct stmt last_attempt = {
	"attempt_last",
	"SELECT id, part, action, known_external_id, content, started_at,"
	"  coalesce(outcome, 'unsure') = 'unsure'"
	" FROM attempts"
	" WHERE client_id = $1 AND delivery_id = $2 ORDER BY id DESC LIMIT 1",
};

bool attempt_last(struct db *db, struct arena *a, const struct delivery *d,
		  struct attempt *at, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &last_attempt,
		    DB_ARGS(arg_i64(a, d->client_id), arg_i64(a, d->id)), &r,
		    err))
		return false;
	*at = (struct attempt){
		.id = rows_i64(&r, 0, 0),
		.part = (int)rows_i64(&r, 0, 1),
		.action = rows_str(&r, 0, 2),
		.known_id = rows_str(&r, 0, 3),
		.content = rows_str(&r, 0, 4),
		.started_at = rows_time(&r, 0, 5),
		.is_unsure = rows_bool(&r, 0, 6),
	};
	return true;
}

static const struct stmt settled = {
	"attempt_settled",
	"UPDATE attempts SET outcome = 'settled',"
	"  finished_at = coalesce(finished_at, $3)"
	" WHERE client_id = $1 AND id = $2",
};

bool attempt_settled(struct db *db, struct arena *a, int64_t client_id,
		     int64_t attempt_id, int64_t now, struct err *err)
{
	return db_exec(db, &settled,
		       DB_ARGS(arg_i64(a, client_id), arg_i64(a, attempt_id),
			       arg_time(a, now)),
		       err);
}

static const struct stmt find_parked = {
	"parked_find",
	"SELECT m.external_id FROM messages m"
	" WHERE m.client_id = $1 AND m.dialog_id = $2 AND m.is_parked"
	"  AND m.kind = $3 AND (btrim(m.text, E' \\n\\r\\t')"
	"       = btrim($4, E' \\n\\r\\t') OR EXISTS (SELECT 1"
	"   FROM attachments f WHERE f.message_id = m.id AND $3 <> 'text'"
	"    AND position($4 in f.url) > 0))"
	" ORDER BY m.id LIMIT 1",
};

bool parked_find(struct db *db, struct arena *a, const struct delivery *d,
		 const char *kind, const char *content,
		 const char **external_id, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &find_parked,
		      DB_ARGS(arg_i64(a, d->client_id),
			      arg_i64(a, d->dialog_id), kind, content),
		      &r, err))
		return false;
	*external_id = r.n ? rows_str(&r, 0, 0) : NULL;
	return true;
}

/* Ids are opaque and travel as a JSON array. */
static const struct stmt bound_ids = {
	"ids_bound",
	"SELECT i.n - 1 FROM jsonb_array_elements_text($3::jsonb)"
	"   WITH ORDINALITY i (id, n)"
	" WHERE EXISTS (SELECT 1 FROM messages m WHERE m.client_id = $1"
	"    AND m.origin = 'avito' AND m.origin_id = $2"
	"    AND m.external_id = i.id AND NOT m.is_parked)"
	"  OR EXISTS (SELECT 1 FROM message_copies c WHERE c.client_id = $1"
	"    AND c.place = 'avito' AND c.place_id = $2"
	"    AND c.external_id = i.id)",
};

bool ids_bound(struct db *db, struct arena *a, int64_t client_id,
	       int64_t account_id, const char *const *ids, size_t n,
	       bool *bound, struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &bound_ids,
		    DB_ARGS(arg_i64(a, client_id), arg_i64(a, account_id),
			    arg_array(a, ids, n)),
		    &r, err))
		return false;
	for (size_t i = 0; i < n; i++)
		bound[i] = false;
	for (int i = 0; i < r.n; i++)
		bound[rows_i64(&r, i, 0)] = true;
	return true;
}

/* Its echo may be coming in right now, under the same lock: without it each
 * of the two would miss the other's row, and the echo would be shown as the
 * seller's own.  A statement of its own, so that what follows sees what it
 * waited for. */
static const struct stmt lock_lane = {
	"copy_lock_lane",
	"SELECT 1 FROM lanes WHERE dialog_id = $1 AND direction = $2"
	" FOR UPDATE",
};

static const struct stmt copy_insert = {
	"copy_add",
	"INSERT INTO message_copies (client_id, message_id, place, place_id,"
	"   part, external_id, created_at)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7)"
	" ON CONFLICT (message_id, place, place_id, part)"
	"  DO UPDATE SET external_id = excluded.external_id",
};

bool copy_add(struct db *db, struct arena *a, const struct delivery *d,
	      const char *place, int64_t place_id, int part,
	      const char *external_id, int64_t now, struct err *err)
{
	db_queue(db, &lock_lane,
		 DB_ARGS(arg_i64(a, d->dialog_id), d->direction));
	return db_exec(db, &copy_insert,
		       DB_ARGS(arg_i64(a, d->client_id),
			       arg_i64(a, d->message_id), place,
			       arg_i64(a, place_id), arg_i64(a, part),
			       external_id, arg_time(a, now)),
		       err);
}
