/*
 * topic.c - where a dialog lives in the team's group.
 */
#include "config.h"

#include "store/topic.h"

/* What was said in its former topic is not seen in that one. */
#define HAD_ANOTHER(chat, topic)                                       \
	"EXISTS (SELECT 1 FROM dialog_topics k WHERE k.client_id = $1" \
	"  AND k.dialog_id = g.id AND (k.chat_id, k.topic_id)"         \
	"   <> (" chat "::bigint, " topic "::bigint))"

static const struct stmt set_topic = {
	"dialog_set_topic",
	"WITH g AS (UPDATE dialogs g SET bot_id = $4, group_chat_id = $5,"
	"   topic_id = $6, card_message_id = NULL, topic_title = $8,"
	"   topic_state = '', topic_state_at = NULL, topic_closed = false,"
	"   topic_continues = $6::bigint IS NOT NULL AND " HAD_ANOTHER(
		"$5", "$6") "   WHERE client_id = $1 AND id = $2"
			    "    AND (topic_id IS NOT DISTINCT FROM $3::bigint "
			    "OR (bot_id = $4"
			    "     AND group_chat_id = $5 AND topic_id = $6)) "
			    "RETURNING id, topic_continues),"
			    " t AS (INSERT INTO dialog_topics (client_id, "
			    "chat_id, topic_id,"
			    "    dialog_id, created_at)"
			    "   SELECT $1, $5::bigint, $6::bigint, id, "
			    "$7::timestamptz FROM g"
			    "   WHERE $6::bigint IS NOT NULL"
			    "   ON CONFLICT (client_id, chat_id, topic_id)"
			    "    DO UPDATE SET dialog_id = excluded.dialog_id)"
			    " SELECT topic_continues FROM g",
};

bool dialog_set_topic(struct db *db, struct arena *a, const struct delivery *d,
		      int64_t bot_id, int64_t group_id, int64_t topic_id,
		      const char *title, int64_t now, bool *continues,
		      struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &set_topic,
		      DB_ARGS(arg_i64(a, d->client_id),
			      arg_i64(a, d->dialog_id), arg_id(a, d->topic_id),
			      arg_i64(a, bot_id), arg_i64(a, group_id),
			      arg_id(a, topic_id), arg_time(a, now), title),
		      &r, err))
		return false;
	if (r.n == 0)
		return err_set(err, ERR_CONFLICT,
			       "another topic was made meanwhile");
	*continues = rows_bool(&r, 0, 0);
	return true;
}

static const struct stmt drop_topic = {
	"dialog_drop_topic",
	"UPDATE dialogs SET topic_id = NULL, card_message_id = NULL"
	" WHERE client_id = $1 AND id = $2 AND topic_id = $3",
};

bool dialog_drop_topic(struct db *db, struct arena *a, const struct delivery *d,
		       struct err *err)
{
	return db_exec(db, &drop_topic,
		       DB_ARGS(arg_i64(a, d->client_id),
			       arg_i64(a, d->dialog_id),
			       arg_i64(a, d->topic_id)),
		       err);
}

static const struct stmt set_reopened = {
	"dialog_set_reopened",
	"UPDATE dialogs SET topic_closed = false"
	" WHERE client_id = $1 AND id = $2 AND topic_id = $3",
};

bool dialog_set_reopened(struct db *db, struct arena *a,
			 const struct delivery *d, struct err *err)
{
	return db_exec(db, &set_reopened,
		       DB_ARGS(arg_i64(a, d->client_id),
			       arg_i64(a, d->dialog_id),
			       arg_i64(a, d->topic_id)),
		       err);
}

static const struct stmt set_introduced = {
	"dialog_set_introduced",
	"UPDATE dialogs SET topic_continues = false"
	" WHERE client_id = $1 AND id = $2 AND topic_id = $3",
};

bool dialog_set_introduced(struct db *db, struct arena *a,
			   const struct delivery *d, struct err *err)
{
	return db_exec(db, &set_introduced,
		       DB_ARGS(arg_i64(a, d->client_id),
			       arg_i64(a, d->dialog_id),
			       arg_i64(a, d->topic_id)),
		       err);
}

/* By the project's clock: people read when it was. */
static const struct stmt lines_stmt = {
	"topic_lines",
	"SELECT id, at, author, author_name, kind, text, is_note, is_deleted"
	" FROM (SELECT m.id, to_char(m.written_at AT TIME ZONE"
	"   coalesce(nullif(p.auto_reply ->> 'timezone', ''), $4),"
	"   'DD.MM HH24:MI') AS at, m.author, m.author_name, m.kind, m.text,"
	"   m.is_note, m.deleted_at IS NOT NULL AS is_deleted"
	"  FROM messages m"
	"  JOIN dialogs g ON g.client_id = $1 AND g.id = m.dialog_id"
	"  JOIN projects p ON p.client_id = $1 AND p.id = g.project_id"
	"  WHERE m.client_id = $1 AND m.dialog_id = $2 AND m.id < $3"
	"   AND NOT m.is_parked AND m.hidden_by IS NULL"
	"  ORDER BY m.id DESC LIMIT $5) l ORDER BY id",
};

bool topic_lines(struct db *db, struct arena *a, const struct delivery *d,
		 const char *timezone, int limit, struct topic_line **list,
		 size_t *n, struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &lines_stmt,
		    DB_ARGS(arg_i64(a, d->client_id), arg_i64(a, d->dialog_id),
			    arg_i64(a, d->message_id), timezone,
			    arg_i64(a, limit)),
		    &r, err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		(*list)[i] = (struct topic_line){
			.when = rows_str(&r, i, 1),
			.author = rows_str(&r, i, 2),
			.author_name = rows_str(&r, i, 3),
			.kind = rows_str(&r, i, 4),
			.text = rows_str(&r, i, 5),
			.is_note = rows_bool(&r, i, 6),
			.is_deleted = rows_bool(&r, i, 7),
		};
	return true;
}

static const struct stmt set_card = {
	"dialog_set_card",
	"UPDATE dialogs SET card_message_id = $4"
	" WHERE client_id = $1 AND id = $2"
	"  AND topic_id IS NOT DISTINCT FROM $3::bigint",
};

bool dialog_set_card(struct db *db, struct arena *a, const struct delivery *d,
		     int64_t card_id, struct err *err)
{
	return db_exec(db, &set_card,
		       DB_ARGS(arg_i64(a, d->client_id),
			       arg_i64(a, d->dialog_id), arg_id(a, d->topic_id),
			       arg_i64(a, card_id)),
		       err);
}

/* Two dialogs of one name: a wrong guess would tell one buyer what is meant
 * for another, so there is none. */
static const struct stmt adopt = {
	"topic_adopt",
	"WITH c AS (SELECT t.id, x.dialog_id FROM attempts t"
	"   JOIN deliveries x ON x.client_id = $1 AND x.id = t.delivery_id"
	"   JOIN dialogs g ON g.client_id = $1 AND g.id = x.dialog_id"
	"   JOIN projects p ON p.client_id = $1 AND p.id = g.project_id"
	"   LEFT JOIN avito_accounts v ON g.source = 'avito'"
	"    AND v.client_id = $1 AND v.id = g.source_id"
	"   JOIN bots b ON b.client_id = $1"
	"    AND b.id = coalesce(v.bot_id, p.bot_id)"
	"  WHERE t.client_id = $1 AND t.action = 'telegram.create_topic'"
	"   AND t.content = $5 AND coalesce(t.outcome, 'unsure') = 'unsure'"
	"   AND b.id = $2 AND b.group_chat_id = $3 AND b.telegram_id = $6"
	"   AND NOT EXISTS (SELECT 1 FROM dialog_topics k"
	"     WHERE k.client_id = $1 AND k.chat_id = $3 AND k.topic_id = $4)),"
	" o AS (SELECT min(dialog_id) AS dialog_id, min(id) AS attempt_id"
	"   FROM c HAVING count(DISTINCT dialog_id) = 1),"
	" g AS (UPDATE dialogs g SET bot_id = $2, group_chat_id = $3,"
	"    topic_id = $4, card_message_id = NULL, topic_title = $5,"
	"    topic_state = '', topic_state_at = NULL, topic_closed = false,"
	"    topic_continues = " HAD_ANOTHER(
		"$3",
		"$4") " FROM o"
		      "   WHERE g.client_id = $1 AND g.id = o.dialog_id"
		      "    AND (g.topic_id IS NULL OR g.bot_id IS DISTINCT "
		      "FROM $2"
		      "     OR g.group_chat_id IS DISTINCT FROM $3)),"
		      " t AS (UPDATE attempts t SET outcome = 'settled',"
		      "    finished_at = coalesce(t.finished_at, "
		      "$7::timestamptz) FROM o"
		      "   WHERE t.id = o.attempt_id)"
		      " INSERT INTO dialog_topics (client_id, chat_id, "
		      "topic_id, dialog_id,"
		      "   created_at)"
		      "  SELECT $1, $3, $4, o.dialog_id, $7 FROM o RETURNING 1",
};

bool topic_adopt(struct db *db, struct arena *a, const struct topic_unknown *t,
		 bool *adopted, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &adopt,
		      DB_ARGS(arg_i64(a, t->client_id), arg_i64(a, t->bot_id),
			      arg_i64(a, t->chat_id), arg_i64(a, t->topic_id),
			      t->name, arg_i64(a, t->made_by),
			      arg_time(a, t->now)),
		      &r, err))
		return false;
	*adopted = r.n == 1;
	return true;
}
