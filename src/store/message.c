/*
 * message.c - messages coming in: stored once, with all they cause.
 *
 * The steps of one message are one statement.  Its parts share three
 * fragments: the file, the place in a lane, the delivery.  A lane's row is
 * taken by its upsert, which numbers the delivery; a lane that waits (held,
 * or due later because its head backs off) is not woken by what queues up
 * behind.
 */
#include "config.h"

#include "store/message.h"

/* m is the inserted message; $n are named in each statement. */
#define WITH_FILE(kind, url, ref, mime, name, bytes, width, height, duration) \
	" f AS (INSERT INTO attachments (client_id, message_id, kind, url,"   \
	"   ref, mime, name, bytes, width, height, duration_s)"               \
	"  SELECT $1, m.id, " kind ", " url ", " ref ", " mime ", " name ","  \
	"   " bytes "::bigint, " width "::integer, " height "::integer,"      \
	"   " duration "::integer FROM m WHERE " kind "::text IS NOT NULL),"

#define LANE_UPSERT                                         \
	" ON CONFLICT (dialog_id, direction) DO UPDATE SET" \
	"  last_seq = lanes.last_seq + 1,"                  \
	"  due_at = CASE WHEN lanes.held_by IS NULL"        \
	"           THEN coalesce(lanes.due_at, excluded.due_at) END"

#define WITH_DELIVERY(lane, direction, condition, now, request)               \
	" " lane " AS (INSERT INTO lanes (client_id, dialog_id, direction,"   \
	"   last_seq, due_at)"                                                \
	"  SELECT $1, m.dialog_id, '" direction "', 1, " now                  \
	"::timestamptz FROM m WHERE " condition LANE_UPSERT                   \
	"  RETURNING dialog_id, last_seq),"                                   \
	" " lane "_d AS (INSERT INTO deliveries (client_id, dialog_id,"       \
	"   direction, seq, message_id, created_at, updated_at, request_id)"  \
	"  SELECT $1, m.dialog_id, '" direction "', l.last_seq, m.id, " now   \
	"::timestamptz, " now "::timestamptz, " request "  FROM m JOIN " lane \
	" l ON l.dialog_id = m.dialog_id),"

static const struct stmt make_dialog = {
	"dialog_make",
	"INSERT INTO dialogs (client_id, project_id, source, source_id,"
	"  external_chat_id, buyer_external_id, item_id, last_message_at,"
	"  created_at)"
	" SELECT $1, a.project_id, 'avito', a.id, $3, $4, $5, $6, $7"
	" FROM avito_accounts a WHERE a.client_id = $1 AND a.id = $2"
	" ON CONFLICT ON CONSTRAINT dialogs_chat DO NOTHING",
};

void dialog_queue_make(struct db *db, struct arena *a,
		       const struct message_in *m)
{
	db_queue(db, &make_dialog,
		 DB_ARGS(arg_i64(a, m->client_id), arg_i64(a, m->source_id),
			 m->chat, m->buyer_id, arg_id(a, m->item_id),
			 arg_time(a, m->written_at), arg_time(a, m->now)));
}

/* Common to the three statements for what Avito brings:
 * $1 client, $2 account, $3 chat, $4 external id, $5 author id, $6 author
 * name, $7 kind, $8 foreign kind, $9 text, $10 quote, $11 file kind, $12 url,
 * $13 ref, $14 mime, $15 name, $16 bytes, $17 width, $18 height, $19 seconds,
 * $20 written, $21 now, $22 request id, $23 history. */
#define AVITO_DIALOG                                      \
	"WITH d AS (SELECT g.id, p.hide_system_messages"  \
	"  FROM dialogs g JOIN projects p"                \
	"    ON p.client_id = $1 AND p.id = g.project_id" \
	"  WHERE g.client_id = $1 AND g.source = 'avito'" \
	"    AND g.source_id = $2 AND g.external_chat_id = $3),"

#define AVITO_MESSAGE(author, parked, unless)                               \
	" m AS (INSERT INTO messages (client_id, dialog_id, origin,"        \
	"   origin_id, external_id, author, author_id, author_name, kind,"  \
	"   foreign_kind, text, quote_external_id, is_history, is_parked,"  \
	"   written_at, created_at, request_id)"                            \
	"  SELECT $1, d.id, 'avito', $2, $4, '" author "', $5, $6, $7, $8," \
	"   $9, $10, $23::boolean, " parked ", $20::timestamptz,"           \
	"   $21::timestamptz, $22 FROM d" unless                            \
	"  ON CONFLICT ON CONSTRAINT messages_external DO NOTHING"          \
	"  RETURNING id, dialog_id, is_parked)," WITH_FILE(                 \
		"$11", "$12", "$13", "$14", "$15", "$16", "$17", "$18", "$19")

static struct db_args avito_args(struct arena *a, const struct message_in *m)
{
	const struct message_file *f = &m->file;
	const char **v = arena_array(a, 23, sizeof(*v));

	v[0] = arg_i64(a, m->client_id);
	v[1] = arg_i64(a, m->source_id);
	v[2] = m->chat;
	v[3] = m->external_id;
	v[4] = m->author_id;
	v[5] = m->author_name;
	v[6] = m->kind;
	v[7] = m->foreign_kind;
	v[8] = m->text;
	v[9] = m->quote_id;
	v[10] = f->kind;
	v[11] = f->url ? f->url : "";
	v[12] = f->ref ? f->ref : "";
	v[13] = f->mime ? f->mime : "";
	v[14] = f->name ? f->name : "";
	v[15] = arg_i64(a, f->bytes);
	v[16] = arg_i64(a, f->width);
	v[17] = arg_i64(a, f->height);
	v[18] = arg_i64(a, f->duration_s);
	v[19] = arg_time(a, m->written_at);
	v[20] = arg_time(a, m->now);
	v[21] = m->request_id ? m->request_id : "";
	v[22] = arg_bool(m->history);
	return (struct db_args){ v, 23 };
}

static bool take(struct db *db, struct arena *a, const struct stmt *s,
		 struct db_args args, int64_t *id, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, s, args, &r, err))
		return false;
	*id = r.n ? rows_i64(&r, 0, 0) : 0;
	return true;
}

static const struct stmt take_buyer = {
	"message_take_buyer",
	AVITO_DIALOG AVITO_MESSAGE("buyer", "false", "") WITH_DELIVERY(
		"l", "team", "NOT $23::boolean", "$21",
		"$22") " u AS (UPDATE dialogs g SET"
		       "   last_message_at = greatest(g.last_message_at, $20),"
		       "   unread_count = g.unread_count + 1, status = 'open',"
		       "   waiting_since = coalesce(g.waiting_since, $20),"
		       "   buyer_external_id = CASE WHEN g.buyer_external_id = "
		       "''"
		       "                       THEN $5 ELSE "
		       "g.buyer_external_id END"
		       "  FROM m WHERE g.client_id = $1 AND g.id = m.dialog_id"
		       "   AND NOT $23::boolean)"
		       " SELECT id FROM m",
};

bool message_take_buyer(struct db *db, struct arena *a,
			const struct message_in *m, int64_t *id,
			struct err *err)
{
	return take(db, a, &take_buyer, avito_args(a, m), id, err);
}

static const struct stmt take_system = {
	"message_take_system",
	AVITO_DIALOG AVITO_MESSAGE("system", "false", "")
		WITH_DELIVERY("l", "team",
			      "NOT $23::boolean AND NOT"
			      " (SELECT hide_system_messages FROM d)",
			      "$21", "$22") " n AS (SELECT 1)"
					    " SELECT id FROM m",
};

bool message_take_system(struct db *db, struct arena *a,
			 const struct message_in *m, int64_t *id,
			 struct err *err)
{
	return take(db, a, &take_system, avito_args(a, m), id, err);
}

/* The lane's row decides who comes first: the outcome of a send or its echo.
 * A statement of its own, so that the next one sees what it waited for. */
static const struct stmt lock_buyer_lane = {
	"lane_lock_buyer",
	"SELECT 1 FROM lanes l JOIN dialogs g"
	"   ON g.client_id = $1 AND g.id = l.dialog_id"
	" WHERE l.direction = 'buyer' AND g.client_id = $1"
	"  AND g.source = 'avito' AND g.source_id = $2"
	"  AND g.external_chat_id = $3"
	" FOR UPDATE OF l",
};

static const struct stmt take_own = {
	"message_take_own",
	AVITO_DIALOG
	" o AS (SELECT x.state FROM deliveries x JOIN d"
	"    ON x.dialog_id = d.id AND x.direction = 'buyer'"
	"   JOIN lanes l ON l.dialog_id = d.id AND l.direction = 'buyer'"
	"   WHERE x.seq >= l.head_seq AND x.state IN ('sending', 'unsure')"
	"    AND NOT $23::boolean LIMIT 1)," AVITO_MESSAGE(
		"seller", "EXISTS (SELECT 1 FROM o)",
		" WHERE NOT EXISTS (SELECT 1 FROM message_copies c"
		"  WHERE c.client_id = $1 AND c.place = 'avito'"
		"   AND c.place_id = $2 AND c.external_id = $4)")
		WITH_DELIVERY(
			"l", "team", "NOT m.is_parked AND NOT $23::boolean",
			"$21",
			"$22") " w AS (UPDATE lanes SET due_at = $21 FROM m"
			       "  WHERE lanes.dialog_id = m.dialog_id AND "
			       "direction = 'buyer'"
			       "   AND m.is_parked AND lease_token IS NULL AND "
			       "held_by IS NULL"
			       "   AND EXISTS (SELECT 1 FROM o WHERE state = "
			       "'unsure')),"
			       " u AS (UPDATE dialogs g SET"
			       "   last_message_at = "
			       "greatest(g.last_message_at, $20),"
			       "   unread_count = 0, waiting_since = NULL"
			       "  FROM m WHERE g.client_id = $1 AND g.id = "
			       "m.dialog_id"
			       "   AND NOT m.is_parked AND NOT $23::boolean)"
			       " SELECT id FROM m",
};

bool message_take_own(struct db *db, struct arena *a,
		      const struct message_in *m, int64_t *id, struct err *err)
{
	db_queue(db, &lock_buyer_lane,
		 DB_ARGS(arg_i64(a, m->client_id), arg_i64(a, m->source_id),
			 m->chat));
	return take(db, a, &take_own, avito_args(a, m), id, err);
}

/* One statement a message: a lane's upsert can number one delivery only. */
static const struct stmt parked = {
	"messages_parked",
	"SELECT id FROM messages"
	" WHERE client_id = $1 AND dialog_id = $2 AND is_parked ORDER BY id",
};

static const struct stmt unpark = {
	"message_unpark",
	"WITH m AS (UPDATE messages SET is_parked = false"
	"   WHERE client_id = $1 AND id = $2"
	"   RETURNING id, dialog_id, written_at, request_id)," WITH_DELIVERY(
		"l", "team", "true", "$3",
		"m.request_id") " u AS (UPDATE dialogs g SET unread_count = 0, "
				"waiting_since = NULL,"
				"   last_message_at = "
				"greatest(g.last_message_at, m.written_at)"
				"  FROM m WHERE g.client_id = $1 AND g.id = "
				"m.dialog_id)"
				" SELECT id FROM m",
};

bool messages_unpark(struct db *db, struct arena *a, int64_t client_id,
		     int64_t dialog_id, int64_t now, struct err *err)
{
	const char *client = arg_i64(a, client_id);
	struct rows r, one;

	if (!db_all(db, a, &parked, DB_ARGS(client, arg_i64(a, dialog_id)), &r,
		    err))
		return false;
	for (int i = 0; i < r.n; i++)
		if (!db_one(db, a, &unpark,
			    DB_ARGS(client, rows_str(&r, i, 0),
				    arg_time(a, now)),
			    &one, err))
			return false;
	return true;
}

static const struct stmt take_topic = {
	"message_take_topic",
	"WITH s AS (INSERT INTO telegram_updates (client_id, bot_id, update_id,"
	"   received_at) VALUES ($1, $2, $6, $22)"
	"  ON CONFLICT DO NOTHING RETURNING 1),"
	" d AS (SELECT g.id FROM s, dialog_topics t"
	"   JOIN dialogs g ON g.client_id = $1 AND g.id = t.dialog_id"
	"   JOIN projects p ON p.client_id = $1 AND p.id = g.project_id"
	"   JOIN bots b ON b.client_id = $1 AND b.id = g.bot_id"
	"  WHERE t.client_id = $1 AND t.chat_id = $3 AND t.topic_id = $4"
	"   AND g.bot_id = $2 AND b.group_chat_id = $3"
	"   AND (p.operators = 'members' OR EXISTS (SELECT 1 FROM users u"
	"        WHERE u.client_id = $1 AND u.telegram_user_id = $7"
	"         AND u.disabled_at IS NULL))),"
	" m AS (INSERT INTO messages (client_id, dialog_id, origin, origin_id,"
	"   external_id, author, author_id, author_name, kind, text,"
	"   quote_external_id, written_at, created_at, request_id)"
	"  SELECT $1, d.id, 'telegram', $3::bigint, $5,"
	"   'operator', $7::bigint::text, $8, $9, $10, $11, $21::timestamptz,"
	"   $22::timestamptz, $23 FROM d"
	"  ON CONFLICT ON CONSTRAINT messages_external DO NOTHING"
	"  RETURNING id, dialog_id)," WITH_FILE(
		"$12", "$13", "$14", "$15", "$16", "$17", "$18", "$19", "$20")
		WITH_DELIVERY("l", "buyer", "true", "$22",
			      "$23") " u AS (UPDATE dialogs g SET unread_count "
				     "= 0, waiting_since = NULL,"
				     "   last_message_at = "
				     "greatest(g.last_message_at, $21)"
				     "  FROM m WHERE g.client_id = $1 AND g.id "
				     "= m.dialog_id)"
				     " SELECT id FROM m",
};

bool message_take_topic(struct db *db, struct arena *a,
			const struct topic_message *m, int64_t *id,
			struct err *err)
{
	const struct message_file *f = &m->file;

	return take(db, a, &take_topic,
		    DB_ARGS(arg_i64(a, m->client_id), arg_i64(a, m->bot_id),
			    arg_i64(a, m->chat_id), arg_i64(a, m->topic_id),
			    arg_i64(a, m->message_id), arg_i64(a, m->update_id),
			    arg_i64(a, m->from_id), m->from_name, m->kind,
			    m->text, m->quote_id, f->kind, f->url ? f->url : "",
			    f->ref ? f->ref : "", f->mime ? f->mime : "",
			    f->name ? f->name : "", arg_i64(a, f->bytes),
			    arg_i64(a, f->width), arg_i64(a, f->height),
			    arg_i64(a, f->duration_s),
			    arg_time(a, m->written_at), arg_time(a, m->now),
			    m->request_id ? m->request_id : ""),
		    id, err);
}

static const struct stmt edit_topic = {
	"message_edit_topic",
	"UPDATE messages m SET text = $5"
	" WHERE m.client_id = $1 AND m.origin = 'telegram'"
	"  AND m.origin_id = $3 AND m.external_id = $4"
	"  AND EXISTS (SELECT 1 FROM dialogs g WHERE g.client_id = $1"
	"       AND g.id = m.dialog_id AND g.bot_id = $2)"
	"  AND NOT EXISTS (SELECT 1 FROM deliveries x"
	"       WHERE x.message_id = m.id AND (x.state <> 'queued'"
	"        OR EXISTS (SELECT 1 FROM attempts t"
	"                   WHERE t.delivery_id = x.id)))",
};

bool message_edit_topic(struct db *db, struct arena *a,
			const struct topic_message *m, struct err *err)
{
	return db_exec(db, &edit_topic,
		       DB_ARGS(arg_i64(a, m->client_id), arg_i64(a, m->bot_id),
			       arg_i64(a, m->chat_id),
			       arg_i64(a, m->message_id), m->text),
		       err);
}

/* The buyer's lane first, then the team's: see lanes_queue_lock(). */
static const struct stmt take_web = {
	"message_take_web",
	"WITH m AS (INSERT INTO messages (client_id, dialog_id, origin,"
	"   origin_id, external_id, author, author_id, author_name, kind, text,"
	"   written_at, created_at, request_id)"
	"  SELECT $1, g.id, 'web', $3::bigint, $6, 'operator',"
	"   $3::bigint::text, $4, 'text', $5, $7::timestamptz,"
	"   $7::timestamptz, $8 FROM dialogs g"
	"  WHERE g.client_id = $1 AND g.id = $2"
	"  ON CONFLICT ON CONSTRAINT messages_external DO NOTHING"
	"  RETURNING id, dialog_id)," WITH_DELIVERY("b", "buyer", "true", "$7",
						    "$8")
		WITH_DELIVERY("t", "team", "EXISTS (SELECT 1 FROM b)", "$7",
			      "$8") " u AS (UPDATE dialogs g SET unread_count "
				    "= 0, waiting_since = NULL,"
				    "   last_message_at = "
				    "greatest(g.last_message_at, $7)"
				    "  FROM m WHERE g.client_id = $1 AND g.id "
				    "= m.dialog_id)"
				    " SELECT id FROM m"
				    " UNION ALL"
				    " SELECT id FROM messages WHERE client_id "
				    "= $1 AND origin = 'web'"
				    "  AND origin_id = $3 AND external_id = $6 "
				    "AND dialog_id = $2",
};

bool message_take_web(struct db *db, struct arena *a, const struct web_row *m,
		      int64_t *id, struct err *err)
{
	return take(db, a, &take_web,
		    DB_ARGS(arg_i64(a, m->client_id), arg_i64(a, m->dialog_id),
			    arg_i64(a, m->user_id), m->user_name, m->text,
			    m->client_ref, arg_time(a, m->now),
			    m->request_id ? m->request_id : ""),
		    id, err);
}
