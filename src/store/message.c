/*
 * message.c - messages that a source brings, and our own events: stored once,
 * with all they cause.
 */
#include "config.h"

#include "base/json.h"
#include "store/message_impl.h"

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

/* Common to the three statements for what a source brings:
 * $1 client, $2 source's id, $3 chat, $4 external id, $5 author id, $6 author
 * name, $7 kind, $8 foreign kind, $9 text, $10 quote, $11 files, $12 written,
 * $13 now, $14 request id, $15 history, $16 source, $17 entities, $18 data,
 * $19 album. */
#define SOURCE_DIALOG                                                   \
	" d AS (SELECT g.id, p.hide_system_messages,"                   \
	"   p.greeting <> '' OR p.rules <> '[]' OR coalesce((coalesce(" \
	"    a.auto_reply, t.auto_reply, p.auto_reply)"                 \
	"    ->> 'enabled')::boolean, false) AS is_automatic,"
#define SOURCE_DIALOG_END                                          \
	"  FROM dialogs g JOIN projects p"                         \
	"    ON p.client_id = $1 AND p.id = g.project_id"          \
	"   LEFT JOIN avito_accounts a ON g.source = 'avito'"      \
	"    AND a.client_id = $1 AND a.id = g.source_id"          \
	"   LEFT JOIN telegram_sources t ON g.source = 'telegram'" \
	"    AND t.client_id = $1 AND t.id = g.source_id"          \
	"  WHERE g.client_id = $1 AND g.source = $16"              \
	"    AND g.source_id = $2 AND g.external_chat_id = $3),"

/* History is not judged. */
#define SOURCE_VERDICT(no, direction)                                       \
	VERDICT(no, direction, "g.buyer_external_id", "g.buyer_name", "$7", \
		"$9")

#define SOURCE_QUOTED QUOTED("$16", "$2", "$10")
#define SOURCE_FILES  WITH_FILES("$11")

/* What comes a second time may be an item of an album that is known as a
 * part. */
#define SOURCE_MESSAGE(author, parked)                                     \
	" m AS (INSERT INTO messages (client_id, dialog_id, origin,"       \
	"   origin_id, external_id, author, author_id, author_name, kind," \
	"   foreign_kind, text, entities, data, album, quote_external_id," \
	"   quote_message_id, is_history, is_parked, written_at,"          \
	"   created_at, request_id, hidden_by, is_archived)"               \
	"  SELECT $1, d.id, $16, $2, $4, '" author "', $5, $6, $7, $8,"    \
	"   $9, $17::jsonb, $18::jsonb, $19, $10," SOURCE_QUOTED ","       \
	"   $15::boolean, " parked ", $12::timestamptz,"                   \
	"   $13::timestamptz, $14," HIDDEN_BY "," IS_ARCHIVED " FROM d"    \
	"  WHERE NOT EXISTS (SELECT 1 FROM message_copies c"               \
	"   WHERE c.client_id = $1 AND c.place = $16"                      \
	"    AND c.place_id = $2 AND c.external_id = $4)"                  \
	"  ON CONFLICT ON CONSTRAINT messages_external DO NOTHING"         \
	"  RETURNING id, dialog_id, is_parked, hidden_by, "                \
	"is_archived)," SOURCE_FILES

static struct db_args source_args(struct arena *a, const struct message_in *m)
{
	const char **v = arena_array(a, 19, sizeof(*v));

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
	v[10] = files_json(a, m->files, m->n_files);
	v[11] = arg_time(a, m->written_at);
	v[12] = arg_time(a, m->now);
	v[13] = m->request_id ? m->request_id : "";
	v[14] = arg_bool(m->history);
	v[15] = m->source;
	v[16] = m->entities;
	v[17] = m->data;
	v[18] = m->album;
	return (struct db_args){ v, 19 };
}

const char *files_json(struct arena *a, const struct message_file *files,
		       size_t n)
{
	struct json_object *list = json_object_new_array();

	json_put(json_new(a), "files", list); /* which frees it */
	for (size_t i = 0; i < n; i++) {
		const struct message_file *f = &files[i];
		struct json_object *o = json_object_new_object();

		json_put_str(o, "kind", f->kind);
		json_put_str(o, "url", f->url ? f->url : "");
		json_put_str(o, "ref", f->ref ? f->ref : "");
		json_put_str(o, "mime", f->mime ? f->mime : "");
		json_put_str(o, "name", f->name ? f->name : "");
		json_put_i64(o, "bytes", f->bytes);
		json_put_i64(o, "width", f->width);
		json_put_i64(o, "height", f->height);
		json_put_i64(o, "duration_s", f->duration_s);
		json_put_str(o, "sha256", f->sha256);
		json_object_array_add(list, o);
	}
	return json_text(list);
}

bool message_take(struct db *db, struct arena *a, const struct stmt *s,
		  struct db_args args, int64_t *id, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, s, args, &r, err))
		return false;
	*id = r.n ? rows_i64(&r, 0, 0) : 0;
	return true;
}

static const struct stmt count_hit = {
	"filter_hit_add",
	"INSERT INTO filter_hits (client_id, project_id, filter_id, last_at)"
	" VALUES ($1, $2, $3, $4)",
};

/* Somebody may store another message of the dialog at this moment, which is
 * not seen here; the dialog's row then has another version. */
static const struct stmt archive = {
	"dialog_archive",
	"UPDATE dialogs g SET status = 'archived',"
	"  last_message_at = greatest(g.last_message_at, m.written_at)"
	" FROM messages m WHERE m.client_id = $1 AND m.id = $2"
	"  AND g.client_id = $1 AND g.id = m.dialog_id AND g.ctid = $3::tid"
	"  AND (g.status = 'archived' OR g.status = 'open'"
	"   AND NOT EXISTS (SELECT 1 FROM messages x WHERE x.client_id = $1"
	"    AND x.dialog_id = m.dialog_id AND x.id <> m.id"
	"    AND NOT x.is_archived))",
};

bool message_take_judged(struct db *db, struct arena *a, const struct stmt *s,
			 struct db_args args, int64_t now, int64_t *id,
			 struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, s, args, &r, err))
		return false;
	*id = r.n ? rows_i64(&r, 0, 0) : 0;
	if (*id && !rows_null(&r, 0, 1))
		db_queue(db, &count_hit,
			 DB_ARGS(args.values[0], rows_str(&r, 0, 3),
				 rows_str(&r, 0, 1), arg_time(a, now)));
	if (*id && rows_bool(&r, 0, 2))
		db_queue(db, &archive,
			 DB_ARGS(args.values[0], rows_str(&r, 0, 0),
				 rows_str(&r, 0, 4)));
	return true;
}

static bool take_one(struct db *db, struct arena *a, const struct stmt *s,
		     const struct message_in *m, int64_t *id, struct err *err)
{
	return message_take_judged(db, a, s, source_args(a, m), m->now, id,
				   err);
}

/* The daemon sees whether a text goes out by itself. */
#define WITH_AUTOMATION                                                  \
	" w AS (INSERT INTO tasks (client_id, kind, subject_id, due_at," \
	"   created_at, request_id)"                                     \
	"  SELECT $1, 'dialog.automate', m.id, $13, $13, $14 FROM m, d"  \
	"  WHERE d.is_automatic AND NOT m.is_archived"                   \
	"   AND NOT $15::boolean),"

#define BUYER_VERDICT                          \
	VERDICT("$15::boolean", "buyer", "$5", \
		"coalesce(nullif(g.buyer_name, ''), $6)", "$7", "$9")
#define BUYER_MESSAGE SOURCE_MESSAGE("buyer", "false")
#define BUYER_DELIVERY                                                         \
	WITH_DELIVERY("l", "team", "m.hidden_by IS NULL AND NOT $15::boolean", \
		      "$13", "$14")
#define BUYER_TOPIC TOPIC_STATE_OF WITH_TOPIC_STATE("new", "$13", "$14")

static const struct stmt take_buyer = {
	"message_take_buyer",
	"WITH" SOURCE_DIALOG BUYER_VERDICT SOURCE_DIALOG_END BUYER_MESSAGE
		BUYER_DELIVERY WITH_AUTOMATION " u AS (UPDATE dialogs g SET"
	"   last_message_at = greatest(g.last_message_at, $12),"
	"   unread_count = g.unread_count + 1, status = 'open',"
	"   waiting_since = coalesce(g.waiting_since, $12),"
	"   buyer_external_id = CASE WHEN g.buyer_external_id = ''"
	"                       THEN $5 ELSE g.buyer_external_id END"
	"  FROM m WHERE g.client_id = $1 AND g.id = m.dialog_id"
	"   AND NOT m.is_archived AND NOT $15::boolean" BUYER_TOPIC JUDGED,
};

static const struct stmt lock_team_lane = {
	"lane_lock_team",
	LANE_LOCK("dialogs g WHERE g.client_id = $1 AND g.source = $4"
		  " AND g.source_id = $2 AND g.external_chat_id = $3",
		  "team"),
};

/* Items of an album are collected, but for history, which nobody waits for. */
static bool take_item(struct db *db, struct arena *a, const struct stmt *s,
		      const struct message_in *m, int64_t *id, struct err *err)
{
	const struct album_item item = {
		.client_id = m->client_id,
		.direction = "team",
		.album = m->album,
		.author_id = m->author_id,
		.place = m->source,
		.place_id = m->source_id,
		.external_id = m->external_id,
		.text = m->text,
		.entities = m->entities,
		.files = m->files,
		.n_files = m->n_files,
		.now = m->now,
	};

	if (!m->album || m->history)
		return take_one(db, a, s, m, id, err);
	return album_join(db, a, &lock_team_lane,
			  DB_ARGS(arg_i64(a, m->client_id),
				  arg_i64(a, m->source_id), m->chat, m->source),
			  &item, id, err) &&
	       (*id || (take_one(db, a, s, m, id, err) &&
			(!*id || album_wait(db, a, &item, *id, err))));
}

bool message_take_buyer(struct db *db, struct arena *a,
			const struct message_in *m, int64_t *id,
			struct err *err)
{
	return take_item(db, a, &take_buyer, m, id, err);
}

#define SYSTEM_VERDICT SOURCE_VERDICT("$15::boolean", "system")
#define SYSTEM_MESSAGE SOURCE_MESSAGE("system", "false")
#define SYSTEM_IS_SHOWN                            \
	"m.hidden_by IS NULL AND NOT $15::boolean" \
	" AND NOT (SELECT hide_system_messages FROM d)"
#define SYSTEM_DELIVERY \
	WITH_DELIVERY("l", "team", SYSTEM_IS_SHOWN, "$13", "$14")

static const struct stmt take_system = {
	"message_take_system",
	"WITH" SOURCE_DIALOG SYSTEM_VERDICT SOURCE_DIALOG_END SYSTEM_MESSAGE
		SYSTEM_DELIVERY
	" u AS (UPDATE dialogs g SET status = 'open' FROM m"
	"  WHERE g.client_id = $1 AND g.id = m.dialog_id"
	"   AND g.status = 'archived' AND " SYSTEM_IS_SHOWN ")" JUDGED,
};

bool message_take_system(struct db *db, struct arena *a,
			 const struct message_in *m, int64_t *id,
			 struct err *err)
{
	return take_one(db, a, &take_system, m, id, err);
}

/* The lane's row decides who comes first: the outcome of a send or its echo.
 * A statement of its own, so that the next one sees what it waited for. */
static const struct stmt lock_buyer_lane = {
	"lane_lock_buyer",
	"SELECT 1 FROM lanes l JOIN dialogs g"
	"   ON g.client_id = $1 AND g.id = l.dialog_id"
	" WHERE l.direction = 'buyer' AND g.client_id = $1"
	"  AND g.source = $4 AND g.source_id = $2"
	"  AND g.external_chat_id = $3"
	" FOR UPDATE OF l",
};

/* What is parked is judged when it turns out to be no echo. */
#define OWN_VERDICT \
	SOURCE_VERDICT("($15::boolean OR EXISTS (SELECT 1 FROM o))", "seller")
#define OWN_MESSAGE SOURCE_MESSAGE("seller", "EXISTS (SELECT 1 FROM o)")
#define OWN_DELIVERY                                            \
	WITH_DELIVERY("l", "team",                              \
		      "m.hidden_by IS NULL AND NOT m.is_parked" \
		      " AND NOT $15::boolean",                  \
		      "$13", "$14")
#define OWN_TOPIC TOPIC_STATE_OF WITH_TOPIC_STATE("answered", "$13", "$14")

static const struct stmt take_own = {
	"message_take_own",
	"WITH o AS (SELECT x.state FROM dialogs g"
	"   JOIN lanes l ON l.dialog_id = g.id AND l.direction = 'buyer'"
	"   JOIN deliveries x ON x.dialog_id = g.id AND x.direction = 'buyer'"
	"    AND x.seq >= l.head_seq AND x.state IN ('sending', 'unsure')"
	"  WHERE g.client_id = $1 AND g.source = $16 AND g.source_id = $2"
	"   AND g.external_chat_id = $3 AND NOT $15::boolean LIMIT "
	"1)," SOURCE_DIALOG OWN_VERDICT SOURCE_DIALOG_END OWN_MESSAGE
		OWN_DELIVERY " w AS (UPDATE lanes SET due_at = $13 FROM m"
	"  WHERE lanes.dialog_id = m.dialog_id AND direction = 'buyer'"
	"   AND m.is_parked AND lease_token IS NULL AND held_by IS NULL"
	"   AND EXISTS (SELECT 1 FROM o WHERE state = 'unsure')),"
	" u AS (UPDATE dialogs g SET"
	"   last_message_at = greatest(g.last_message_at, $12),"
	"   unread_count = 0, waiting_since = NULL,"
	"   status =" OUT_OF_ARCHIVE
	"  FROM m WHERE g.client_id = $1 AND g.id = m.dialog_id"
	"   AND NOT m.is_parked AND NOT m.is_archived"
	"   AND NOT $15::boolean" OWN_TOPIC JUDGED,
};

bool message_take_own(struct db *db, struct arena *a,
		      const struct message_in *m, int64_t *id, struct err *err)
{
	db_queue(db, &lock_buyer_lane,
		 DB_ARGS(arg_i64(a, m->client_id), arg_i64(a, m->source_id),
			 m->chat, m->source));
	return take_item(db, a, &take_own, m, id, err);
}

/* One statement a message: a lane's upsert can number one delivery only. */
static const struct stmt parked = {
	"messages_parked",
	"SELECT id FROM messages"
	" WHERE client_id = $1 AND dialog_id = $2 AND is_parked ORDER BY id",
};

#define UNPARK_VERDICT                                                    \
	VERDICT("false", "seller", "g.buyer_external_id", "g.buyer_name", \
		"x.kind", "x.text")
#define UNPARK_DELIVERY \
	WITH_DELIVERY("l", "team", "m.hidden_by IS NULL", "$3", "m.request_id")
#define UNPARK_TOPIC TOPIC_STATE_OF WITH_TOPIC_STATE("answered", "$3", "''")

static const struct stmt unpark = {
	"message_unpark",
	"WITH d AS (SELECT" UNPARK_VERDICT " FROM messages x"
	"   JOIN dialogs g ON g.client_id = $1 AND g.id = x.dialog_id"
	"   JOIN projects p ON p.client_id = $1 AND p.id = g.project_id"
	"  WHERE x.client_id = $1 AND x.id = $2),"
	" m AS (UPDATE messages x SET is_parked = false,"
	"   hidden_by =" HIDDEN_BY ", is_archived =" IS_ARCHIVED
	"  FROM d WHERE x.client_id = $1 AND x.id = $2"
	"  RETURNING x.id, x.dialog_id, x.hidden_by, x.is_archived,"
	"   x.written_at, x.request_id)," UNPARK_DELIVERY
	" u AS (UPDATE dialogs g SET unread_count = 0, waiting_since = NULL,"
	"   last_message_at = greatest(g.last_message_at, m.written_at),"
	"   status =" OUT_OF_ARCHIVE
	"  FROM m WHERE g.client_id = $1 AND g.id = m.dialog_id"
	"   AND NOT m.is_archived" UNPARK_TOPIC JUDGED,
};

bool messages_unpark(struct db *db, struct arena *a, int64_t client_id,
		     int64_t dialog_id, int64_t now, struct err *err)
{
	const char *client = arg_i64(a, client_id);
	struct rows r;
	int64_t id;

	if (!db_all(db, a, &parked, DB_ARGS(client, arg_i64(a, dialog_id)), &r,
		    err))
		return false;
	for (int i = 0; i < r.n; i++)
		if (!message_take_judged(db, a, &unpark,
					 DB_ARGS(client, rows_str(&r, i, 0),
						 arg_time(a, now)),
					 now, &id, err))
			return false;
	return true;
}

/* What filters dropped makes no topic, whatever happens behind it. */
#define EVENT_DELIVERY                                                    \
	WITH_DELIVERY("l", "team",                                        \
		      "(SELECT g.status FROM dialogs g WHERE g.client_id" \
		      " = $1 AND g.id = m.dialog_id) <> 'archived'",      \
		      "$5", "$6")

static const struct stmt take_event = {
	"message_take_event",
	"WITH m AS (INSERT INTO messages (client_id, dialog_id, origin,"
	"   origin_id, external_id, author, kind, text, written_at,"
	"   created_at, request_id)"
	"  SELECT $1, g.id, 'tuberry', g.id, $3, 'system', 'system', $4,"
	"   $5::timestamptz, $5::timestamptz, $6 FROM dialogs g"
	"  WHERE g.client_id = $1 AND g.id = $2"
	"  ON CONFLICT ON CONSTRAINT messages_external DO NOTHING"
	"  RETURNING id, dialog_id)," EVENT_DELIVERY " n AS (SELECT 1)"
	" SELECT id FROM m",
};

bool message_take_event(struct db *db, struct arena *a,
			const struct dialog_event *e, int64_t *id,
			struct err *err)
{
	return message_take(db, a, &take_event,
			    DB_ARGS(arg_i64(a, e->client_id),
				    arg_i64(a, e->dialog_id), e->key, e->text,
				    arg_time(a, e->now),
				    e->request_id ? e->request_id : ""),
			    id, err);
}
