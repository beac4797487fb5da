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
	"    AND topic_id IS NOT DISTINCT FROM $3::bigint RETURNING id),"
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
