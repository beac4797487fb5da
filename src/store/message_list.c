/*
 * message_list.c - the messages of a dialog as the people of a client see
 * them.
 */
#include "config.h"

#include "store/message_list.h"

/* A message that failed comes before one that is in doubt, and so on: the
 * order of what a person must look at. */
#define MESSAGE_COLUMNS                                                        \
	"SELECT m.id, m.client_id, m.dialog_id, m.origin, m.origin_id,"        \
	"  m.external_id, m.kind, m.foreign_kind, m.text, m.author,"           \
	"  m.author_id, m.author_name, m.is_auto_reply, m.is_history,"         \
	"  coalesce(w.state, CASE WHEN m.read_at IS NULL THEN 'delivered'"     \
	"   ELSE 'read' END), w.last_error,"                                   \
	"  (SELECT coalesce(jsonb_agg(jsonb_build_object('id', f.id,"          \
	"     'kind', f.kind, 'mime', f.mime, 'name', f.name,"                 \
	"     'bytes', f.bytes, 'width', f.width, 'height', f.height,"         \
	"     'duration', f.duration_s, 'url', CASE WHEN f.sha256 IS"          \
	"      DISTINCT FROM '' THEN '/api/media/' || f.id END) ORDER BY "     \
	"f.id), '[]')"                                                         \
	"   FROM attachments f WHERE f.message_id = m.id),"                    \
	"  (SELECT coalesce(jsonb_agg(jsonb_build_object('place', c.place,"    \
	"     'place_id', c.place_id, 'part', c.part, 'id', c.external_id)"    \
	"     ORDER BY c.place, c.place_id, c.part), '[]')"                    \
	"   FROM message_copies c WHERE c.message_id = m.id),"                 \
	"  m.written_at, m.created_at, m.hidden_by, m.is_archived,"            \
	"  m.entities, m.data, m.album, m.quote_message_id, m.is_note,"        \
	"  m.edited_at, m.deleted_at, m.read_at, m.deleted_by,"                \
	"  (SELECT coalesce(jsonb_agg(jsonb_build_object('side', e.side,"      \
	"     'author_id', e.author_id, 'emoji', e.emoji)"                     \
	"     ORDER BY e.created_at, e.emoji), '[]')"                          \
	"   FROM message_reactions e WHERE e.message_id = m.id)"               \
	" FROM messages m LEFT JOIN LATERAL (SELECT d.state, d.last_error"     \
	"   FROM deliveries d WHERE d.message_id = m.id AND d.state <> 'done'" \
	"   ORDER BY array_position(ARRAY['dead', 'unsure', 'sending',"        \
	"    'queued', 'discarded'], d.state), d.id LIMIT 1) w ON true"        \
	" WHERE m.client_id = $1"

static const struct stmt list_some = {
	"messages_list",
	MESSAGE_COLUMNS " AND m.dialog_id = $2 AND NOT m.is_parked"
			" AND ($3::bigint IS NULL OR m.id < $3)"
			" ORDER BY m.id DESC LIMIT $4",
};

static const struct stmt find = {
	"message_find",
	MESSAGE_COLUMNS " AND m.id = $2",
};

static const char *maybe_str(const struct rows *r, int row, int column)
{
	return rows_null(r, row, column) ? NULL : rows_str(r, row, column);
}

static struct message_line read_message(const struct rows *r, int row)
{
	return (struct message_line){
		.id = rows_i64(r, row, 0),
		.client_id = rows_i64(r, row, 1),
		.dialog_id = rows_i64(r, row, 2),
		.origin = rows_str(r, row, 3),
		.origin_id = rows_i64(r, row, 4),
		.external_id = maybe_str(r, row, 5),
		.kind = rows_str(r, row, 6),
		.foreign_kind = rows_str(r, row, 7),
		.text = rows_str(r, row, 8),
		.author = rows_str(r, row, 9),
		.author_id = rows_str(r, row, 10),
		.author_name = rows_str(r, row, 11),
		.is_auto_reply = rows_bool(r, row, 12),
		.is_history = rows_bool(r, row, 13),
		.status = rows_str(r, row, 14),
		.error = maybe_str(r, row, 15),
		.files = rows_str(r, row, 16),
		.copies = rows_str(r, row, 17),
		.written_at = rows_time(r, row, 18),
		.created_at = rows_time(r, row, 19),
		.hidden_by = maybe_str(r, row, 20),
		.is_archived = rows_bool(r, row, 21),
		.entities = rows_str(r, row, 22),
		.data = rows_str(r, row, 23),
		.album = maybe_str(r, row, 24),
		.quote_message_id = rows_i64(r, row, 25),
		.is_note = rows_bool(r, row, 26),
		.edited_at = rows_time(r, row, 27),
		.deleted_at = rows_time(r, row, 28),
		.read_at = rows_time(r, row, 29),
		.deleted_by =
			rows_time(r, row, 28) ? rows_str(r, row, 30) : NULL,
		.reactions = rows_str(r, row, 31),
	};
}

bool messages_list(struct db *db, struct arena *a, int64_t client_id,
		   int64_t dialog_id, int64_t before, int limit,
		   struct message_line **list, size_t *n, struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &list_some,
		    DB_ARGS(arg_i64(a, client_id), arg_i64(a, dialog_id),
			    arg_id(a, before), arg_i64(a, limit)),
		    &r, err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		(*list)[r.n - 1 - i] = read_message(&r, i);
	return true;
}

static const struct stmt versions_stmt = {
	"message_versions",
	"SELECT coalesce(jsonb_agg(jsonb_build_object('text', text,"
	"  'entities', entities, 'replaced_at', to_char(replaced_at"
	"   AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'))"
	"  ORDER BY version), '[]') FROM message_versions"
	" WHERE client_id = $1 AND message_id = $2",
};

bool message_versions(struct db *db, struct arena *a, int64_t client_id,
		      int64_t id, const char **versions, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &versions_stmt,
		    DB_ARGS(arg_i64(a, client_id), arg_i64(a, id)), &r, err))
		return false;
	*versions = rows_str(&r, 0, 0);
	return true;
}

bool message_find(struct db *db, struct arena *a, int64_t client_id, int64_t id,
		  struct message_line *m, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &find,
		      DB_ARGS(arg_i64(a, client_id), arg_i64(a, id)), &r, err))
		return false;
	if (r.n == 0)
		return err_set(err, ERR_MISSING, "there is no such message");
	*m = read_message(&r, 0);
	return true;
}

static const struct stmt lock_ref = {
	"message_ref_lock",
	"SELECT pg_advisory_xact_lock(hashtextextended("
	"  'client_ref ' || $1 || ' ' || $2, 0))",
};

/* A statement of its own, so that it sees what the lock waited for. */
static const struct stmt by_ref = {
	"message_by_ref",
	"SELECT id, dialog_id FROM messages WHERE client_id = $1"
	" AND origin = 'web' AND origin_id = $2 AND external_id = $3",
};

bool message_by_ref(struct db *db, struct arena *a, int64_t client_id,
		    int64_t user_id, const char *ref, int64_t *id,
		    int64_t *dialog_id, struct err *err)
{
	const char *user = arg_i64(a, user_id);
	struct rows r;

	db_queue(db, &lock_ref, DB_ARGS(user, ref));
	if (!db_maybe(db, a, &by_ref, DB_ARGS(arg_i64(a, client_id), user, ref),
		      &r, err))
		return false;
	*id = r.n ? rows_i64(&r, 0, 0) : 0;
	*dialog_id = r.n ? rows_i64(&r, 0, 1) : 0;
	return true;
}
