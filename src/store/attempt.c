/*
 * attempt.c - attempts: begun before a request leaves, settled later.
 */
#include "config.h"

#include <string.h>

#include "base/json.h"
#include "store/attempt.h"
#include "store/auto_reply.h"

/* Who lost the lease begins nothing.  Behind the newest message of the chat
 * that we know an unsure send is looked for; only Avito's can be. */
static const struct stmt begin = {
	"attempts_begin",
	"WITH l AS (UPDATE lanes SET due_at = x.lease"
	"  FROM jsonb_to_recordset($1::jsonb) AS x (n integer, client bigint,"
	"   dialog bigint, direction text, token uuid, lead bigint,"
	"   ids bigint[], part integer, action text, content text,"
	"   lease timestamptz, request text)"
	"  WHERE dialog_id = x.dialog AND lanes.direction = x.direction"
	"   AND lease_token = x.token RETURNING x.*),"
	" d AS (UPDATE deliveries SET state = 'sending', settle_reads = 0,"
	"   leader_id = CASE WHEN deliveries.id <> l.lead THEN l.lead END,"
	"   updated_at = $2"
	"  FROM l WHERE deliveries.id = ANY (l.ids)),"
	" t AS (INSERT INTO attempts (client_id, delivery_id, part, action,"
	"   content, known_external_id, started_at, request_id)"
	"  SELECT l.client, l.lead, l.part, l.action, l.content,"
	"   coalesce((SELECT m.external_id FROM messages m"
	"    WHERE m.client_id = l.client AND m.dialog_id = l.dialog"
	"     AND l.direction = 'buyer' AND m.origin = 'avito'"
	"    ORDER BY m.id DESC LIMIT 1), ''), $2, l.request FROM l"
	"  RETURNING id, delivery_id)"
	" SELECT l.n, t.id FROM l JOIN t ON t.delivery_id = l.lead",
};

static struct json_object *ids_of(const struct attempt_new *t)
{
	struct json_object *list = json_object_new_array();

	json_object_array_add(list, json_object_new_int64(t->d->id));
	for (size_t i = 0; i < t->n_joined; i++)
		json_object_array_add(list,
				      json_object_new_int64(t->joined[i].id));
	return list;
}

static struct json_object *row_of(struct arena *a, const struct attempt_new *t,
				  size_t n)
{
	struct json_object *o = json_object_new_object();

	json_put_i64(o, "n", (int64_t)n);
	json_put_i64(o, "client", t->d->client_id);
	json_put_i64(o, "dialog", t->d->dialog_id);
	json_put_str(o, "direction", t->d->direction);
	json_put_str(o, "token", t->d->lease_token);
	json_put_i64(o, "lead", t->d->id);
	json_put(o, "ids", ids_of(t));
	json_put_i64(o, "part", t->part);
	json_put_str(o, "action", t->action);
	json_put_str(o, "content", t->content);
	json_put_str(o, "lease", arg_time(a, t->lease_until));
	json_put_str(o, "request", t->d->request_id);
	return o;
}

/* A robot's text on its way to the buyer of which nothing has left yet. */
static bool may_be_unwanted(const struct attempt_new *t)
{
	return strcmp(t->d->author, "robot") == 0 && t->part == 0 &&
	       strcmp(t->d->direction, "buyer") == 0;
}

static bool find_unwanted(struct db *db, struct arena *a,
			  struct attempt_new *list, size_t n, int64_t now,
			  struct err *err)
{
	int64_t *ids = arena_array(a, n, sizeof(*ids));
	const char **reasons = arena_array(a, n, sizeof(*reasons));
	size_t n_ids = 0, k = 0;

	for (size_t i = 0; i < n; i++) {
		list[i].unwanted = NULL;
		if (may_be_unwanted(&list[i]))
			ids[n_ids++] = list[i].d->message_id;
	}
	if (n_ids == 0)
		return true;
	if (!auto_replies_unwanted(db, a, ids, n_ids, now, reasons, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (may_be_unwanted(&list[i]))
			list[i].unwanted = reasons[k++];
	return true;
}

bool attempts_begin(struct db *db, struct arena *a, struct attempt_new *list,
		    size_t n, int64_t now, struct err *err)
{
	struct json_object *rows = json_object_new_array();
	struct rows r;

	json_put(json_new(a), "rows", rows); /* which frees it */
	if (!find_unwanted(db, a, list, n, now, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!list[i].unwanted)
			json_object_array_add(rows, row_of(a, &list[i], i));
	if (!db_all(db, a, &begin, DB_ARGS(json_text(rows), arg_time(a, now)),
		    &r, err))
		return false;
	for (size_t i = 0; i < n; i++)
		list[i].id = 0;
	for (int i = 0; i < r.n; i++)
		list[rows_i64(&r, i, 0)].id = rows_i64(&r, i, 1);
	return true;
}

/* "done" without a copy: who heard of it had lost the lease.  A source's number
 * is above zero, a working group's below. */
static const struct stmt last_attempt = {
	"attempt_last",
	"SELECT id, part, action, known_external_id, content, started_at,"
	"  coalesce(outcome, 'unsure') = 'unsure' OR (outcome = 'done'"
	"   AND part >= 0 AND NOT EXISTS (SELECT 1 FROM deliveries x"
	"    JOIN message_copies c ON c.message_id = x.message_id"
	"    WHERE x.id = $2 AND c.part = attempts.part"
	"     AND (x.direction = 'buyer') = (c.place_id > 0)))"
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
