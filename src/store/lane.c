/*
 * lane.c - lanes: claimed by one daemon, kept in order, woken.
 *
 * The lane's row is the lock: whoever numbers a delivery, ends one or lets
 * one wait, writes that row first.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "store/lane.h"
#include "store/lease.h"

static const struct stmt claim_due = {
	"lanes_claim_due",
	"UPDATE lanes l SET lease_token = $1::uuid, due_at = $4,"
	"  former_token = lease_token"
	" FROM (SELECT dialog_id, direction FROM lanes WHERE due_at <= $3"
	"       ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED) c"
	" WHERE l.dialog_id = c.dialog_id AND l.direction = c.direction",
};

/* queued_at stays: what has to wait once more keeps its turn. */
static const struct stmt claim_waiting = {
	"lanes_claim_waiting",
	"UPDATE lanes l SET lease_token = $1::uuid, due_at = $3,"
	"  held_by = NULL, former_token = lease_token"
	" FROM jsonb_to_recordset($2::jsonb) w (key text, places integer)"
	" CROSS JOIN LATERAL (SELECT dialog_id, direction FROM lanes"
	"   WHERE held_by = w.key ORDER BY queued_at LIMIT w.places"
	"   FOR UPDATE SKIP LOCKED) c"
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
	"  queued_at = NULL, head_seq = last_seq + 1"
	" WHERE l.due_at = $2 AND l.lease_token = $1::uuid AND NOT EXISTS ("
	"  SELECT 1 FROM deliveries x WHERE x.dialog_id = l.dialog_id"
	"   AND x.direction = l.direction AND x.seq >= l.head_seq"
	"   AND x.state IN ('queued', 'sending', 'unsure'))",
};

#define DELIVERY_COLUMNS                                               \
	"x.id, x.client_id, x.dialog_id, x.seq, x.direction, x.state," \
	" x.attempts, x.settle_reads, x.is_alone, x.request_id, x.created_at"

#define MESSAGE_COLUMNS                                                        \
	"m.id, m.origin, m.origin_id, m.external_id, m.author, m.author_name," \
	" m.kind, m.foreign_kind, m.text, m.entities, m.data, m.album,"        \
	" m.is_auto_reply, m.written_at, m.quote_external_id,"                 \
	" m.quote_message_id, m.edited_at IS NOT NULL, m.deleted_by"

#define N_COLUMNS 29 /* of the two above */

/* Where the quoted one can be seen: as what it was written, and its copies. */
#define QUOTE_COPIES                                                        \
	"(SELECT json_agg(json_build_array(c.place, c.place_id, c.part,"    \
	"   c.external_id) ORDER BY c.part)"                                \
	"  FROM (SELECT origin AS place, origin_id AS place_id, 0 AS part," \
	"     external_id FROM messages WHERE client_id = m.client_id"      \
	"      AND id = m.quote_message_id"                                 \
	"    UNION ALL SELECT place, place_id, part, external_id"           \
	"     FROM message_copies WHERE message_id = m.quote_message_id) c" \
	"  WHERE m.quote_message_id IS NOT NULL)"

/* Conditions that hold anyway (a copy has its message's client) are left out
 * where an index would fit them badly: this is planned while tables are still
 * empty, and any index looks as good as another. */
static const struct stmt heads = {
	"lanes_heads",
	"SELECT " DELIVERY_COLUMNS ", " MESSAGE_COLUMNS ", " QUOTE_COPIES ","
	"  l.lease_token, l.former_token, l.queued_at,"
	"  f.list, g.source, g.source_id, g.external_chat_id,"
	"  g.blocked_at IS NOT NULL, g.buyer_name, g.buyer_url,"
	"  g.item_title, g.item_price, g.item_url, g.details_at IS NOT NULL,"
	"  g.origin, g.project_id, b.id, b.group_chat_id, b.topic_mode,"
	"  b.status = 'error' AND b.last_error IS DISTINCT FROM"
	"   b.webhook_error,"
	"  g.bot_id, g.group_chat_id, g.topic_id, g.card_message_id,"
	"  g.topic_continues,"
	"  b.token_sealed, b.paused_until, a.avito_user_id, a.status,"
	"  a.token_sealed, a.token_generation, a.token_expires_at,"
	"  a.paused_until, s.id, s.token_sealed,"
	"  s.status = 'error' AND s.token_refused, s.paused_until,"
	"  bc.id, bc.external_id, bc.is_enabled, bc.can_reply,"
	"  (SELECT json_agg(json_build_array(c.place, c.place_id, c.part,"
	"     c.external_id)) FROM message_copies c WHERE c.message_id = m.id),"
	"  x.not_before"
	" FROM lanes l"
	" CROSS JOIN LATERAL (SELECT id, client_id, dialog_id, seq, direction,"
	"   state, attempts, settle_reads, is_alone, request_id, created_at,"
	"   message_id, not_before"
	"  FROM deliveries WHERE dialog_id = l.dialog_id"
	"   AND direction = l.direction AND seq >= l.head_seq"
	"   AND state IN ('queued', 'sending', 'unsure')"
	"  ORDER BY seq LIMIT 1) x"
	" JOIN messages m ON m.client_id = x.client_id AND m.id = x.message_id"
	" JOIN dialogs g ON g.client_id = x.client_id AND g.id = x.dialog_id"
	" JOIN projects p ON p.client_id = x.client_id AND p.id = g.project_id"
	" LEFT JOIN avito_accounts a ON g.source = 'avito'"
	"  AND a.client_id = x.client_id AND a.id = g.source_id"
	" LEFT JOIN telegram_sources ts ON g.source = 'telegram'"
	"  AND ts.client_id = x.client_id AND ts.id = g.source_id"
	" LEFT JOIN bots s ON s.client_id = x.client_id AND s.id = ts.bot_id"
	" LEFT JOIN business_connections bc ON bc.client_id = x.client_id"
	"  AND bc.id = g.connection_id"
	" LEFT JOIN bots b ON b.client_id = x.client_id"
	"  AND b.id = coalesce(a.bot_id, p.bot_id)"
	" LEFT JOIN LATERAL (SELECT json_agg(json_build_array(id, kind, url,"
	"   ref, mime, name, sha256, bytes, width, height, duration_s)"
	"   ORDER BY id) AS list FROM attachments WHERE message_id = m.id"
	"  ) f ON true"
	" WHERE l.due_at = $2 AND l.lease_token = $1::uuid"
	" ORDER BY l.queued_at, x.id",
};

static void read_message(const struct rows *r, int i, struct delivery *d)
{
	d->id = rows_i64(r, i, 0);
	d->client_id = rows_i64(r, i, 1);
	d->dialog_id = rows_i64(r, i, 2);
	d->seq = rows_i64(r, i, 3);
	d->direction = rows_str(r, i, 4);
	d->state = rows_str(r, i, 5);
	d->attempts = (int)rows_i64(r, i, 6);
	d->settle_reads = (int)rows_i64(r, i, 7);
	d->is_alone = rows_bool(r, i, 8);
	d->request_id = rows_str(r, i, 9);
	d->created_at = rows_time(r, i, 10);
	d->message_id = rows_i64(r, i, 11);
	d->origin = rows_str(r, i, 12);
	d->origin_id = rows_i64(r, i, 13);
	d->external_id = rows_str(r, i, 14);
	d->author = rows_str(r, i, 15);
	d->author_name = rows_str(r, i, 16);
	d->kind = rows_str(r, i, 17);
	d->foreign_kind = rows_str(r, i, 18);
	d->text = rows_str(r, i, 19);
	d->entities = rows_str(r, i, 20);
	d->data = rows_str(r, i, 21);
	d->album = rows_str(r, i, 22);
	d->is_auto_reply = rows_bool(r, i, 23);
	d->written_at = rows_time(r, i, 24);
	d->quote_id = rows_str(r, i, 25);
	d->quote_message_id = rows_i64(r, i, 26);
	d->is_edited = rows_bool(r, i, 27);
	d->deleted_by = rows_str(r, i, 28);
}

static void read_head(struct arena *a, const struct rows *r, int i,
		      struct delivery *d)
{
	int c = N_COLUMNS;

	*d = (struct delivery){ 0 };
	read_message(r, i, d);
	d->quote_copies = rows_str(r, i, c++);
	d->lease_token = rows_str(r, i, c++);
	d->former_token = rows_str(r, i, c++);
	d->queued_at = rows_time(r, i, c++);
	delivery_read_files(a, d, rows_str(r, i, c++));
	d->source = rows_str(r, i, c++);
	d->source_id = rows_i64(r, i, c++);
	d->chat = rows_str(r, i, c++);
	d->blocked = rows_bool(r, i, c++);
	d->buyer_name = rows_str(r, i, c++);
	d->buyer_url = rows_str(r, i, c++);
	d->item_title = rows_str(r, i, c++);
	d->item_price = rows_str(r, i, c++);
	d->item_url = rows_str(r, i, c++);
	d->details_known = rows_bool(r, i, c++);
	d->dialog_origin = rows_str(r, i, c++);
	d->project_id = rows_i64(r, i, c++);
	d->bot_id = rows_i64(r, i, c++);
	d->bot_group_id = rows_i64(r, i, c++);
	d->bot_topics = rows_bool(r, i, c++);
	d->bot_broken = rows_bool(r, i, c++);
	d->topic_bot_id = rows_i64(r, i, c++);
	d->topic_group_id = rows_i64(r, i, c++);
	d->topic_id = rows_i64(r, i, c++);
	d->card_id = rows_i64(r, i, c++);
	d->topic_continues = rows_bool(r, i, c++);
	d->bot_token = rows_str(r, i, c++);
	d->bot_paused_until = rows_time(r, i, c++);
	d->account_user_id = rows_i64(r, i, c++);
	d->account_status = rows_str(r, i, c++);
	d->account_token = rows_str(r, i, c++);
	d->account_token_generation = rows_i64(r, i, c++);
	d->account_token_expires_at = rows_time(r, i, c++);
	d->account_paused_until = rows_time(r, i, c++);
	d->source_bot_id = rows_i64(r, i, c++);
	d->source_bot_token = rows_str(r, i, c++);
	d->source_bot_broken = rows_bool(r, i, c++);
	d->source_bot_paused_until = rows_time(r, i, c++);
	d->connection_id = rows_i64(r, i, c++);
	d->connection = rows_str(r, i, c++);
	d->connection_enabled = rows_bool(r, i, c++);
	d->connection_can_reply = rows_bool(r, i, c++);
	d->copies = rows_str(r, i, c++);
	d->not_before = rows_time(r, i, c++);
}

static const char *rooms_text(struct arena *a, const struct claim *c)
{
	struct json_object *list = json_object_new_array();

	json_put(json_new(a), "rooms", list); /* which frees it */
	for (size_t i = 0; i < c->n_rooms; i++) {
		struct json_object *o = json_object_new_object();

		json_put_str(o, "key", c->rooms[i].key);
		json_put_i64(o, "places", c->rooms[i].places);
		json_object_array_add(list, o);
	}
	return json_text(list);
}

bool lanes_claim(struct db *db, struct arena *a, const struct claim *c,
		 struct delivery **list, size_t *n, struct err *err)
{
	const char *token = lease_token(a, c->owner);
	const char *until = arg_time(a, c->lease_until);
	struct rows r;
	bool ok;

	*n = 0;
	/* Claim and look are two statements of one round trip: the second
	 * sees what was committed before the first took the rows. */
	ok = db_begin(db, err);
	if (ok) {
		if (c->n_rooms)
			db_queue(db, &claim_waiting,
				 DB_ARGS(token, rooms_text(a, c), until));
		if (c->due)
			db_queue(db, &claim_due,
				 DB_ARGS(token, arg_i64(a, c->due),
					 arg_time(a, c->now), until));
		db_queue(db, &rest, DB_ARGS(token, until));
		ok = db_all(db, a, &heads, DB_ARGS(token, until), &r, err);
	}
	if (!db_finish(db, ok, err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		read_head(a, &r, i, &(*list)[i]);
	return true;
}

/* One row, or the lease was lost. */
static bool is_owned(bool ok, const struct rows *r, struct err *err)
{
	if (!ok)
		return false;
	return r->n == 1 || err_set(err, ERR_CONFLICT, "the lease was lost");
}

static const struct stmt lock_all = {
	"lanes_lock",
	"SELECT 1 FROM lanes l JOIN jsonb_to_recordset($1::jsonb)"
	"   AS x (dialog bigint, direction text)"
	"  ON l.dialog_id = x.dialog AND l.direction = x.direction"
	" ORDER BY l.dialog_id, l.direction FOR NO KEY UPDATE OF l",
};

void lanes_queue_lock(struct db *db, struct arena *a,
		      const struct delivery *const *list, size_t n)
{
	struct json_object *rows = json_object_new_array();

	json_put(json_new(a), "rows", rows); /* which frees it */
	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_object_new_object();

		json_put_i64(o, "dialog", list[i]->dialog_id);
		json_put_str(o, "direction", list[i]->direction);
		json_object_array_add(rows, o);
	}
	db_queue(db, &lock_all, DB_ARGS(json_text(rows)));
}

static const struct stmt lock_of_dialog = {
	"lanes_lock_of",
	"SELECT 1 FROM lanes WHERE dialog_id = $1"
	" ORDER BY direction FOR NO KEY UPDATE",
};

void lanes_queue_lock_of(struct db *db, struct arena *a, int64_t dialog_id)
{
	db_queue(db, &lock_of_dialog, DB_ARGS(arg_i64(a, dialog_id)));
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

	return is_owned(ok, &r, err);
}

/* What lies between two of them is finished: nobody overtakes. */
static const struct stmt behind = {
	"lane_behind",
	"SELECT " DELIVERY_COLUMNS ", " MESSAGE_COLUMNS ","
	"  EXISTS (SELECT 1 FROM attachments f WHERE f.message_id = m.id)"
	" FROM deliveries x JOIN messages m"
	"  ON m.client_id = x.client_id AND m.id = x.message_id"
	" WHERE x.dialog_id = $1 AND x.direction = $2 AND x.seq > $3"
	"  AND x.state IN ('queued', 'sending', 'unsure')"
	" ORDER BY x.seq LIMIT $4",
};

static bool may_join(const struct rows *r, int i, const struct delivery *d)
{
	return strcmp(d->state, "queued") == 0 && !d->is_alone &&
	       strcmp(d->kind, "text") == 0 && !*d->quote_id &&
	       !rows_bool(r, i, N_COLUMNS);
}

bool lane_behind(struct db *db, struct arena *a, const struct delivery *head,
		 int limit, struct delivery **list, size_t *n, struct err *err)
{
	struct rows r;

	*n = 0;
	if (!db_all(db, a, &behind,
		    DB_ARGS(arg_i64(a, head->dialog_id), head->direction,
			    arg_i64(a, head->seq), arg_i64(a, limit)),
		    &r, err))
		return false;
	*list = arena_array(a, (size_t)r.n, sizeof(**list));
	for (int i = 0; i < r.n; i++) {
		struct delivery *d = &(*list)[i];

		*d = *head;
		read_message(&r, i, d);
		if (!may_join(&r, i, d))
			break;
		*n += 1;
	}
	return true;
}

static const struct stmt joined = {
	"lane_joined",
	"SELECT " DELIVERY_COLUMNS ", " MESSAGE_COLUMNS
	" FROM deliveries x JOIN messages m"
	"  ON m.client_id = x.client_id AND m.id = x.message_id"
	" WHERE x.leader_id = $1 AND x.state IN ('sending', 'unsure')"
	" ORDER BY x.seq",
};

bool lane_joined(struct db *db, struct arena *a, const struct delivery *head,
		 struct delivery **list, size_t *n, struct err *err)
{
	struct rows r;

	*n = 0;
	if (!db_all(db, a, &joined, DB_ARGS(arg_i64(a, head->id)), &r, err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++) {
		(*list)[i] = *head;
		read_message(&r, i, &(*list)[i]);
	}
	return true;
}

static const struct stmt wait_at = {
	"lanes_wait_at",
	"SELECT 1 FROM lanes WHERE held_by = $1 LIMIT 1",
};

bool lanes_wait_at(struct db *db, struct arena *a, const char *key,
		   bool *waiting, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &wait_at, DB_ARGS(key), &r, err))
		return false;
	*waiting = r.n == 1;
	return true;
}

/* From one key to the next by the index, over whatever many lanes. */
static const struct stmt places = {
	"lanes_places",
	"WITH RECURSIVE k AS ("
	" (SELECT held_by FROM lanes WHERE held_by >= 'room:'"
	"   AND held_by < 'room;' ORDER BY held_by LIMIT 1)"
	" UNION ALL"
	" SELECT (SELECT l.held_by FROM lanes l WHERE l.held_by > k.held_by"
	"   AND l.held_by < 'room;' ORDER BY l.held_by LIMIT 1)"
	"  FROM k WHERE k.held_by IS NOT NULL)"
	" SELECT held_by FROM k WHERE held_by IS NOT NULL",
};

bool lanes_places(struct db *db, struct arena *a, const char ***keys, size_t *n,
		  struct err *err)
{
	struct rows r;

	*n = 0;
	if (!db_all(db, a, &places, DB_NO_ARGS, &r, err))
		return false;
	*n = (size_t)r.n;
	*keys = arena_array(a, *n, sizeof(**keys));
	for (int i = 0; i < r.n; i++)
		(*keys)[i] = rows_str(&r, i, 0);
	return true;
}

/* What ends sooner is left as it is. */
static const struct stmt orphaned = {
	"lanes_orphaned",
	"UPDATE lanes SET due_at = $2 WHERE due_at > $2 AND" LEASE_IS_OWNERS,
};

bool lanes_orphaned(struct db *db, struct arena *a, const char *owner,
		    int64_t until, int64_t *n, struct err *err)
{
	if (!db_exec(db, &orphaned,
		     DB_ARGS(lease_owner(a, owner), arg_time(a, until)), err))
		return false;
	*n = db_touched(db);
	return true;
}

static const struct stmt next_lane = {
	"lanes_next_due",
	"SELECT min(due_at) FROM lanes",
};

bool lanes_next_due(struct db *db, struct arena *a, int64_t *at,
		    struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &next_lane, DB_NO_ARGS, &r, err))
		return false;
	*at = rows_time(&r, 0, 0);
	return true;
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

/* From one key to the next by the index, past rooms (whose keys have no number
 * there) and people.  What fine means says has_place() of team.c,
 * account_is_good() of buyer.c and is_reachable() of buyer_telegram.c. */
static const struct stmt wake_mended = {
	"lanes_wake_mended",
	"WITH RECURSIVE k AS ("
	" (SELECT held_by FROM lanes WHERE held_by IS NOT NULL"
	"   ORDER BY held_by LIMIT 1)"
	" UNION ALL"
	" SELECT (SELECT l.held_by FROM lanes l WHERE l.held_by >"
	"   CASE split_part(k.held_by, ':', 1) WHEN 'room' THEN 'room;'"
	"    WHEN 'dialog' THEN 'dialog;' ELSE k.held_by END"
	"   ORDER BY l.held_by LIMIT 1)"
	"  FROM k WHERE k.held_by IS NOT NULL),"
	" o AS (SELECT held_by, split_part(held_by, ':', 1) AS kind,"
	"   CASE WHEN held_by NOT LIKE 'room:%'"
	"    THEN split_part(held_by, ':', 2)::bigint END AS id FROM k),"
	" fine AS (SELECT held_by FROM o WHERE EXISTS (SELECT 1 FROM bots b"
	"   WHERE o.kind = 'bot' AND b.id = o.id"
	"    AND b.group_chat_id IS NOT NULL AND (b.status <> 'error'"
	"     OR b.last_error IS NOT DISTINCT FROM b.webhook_error))"
	"  OR EXISTS (SELECT 1 FROM avito_accounts a WHERE o.kind = 'avito'"
	"    AND a.id = o.id AND a.avito_user_id IS NOT NULL"
	"    AND a.status <> 'error')"
	"  OR EXISTS (SELECT 1 FROM projects p WHERE o.kind = 'project'"
	"    AND p.id = o.id AND p.bot_id IS NOT NULL)"
	"  OR EXISTS (SELECT 1 FROM telegram_sources s"
	"    JOIN bots b ON b.client_id = s.client_id AND b.id = s.bot_id"
	"    WHERE o.kind = 'source' AND s.id = o.id"
	"     AND NOT (b.status = 'error' AND b.token_refused))"
	"  OR EXISTS (SELECT 1 FROM business_connections c"
	"    WHERE o.kind = 'connection' AND c.id = o.id"
	"     AND c.is_enabled AND c.can_reply))"
	" UPDATE lanes SET held_by = NULL, due_at = $1 FROM fine"
	" WHERE lanes.held_by = fine.held_by",
};

bool lanes_wake_mended(struct db *db, struct arena *a, int64_t now,
		       struct err *err)
{
	return db_exec(db, &wake_mended, DB_ARGS(arg_time(a, now)), err);
}

static const struct stmt wake_unblocked = {
	"lane_wake_unblocked",
	"UPDATE lanes SET held_by = NULL, due_at = $3 WHERE dialog_id = $1"
	" AND held_by = $2 AND EXISTS (SELECT 1 FROM dialogs"
	"  WHERE id = $1 AND blocked_at IS NULL)",
};

bool lane_wake_unblocked(struct db *db, struct arena *a, int64_t dialog_id,
			 int64_t now, struct err *err)
{
	return db_exec(db, &wake_unblocked,
		       DB_ARGS(arg_i64(a, dialog_id),
			       arena_printf(a, "dialog:%" PRId64, dialog_id),
			       arg_time(a, now)),
		       err);
}

static const struct stmt wake_sources = {
	"lanes_wake_sources",
	"UPDATE lanes SET held_by = NULL, due_at = $2"
	" FROM telegram_sources s WHERE s.bot_id = $1"
	"  AND lanes.held_by = 'source:' || s.id",
};

bool lanes_wake_sources(struct db *db, struct arena *a, int64_t bot_id,
			int64_t now, struct err *err)
{
	return db_exec(db, &wake_sources,
		       DB_ARGS(arg_i64(a, bot_id), arg_time(a, now)), err);
}

/* What waits for room has its turn. */
static const struct stmt wake_client = {
	"lanes_wake_client",
	"UPDATE lanes SET held_by = NULL, due_at = $2"
	" WHERE client_id = $1 AND held_by IS NOT NULL"
	"  AND held_by NOT LIKE 'room:%'",
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
