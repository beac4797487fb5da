/*
 * delivery.c - what a person does to a delivery: retry and discard.
 *
 * The lane's row is the lock, as for the daemon: it is taken first.
 */
#include "config.h"

#include <string.h>

#include "base/json.h"
#include "store/auto_reply.h"
#include "store/delivery.h"
#include "store/message.h"

static const char *text_at(struct json_object *array, size_t i)
{
	return json_object_get_string(json_object_array_get_idx(array, i));
}

static int64_t number_at(struct json_object *array, size_t i)
{
	return json_object_get_int64(json_object_array_get_idx(array, i));
}

void delivery_copies(struct arena *a, const struct delivery *d,
		     const char *place, int64_t place_id, int n_parts,
		     const char **ids)
{
	struct json_object *list;
	struct err ignored = { 0 };

	for (int i = 0; i < n_parts; i++)
		ids[i] = NULL;
	if (!*d->copies ||
	    !json_read(a, d->copies, strlen(d->copies), &list, &ignored))
		return;
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *c = json_object_array_get_idx(list, i);
		int64_t part = number_at(c, 2);

		if (strcmp(text_at(c, 0), place) == 0 &&
		    number_at(c, 1) == place_id && part >= 0 && part < n_parts)
			ids[part] = text_at(c, 3);
	}
}

static bool is_at(struct json_object *copy, const char *place, int64_t place_id)
{
	return strcmp(text_at(copy, 0), place) == 0 &&
	       number_at(copy, 1) == place_id && text_at(copy, 3);
}

/* Which part of the quoted one was meant. */
static int64_t quoted_part(const struct delivery *d, struct json_object *list)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *c = json_object_array_get_idx(list, i);

		if (is_at(c, d->origin, d->origin_id) &&
		    strcmp(text_at(c, 3), d->quote_id) == 0)
			return number_at(c, 2);
	}
	return 0;
}

const char *delivery_quote(struct arena *a, const struct delivery *d,
			   const char *place, int64_t place_id)
{
	struct json_object *list;
	struct err ignored = { 0 };
	const char *found = NULL;
	int64_t part;

	if (!*d->quote_copies ||
	    !json_read(a, d->quote_copies, strlen(d->quote_copies), &list,
		       &ignored))
		return NULL;
	part = quoted_part(d, list);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *c = json_object_array_get_idx(list, i);

		if (is_at(c, place, place_id) &&
		    (!found || number_at(c, 2) == part))
			found = text_at(c, 3);
	}
	return found;
}

void delivery_read_files(struct arena *a, struct delivery *d, const char *json)
{
	struct json_object *list;
	struct err err = { 0 };

	d->files = NULL;
	d->n_files = 0;
	if (!*json || !json_read(a, json, strlen(json), &list, &err))
		return;
	d->n_files = json_object_array_length(list);
	d->files = arena_array(a, d->n_files, sizeof(*d->files));
	for (size_t i = 0; i < d->n_files; i++) {
		struct json_object *row = json_object_array_get_idx(list, i);

		d->files[i] = (struct delivery_file){
			.id = number_at(row, 0),
			.kind = text_at(row, 1),
			.url = text_at(row, 2),
			.ref = text_at(row, 3),
			.mime = text_at(row, 4),
			.name = text_at(row, 5),
			.sha256 = text_at(row, 6) ? text_at(row, 6) : "",
			.bytes = number_at(row, 7),
			.width = (int)number_at(row, 8),
			.height = (int)number_at(row, 9),
			.duration_s = (int)number_at(row, 10),
		};
	}
}

/* The lane's row is locked before the delivery is looked at: a daemon that
 * holds the head must not lose it under its hands. */
static const struct stmt lock = {
	"delivery_lock",
	"SELECT l.lease_token IS NOT NULL, l.direction"
	" FROM deliveries x JOIN lanes l ON l.dialog_id = x.dialog_id"
	"  AND l.direction = x.direction"
	" WHERE x.id = $2 AND ($1::bigint IS NULL OR x.client_id = $1)"
	" FOR UPDATE OF l",
};

/* While its lane is leased, the head is on its way.  So may be texts behind
 * it: which of them travel with it shows when its attempt begins.  A buyer
 * gets nothing that was taken back; the team is told of it. */
static const struct stmt look = {
	"delivery_look",
	"SELECT x.state, h.id = x.id OR (x.direction = 'team'"
	"  AND x.state = 'queued' AND h.state = 'queued'),"
	"  x.direction = 'buyer' AND EXISTS (SELECT 1 FROM messages m"
	"   WHERE m.client_id = x.client_id AND m.id = x.message_id"
	"    AND m.deleted_at IS NOT NULL)"
	" FROM deliveries x JOIN lanes l ON l.dialog_id = x.dialog_id"
	"  AND l.direction = x.direction"
	" LEFT JOIN LATERAL (SELECT id, state FROM deliveries"
	"  WHERE dialog_id = l.dialog_id AND direction = l.direction"
	"   AND seq >= l.head_seq AND state IN ('queued', 'sending', 'unsure')"
	"  ORDER BY seq LIMIT 1) h ON true"
	" WHERE x.id = $1",
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
 * before it is sent; where the service cannot be asked, a person's word that
 * it shall be sent again is all that there is. */
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
	"    AND NOT EXISTS (SELECT 1 FROM dialogs g"
	"     WHERE g.id = deliveries.dialog_id AND g.source = 'telegram'"
	"      AND deliveries.direction = 'buyer')"
	"   THEN 'unsure' ELSE 'queued' END,"
	"  attempts = 0, settle_reads = 0, leader_id = NULL, last_error = NULL,"
	"  updated_at = $2"
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
	if (rows_bool(&row, 0, 2) && is_word(state, "dead", "discarded"))
		return err_set(err, ERR_CONFLICT,
			       "the message was deleted and is not sent again");
	if (strcmp(state, "done") != 0 &&
	    !auto_reply_decide(db, a, id, "queued", now, NULL, err))
		return false;
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
	" WHERE id = $1 RETURNING client_id, dialog_id",
};

bool delivery_discard(struct db *db, struct arena *a, int64_t client_id,
		      int64_t id, int64_t now, struct err *err)
{
	struct rows lane, row, gone;
	const char *state;
	bool in_flight;

	if (!lock_delivery(db, a, client_id, id, &lane, &row, err))
		return false;
	state = rows_str(&row, 0, 0);
	in_flight = rows_bool(&lane, 0, 0) && rows_bool(&row, 0, 1);
	if (is_word(state, "done", "discarded") || in_flight ||
	    strcmp(state, "sending") == 0)
		return err_set(err, ERR_CONFLICT,
			       "the delivery is %s and cannot be discarded",
			       in_flight ? "on its way" : state);
	if (!auto_reply_decide(db, a, id, "dropped", now, NULL, err) ||
	    !db_one(db, a, &discard, DB_ARGS(arg_i64(a, id), arg_time(a, now)),
		    &gone, err))
		return false;
	/* Nobody will look for it any more among what was parked meanwhile. */
	return strcmp(state, "unsure") != 0 ||
	       strcmp(rows_str(&lane, 0, 1), "buyer") != 0 ||
	       messages_unpark(db, a, rows_i64(&gone, 0, 0),
			       rows_i64(&gone, 0, 1), now, err);
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

	if (strcmp(rows_str(lane, 0, 1), "buyer") != 0)
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
	    !auto_reply_decide(db, a, id, "sent", now, request_id, err) ||
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
