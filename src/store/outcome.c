/*
 * outcome.c - what became of deliveries, written for many at once.
 */
#include "config.h"

#include "base/json.h"
#include "store/outcome.h"

/*
 * The lane's row comes first: it is the lock, and names the lease.  The
 * counters of the row itself decide whether more waits: a delivery that was
 * numbered while this statement waited for the row is in them.
 */
static const struct stmt write_lanes = {
	"outcomes_lanes",
	"WITH l AS (UPDATE lanes SET"
	"   lease_token = CASE WHEN x.lane = 0 THEN lease_token END,"
	"   head_seq = CASE WHEN x.lane = 1 THEN x.last + 1"
	"              ELSE head_seq END,"
	"   due_at = CASE WHEN x.lane = 0 THEN due_at"
	"            WHEN x.lane = 2 THEN x.due"
	"            WHEN last_seq > x.last THEN greatest($2::timestamptz,"
	"             (SELECT d.not_before FROM deliveries d"
	"              WHERE d.dialog_id = x.dialog AND d.direction = "
	"x.direction"
	"               AND d.seq > x.last AND d.state IN"
	"                ('queued', 'sending', 'unsure')"
	"              ORDER BY d.seq LIMIT 1)) END,"
	"   held_by = x.held, queued_at = x.queued"
	"  FROM jsonb_to_recordset($1::jsonb) AS x (n integer, dialog bigint,"
	"   direction text, token uuid, client bigint, ids bigint[],"
	"   messages bigint[], last bigint, lane integer, state text,"
	"   reason text, due timestamptz, held text, queued timestamptz,"
	"   attempts integer, reads integer, parts boolean, alone boolean,"
	"   copies text[], place text, place_id bigint, part integer)"
	"  WHERE dialog_id = x.dialog AND lanes.direction = x.direction"
	"   AND lease_token = x.token"
	"  RETURNING x.*),"
	" d AS (UPDATE deliveries SET state = l.state, last_error = l.reason,"
	"   attempts = deliveries.attempts + l.attempts,"
	"   settle_reads = settle_reads + l.reads, updated_at = $2,"
	"   leader_id = CASE WHEN NOT l.parts THEN leader_id END,"
	"   is_alone = is_alone OR l.alone"
	"  FROM l WHERE deliveries.id = ANY (l.ids) AND l.state IS NOT NULL),"
	" c AS (INSERT INTO message_copies (client_id, message_id, place,"
	"   place_id, part, external_id, created_at)"
	"  SELECT l.client, m, l.place, l.place_id, l.part + c.n - 1, c.id, $2"
	"  FROM l, unnest(l.messages) m,"
	"   unnest(l.copies) WITH ORDINALITY c (id, n)"
	"  ON CONFLICT (message_id, place, place_id, part)"
	"   DO UPDATE SET external_id = excluded.external_id)"
	" SELECT n FROM l",
};

/* True whoever has the lane now.  What was found at the service after all
 * keeps what the call itself had come to. */
static const struct stmt write_ledger = {
	"outcomes_ledger",
	"UPDATE attempts SET finished_at = coalesce(finished_at, $2),"
	"  outcome = x.outcome, status = coalesce(x.status, attempts.status),"
	"  detail = CASE WHEN x.detail = '' THEN attempts.detail"
	"           ELSE x.detail END"
	" FROM jsonb_to_recordset($1::jsonb) AS x (id bigint, outcome text,"
	"  status integer, detail text)"
	" WHERE attempts.id = x.id"
	"  AND (finished_at IS NULL OR x.outcome = 'settled')",
};

/* A statement behind the lanes' lock, so that it sees what that waited for:
 * an echo that came in first is taken away; dialogs in which others of our own
 * messages are parked come back. */
static const struct stmt absorb = {
	"outcomes_absorb",
	"WITH x AS MATERIALIZED (SELECT n, dialog, client, source, place_id,"
	"    copies"
	"   FROM jsonb_to_recordset($1::jsonb) AS x (n integer, dialog bigint,"
	"    client bigint, source text, place_id bigint, copies text[])),"
	" gone AS (DELETE FROM messages m USING x"
	"   WHERE m.dialog_id = x.dialog AND m.is_parked"
	"    AND m.client_id = x.client AND m.origin = x.source"
	"    AND m.origin_id = x.place_id AND m.external_id = ANY (x.copies)"
	"   RETURNING m.id)"
	" SELECT x.n FROM x WHERE EXISTS (SELECT 1 FROM messages m"
	"   WHERE m.dialog_id = x.dialog AND m.is_parked"
	"    AND NOT EXISTS (SELECT 1 FROM gone WHERE gone.id = m.id))",
};

/* A list that dies with the arena. */
static struct json_object *new_list(struct arena *a)
{
	struct json_object *list = json_object_new_array();

	json_put(json_new(a), "list", list);
	return list;
}

static struct json_object *add_row(struct json_object *list)
{
	struct json_object *o = json_object_new_object();

	json_object_array_add(list, o);
	return o;
}

static void put_time(struct json_object *o, struct arena *a, const char *key,
		     int64_t at)
{
	json_put_str(o, key, arg_time(a, at));
}

/* The delivery and those joined to it, of each what `id` tells. */
static struct json_object *ids_of(const struct outcome *x,
				  int64_t (*id)(const struct delivery *d))
{
	struct json_object *list = json_object_new_array();

	json_object_array_add(list, json_object_new_int64(id(x->d)));
	for (size_t i = 0; i < x->n_joined; i++)
		json_object_array_add(list,
				      json_object_new_int64(id(&x->joined[i])));
	return list;
}

static int64_t delivery_of(const struct delivery *d)
{
	return d->id;
}

static int64_t message_of(const struct delivery *d)
{
	return d->message_id;
}

static struct json_object *copies_of(const struct outcome *x)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < x->n_copies; i++)
		json_object_array_add(list,
				      json_object_new_string(x->copies[i]));
	return list;
}

static void put_lane(struct arena *a, struct json_object *list,
		     const struct outcome *x, size_t n)
{
	const struct delivery *d = x->d;
	struct json_object *o = add_row(list);

	json_put_i64(o, "n", (int64_t)n);
	json_put_i64(o, "dialog", d->dialog_id);
	json_put_str(o, "direction", d->direction);
	json_put_str(o, "token", d->lease_token);
	json_put_i64(o, "client", d->client_id);
	json_put(o, "ids", ids_of(x, delivery_of));
	json_put(o, "messages", ids_of(x, message_of));
	json_put_i64(o, "last",
		     x->n_joined ? x->joined[x->n_joined - 1].seq : d->seq);
	json_put_i64(o, "lane", x->lane);
	json_put_str(o, "state", x->state);
	json_put_str(o, "reason", x->reason);
	if (!x->held_by)
		put_time(o, a, "due", x->due_at);
	json_put_str(o, "held", x->held_by);
	put_time(o, a, "queued", x->queued_at);
	json_put_i64(o, "attempts", x->attempts);
	json_put_i64(o, "reads", x->reads);
	json_put_bool(o, "parts", x->parts_company);
	json_put_bool(o, "alone", x->is_alone);
	json_put(o, "copies", copies_of(x));
	json_put_str(o, "place", x->place);
	json_put_i64(o, "place_id", x->place_id);
	json_put_i64(o, "part", x->part);
}

static struct json_object *lanes_list(struct arena *a, const struct outcome *x,
				      size_t n)
{
	struct json_object *list = new_list(a);

	for (size_t i = 0; i < n; i++)
		put_lane(a, list, &x[i], i);
	return list;
}

static struct json_object *ledger_list(struct arena *a, const struct outcome *x,
				       size_t n)
{
	struct json_object *list = new_list(a);

	for (size_t i = 0; i < n; i++) {
		struct json_object *o;

		if (!x[i].attempt_id)
			continue;
		o = add_row(list);
		json_put_i64(o, "id", x[i].attempt_id);
		json_put_str(o, "outcome", x[i].outcome);
		json_put_str(o, "detail", x[i].detail ? x[i].detail : "");
		if (x[i].status)
			json_put_i64(o, "status", x[i].status);
	}
	return list;
}

/* Nobody tells us of our own messages but Avito and connected accounts. */
static bool may_have_echo(const struct outcome *x)
{
	return x->is_owned && x->d->direction[0] == 'b' &&
	       (!x->d->source_bot_id || x->d->connection_id) &&
	       (x->n_copies || x->lane == LANE_FREE);
}

static struct json_object *echo_list(struct arena *a, const struct outcome *x,
				     size_t n)
{
	struct json_object *list = new_list(a);

	for (size_t i = 0; i < n; i++) {
		struct json_object *o;

		if (!may_have_echo(&x[i]))
			continue;
		o = add_row(list);
		json_put_i64(o, "n", (int64_t)i);
		json_put_i64(o, "dialog", x[i].d->dialog_id);
		json_put_i64(o, "client", x[i].d->client_id);
		json_put_str(o, "source", x[i].d->source);
		json_put_i64(o, "place_id", x[i].d->source_id);
		json_put(o, "copies", copies_of(&x[i]));
	}
	return list;
}

static bool look_for_echoes(struct db *db, struct arena *a,
			    struct outcome *list, size_t n, struct err *err)
{
	struct json_object *echoes = echo_list(a, list, n);
	struct rows r;

	if (json_object_array_length(echoes) == 0)
		return true;
	if (!db_all(db, a, &absorb, DB_ARGS(json_text(echoes)), &r, err))
		return false;
	for (int i = 0; i < r.n; i++)
		list[rows_i64(&r, i, 0)].has_parked = true;
	return true;
}

bool outcomes_write(struct db *db, struct arena *a, struct outcome *list,
		    size_t n, int64_t now, struct err *err)
{
	const char *at = arg_time(a, now);
	struct json_object *ledger = ledger_list(a, list, n);
	struct rows r;

	if (json_object_array_length(ledger) > 0)
		db_queue(db, &write_ledger, DB_ARGS(json_text(ledger), at));
	if (!db_all(db, a, &write_lanes,
		    DB_ARGS(json_text(lanes_list(a, list, n)), at), &r, err))
		return false;
	for (size_t i = 0; i < n; i++)
		list[i].is_owned = list[i].has_parked = false;
	for (int i = 0; i < r.n; i++)
		list[rows_i64(&r, i, 0)].is_owned = true;
	return look_for_echoes(db, a, list, n, err);
}
