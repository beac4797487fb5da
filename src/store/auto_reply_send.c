/*
 * auto_reply_send.c - texts that go out by themselves: the way out.
 */
#include "config.h"

#include <string.h>

#include "store/auto_reply.h"
#include "store/message_impl.h"
#include "store/task.h"

/* r: the row; $2: now. */
#define UNWANTED                                                              \
	" CASE WHEN $2::timestamptz > r.due_at + $3::interval THEN 'expired'" \
	"  WHEN auto_reply_answered(r.client_id, r.dialog_id,"                \
	"   r.asked_message_id, r.asked_at) THEN 'answered'"                  \
	"  WHEN (r.kind = 'greeting' AND p.greeting = '')"                    \
	"   OR (r.kind = 'auto_reply' AND NOT coalesce((coalesce("            \
	"    a.auto_reply, t.auto_reply, p.auto_reply)"                       \
	"    ->> 'enabled')::boolean, false)) THEN 'disabled' END"

#define UNWANTED_TABLES                                          \
	" JOIN dialogs g ON g.client_id = r.client_id"           \
	"  AND g.id = r.dialog_id"                               \
	" JOIN projects p ON p.client_id = g.client_id"          \
	"  AND p.id = g.project_id"                              \
	" LEFT JOIN avito_accounts a ON g.source = 'avito'"      \
	"  AND a.client_id = g.client_id AND a.id = g.source_id" \
	" LEFT JOIN telegram_sources t ON g.source = 'telegram'" \
	"  AND t.client_id = g.client_id AND t.id = g.source_id"

static const char *expires(struct arena *a)
{
	return arena_printf(a, "%lld seconds",
			    (long long)(AUTO_REPLY_EXPIRES_US / 1000000));
}

static const char *reason_at(const struct rows *r, int row, int column)
{
	return rows_null(r, row, column) ? NULL : rows_str(r, row, column);
}

static const struct stmt unwanted = {
	"auto_reply_unwanted",
	"SELECT" UNWANTED " FROM auto_replies r" UNWANTED_TABLES
	" WHERE r.id = $1",
};

bool auto_reply_unwanted(struct db *db, struct arena *a, int64_t id,
			 int64_t now, const char **reason, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &unwanted,
		    DB_ARGS(arg_i64(a, id), arg_time(a, now), expires(a)), &r,
		    err))
		return false;
	*reason = reason_at(&r, 0, 0);
	return true;
}

static const struct stmt unwanted_messages = {
	"auto_replies_unwanted",
	"SELECT x.n - 1, CASE WHEN r.state <> 'queued' THEN 'gone' "
	"ELSE" UNWANTED " END"
	" FROM jsonb_array_elements_text($1::jsonb) WITH ORDINALITY x (id, n)"
	" JOIN auto_replies r ON r.message_id = x.id::bigint" UNWANTED_TABLES,
};

bool auto_replies_unwanted(struct db *db, struct arena *a,
			   const int64_t *message_ids, size_t n, int64_t now,
			   const char **reasons, struct err *err)
{
	const char **ids = arena_array(a, n, sizeof(*ids));
	struct rows r;

	for (size_t i = 0; i < n; i++) {
		ids[i] = arg_i64(a, message_ids[i]);
		reasons[i] = NULL;
	}
	if (!db_all(db, a, &unwanted_messages,
		    DB_ARGS(arg_array(a, ids, n), arg_time(a, now), expires(a)),
		    &r, err))
		return false;
	for (int i = 0; i < r.n; i++)
		reasons[rows_i64(&r, i, 0)] = reason_at(&r, i, 1);
	return true;
}

/* The text that a greeting stands for is free again when that did not go. */
#define AND_WHAT_IT_REPLACES                                                   \
	" w AS (UPDATE auto_replies o SET state = r.state, reason = r.reason," \
	"   updated_at = r.updated_at FROM r"                                  \
	"  WHERE r.kind = 'greeting'"                                          \
	"   AND r.state IN ('dropped', 'expired', 'failed')"                   \
	"   AND o.dialog_id = r.dialog_id"                                     \
	"   AND o.asked_message_id = r.asked_message_id"                       \
	"   AND o.kind = 'auto_reply' AND o.state = 'replaced')"

static const struct stmt drop = {
	"auto_reply_drop",
	"WITH r AS (UPDATE auto_replies SET state = $2, reason = $3,"
	"   updated_at = $4::timestamptz WHERE id = $1 RETURNING "
	"*)," AND_WHAT_IT_REPLACES " SELECT 1",
};

bool auto_reply_drop(struct db *db, struct arena *a, const struct auto_row *row,
		     const char *state, const char *reason, int64_t now,
		     struct err *err)
{
	return db_exec(
		db, &drop,
		DB_ARGS(arg_i64(a, row->id), state, reason, arg_time(a, now)),
		err);
}

static const struct stmt enqueue = {
	"auto_reply_enqueue",
	"WITH m AS (INSERT INTO messages (client_id, dialog_id, origin,"
	"   origin_id, external_id, author, kind, text, is_auto_reply,"
	"   written_at, created_at, request_id)"
	"  VALUES ($1, $2, 'tuberry', $2, $4, 'robot', 'text', $5, true, $6,"
	"   $6, $7) RETURNING id, dialog_id)," WITH_DELIVERY(
		"b", "buyer", "true", "$6",
		"$7") " r AS (UPDATE auto_replies SET state = 'queued',"
		      "   message_id = m.id, updated_at = $6 FROM m"
		      "  WHERE auto_replies.id = $3)"
		      " UPDATE dialogs g SET last_message_at ="
		      "  greatest(g.last_message_at, $6) FROM m"
		      " WHERE g.client_id = $1 AND g.id = m.dialog_id",
};

bool auto_reply_enqueue(struct db *db, struct arena *a,
			const struct auto_row *row, const char *text,
			int64_t now, const char *request_id, struct err *err)
{
	return db_exec(db, &enqueue,
		       DB_ARGS(arg_i64(a, row->client_id),
			       arg_i64(a, row->dialog_id), arg_i64(a, row->id),
			       arena_printf(a, "%s:%lld", row->kind,
					    (long long)row->id),
			       text, arg_time(a, now),
			       request_id ? request_id : ""),
		       err);
}

static const struct stmt mirror = {
	"auto_reply_mirror",
	"WITH m AS (SELECT id, dialog_id FROM messages"
	"  WHERE client_id = $1 AND id = $2 AND NOT EXISTS (SELECT 1"
	"   FROM deliveries x WHERE x.message_id = messages.id"
	"    AND x.direction = 'team'))," WITH_DELIVERY(
		"t", "team", "true", "$3", "$4") " n AS (SELECT 1)"
						 " SELECT 1",
};

bool auto_reply_mirror(struct db *db, struct arena *a,
		       const struct auto_row *row, int64_t now,
		       const char *request_id, struct err *err)
{
	return db_exec(db, &mirror,
		       DB_ARGS(arg_i64(a, row->client_id),
			       arg_i64(a, row->message_id), arg_time(a, now),
			       request_id ? request_id : ""),
		       err);
}

/* The dialog first: see the header. */
static const struct stmt note_sent = {
	"auto_reply_note_sent",
	"UPDATE dialogs g SET auto_reply_last_sent_at = $2 FROM messages m"
	" WHERE m.id = $1 AND g.client_id = m.client_id AND g.id = m.dialog_id",
};

#define THEN_TELL                                                     \
	" INSERT INTO tasks (client_id, kind, subject_id, due_at,"    \
	"  created_at, request_id)"                                   \
	" SELECT r.client_id, 'auto_reply.sent', r.id, r.updated_at," \
	"  r.updated_at, $4 FROM r WHERE r.state = 'sent'" TASK_ASK_AGAIN

static const struct stmt end = {
	"auto_reply_end",
	"WITH r AS (UPDATE auto_replies SET state = $2, reason = $5,"
	"   updated_at = $3::timestamptz"
	"  WHERE message_id = $1 AND state IN ('queued', 'unsure')"
	"  RETURNING *)," AND_WHAT_IT_REPLACES THEN_TELL,
};

void auto_reply_queue_end(struct db *db, struct arena *a, int64_t message_id,
			  const char *state, const char *reason, int64_t now,
			  const char *request_id)
{
	const char *id = arg_i64(a, message_id), *at = arg_time(a, now);

	if (strcmp(state, "sent") == 0)
		db_queue(db, &note_sent, DB_ARGS(id, at));
	db_queue(db, &end,
		 DB_ARGS(id, state, at, request_id ? request_id : "", reason));
}

/* One that had ended without being sent comes back only while there is no
 * other in its place.  It is due anew, or it would have expired. */
static const struct stmt decide = {
	"auto_reply_decide",
	"WITH r AS (UPDATE auto_replies o SET state = $2, reason = 'person',"
	"   updated_at = $3::timestamptz, due_at = CASE WHEN $2 = 'queued'"
	"    THEN $3 ELSE o.due_at END"
	"  FROM deliveries x WHERE x.id = $1 AND x.direction = 'buyer'"
	"   AND o.message_id = x.message_id"
	"   AND (o.state IN ('queued', 'unsure') OR ($2 <> 'dropped'"
	"    AND NOT EXISTS (SELECT 1 FROM auto_replies n"
	"     WHERE n.dialog_id = o.dialog_id AND n.kind = o.kind"
	"      AND n.rule_id = o.rule_id AND n.interval_key = o.interval_key"
	"      AND n.step = o.step AND n.state IN ('pending', 'queued',"
	"       'sent', 'replaced', 'unsure'))))"
	"  RETURNING o.*)," AND_WHAT_IT_REPLACES THEN_TELL,
};

static const struct stmt note_decided = {
	"auto_reply_note_decided",
	"UPDATE dialogs g SET auto_reply_last_sent_at = $2"
	" FROM deliveries x JOIN messages m ON m.id = x.message_id"
	" WHERE x.id = $1 AND x.direction = 'buyer' AND m.is_auto_reply"
	"  AND g.client_id = x.client_id AND g.id = x.dialog_id",
};

bool auto_reply_decide(struct db *db, struct arena *a, int64_t delivery_id,
		       const char *state, int64_t now, const char *request_id,
		       struct err *err)
{
	const char *id = arg_i64(a, delivery_id), *at = arg_time(a, now);

	if (strcmp(state, "sent") == 0 &&
	    !db_exec(db, &note_decided, DB_ARGS(id, at), err))
		return false;
	return db_exec(db, &decide,
		       DB_ARGS(id, state, at, request_id ? request_id : ""),
		       err);
}
