/*
 * change.c - what happens to a message after it was stored.
 */
#include "config.h"

#include "base/json.h"
#include "store/change.h"
#include "store/task.h"

/* ---- which one ---- */

/* $2 place, $3 place's id, $4 external id, $5 only what was written there: a
 * copy where its message comes from is an item of its album. */
#define BY_NAME                                                         \
	"m.client_id = $1 AND m.id = (SELECT q.id FROM ("               \
	"   SELECT o.id FROM messages o WHERE o.client_id = $1"         \
	"    AND o.origin = $2 AND o.origin_id = $3"                    \
	"    AND o.external_id = $4"                                    \
	"   UNION ALL SELECT c.message_id FROM message_copies c"        \
	"    WHERE c.client_id = $1 AND c.place = $2"                   \
	"     AND c.place_id = $3 AND c.external_id = $4"               \
	"     AND (NOT $5::boolean OR EXISTS (SELECT 1 FROM messages i" \
	"      WHERE i.client_id = $1 AND i.id = c.message_id"          \
	"       AND i.origin = $2 AND i.origin_id = $3)))"              \
	"   q ORDER BY q.id DESC LIMIT 1)"

#define BY_ID "m.client_id = $1 AND m.id = $2"

/* A statement of its own, so that the next one sees what it waited for. */
#define LOCK_LANE(which)                                                     \
	"SELECT 1 FROM messages m JOIN lanes l ON l.dialog_id = m.dialog_id" \
	"  AND l.direction = 'buyer' WHERE " which " FOR UPDATE OF l"

/* It has left when an attempt came to something, or nobody knows; while its
 * lane is leased it is just leaving.  A copy in a group is the team's. */
#define LOOK(which)                                                           \
	"SELECT m.id, m.dialog_id, m.origin, m.author, m.kind, g.source,"     \
	"  g.source_id, g.external_chat_id, m.is_note,"                       \
	"  m.deleted_at IS NOT NULL,"                                         \
	"  x.state IN ('sending', 'unsure', 'done') OR x.is_leased"           \
	"   OR EXISTS (SELECT 1 FROM attempts t WHERE t.delivery_id = x.id"   \
	"    AND coalesce(t.outcome, 'unsure')"                               \
	"     IN ('unsure', 'done', 'settled')),"                             \
	"  x.is_leased, CASE WHEN x.state IN ('queued', 'dead') THEN x.id "   \
	"END,"                                                                \
	"  (SELECT max(c.created_at) FROM message_copies c"                   \
	"    WHERE c.message_id = m.id"                                       \
	"     AND NOT (c.place = 'telegram' AND c.place_id < 0)),"            \
	"  g.bot_id, coalesce(bc.can_delete, false), m.origin_id,"            \
	"  m.external_id"                                                     \
	" FROM messages m"                                                    \
	" JOIN dialogs g ON g.client_id = m.client_id AND g.id = m.dialog_id" \
	" LEFT JOIN business_connections bc ON bc.client_id = m.client_id"    \
	"  AND bc.id = g.connection_id AND bc.is_enabled"                     \
	" LEFT JOIN LATERAL (SELECT d.id, d.state,"                           \
	"   l.lease_token IS NOT NULL"                                        \
	"    AND d.state IN ('queued', 'sending', 'unsure')"                  \
	"    AND d.seq = (SELECT min(h.seq) FROM deliveries h"                \
	"      WHERE h.dialog_id = d.dialog_id AND h.direction = 'buyer'"     \
	"       AND h.seq >= l.head_seq"                                      \
	"       AND h.state IN ('queued', 'sending', 'unsure')) AS is_leased" \
	"  FROM deliveries d JOIN lanes l ON l.dialog_id = d.dialog_id"       \
	"   AND l.direction = d.direction"                                    \
	"  WHERE d.message_id = m.id AND d.direction = 'buyer'"               \
	"  ORDER BY d.id DESC LIMIT 1) x ON true"                             \
	" WHERE " which

static const struct stmt lock_name = {
	"message_lock_name",
	LOCK_LANE(BY_NAME),
};

static const struct stmt look_name = {
	"message_look_name",
	LOOK(BY_NAME),
};

static const struct stmt lock_id = {
	"message_lock_id",
	LOCK_LANE(BY_ID),
};

static const struct stmt look_id = {
	"message_look_id",
	LOOK(BY_ID),
};

static bool look(struct db *db, struct arena *a, const struct stmt *lock,
		 const struct stmt *s, struct db_args args,
		 struct message_state *m, struct err *err)
{
	struct rows r;

	*m = (struct message_state){ 0 };
	db_queue(db, lock, args);
	if (!db_maybe(db, a, s, args, &r, err))
		return false;
	if (r.n == 0)
		return true;
	*m = (struct message_state){
		.id = rows_i64(&r, 0, 0),
		.dialog_id = rows_i64(&r, 0, 1),
		.origin = rows_str(&r, 0, 2),
		.author = rows_str(&r, 0, 3),
		.kind = rows_str(&r, 0, 4),
		.source = rows_str(&r, 0, 5),
		.source_id = rows_i64(&r, 0, 6),
		.chat = rows_str(&r, 0, 7),
		.is_note = rows_bool(&r, 0, 8),
		.is_deleted = rows_bool(&r, 0, 9),
		.has_left = rows_bool(&r, 0, 10),
		.is_moving = rows_bool(&r, 0, 11),
		.delivery_id = rows_i64(&r, 0, 12),
		.arrived_at = rows_time(&r, 0, 13),
		.bot_id = rows_i64(&r, 0, 14),
		.owner_lets_delete = rows_bool(&r, 0, 15),
		.origin_id = rows_i64(&r, 0, 16),
		.external_id = rows_str(&r, 0, 17),
	};
	return true;
}

bool message_look(struct db *db, struct arena *a, const struct message_name *n,
		  bool written, struct message_state *s, struct err *err)
{
	return look(db, a, &lock_name, &look_name,
		    DB_ARGS(arg_i64(a, n->client_id), n->place,
			    arg_i64(a, n->place_id), n->external_id,
			    arg_bool(written)),
		    s, err);
}

bool message_look_id(struct db *db, struct arena *a, int64_t client_id,
		     int64_t id, struct message_state *s, struct err *err)
{
	return look(db, a, &lock_id, &look_id,
		    DB_ARGS(arg_i64(a, client_id), arg_i64(a, id)), s, err);
}

/* ---- changes ---- */

static bool ask(struct db *db, struct arena *a, int64_t client_id,
		const char *kind, int64_t id, const char *key, int64_t now,
		const char *request_id, struct err *err)
{
	struct task t = {
		.client_id = client_id,
		.kind = kind,
		.subject_id = id,
		.key = key,
		.due_at = now,
		.request_id = request_id,
	};

	return task_add(db, a, &t, err);
}

/* m is locked by its update; former versions are numbered behind that. */
static const struct stmt edit = {
	"message_edit",
	"WITH o AS (SELECT id, text, entities FROM messages"
	"   WHERE client_id = $1 AND id = $2 AND deleted_at IS NULL"
	"    AND (edited_at IS NULL OR edited_at <= $6)"
	"    AND (text <> $3 OR entities IS DISTINCT FROM $4::jsonb)"
	"   FOR UPDATE),"
	" v AS (INSERT INTO message_versions (client_id, message_id, version,"
	"    text, entities, replaced_at)"
	"   SELECT $1, o.id, coalesce((SELECT max(version)"
	"     FROM message_versions WHERE message_id = $2), 0) + 1, o.text,"
	"    o.entities, $7 FROM o WHERE $5::boolean)"
	" UPDATE messages m SET text = $3, entities = $4::jsonb,"
	"  edited_at = CASE WHEN $5::boolean THEN $6::timestamptz"
	"              ELSE m.edited_at END"
	" FROM o WHERE m.client_id = $1 AND m.id = o.id RETURNING m.id",
};

bool message_edit(struct db *db, struct arena *a, const struct message_edit *e,
		  bool *changed, struct err *err)
{
	struct rows r;

	*changed = false;
	if (!db_maybe(db, a, &edit,
		      DB_ARGS(arg_i64(a, e->client_id), arg_i64(a, e->id),
			      e->text, e->entities, arg_bool(e->keeps),
			      arg_time(a, e->edited_at), arg_time(a, e->now)),
		      &r, err))
		return false;
	*changed = r.n > 0;
	return !*changed || !e->keeps ||
	       ask(db, a, e->client_id, "message.show", e->id, NULL, e->now,
		   e->request_id, err);
}

static const struct stmt says = {
	"message_says",
	"SELECT text <> $3 FROM messages WHERE client_id = $1 AND id = $2",
};

bool message_says(struct db *db, struct arena *a, int64_t client_id, int64_t id,
		  const char *text, bool *differs, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &says,
		    DB_ARGS(arg_i64(a, client_id), arg_i64(a, id), text), &r,
		    err))
		return false;
	*differs = rows_bool(&r, 0, 0);
	return true;
}

static const struct stmt delete_stmt = {
	"message_delete",
	"UPDATE messages SET deleted_at = $4, deleted_by = $3"
	" WHERE client_id = $1 AND id = $2 AND deleted_at IS NULL RETURNING id",
};

bool message_delete(struct db *db, struct arena *a, int64_t client_id,
		    int64_t id, const char *by, int64_t now,
		    const char *request_id, bool *changed, struct err *err)
{
	struct rows r;

	*changed = false;
	if (!db_maybe(db, a, &delete_stmt,
		      DB_ARGS(arg_i64(a, client_id), arg_i64(a, id), by,
			      arg_time(a, now)),
		      &r, err))
		return false;
	*changed = r.n > 0;
	return !*changed || ask(db, a, client_id, "message.show", id, NULL, now,
				request_id, err);
}

static const struct stmt undelete = {
	"message_undelete",
	"UPDATE messages SET deleted_at = NULL, deleted_by = ''"
	" WHERE client_id = $1 AND id = $2",
};

bool message_undelete(struct db *db, struct arena *a, int64_t client_id,
		      int64_t id, struct err *err)
{
	return db_exec(db, &undelete,
		       DB_ARGS(arg_i64(a, client_id), arg_i64(a, id)), err);
}

static const struct stmt unreact = {
	"message_unreact",
	"DELETE FROM message_reactions WHERE message_id = $2 AND side = $3"
	"  AND author_id = $4 AND client_id = $1"
	"  AND NOT emoji IN (SELECT jsonb_array_elements_text($5::jsonb))",
};

static const struct stmt react = {
	"message_react",
	"INSERT INTO message_reactions (client_id, message_id, side, author_id,"
	"  emoji, created_at)"
	" SELECT $1, $2, $3, $4, e, $6"
	"  FROM jsonb_array_elements_text($5::jsonb) e"
	" ON CONFLICT DO NOTHING",
};

bool message_react(struct db *db, struct arena *a,
		   const struct message_reaction *r, struct err *err)
{
	const char *client = arg_i64(a, r->client_id), *id = arg_i64(a, r->id);
	const char *emojis = arg_array(a, r->emojis, r->n);

	db_queue(db, &unreact,
		 DB_ARGS(client, id, r->side, r->author_id, emojis));
	if (!db_exec(db, &react,
		     DB_ARGS(client, id, r->side, r->author_id, emojis,
			     arg_time(a, r->now)),
		     err))
		return false;
	return ask(db, a, r->client_id, "message.react", r->id, r->side, r->now,
		   r->request_id, err);
}

/* The same rule as for what is written in a topic (message_take_topic). */
static const struct stmt is_operator = {
	"dialog_operator",
	"SELECT p.operators = 'members' OR EXISTS (SELECT 1 FROM users u"
	"   WHERE u.client_id = $1 AND u.telegram_user_id = $3"
	"    AND u.disabled_at IS NULL)"
	" FROM dialogs g JOIN projects p"
	"  ON p.client_id = g.client_id AND p.id = g.project_id"
	" WHERE g.client_id = $1 AND g.id = $2",
};

bool dialog_operator(struct db *db, struct arena *a, int64_t client_id,
		     int64_t dialog_id, int64_t person, bool *is_one,
		     struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &is_operator,
		    DB_ARGS(arg_i64(a, client_id), arg_i64(a, dialog_id),
			    arg_i64(a, person)),
		    &r, err))
		return false;
	*is_one = rows_bool(&r, 0, 0);
	return true;
}

static const struct stmt find_reaction = {
	"message_reaction_find",
	"SELECT emoji FROM message_reactions WHERE client_id = $1"
	"  AND message_id = $2 AND side = $3"
	" ORDER BY created_at DESC, emoji LIMIT 1",
};

bool message_reaction_find(struct db *db, struct arena *a, int64_t client_id,
			   int64_t id, const char *side, const char **emoji,
			   struct err *err)
{
	struct rows r;

	*emoji = "";
	if (!db_maybe(db, a, &find_reaction,
		      DB_ARGS(arg_i64(a, client_id), arg_i64(a, id), side), &r,
		      err))
		return false;
	if (r.n)
		*emoji = rows_str(&r, 0, 0);
	return true;
}

/* What was typed in the service's own app is no copy of anything. */
static const struct stmt read_stmt = {
	"messages_read",
	"WITH r AS (SELECT id, at FROM jsonb_to_recordset($4::jsonb)"
	"   AS x (id text, at timestamptz))"
	" UPDATE messages m SET read_at = f.at FROM ("
	"  SELECT o.id, r.at FROM r JOIN messages o ON o.client_id = $1"
	"    AND o.origin = $2 AND o.origin_id = $3 AND o.external_id = r.id"
	"  UNION ALL SELECT c.message_id, r.at FROM r JOIN message_copies c"
	"    ON c.client_id = $1 AND c.place = $2 AND c.place_id = $3"
	"    AND c.external_id = r.id) f"
	" WHERE m.client_id = $1 AND m.id = f.id AND m.read_at IS NULL"
	"  AND m.author <> 'buyer'",
};

void messages_queue_read(struct db *db, struct arena *a, int64_t client_id,
			 const char *place, int64_t place_id,
			 const struct message_reading *list, size_t n)
{
	struct json_object *rows = json_object_new_array();

	json_put(json_new(a), "rows", rows); /* which frees it */
	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_object_new_object();

		json_put_str(o, "id", list[i].external_id);
		json_put_str(o, "at", arg_time(a, list[i].read_at));
		json_object_array_add(rows, o);
	}
	db_queue(db, &read_stmt,
		 DB_ARGS(arg_i64(a, client_id), place, arg_i64(a, place_id),
			 json_text(rows)));
}
