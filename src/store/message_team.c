/*
 * message_team.c - messages of the team: written in a topic or in the web.
 */
#include "config.h"

#include "store/message_impl.h"

/* $1 client, $2 bot, $3 chat, $4 topic, $5 message, $6 update, $7 author's id,
 * $8 author, $9 kind, $10 text, $11 quote, $12 files, $13 written, $14 now,
 * $15 request id, $16 entities, $17 data, $18 album, $19 is a note, $20 dialog
 * or null, $21 the author's name at Telegram: colleagues use it. */
static const struct stmt take_topic = {
	"message_take_topic",
	"WITH s AS (INSERT INTO telegram_updates (client_id, bot_id, update_id,"
	"   received_at) VALUES ($1, $2, $6, $14)"
	"  ON CONFLICT DO NOTHING RETURNING 1),"
	" n AS (UPDATE users SET telegram_username = $21"
	"  WHERE client_id = $1 AND telegram_user_id = $7 AND $21 <> ''"
	"   AND telegram_username <> $21),"
	" d AS (SELECT g.id FROM s, dialogs g"
	"   JOIN projects p ON p.client_id = $1 AND p.id = g.project_id"
	"   JOIN bots b ON b.client_id = $1 AND b.id = g.bot_id"
	"  WHERE g.client_id = $1 AND g.id = coalesce($20::bigint,"
	"    (SELECT t.dialog_id FROM dialog_topics t WHERE t.client_id = $1"
	"      AND t.chat_id = $3 AND t.topic_id = $4))"
	"   AND g.bot_id = $2 AND b.group_chat_id = $3"
	"   AND ($20 IS NOT NULL OR p.operators = 'members' OR EXISTS (SELECT "
	"1 FROM users u"
	"        WHERE u.client_id = $1 AND u.telegram_user_id = $7"
	"         AND u.disabled_at IS NULL))),"
	" m AS (INSERT INTO messages (client_id, dialog_id, origin, origin_id,"
	"   external_id, author, author_id, author_name, kind, text, entities,"
	"   data, album, quote_external_id, quote_message_id, is_note,"
	"   written_at, created_at, request_id)"
	"  SELECT $1, d.id, 'telegram', $3::bigint, $5,"
	"   'operator', $7::bigint::text, $8, $9, $10, $16::jsonb, $17::jsonb,"
	"   $18, $11," QUOTED(
		"'telegram'", "$3",
		"$11") ", $19::boolean, $13::timestamptz,"
		       "   $14::timestamptz, $15 FROM d"
		       "  WHERE NOT EXISTS (SELECT 1 FROM message_copies c"
		       "   WHERE c.client_id = $1 AND c.place = 'telegram'"
		       "    AND c.place_id = $3 AND c.external_id = $5)"
		       "  ON CONFLICT ON CONSTRAINT messages_external DO "
		       "NOTHING"
		       "  RETURNING id, dialog_id, is_note)," WITH_FILES("$12")
			       WITH_DELIVERY(
				       "l", "buyer", "NOT m.is_note", "$14",
				       "$15") " u AS (UPDATE dialogs g SET "
					      "unread_count = 0, waiting_since "
					      "= NULL,"
					      "   last_message_at = "
					      "greatest(g.last_message_at, $13)"
					      "  FROM m WHERE g.client_id = $1 "
					      "AND g.id = m.dialog_id"
					      "   AND NOT "
					      "m.is_note" TOPIC_STATE_OF
						      WITH_TOPIC_STATE(
							      "answered", "$14",
							      "$15") " SELECT "
								     "id FROM "
								     "m",
};

static const struct stmt lock_topic = {
	"lane_lock_topic",
	LANE_LOCK("dialog_topics t JOIN dialogs g ON g.client_id = $1"
		  "  AND g.id = t.dialog_id AND g.bot_id = $4"
		  " WHERE t.client_id = $1 AND t.chat_id = $2"
		  "  AND t.topic_id = $3",
		  "buyer"),
};

static const struct stmt lock_dialog = {
	"lane_lock_routed",
	LANE_LOCK("dialogs g WHERE g.client_id = $1 AND g.id = $2"
		  " AND g.bot_id = $3",
		  "buyer"),
};

static bool join_album(struct db *db, struct arena *a,
		       const struct topic_message *m,
		       const struct album_item *item, int64_t *id,
		       struct err *err)
{
	const char *client = arg_i64(a, m->client_id);
	const char *bot = arg_i64(a, m->bot_id);

	if (m->dialog_id)
		return album_join(
			db, a, &lock_dialog,
			DB_ARGS(client, arg_i64(a, m->dialog_id), bot), item,
			id, err);
	return album_join(db, a, &lock_topic,
			  DB_ARGS(client, arg_i64(a, m->chat_id),
				  arg_i64(a, m->topic_id), bot),
			  item, id, err);
}

static bool take_topic_message(struct db *db, struct arena *a,
			       const struct topic_message *m, int64_t *id,
			       struct err *err)
{
	return message_take(
		db, a, &take_topic,
		DB_ARGS(arg_i64(a, m->client_id), arg_i64(a, m->bot_id),
			arg_i64(a, m->chat_id), arg_i64(a, m->topic_id),
			arg_i64(a, m->message_id), arg_i64(a, m->update_id),
			arg_i64(a, m->from_id), m->from_name, m->kind, m->text,
			m->quote_id, files_json(a, m->files, m->n_files),
			arg_time(a, m->written_at), arg_time(a, m->now),
			m->request_id ? m->request_id : "", m->entities,
			m->data, m->album, arg_bool(m->is_note),
			arg_id(a, m->dialog_id),
			m->from_username ? m->from_username : ""),
		id, err);
}

bool message_take_topic(struct db *db, struct arena *a,
			const struct topic_message *m, int64_t *id,
			struct err *err)
{
	const struct album_item item = {
		.client_id = m->client_id,
		.direction = "buyer",
		.album = m->album,
		.author_id = arg_i64(a, m->from_id),
		.place = "telegram",
		.place_id = m->chat_id,
		.external_id = arg_i64(a, m->message_id),
		.text = m->text,
		.entities = m->entities,
		.files = m->files,
		.n_files = m->n_files,
		.is_note = m->is_note,
		.now = m->now,
	};

	if (!m->album)
		return take_topic_message(db, a, m, id, err);
	return join_album(db, a, m, &item, id, err) &&
	       (*id || (take_topic_message(db, a, m, id, err) &&
			(!*id || album_wait(db, a, &item, *id, err))));
}

/* The buyer's lane first, then the team's: see lanes_queue_lock(). */
static const struct stmt take_web = {
	"message_take_web",
	"WITH d AS (SELECT id FROM dialogs"
	"  WHERE client_id = $1 AND id = $2),"
	" m AS (INSERT INTO messages (client_id, dialog_id, origin,"
	"   origin_id, external_id, author, author_id, author_name, kind, text,"
	"   quote_message_id, written_at, created_at, request_id)"
	"  SELECT $1, d.id, 'web', $3::bigint, $6, 'operator',"
	"   $3::bigint::text, $4, $9, $5, (SELECT q.id FROM messages q"
	"    WHERE q.client_id = $1 AND q.dialog_id = d.id AND q.id = $11),"
	"   $7::timestamptz, $7::timestamptz, $8 FROM d"
	"  ON CONFLICT ON CONSTRAINT messages_external DO NOTHING"
	"  RETURNING id, dialog_id)," WITH_FILES("$10")
		WITH_DELIVERY("b", "buyer", "true", "$7", "$8") WITH_DELIVERY(
			"t", "team", "EXISTS (SELECT 1 FROM b)", "$7",
			"$8") " u AS (UPDATE dialogs g SET unread_count = 0, "
			      "waiting_since = NULL,"
			      "   last_message_at = "
			      "greatest(g.last_message_at, $7),"
			      "   status =" OUT_OF_ARCHIVE
			      "  FROM m WHERE g.client_id = $1 AND g.id = "
			      "m.dialog_id" TOPIC_STATE_OF WITH_TOPIC_STATE(
				      "answered", "$7",
				      "$8") " SELECT id FROM m"
					    " UNION ALL"
					    " SELECT id FROM messages WHERE "
					    "client_id = $1 "
					    "AND origin = 'web'"
					    "  AND origin_id = $3 AND "
					    "external_id = $6 AND "
					    "dialog_id = $2",
};

bool message_take_web(struct db *db, struct arena *a, const struct web_row *m,
		      int64_t *id, struct err *err)
{
	return message_take(db, a, &take_web,
			    DB_ARGS(arg_i64(a, m->client_id),
				    arg_i64(a, m->dialog_id),
				    arg_i64(a, m->user_id), m->user_name,
				    m->text, m->client_ref, arg_time(a, m->now),
				    m->request_id ? m->request_id : "",
				    m->n_files ? m->files[0].kind : "text",
				    files_json(a, m->files, m->n_files),
				    arg_id(a, m->quote_message_id)),
			    id, err);
}
