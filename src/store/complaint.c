/*
 * complaint.c - the bot's word to the team that a message did not arrive.
 */
#include "config.h"

#include <stdlib.h>

#include "store/complaint.h"
#include "store/task.h"

#define TASK_KIND "telegram.complaint"

static const struct stmt raise_stmt = {
	"complaint_raise",
	"INSERT INTO complaints (client_id, delivery_id) VALUES ($1, $2)"
	" ON CONFLICT (delivery_id) DO UPDATE SET decided_by = ''",
};

bool complaint_raise(struct db *db, struct arena *a, int64_t client_id,
		     int64_t delivery_id, int64_t now, const char *request_id,
		     struct err *err)
{
	struct task show = {
		.client_id = client_id,
		.kind = TASK_KIND,
		.subject_id = delivery_id,
		.due_at = now,
		.request_id = request_id,
	};

	db_queue(db, &raise_stmt,
		 DB_ARGS(arg_i64(a, client_id), arg_i64(a, delivery_id)));
	return task_add(db, a, &show, err);
}

static const struct stmt show = {
	"complaint_show",
	"INSERT INTO tasks (client_id, kind, subject_id, due_at, created_at,"
	"  request_id)"
	" SELECT client_id, '" TASK_KIND "', delivery_id, $2::timestamptz,"
	"  $2::timestamptz, $3 FROM complaints"
	" WHERE delivery_id = $1" TASK_ASK_AGAIN,
};

void complaint_queue_show(struct db *db, struct arena *a, int64_t delivery_id,
			  int64_t now, const char *request_id)
{
	db_queue(db, &show,
		 DB_ARGS(arg_i64(a, delivery_id), arg_time(a, now),
			 request_id ? request_id : ""));
}

static const struct stmt decided = {
	"complaint_decided",
	"UPDATE complaints SET decided_by = $2 WHERE delivery_id = $1",
};

bool complaint_decided(struct db *db, struct arena *a, int64_t delivery_id,
		       const char *who, int64_t now, const char *request_id,
		       struct err *err)
{
	complaint_queue_show(db, a, delivery_id, now, request_id);
	return db_exec(db, &decided, DB_ARGS(arg_i64(a, delivery_id), who),
		       err);
}

#define COMPLAINT_COLUMNS                                                     \
	"SELECT x.id, x.state, x.last_error, t.id,"                           \
	"  t.id IS NOT NULL AND coalesce(t.outcome, 'unsure') = 'unsure',"    \
	"  t.action = 'person.confirm', c.decided_by, c.bot_id, c.chat_id,"   \
	"  c.message_id, g.bot_id, g.group_chat_id, g.topic_id,"              \
	"  CASE WHEN m.origin = 'telegram' AND m.origin_id = g.group_chat_id" \
	"   THEN m.external_id END, x.updated_at,"                            \
	"  CASE WHEN m.author = 'robot' THEN m.text ELSE '' END,"             \
	"  g.buyer_name, g.item_title"

#define COMPLAINT_COLUMNS_N 18

#define COMPLAINT_TABLES                                               \
	" FROM complaints c"                                           \
	" JOIN deliveries x ON x.client_id = c.client_id"              \
	"  AND x.id = c.delivery_id"                                   \
	" JOIN dialogs g ON g.client_id = x.client_id"                 \
	"  AND g.id = x.dialog_id"                                     \
	" JOIN messages m ON m.client_id = x.client_id"                \
	"  AND m.id = x.message_id"                                    \
	" LEFT JOIN LATERAL (SELECT id, action, outcome FROM attempts" \
	"   WHERE delivery_id = x.id ORDER BY id DESC LIMIT 1) t ON true"

static void read_complaint(const struct rows *r, struct complaint *c)
{
	*c = (struct complaint){
		.delivery_id = rows_i64(r, 0, 0),
		.state = rows_str(r, 0, 1),
		.reason = rows_str(r, 0, 2),
		.attempt_id = rows_i64(r, 0, 3),
		.is_unsure = rows_bool(r, 0, 4),
		.is_confirmed = rows_bool(r, 0, 5),
		.decided_by = rows_str(r, 0, 6),
		.bot_id = rows_i64(r, 0, 7),
		.chat_id = rows_i64(r, 0, 8),
		.message_id = rows_i64(r, 0, 9),
		.topic_bot_id = rows_i64(r, 0, 10),
		.group_id = rows_i64(r, 0, 11),
		.topic_id = rows_i64(r, 0, 12),
		.reply_to = strtoll(rows_str(r, 0, 13), NULL, 10),
		.changed_at = rows_time(r, 0, 14),
		.robots_text = rows_str(r, 0, 15),
		.buyer_name = rows_str(r, 0, 16),
		.item_title = rows_str(r, 0, 17),
	};
}

static const struct stmt find = {
	"complaint_find",
	COMPLAINT_COLUMNS COMPLAINT_TABLES " WHERE c.delivery_id = $1",
};

bool complaint_find(struct db *db, struct arena *a, int64_t delivery_id,
		    struct complaint *c, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &find, DB_ARGS(arg_i64(a, delivery_id)), &r, err))
		return false;
	if (r.n == 0)
		return err_set(err, ERR_MISSING, "there is no such complaint");
	read_complaint(&r, c);
	return true;
}

static const struct stmt said = {
	"complaint_said",
	"UPDATE complaints SET bot_id = $2, chat_id = $3, message_id = $4"
	" WHERE delivery_id = $1",
};

bool complaint_said(struct db *db, struct arena *a, const struct complaint *c,
		    struct err *err)
{
	return db_exec(db, &said,
		       DB_ARGS(arg_i64(a, c->delivery_id), arg_id(a, c->bot_id),
			       arg_id(a, c->chat_id), arg_id(a, c->message_id)),
		       err);
}

/* A statement of its own, so that the next one sees what it waited for. */
static const struct stmt lock_lane = {
	"complaint_lock_lane",
	"SELECT 1 FROM deliveries x JOIN lanes l ON l.dialog_id = x.dialog_id"
	"  AND l.direction = x.direction"
	" WHERE x.client_id = $1 AND x.id = $2 FOR UPDATE OF l",
};

/* The same rule as for what is written in a topic (message_take_topic). */
static const struct stmt look = {
	"complaint_look",
	COMPLAINT_COLUMNS
	", p.operators = 'members' OR EXISTS (SELECT 1 FROM users u"
	"   WHERE u.client_id = $1 AND u.telegram_user_id = $6"
	"    AND u.disabled_at IS NULL)" COMPLAINT_TABLES
	" JOIN projects p ON p.client_id = $1 AND p.id = g.project_id"
	" JOIN bots b ON b.client_id = $1 AND b.id = g.bot_id"
	" WHERE c.client_id = $1 AND c.delivery_id = $2 AND b.id = $3"
	"  AND b.group_chat_id = $4 AND ($5::bigint IS NULL"
	"   OR EXISTS (SELECT 1 FROM dialog_topics k WHERE k.client_id = $1"
	"      AND k.chat_id = $4 AND k.topic_id = $5"
	"      AND k.dialog_id = g.id))",
};

bool complaint_lock(struct db *db, struct arena *a,
		    const struct complaint_press *p, struct complaint *c,
		    struct err *err)
{
	const char *client = arg_i64(a, p->client_id);
	const char *delivery = arg_i64(a, p->delivery_id);
	struct rows r;

	db_queue(db, &lock_lane, DB_ARGS(client, delivery));
	if (!db_maybe(db, a, &look,
		      DB_ARGS(client, delivery, arg_i64(a, p->bot_id),
			      arg_i64(a, p->chat_id), arg_id(a, p->topic_id),
			      arg_i64(a, p->from_id)),
		      &r, err))
		return false;
	if (r.n == 0)
		return err_set(err, ERR_MISSING, "there is no such complaint");
	if (!rows_bool(&r, 0, COMPLAINT_COLUMNS_N))
		return err_set(err, ERR_DENIED, "this person is no operator");
	read_complaint(&r, c);
	return true;
}
