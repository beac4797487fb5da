/*
 * topic_state.c - what a dialog's topic shows of the dialog.
 */
#include "config.h"

#include "store/task.h"
#include "store/topic_state.h"

#define STATE                                        \
	"CASE WHEN g.status <> 'open' THEN 'closed'" \
	"  WHEN g.waiting_since IS NULL THEN 'answered' ELSE 'new' END"

static const struct stmt find = {
	"topic_view_find",
	"SELECT g.client_id, g.buyer_name, g.item_title, " STATE ","
	"  g.bot_id, g.group_chat_id, g.topic_id, b.status = 'error',"
	"  b.topic_icons, g.topic_state, g.topic_title, g.topic_closed,"
	"  g.topic_state_at"
	" FROM dialogs g LEFT JOIN bots b ON b.client_id = g.client_id"
	"  AND b.id = g.bot_id"
	" WHERE g.id = $1",
};

bool topic_view_find(struct db *db, struct arena *a, int64_t dialog_id,
		     struct topic_view *v, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &find, DB_ARGS(arg_i64(a, dialog_id)), &r, err))
		return false;
	if (r.n == 0)
		return err_set(err, ERR_MISSING, "there is no such dialog");
	*v = (struct topic_view){
		.dialog_id = dialog_id,
		.client_id = rows_i64(&r, 0, 0),
		.buyer_name = rows_str(&r, 0, 1),
		.item_title = rows_str(&r, 0, 2),
		.state = rows_str(&r, 0, 3),
		.bot_id = rows_i64(&r, 0, 4),
		.chat_id = rows_i64(&r, 0, 5),
		.topic_id = rows_i64(&r, 0, 6),
		.bot_broken = rows_bool(&r, 0, 7),
		.icons = rows_str(&r, 0, 8),
		.shown_state = rows_str(&r, 0, 9),
		.shown_title = rows_str(&r, 0, 10),
		.shown_closed = rows_bool(&r, 0, 11),
		.shown_at = rows_time(&r, 0, 12),
	};
	return true;
}

static const struct stmt shown = {
	"topic_view_shown",
	"UPDATE dialogs g SET topic_state = $3, topic_title = $4,"
	"  topic_closed = $5, topic_state_at = $6"
	" WHERE g.id = $1 AND g.topic_id = $2"
	" RETURNING " STATE " = $3 AND (g.status <> 'open') = $5",
};

bool topic_view_shown(struct db *db, struct arena *a,
		      const struct topic_view *v, bool *current,
		      struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &shown,
		      DB_ARGS(arg_i64(a, v->dialog_id), arg_i64(a, v->topic_id),
			      v->shown_state, v->shown_title,
			      arg_bool(v->shown_closed),
			      arg_time(a, v->shown_at)),
		      &r, err))
		return false;
	*current = r.n == 0 || rows_bool(&r, 0, 0);
	return true;
}

bool topic_state_ask(struct db *db, struct arena *a, int64_t client_id,
		     int64_t dialog_id, int64_t now, const char *request_id,
		     struct err *err)
{
	struct task t = {
		.client_id = client_id,
		.kind = "topic.state",
		.subject_id = dialog_id,
		.due_at = now,
		.request_id = request_id,
	};

	return task_add(db, a, &t, err);
}

static const struct stmt touched = {
	"topic_touched",
	"UPDATE dialogs g SET topic_closed = $5,"
	"  status = CASE WHEN $5 AND NOT (g.waiting_since IS NOT NULL"
	"    AND g.last_message_at > $6) THEN 'closed' ELSE 'open' END"
	" FROM dialog_topics t"
	" WHERE t.client_id = $1 AND t.chat_id = $3 AND t.topic_id = $4"
	"  AND g.client_id = $1 AND g.id = t.dialog_id AND g.bot_id = $2"
	"  AND g.group_chat_id = $3 AND g.topic_id = $4"
	" RETURNING g.id",
};

bool topic_touched(struct db *db, struct arena *a, const struct topic_touch *t,
		   struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &touched,
		      DB_ARGS(arg_i64(a, t->client_id), arg_i64(a, t->bot_id),
			      arg_i64(a, t->chat_id), arg_i64(a, t->topic_id),
			      arg_bool(t->closed), arg_time(a, t->at)),
		      &r, err))
		return false;
	return r.n == 0 ||
	       topic_state_ask(db, a, t->client_id, rows_i64(&r, 0, 0), t->now,
			       t->request_id, err);
}
