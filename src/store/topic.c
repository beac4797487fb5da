/*
 * topic.c - where a dialog lives in the team's group.
 */
#include "config.h"

#include "store/topic.h"

static const struct stmt set_topic = {
	"dialog_set_topic",
	"WITH g AS (UPDATE dialogs SET bot_id = $4, group_chat_id = $5,"
	"   topic_id = $6, card_message_id = NULL"
	"   WHERE client_id = $1 AND id = $2"
	"    AND (topic_id IS NOT DISTINCT FROM $3::bigint OR (bot_id = $4"
	"     AND group_chat_id = $5 AND topic_id = $6)) RETURNING id),"
	" t AS (INSERT INTO dialog_topics (client_id, chat_id, topic_id,"
	"    dialog_id, created_at)"
	"   SELECT $1, $5::bigint, $6::bigint, id, $7::timestamptz FROM g"
	"   WHERE $6::bigint IS NOT NULL"
	"   ON CONFLICT (client_id, chat_id, topic_id)"
	"    DO UPDATE SET dialog_id = excluded.dialog_id)"
	" SELECT id FROM g",
};

bool dialog_set_topic(struct db *db, struct arena *a, const struct delivery *d,
		      int64_t bot_id, int64_t group_id, int64_t topic_id,
		      int64_t now, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &set_topic,
		      DB_ARGS(arg_i64(a, d->client_id),
			      arg_i64(a, d->dialog_id), arg_id(a, d->topic_id),
			      arg_i64(a, bot_id), arg_i64(a, group_id),
			      arg_id(a, topic_id), arg_time(a, now)),
		      &r, err))
		return false;
	return r.n == 1 ||
	       err_set(err, ERR_CONFLICT, "another topic was made meanwhile");
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
	"   JOIN avito_accounts v ON v.client_id = $1 AND v.id = g.source_id"
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
	"    topic_id = $4, card_message_id = NULL FROM o"
	"   WHERE g.client_id = $1 AND g.id = o.dialog_id"
	"    AND (g.topic_id IS NULL OR g.bot_id IS DISTINCT FROM $2"
	"     OR g.group_chat_id IS DISTINCT FROM $3)),"
	" t AS (UPDATE attempts t SET outcome = 'settled',"
	"    finished_at = coalesce(t.finished_at, $7::timestamptz) FROM o"
	"   WHERE t.id = o.attempt_id)"
	" INSERT INTO dialog_topics (client_id, chat_id, topic_id, dialog_id,"
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
