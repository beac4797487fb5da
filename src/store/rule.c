/*
 * rule.c - keyword rules at work: which of them a message calls for, and what
 * was done for it.
 */
#include "config.h"

#include "store/rule.h"

static const struct stmt case_find = {
	"rule_case_find",
	"SELECT m.dialog_id, p.rules,"
	"  (SELECT coalesce(jsonb_agg(r->'id'), '[]')"
	"    FROM (SELECT words_of(m.text) AS said OFFSET 0) w,"
	"     jsonb_array_elements(p.rules) r"
	"    WHERE r->'words' = '[]'"
	"     OR words_found(w.said, r->'words', r->>'match')),"
	"  NOT EXISTS (SELECT 1 FROM messages x WHERE x.client_id = $1"
	"    AND x.dialog_id = m.dialog_id AND x.id < m.id"
	"    AND x.author = 'buyer' AND NOT x.is_archived),"
	"  least(m.written_at, m.created_at), m.created_at"
	" FROM messages m"
	"  JOIN dialogs g ON g.client_id = $1 AND g.id = m.dialog_id"
	"  JOIN projects p ON p.client_id = $1 AND p.id = g.project_id"
	" WHERE m.client_id = $1 AND m.id = $2 AND m.author = 'buyer'"
	"  AND NOT m.is_history AND NOT m.is_archived AND p.rules <> '[]'",
};

bool rule_case_find(struct db *db, struct arena *a, int64_t client_id,
		    int64_t message_id, struct rule_case *c, struct err *err)
{
	struct rows r;

	*c = (struct rule_case){ 0 };
	if (!db_maybe(db, a, &case_find,
		      DB_ARGS(arg_i64(a, client_id), arg_i64(a, message_id)),
		      &r, err))
		return false;
	if (r.n)
		*c = (struct rule_case){
			.dialog_id = rows_i64(&r, 0, 0),
			.rules = rows_str(&r, 0, 1),
			.found = rows_str(&r, 0, 2),
			.is_first = rows_bool(&r, 0, 3),
			.written_at = rows_time(&r, 0, 4),
			.created_at = rows_time(&r, 0, 5),
		};
	return true;
}

/* Two at once see the same last one, so their rows have the same key. */
static const struct stmt mark = {
	"rule_mark",
	"INSERT INTO auto_replies (client_id, dialog_id, kind, rule_id,"
	"  interval_key, asked_message_id, asked_at, due_at, state, reason,"
	"  created_at, updated_at)"
	" SELECT $1, $2, 'rule', $4, 'after:' || coalesce(max(id), 0), $3,"
	"  $5::timestamptz, $6::timestamptz, $8, $9, $6, $6"
	"  FROM auto_replies WHERE dialog_id = $2 AND kind = 'rule'"
	"   AND rule_id = $4"
	"   AND state IN ('pending', 'queued', 'sent', 'replaced',"
	"    'unsure')"
	" HAVING coalesce(max(asked_at) <= $7::timestamptz, true)"
	" ON CONFLICT (dialog_id, kind, rule_id, interval_key, step)"
	"  WHERE state IN ('pending', 'queued', 'sent', 'replaced',"
	"    'unsure')"
	"  DO NOTHING"
	" RETURNING id",
};

bool rule_mark(struct db *db, struct arena *a, const struct rule_mark *m,
	       int64_t *id, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &mark,
		      DB_ARGS(arg_i64(a, m->client_id),
			      arg_i64(a, m->dialog_id),
			      arg_i64(a, m->message_id), m->rule_id,
			      arg_time(a, m->asked_at), arg_time(a, m->now),
			      arg_time(a, m->asked_at - m->repeat_us), m->state,
			      m->reason),
		      &r, err))
		return false;
	*id = r.n ? rows_i64(&r, 0, 0) : 0;
	return true;
}

static const struct stmt assign = {
	"dialog_assign",
	"UPDATE dialogs SET assignee_id = $3 WHERE client_id = $1 AND id = $2",
};

bool dialog_assign(struct db *db, struct arena *a, int64_t client_id,
		   int64_t dialog_id, int64_t user_id, struct err *err)
{
	return db_exec(db, &assign,
		       DB_ARGS(arg_i64(a, client_id), arg_i64(a, dialog_id),
			       arg_i64(a, user_id)),
		       err);
}

static const struct stmt label_one = {
	"dialog_label",
	"UPDATE dialogs SET labels = labels || $3::text"
	" WHERE client_id = $1 AND id = $2 AND $3 <> ALL (labels)"
	"  AND cardinality(labels) < $4",
};

bool dialog_label(struct db *db, struct arena *a, int64_t client_id,
		  int64_t dialog_id, const char *label, int max,
		  struct err *err)
{
	return db_exec(db, &label_one,
		       DB_ARGS(arg_i64(a, client_id), arg_i64(a, dialog_id),
			       label, arg_i64(a, max)),
		       err);
}
