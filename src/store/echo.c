/*
 * echo.c - our own message comes back after its send was given up.
 */
#include "config.h"

#include <string.h>

#include "store/attempt.h"
#include "store/complaint.h"
#include "store/echo.h"

/* Who looks for one in vain so long after, does not find it any more. */
#define ECHO_US INT64_C(86400000000)

/* What daemon/job.h calls the action of a call with several parts. */
#define SEND_ALBUM "telegram.send_album"

/* The lane's row comes first, as everywhere. */
static const struct stmt lock_lane = {
	"echo_lock_lane",
	"SELECT 1 FROM lanes l JOIN dialogs g"
	"   ON g.client_id = $1 AND g.id = l.dialog_id"
	" WHERE l.direction = 'buyer' AND g.source = 'telegram'"
	"  AND g.source_id = $2 AND g.external_chat_id = $3"
	" FOR UPDATE OF l",
};

/* Items of an album come back one by one: the first of them does not tell that
 * the others went, and must not let them go again. */
static const struct stmt settle = {
	"echo_settle",
	"WITH x AS (SELECT d.id, d.client_id, d.message_id, d.state,"
	"   t.id AS attempt, t.part"
	"  FROM dialogs g JOIN telegram_sources s"
	"    ON s.client_id = $1 AND s.id = g.source_id"
	"   JOIN bots b ON b.client_id = $1 AND b.id = s.bot_id"
	"    AND ($7::bigint IS NULL OR b.telegram_id = $7)"
	"   JOIN deliveries d ON d.dialog_id = g.id AND d.direction = 'buyer'"
	"   JOIN messages m ON m.client_id = $1 AND m.id = d.message_id"
	"   CROSS JOIN LATERAL (SELECT id, part, action, outcome, content"
	"    FROM attempts WHERE delivery_id = d.id ORDER BY id DESC LIMIT 1) t"
	"  WHERE g.client_id = $1 AND g.source = 'telegram'"
	"   AND g.source_id = $2 AND g.external_chat_id = $3"
	"   AND d.state IN ('dead', 'queued') AND d.updated_at > $9"
	"   AND t.outcome = 'unsure' AND t.action <> '" SEND_ALBUM "'"
	"   AND m.kind = $5"
	"   AND btrim(t.content, E' \\n\\r\\t') = btrim($6, E' \\n\\r\\t')"
	"   AND NOT EXISTS (SELECT 1 FROM message_copies c"
	"    WHERE c.client_id = $1 AND c.place = 'telegram'"
	"     AND c.place_id = $2 AND c.external_id = $4)"
	"  ORDER BY d.seq LIMIT 1),"
	" c AS (INSERT INTO message_copies (client_id, message_id, place,"
	"   place_id, part, external_id, created_at)"
	"  SELECT client_id, message_id, 'telegram', $2, part, $4, $8 FROM x"
	"  ON CONFLICT DO NOTHING),"
	" t AS (UPDATE attempts SET outcome = 'settled' FROM x"
	"   WHERE attempts.id = x.attempt)"
	" SELECT id, state FROM x",
};

bool echo_settle(struct db *db, struct arena *a, const struct echo *e,
		 bool *settled, struct err *err)
{
	const char *client = arg_i64(a, e->client_id);
	const char *source = arg_i64(a, e->source_id);
	struct rows r;

	db_queue(db, &lock_lane, DB_ARGS(client, source, e->chat));
	if (!db_maybe(db, a, &settle,
		      DB_ARGS(client, source, e->chat, e->external_id, e->kind,
			      e->text, arg_id(a, e->sender_bot),
			      arg_time(a, e->now),
			      arg_time(a, e->now - ECHO_US)),
		      &r, err))
		return false;
	*settled = r.n == 1;
	if (!*settled)
		return true;
	complaint_queue_show(db, a, rows_i64(&r, 0, 0), e->now, e->request_id);
	/* What is left of it goes now, or nothing, and then it is done. */
	return strcmp(rows_str(&r, 0, 1), "dead") != 0 ||
	       delivery_retry(db, a, e->client_id, rows_i64(&r, 0, 0), e->now,
			      err);
}

static const struct stmt absorb = {
	"echo_absorb",
	"DELETE FROM messages WHERE client_id = $1 AND dialog_id = $2"
	" AND is_parked AND external_id = $3",
};

bool echo_settle_parked(struct db *db, struct arena *a,
			const struct delivery *d, int64_t now, struct err *err)
{
	struct echo e = { .client_id = d->client_id,
			  .source_id = d->source_id,
			  .chat = d->chat,
			  .kind = d->kind,
			  .now = now,
			  .request_id = d->request_id };
	struct attempt at;
	bool settled;

	if (!attempt_last(db, a, d, &at, err))
		return false;
	/* It would not settle, and must not be taken away. */
	if (strcmp(at.action, SEND_ALBUM) == 0)
		return true;
	if (!parked_find(db, a, d, d->kind, at.content, &e.external_id, err))
		return false;
	if (!e.external_id)
		return true;
	e.text = at.content;
	db_queue(db, &absorb,
		 DB_ARGS(arg_i64(a, d->client_id), arg_i64(a, d->dialog_id),
			 e.external_id));
	return echo_settle(db, a, &e, &settled, err);
}
