/*
 * auto_reply.c - texts that go out by themselves: the plan.
 */
#include "config.h"

#include "base/clock.h"
#include "store/auto_reply.h"

#define GUARDED "('pending', 'queued', 'sent', 'replaced', 'unsure')"
#define NOT_TWICE                                                     \
	" ON CONFLICT (dialog_id, kind, rule_id, interval_key, step)" \
	"  WHERE state IN " GUARDED " DO NOTHING RETURNING id"

static const struct stmt find_subject = {
	"auto_subject_find",
	"SELECT m.client_id, m.dialog_id, g.project_id,"
	"  m.author = 'buyer' AND NOT m.is_history AND NOT m.is_archived,"
	"  NOT EXISTS (SELECT 1 FROM messages e"
	"   WHERE e.client_id = m.client_id AND e.dialog_id = m.dialog_id"
	"    AND e.id < m.id AND e.author <> 'system'"
	"    AND NOT e.is_archived),"
	"  least(m.written_at, m.created_at), m.created_at,"
	"  coalesce(a.auto_reply, t.auto_reply, p.auto_reply), p.greeting,"
	"  p.rules, g.source <> 'avito' OR g.details_at IS NOT NULL,"
	"  g.buyer_name, g.item_title, g.item_price, g.item_url, p.name,"
	"  coalesce(nullif(a.name, ''), nullif(b.name, ''), p.name)"
	" FROM messages m"
	" JOIN dialogs g ON g.client_id = m.client_id AND g.id = m.dialog_id"
	" JOIN projects p ON p.client_id = g.client_id"
	"  AND p.id = g.project_id"
	" LEFT JOIN avito_accounts a ON g.source = 'avito'"
	"  AND a.client_id = g.client_id AND a.id = g.source_id"
	" LEFT JOIN telegram_sources t ON g.source = 'telegram'"
	"  AND t.client_id = g.client_id AND t.id = g.source_id"
	" LEFT JOIN bots b ON b.client_id = t.client_id AND b.id = t.bot_id"
	" WHERE m.id = $1",
};

bool auto_subject_find(struct db *db, struct arena *a, int64_t message_id,
		       struct auto_subject *s, struct err *err)
{
	struct rows r;
	int c = 0;

	if (!db_maybe(db, a, &find_subject, DB_ARGS(arg_i64(a, message_id)), &r,
		      err))
		return false;
	if (r.n == 0)
		return err_set(err, ERR_MISSING, "there is no such message");
	*s = (struct auto_subject){ .message_id = message_id };
	s->client_id = rows_i64(&r, 0, c++);
	s->dialog_id = rows_i64(&r, 0, c++);
	s->project_id = rows_i64(&r, 0, c++);
	s->is_asking = rows_bool(&r, 0, c++);
	s->is_first = rows_bool(&r, 0, c++);
	s->written_at = rows_time(&r, 0, c++);
	s->seen_at = rows_time(&r, 0, c++);
	s->auto_reply = rows_str(&r, 0, c++);
	s->greeting = rows_str(&r, 0, c++);
	s->rules = rows_str(&r, 0, c++);
	s->details_known = rows_bool(&r, 0, c++);
	s->buyer_name = rows_str(&r, 0, c++);
	s->item_title = rows_str(&r, 0, c++);
	s->item_price = rows_str(&r, 0, c++);
	s->item_url = rows_str(&r, 0, c++);
	s->project_name = rows_str(&r, 0, c++);
	s->shop_name = rows_str(&r, 0, c++);
	return true;
}

static const struct stmt lock_dialog = {
	"auto_reply_lock_dialog",
	"SELECT 1 FROM dialogs WHERE client_id = $1 AND id = $2"
	" FOR NO KEY UPDATE",
};

void auto_reply_queue_lock(struct db *db, struct arena *a, int64_t client_id,
			   int64_t dialog_id)
{
	db_queue(db, &lock_dialog,
		 DB_ARGS(arg_i64(a, client_id), arg_i64(a, dialog_id)));
}

static bool plan(struct db *db, struct arena *a, const struct stmt *s,
		 struct db_args args, int64_t *id, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, s, args, &r, err))
		return false;
	*id = r.n ? rows_i64(&r, 0, 0) : 0;
	return true;
}

static const struct stmt plan_greeting = {
	"auto_reply_plan_greeting",
	"INSERT INTO auto_replies (client_id, dialog_id, kind, interval_key,"
	"  asked_message_id, asked_at, due_at, created_at, updated_at)"
	" SELECT $1, $2, 'greeting', 'dialog', $3, $4, $5, $6, $6"
	" WHERE NOT EXISTS (SELECT 1 FROM auto_replies r"
	"   WHERE r.dialog_id = $2 AND r.kind = 'greeting'"
	"    AND r.asked_message_id = $3)" NOT_TWICE,
};

bool auto_reply_plan_greeting(struct db *db, struct arena *a,
			      const struct auto_plan *p, int64_t *id,
			      struct err *err)
{
	const struct auto_subject *s = p->subject;

	return plan(db, a, &plan_greeting,
		    DB_ARGS(arg_i64(a, s->client_id), arg_i64(a, s->dialog_id),
			    arg_i64(a, s->message_id),
			    arg_time(a, s->written_at), arg_time(a, p->due_at),
			    arg_time(a, p->now)),
		    id, err);
}

/* $1 client, $2 dialog, $3 message, $4 its time, $5 due, $6 replaced, $7 now.
 * Steps that are left of an earlier interval have had their time. */
#define PLAN_FIRST(key, was_sent)                                             \
	"WITH i AS (INSERT INTO auto_replies (client_id, dialog_id, kind,"    \
	"   interval_key, asked_message_id, asked_at, due_at, state,"         \
	"   created_at, updated_at)"                                          \
	"  SELECT $1, $2, 'auto_reply', " key ", $3, $4, $5,"                 \
	"   CASE WHEN $6::boolean THEN 'replaced' ELSE 'pending' END, $7, $7" \
	"  WHERE NOT EXISTS (SELECT 1 FROM auto_replies r"                    \
	"    WHERE r.dialog_id = $2 AND r.kind = 'auto_reply'"                \
	"     AND ((r.step = 0 AND r.state IN ('pending', 'queued'))"         \
	"      OR r.asked_message_id = $3 OR (r.state IN"                     \
	"       ('sent', 'replaced', 'unsure') AND " was_sent ")))" NOT_TWICE \
	"), o AS (UPDATE auto_replies r SET state = 'dropped',"               \
	"   reason = 'superseded', updated_at = $7 FROM i"                    \
	"  WHERE r.dialog_id = $2 AND r.kind = 'auto_reply' AND r.step > 0"   \
	"   AND r.state = 'pending')"                                         \
	" SELECT id FROM i"

static const struct stmt plan_interval = {
	"auto_reply_plan_interval",
	PLAN_FIRST("$8", "r.asked_at >= $9 AND r.asked_at < $10"),
};

bool auto_reply_plan_interval(struct db *db, struct arena *a,
			      const struct auto_plan *p, int64_t begins_at,
			      int64_t ends_at, int64_t *id, struct err *err)
{
	const struct auto_subject *s = p->subject;

	return plan(
		db, a, &plan_interval,
		DB_ARGS(arg_i64(a, s->client_id), arg_i64(a, s->dialog_id),
			arg_i64(a, s->message_id), arg_time(a, s->written_at),
			arg_time(a, p->due_at), arg_bool(p->replaced),
			arg_time(a, p->now),
			arena_printf(a, "window:%s", clock_text(a, begins_at)),
			arg_time(a, begins_at), arg_time(a, ends_at)),
		id, err);
}

/* The interval is named by what it follows, so that of two who plan at once
 * one is too late. */
static const struct stmt plan_always = {
	"auto_reply_plan_always",
	PLAN_FIRST("'after:' || coalesce((SELECT max(l.id) FROM auto_replies l"
		   "  WHERE l.dialog_id = $2 AND l.kind = 'auto_reply'"
		   "   AND l.step = 0"
		   "   AND l.state IN ('sent', 'replaced', 'unsure')), 0)",
		   "r.updated_at > $8"),
};

bool auto_reply_plan_always(struct db *db, struct arena *a,
			    const struct auto_plan *p, int64_t since,
			    int64_t *id, struct err *err)
{
	const struct auto_subject *s = p->subject;

	return plan(db, a, &plan_always,
		    DB_ARGS(arg_i64(a, s->client_id), arg_i64(a, s->dialog_id),
			    arg_i64(a, s->message_id),
			    arg_time(a, s->written_at), arg_time(a, p->due_at),
			    arg_bool(p->replaced), arg_time(a, p->now),
			    arg_time(a, since)),
		    id, err);
}

static const struct stmt plan_step = {
	"auto_reply_plan_step",
	"INSERT INTO auto_replies (client_id, dialog_id, kind, interval_key,"
	"  step, asked_message_id, asked_at, due_at, created_at, updated_at)"
	" SELECT r.client_id, r.dialog_id, r.kind, r.interval_key, r.step + 1,"
	"  r.asked_message_id, r.asked_at, $2, $3, $3"
	" FROM auto_replies r WHERE r.id = $1 AND NOT EXISTS (SELECT 1"
	"   FROM auto_replies n WHERE n.dialog_id = r.dialog_id"
	"    AND n.kind = r.kind AND n.interval_key = r.interval_key"
	"    AND n.step = r.step + 1"
	"    AND n.asked_message_id = r.asked_message_id)" NOT_TWICE,
};

bool auto_reply_plan_step(struct db *db, struct arena *a,
			  const struct auto_row *before, int64_t due_at,
			  int64_t now, int64_t *id, struct err *err)
{
	return plan(db, a, &plan_step,
		    DB_ARGS(arg_i64(a, before->id), arg_time(a, due_at),
			    arg_time(a, now)),
		    id, err);
}

#define ROW_COLUMNS                                                      \
	"SELECT id, client_id, dialog_id, kind, rule_id, interval_key,"  \
	"  step, asked_message_id, asked_at, due_at, state, message_id," \
	"  updated_at"                                                   \
	" FROM auto_replies"

static struct auto_row read_row(const struct rows *r)
{
	return (struct auto_row){
		.id = rows_i64(r, 0, 0),
		.client_id = rows_i64(r, 0, 1),
		.dialog_id = rows_i64(r, 0, 2),
		.kind = rows_str(r, 0, 3),
		.rule_id = rows_str(r, 0, 4),
		.interval_key = rows_str(r, 0, 5),
		.step = (int)rows_i64(r, 0, 6),
		.asked_message_id = rows_i64(r, 0, 7),
		.asked_at = rows_time(r, 0, 8),
		.due_at = rows_time(r, 0, 9),
		.state = rows_str(r, 0, 10),
		.message_id = rows_i64(r, 0, 11),
		.changed_at = rows_time(r, 0, 12),
	};
}

/* Statements of their own, so that the next one sees what they waited for.
 * Both lanes, for the team's is written as well: whoever stores a message has
 * that one before the dialog. */
static const struct stmt lock_lanes = {
	"auto_reply_lock_lanes",
	"SELECT 1 FROM lanes WHERE dialog_id ="
	"  (SELECT dialog_id FROM auto_replies WHERE id = $1)"
	" ORDER BY direction FOR UPDATE",
};

static const struct stmt lock_row_dialog = {
	"auto_reply_lock_row_dialog",
	"SELECT 1 FROM dialogs WHERE id ="
	"  (SELECT dialog_id FROM auto_replies WHERE id = $1)"
	" FOR NO KEY UPDATE",
};

static const struct stmt lock_row = {
	"auto_reply_lock",
	ROW_COLUMNS " WHERE id = $1 FOR NO KEY UPDATE",
};

bool auto_reply_lock(struct db *db, struct arena *a, int64_t id,
		     struct auto_row *row, struct err *err)
{
	struct db_args args = DB_ARGS(arg_i64(a, id));
	struct rows r;

	db_queue(db, &lock_lanes, args);
	db_queue(db, &lock_row_dialog, args);
	if (!db_maybe(db, a, &lock_row, args, &r, err))
		return false;
	if (r.n == 0)
		return err_set(err, ERR_MISSING, "there is no such auto-reply");
	*row = read_row(&r);
	return true;
}

static const struct stmt find_replaced = {
	"auto_reply_find_replaced",
	ROW_COLUMNS " WHERE dialog_id = $1 AND asked_message_id = $2"
		    "  AND kind = 'auto_reply' AND state = 'replaced'",
};

bool auto_reply_find_replaced(struct db *db, struct arena *a,
			      const struct auto_row *greeting,
			      struct auto_row *row, struct err *err)
{
	struct rows r;

	*row = (struct auto_row){ 0 };
	if (!db_maybe(db, a, &find_replaced,
		      DB_ARGS(arg_i64(a, greeting->dialog_id),
			      arg_i64(a, greeting->asked_message_id)),
		      &r, err))
		return false;
	if (r.n)
		*row = read_row(&r);
	return true;
}
