/*
 * delivery.c - deliveries: claimed with their lane, ended with their lane.
 *
 * The lane's row is the lock: whoever numbers a delivery, ends one or lets
 * one wait, writes that row first.
 */
#include "config.h"

#include <string.h>

#include "base/secret.h"
#include "store/delivery.h"
#include "store/message.h"

static const struct stmt claim = {
	"lanes_claim",
	"UPDATE lanes l SET lease_token = $1::uuid, due_at = $4"
	" FROM (SELECT dialog_id, direction FROM lanes WHERE due_at <= $3"
	"       ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED) c"
	" WHERE l.dialog_id = c.dialog_id AND l.direction = c.direction",
};

/* What was just claimed is found by its lease's end, which is indexed, and
 * told from others that end then by the token.
 *
 * A lane whose head is gone (taken out by hand) has nothing to wait for; what
 * was queued meanwhile shows in last_seq and makes it due. */
static const struct stmt rest = {
	"lanes_rest",
	"UPDATE lanes l SET lease_token = NULL, due_at = NULL,"
	"  head_seq = last_seq + 1"
	" WHERE l.due_at = $2 AND l.lease_token = $1::uuid AND NOT EXISTS ("
	"  SELECT 1 FROM deliveries x WHERE x.dialog_id = l.dialog_id"
	"   AND x.direction = l.direction AND x.seq >= l.head_seq"
	"   AND x.state IN ('queued', 'sending', 'unsure'))",
};

static const struct stmt heads = {
	"lanes_heads",
	"SELECT x.id, x.client_id, x.dialog_id, x.seq, x.direction, x.state,"
	"  x.attempts, x.settle_reads, x.request_id, x.created_at,"
	"  l.lease_token, m.id, m.origin, m.origin_id, m.external_id, m.author,"
	"  m.author_name, m.kind, m.foreign_kind, m.text, m.written_at,"
	"  f.id, f.kind, f.url, f.ref, f.mime, f.name, f.sha256, f.duration_s,"
	"  g.external_chat_id, g.source_id, g.buyer_name, g.buyer_url,"
	"  g.item_title, g.item_price, g.item_url, g.details_at IS NOT NULL,"
	"  g.project_id, b.id, b.group_chat_id, b.topic_mode,"
	"  b.status = 'error' AND b.last_error IS DISTINCT FROM"
	"   b.webhook_error,"
	"  g.bot_id, g.group_chat_id, g.topic_id, g.card_message_id,"
	"  b.token_sealed, a.avito_user_id, a.status, a.token_sealed,"
	"  a.token_generation, a.token_expires_at"
	" FROM lanes l"
	" CROSS JOIN LATERAL (SELECT id, client_id, dialog_id, seq, direction,"
	"   state, attempts, settle_reads, request_id, created_at, message_id"
	"  FROM deliveries WHERE dialog_id = l.dialog_id"
	"   AND direction = l.direction AND seq >= l.head_seq"
	"   AND state IN ('queued', 'sending', 'unsure')"
	"  ORDER BY seq LIMIT 1) x"
	" JOIN messages m ON m.client_id = x.client_id AND m.id = x.message_id"
	" JOIN dialogs g ON g.client_id = x.client_id AND g.id = x.dialog_id"
	" JOIN projects p ON p.client_id = x.client_id AND p.id = g.project_id"
	" JOIN avito_accounts a ON a.client_id = x.client_id"
	"  AND a.id = g.source_id"
	" LEFT JOIN bots b ON b.client_id = x.client_id"
	"  AND b.id = coalesce(a.bot_id, p.bot_id)"
	" LEFT JOIN LATERAL (SELECT id, kind, url, ref, mime, name, sha256,"
	"   duration_s FROM attachments WHERE message_id = m.id"
	"  ORDER BY id LIMIT 1) f ON true"
	" WHERE l.due_at = $2 AND l.lease_token = $1::uuid",
};

/* 128 random bits, as uuid reads them. */
static const char *new_token(struct arena *a)
{
	return arena_strn(a, secret_hash(a, secret_random(a, 32)), 32);
}

static void read_head(const struct rows *r, int i, struct delivery *d)
{
	*d = (struct delivery){
		.id = rows_i64(r, i, 0),
		.client_id = rows_i64(r, i, 1),
		.dialog_id = rows_i64(r, i, 2),
		.seq = rows_i64(r, i, 3),
		.direction = rows_str(r, i, 4),
		.state = rows_str(r, i, 5),
		.attempts = (int)rows_i64(r, i, 6),
		.settle_reads = (int)rows_i64(r, i, 7),
		.request_id = rows_str(r, i, 8),
		.created_at = rows_time(r, i, 9),
		.lease_token = rows_str(r, i, 10),
		.message_id = rows_i64(r, i, 11),
		.origin = rows_str(r, i, 12),
		.origin_id = rows_i64(r, i, 13),
		.external_id = rows_str(r, i, 14),
		.author = rows_str(r, i, 15),
		.author_name = rows_str(r, i, 16),
		.kind = rows_str(r, i, 17),
		.foreign_kind = rows_str(r, i, 18),
		.text = rows_str(r, i, 19),
		.written_at = rows_time(r, i, 20),
		.file_id = rows_i64(r, i, 21),
		.file_kind = rows_str(r, i, 22),
		.file_url = rows_str(r, i, 23),
		.file_ref = rows_str(r, i, 24),
		.file_mime = rows_str(r, i, 25),
		.file_name = rows_str(r, i, 26),
		.file_sha256 = rows_str(r, i, 27),
		.file_duration_s = (int)rows_i64(r, i, 28),
		.chat = rows_str(r, i, 29),
		.account_id = rows_i64(r, i, 30),
		.buyer_name = rows_str(r, i, 31),
		.buyer_url = rows_str(r, i, 32),
		.item_title = rows_str(r, i, 33),
		.item_price = rows_str(r, i, 34),
		.item_url = rows_str(r, i, 35),
		.details_known = rows_bool(r, i, 36),
		.project_id = rows_i64(r, i, 37),
		.bot_id = rows_i64(r, i, 38),
		.bot_group_id = rows_i64(r, i, 39),
		.bot_topics = rows_bool(r, i, 40),
		.bot_broken = rows_bool(r, i, 41),
		.topic_bot_id = rows_i64(r, i, 42),
		.topic_group_id = rows_i64(r, i, 43),
		.topic_id = rows_i64(r, i, 44),
		.card_id = rows_i64(r, i, 45),
		.bot_token = rows_str(r, i, 46),
		.account_user_id = rows_i64(r, i, 47),
		.account_status = rows_str(r, i, 48),
		.account_token = rows_str(r, i, 49),
		.account_token_generation = rows_i64(r, i, 50),
		.account_token_expires_at = rows_time(r, i, 51),
	};
}

bool lanes_claim(struct db *db, struct arena *a, int limit, int64_t now,
		 int64_t lease_until, struct delivery **list, size_t *n,
		 struct err *err)
{
	const char *token = new_token(a);
	const char *until = arg_time(a, lease_until);
	struct rows r;
	bool ok;

	*n = 0;
	/* Claim and look are two statements of one round trip: the second
	 * sees what was committed before the first took the rows. */
	ok = db_begin(db, err);
	if (ok) {
		db_queue(db, &claim,
			 DB_ARGS(token, arg_i64(a, limit), arg_time(a, now),
				 until));
		db_queue(db, &rest, DB_ARGS(token, until));
		ok = db_all(db, a, &heads, DB_ARGS(token, until), &r, err);
	}
	if (!db_finish(db, ok, err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		read_head(&r, i, &(*list)[i]);
	return true;
}

bool delivery_owned(bool ok, const struct rows *r, struct err *err)
{
	if (!ok)
		return false;
	return r->n == 1 || err_set(err, ERR_CONFLICT, "the lease was lost");
}

static const struct stmt renew = {
	"lane_renew",
	"UPDATE lanes SET due_at = $4 WHERE dialog_id = $1 AND direction = $2"
	" AND lease_token = $3::uuid RETURNING 1",
};

bool lane_renew(struct db *db, struct arena *a, const struct delivery *d,
		int64_t lease_until, struct err *err)
{
	struct rows r;
	bool ok = db_maybe(db, a, &renew,
			   DB_ARGS(arg_i64(a, d->dialog_id), d->direction,
				   d->lease_token, arg_time(a, lease_until)),
			   &r, err);

	return delivery_owned(ok, &r, err);
}

/* The counters of the row itself decide whether more waits: a delivery that
 * was numbered while this statement waited for the row is in them. */
static const struct stmt end = {
	"delivery_end",
	"WITH l AS (UPDATE lanes SET lease_token = NULL, head_seq = $5 + 1,"
	"   due_at = CASE WHEN last_seq > $5 THEN $8::timestamptz END"
	"   WHERE dialog_id = $1 AND direction = $2 AND lease_token = $3::uuid"
	"   RETURNING 1)"
	" UPDATE deliveries SET state = $6, last_error = $7, updated_at = $8"
	" FROM l WHERE id = $4 RETURNING id",
};

bool delivery_end(struct db *db, struct arena *a, const struct delivery *d,
		  const char *state, const char *reason, int64_t now,
		  struct err *err)
{
	struct rows r;
	bool ok = db_maybe(db, a, &end,
			   DB_ARGS(arg_i64(a, d->dialog_id), d->direction,
				   d->lease_token, arg_i64(a, d->id),
				   arg_i64(a, d->seq), state, reason,
				   arg_time(a, now)),
			   &r, err);

	return delivery_owned(ok, &r, err);
}

/* $9: held_by; then the lane is not due at all. */
static const struct stmt wait_stmt = {
	"delivery_wait",
	"WITH l AS (UPDATE lanes SET lease_token = NULL, held_by = $9,"
	"   due_at = CASE WHEN $9::text IS NULL THEN $5::timestamptz END"
	"   WHERE dialog_id = $1 AND direction = $2 AND lease_token = $3::uuid"
	"   RETURNING 1)"
	" UPDATE deliveries SET state = $6, last_error = $7, updated_at = $8,"
	"  attempts = attempts + $10::integer,"
	"  settle_reads = settle_reads + $11::integer"
	" FROM l WHERE id = $4 RETURNING id",
};

static bool wait_for(struct db *db, struct arena *a, const struct delivery *d,
		     const char *state, int64_t due_at, const char *held_by,
		     int attempts, int reads, const char *reason, int64_t now,
		     struct err *err)
{
	struct rows r;
	bool ok = db_maybe(db, a, &wait_stmt,
			   DB_ARGS(arg_i64(a, d->dialog_id), d->direction,
				   d->lease_token, arg_i64(a, d->id),
				   arg_time(a, due_at), state, reason,
				   arg_time(a, now), held_by,
				   arg_i64(a, attempts), arg_i64(a, reads)),
			   &r, err);

	return delivery_owned(ok, &r, err);
}

bool delivery_wait(struct db *db, struct arena *a, const struct delivery *d,
		   const char *state, int64_t due_at, bool counts,
		   const char *reason, int64_t now, struct err *err)
{
	return wait_for(db, a, d, state, due_at, NULL, counts, 0, reason, now,
			err);
}

bool delivery_settle_read(struct db *db, struct arena *a,
			  const struct delivery *d, int64_t due_at, int64_t now,
			  struct err *err)
{
	return wait_for(db, a, d, "unsure", due_at, NULL, 0, 1, NULL, now, err);
}

bool lane_hold(struct db *db, struct arena *a, const struct delivery *d,
	       const char *held_by, const char *state, const char *reason,
	       int64_t now, struct err *err)
{
	return wait_for(db, a, d, state, 0, held_by, 0, 0, reason, now, err);
}

static const struct stmt wake = {
	"lanes_wake",
	"UPDATE lanes SET held_by = NULL, due_at = $2 WHERE held_by = $1",
};

bool lanes_wake(struct db *db, struct arena *a, const char *held_by,
		int64_t now, struct err *err)
{
	return db_exec(db, &wake, DB_ARGS(held_by, arg_time(a, now)), err);
}

static const struct stmt wake_client = {
	"lanes_wake_client",
	"UPDATE lanes SET held_by = NULL, due_at = $2"
	" WHERE client_id = $1 AND held_by IS NOT NULL",
};

bool lanes_wake_client(struct db *db, struct arena *a, int64_t client_id,
		       int64_t now, struct err *err)
{
	return db_exec(db, &wake_client,
		       DB_ARGS(arg_i64(a, client_id), arg_time(a, now)), err);
}

static const struct stmt lane_empty = {
	"lane_is_empty",
	"SELECT 1 FROM lanes WHERE dialog_id = $1 AND direction = $2"
	" AND head_seq <= last_seq",
};

bool lane_is_empty(struct db *db, struct arena *a, int64_t dialog_id,
		   const char *direction, bool *empty, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &lane_empty,
		      DB_ARGS(arg_i64(a, dialog_id), direction), &r, err))
		return false;
	*empty = r.n == 0;
	return true;
}

/* The lane's row is locked before the delivery is looked at: a daemon that
 * holds the head must not lose it under its hands. */
static const struct stmt lock = {
	"delivery_lock",
	"SELECT l.lease_token IS NOT NULL, l.head_seq, l.direction"
	" FROM deliveries x JOIN lanes l ON l.dialog_id = x.dialog_id"
	"  AND l.direction = x.direction"
	" WHERE x.id = $2 AND ($1::bigint IS NULL OR x.client_id = $1)"
	" FOR UPDATE OF l",
};

static const struct stmt look = {
	"delivery_look",
	"SELECT state, seq FROM deliveries WHERE id = $1",
};

static bool lock_delivery(struct db *db, struct arena *a, int64_t client_id,
			  int64_t id, struct rows *lane, struct rows *row,
			  struct err *err)
{
	if (!db_maybe(db, a, &lock,
		      DB_ARGS(arg_id(a, client_id), arg_i64(a, id)), lane, err))
		return false;
	if (lane->n == 0)
		return err_set(err, ERR_MISSING, "there is no such delivery");
	return db_one(db, a, &look, DB_ARGS(arg_i64(a, id)), row, err);
}

static bool is_word(const char *s, const char *a, const char *b)
{
	return strcmp(s, a) == 0 || strcmp(s, b) == 0;
}

/* One of which the last attempt is unsure, or was never finished, is settled
 * before it is sent. */
static const struct stmt requeue_end = {
	"delivery_requeue_end",
	"WITH l AS (UPDATE lanes l SET last_seq = last_seq + 1,"
	"   due_at = CASE WHEN held_by IS NULL"
	"            THEN coalesce(due_at, $2::timestamptz) END"
	"   FROM deliveries x WHERE x.id = $1 AND l.dialog_id = x.dialog_id"
	"    AND l.direction = x.direction RETURNING last_seq)"
	" UPDATE deliveries SET seq = l.last_seq,"
	"  state = CASE WHEN EXISTS (SELECT 1 FROM attempts t"
	"     WHERE t.delivery_id = $1 AND t.id = (SELECT max(id)"
	"       FROM attempts WHERE delivery_id = $1)"
	"      AND coalesce(t.outcome, 'unsure') = 'unsure')"
	"   THEN 'unsure' ELSE 'queued' END,"
	"  attempts = 0, settle_reads = 0, last_error = NULL, updated_at = $2"
	" FROM l WHERE id = $1",
};

/* It is its lane's head already: only due at once. */
static const struct stmt requeue_head = {
	"delivery_requeue_head",
	"WITH l AS (UPDATE lanes l SET held_by = NULL, due_at = $2"
	"   FROM deliveries x WHERE x.id = $1 AND l.dialog_id = x.dialog_id"
	"    AND l.direction = x.direction AND l.lease_token IS NULL)"
	" UPDATE deliveries SET attempts = 0, updated_at = $2 WHERE id = $1",
};

bool delivery_retry(struct db *db, struct arena *a, int64_t client_id,
		    int64_t id, int64_t now, struct err *err)
{
	struct rows lane, row;
	const char *state;

	if (!lock_delivery(db, a, client_id, id, &lane, &row, err))
		return false;
	state = rows_str(&row, 0, 0);
	if (is_word(state, "dead", "discarded"))
		return db_exec(db, &requeue_end,
			       DB_ARGS(arg_i64(a, id), arg_time(a, now)), err);
	if (is_word(state, "queued", "unsure"))
		return db_exec(db, &requeue_head,
			       DB_ARGS(arg_i64(a, id), arg_time(a, now)), err);
	return err_set(err, ERR_CONFLICT,
		       "the delivery is %s; only one that failed or waits can "
		       "be retried",
		       state);
}

static const struct stmt discard = {
	"delivery_set_discarded",
	"UPDATE deliveries SET state = 'discarded', updated_at = $2"
	" WHERE id = $1",
};

bool delivery_discard(struct db *db, struct arena *a, int64_t client_id,
		      int64_t id, int64_t now, struct err *err)
{
	struct rows lane, row;
	const char *state;
	bool in_flight;

	if (!lock_delivery(db, a, client_id, id, &lane, &row, err))
		return false;
	state = rows_str(&row, 0, 0);
	in_flight = rows_bool(&lane, 0, 0) &&
		    rows_i64(&lane, 0, 1) == rows_i64(&row, 0, 1);
	if (is_word(state, "done", "discarded") || in_flight ||
	    strcmp(state, "sending") == 0)
		return err_set(err, ERR_CONFLICT,
			       "the delivery is %s and cannot be discarded",
			       in_flight ? "on its way" : state);
	return db_exec(db, &discard, DB_ARGS(arg_i64(a, id), arg_time(a, now)),
		       err);
}

/* The lane goes on at once; one that is held stays so for those behind. */
static const struct stmt confirm = {
	"delivery_confirm",
	"WITH x AS (UPDATE deliveries SET state = 'done', last_error = NULL,"
	"   updated_at = $2 WHERE id = $1"
	"   RETURNING client_id, dialog_id, direction),"
	" l AS (UPDATE lanes l SET due_at = $2 FROM x"
	"   WHERE l.dialog_id = x.dialog_id AND l.direction = x.direction"
	"    AND l.lease_token IS NULL AND l.due_at IS NOT NULL)"
	" INSERT INTO attempts (client_id, delivery_id, part, action,"
	"   started_at, finished_at, outcome, detail, request_id)"
	"  SELECT client_id, $1, 0, 'person.confirm', $2, $2, 'settled', $3,"
	"   $4 FROM x"
	"  RETURNING client_id, (SELECT dialog_id FROM x)",
};

/* Only a lane's head is unsure; while the lane is leased a daemon is looking
 * for it. */
static bool may_confirm(const struct rows *lane, const char *state,
			struct err *err)
{
	bool in_flight = rows_bool(lane, 0, 0) && strcmp(state, "unsure") == 0;

	if (strcmp(rows_str(lane, 0, 2), "buyer") != 0)
		return err_set(err, ERR_CONFLICT,
			       "only a message to the buyer can be confirmed");
	if (is_word(state, "dead", "unsure") && !in_flight)
		return true;
	return err_set(err, ERR_CONFLICT,
		       "the delivery is %s; only one that failed or is unsure "
		       "can be confirmed",
		       in_flight ? "on its way" : state);
}

bool delivery_confirm(struct db *db, struct arena *a, int64_t client_id,
		      int64_t id, const char *who, int64_t now,
		      const char *request_id, struct err *err)
{
	struct rows lane, row, done;
	const char *state;

	if (!lock_delivery(db, a, client_id, id, &lane, &row, err))
		return false;
	state = rows_str(&row, 0, 0);
	if (!may_confirm(&lane, state, err) ||
	    !db_one(db, a, &confirm,
		    DB_ARGS(arg_i64(a, id), arg_time(a, now), who,
			    request_id ? request_id : ""),
		    &done, err))
		return false;
	/* Nobody will look for it any more among what was parked meanwhile. */
	return strcmp(state, "unsure") != 0 ||
	       messages_unpark(db, a, rows_i64(&done, 0, 0),
			       rows_i64(&done, 0, 1), now, err);
}
