/*
 * message_impl.h - fragments of the statements that store messages.
 *
 * The steps of one message are one statement: d finds the dialog, m inserts
 * the message, f its files, a lane's upsert numbers the delivery.  A lane's row
 * is taken by that upsert; a lane that waits (held, or due later because its
 * head backs off) is not woken by what queues up behind.
 *
 * What the source brings is judged by the project's filters in d: verdict is
 * {id, action} or null.  What that causes are statements of their own, which
 * cost nothing where there are no filters.  A message that is hidden or dropped is not relayed;
 * one that is dropped leaves the dialog as it was, but for its archive.
 *
 * $1 is always the client.
 */
#ifndef STORE_MESSAGE_IMPL_H
#define STORE_MESSAGE_IMPL_H

#include "store/message.h"
#include "store/task.h"

/* files: a JSON array as files_json() writes it. */
#define WITH_FILES(files)                                                     \
	" f AS (INSERT INTO attachments (client_id, message_id, kind, url,"   \
	"   ref, mime, name, bytes, width, height, duration_s, sha256)"       \
	"  SELECT $1, m.id, x.kind, x.url, x.ref, x.mime, x.name, x.bytes,"   \
	"   x.width, x.height, x.duration_s, x.sha256"                        \
	"  FROM m CROSS JOIN ROWS FROM (jsonb_to_recordset(" files "::jsonb)" \
	"   AS (kind text, url text, ref text, mime text, name text,"         \
	"   bytes bigint, width integer, height integer, duration_s integer," \
	"   sha256 text)) WITH ORDINALITY x ORDER BY x.ordinality),"

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

/* u has changed the dialog and returned TOPIC_STATE_OF: its topic shall
 * show that, unless it does so already (store/topic_state.h). */
#define TOPIC_STATE_OF                                           \
	" RETURNING g.id, g.status, g.topic_id, g.topic_state, " \
	"g.topic_closed),"
#define WITH_TOPIC_STATE(state, now, request)                              \
	" s_t AS (INSERT INTO tasks (client_id, kind, subject_id, due_at," \
	"   created_at, request_id)"                                       \
	"  SELECT $1, 'topic.state', u.id, " now "::timestamptz, " now     \
	"::timestamptz, " request " FROM u"                                \
	"  WHERE u.topic_id IS NOT NULL AND (u.topic_state <> '" state     \
	"'  OR u.topic_closed <> (u.status <> 'open'))" TASK_ASK_AGAIN ")"

/* Of dialog g and project p, for d; `no` is true of what is not judged. */
#define VERDICT(no, direction, buyer, buyer_name, kind, said)          \
	" g.ctid AS version, p.id AS project_id,"                      \
	"  CASE WHEN p.filters <> '[]' AND NOT " no                    \
	"   THEN filter_verdict(p.filters, g.item_id, " buyer ","      \
	"    " buyer_name ", " kind ", '" direction "', " said ") END" \
	"  AS verdict"

/* Of m, from d. */
#define HIDDEN_BY   " CASE WHEN d.verdict[2] <> 'pass' THEN d.verdict[1] END"
#define IS_ARCHIVED " coalesce(d.verdict[2] = 'drop', false)"

/* For message_take_judged(). */
#define JUDGED                                                               \
	" SELECT m.id, d.verdict[1], m.is_archived, d.project_id, d.version" \
	" FROM m, d"

/* The status of a dialog g in which something passes. */
#define OUT_OF_ARCHIVE \
	" CASE WHEN g.status = 'archived' THEN 'open' ELSE g.status END"

/* The message of dialog d that is called so at that place: what was written
 * there, or the newest one that a copy there shows. */
#define QUOTED(place, place_id, quote)                                      \
	" (SELECT q.id FROM messages q WHERE q.client_id = $1"              \
	"   AND q.dialog_id = d.id AND q.id IN ("                           \
	"    SELECT o.id FROM messages o WHERE o.client_id = $1"            \
	"     AND o.origin = " place " AND o.origin_id = " place_id         \
	"     AND o.external_id = " quote                                   \
	"    UNION ALL SELECT c.message_id FROM message_copies c"           \
	"    WHERE c.client_id = $1 AND c.place = " place                   \
	"     AND c.place_id = " place_id " AND c.external_id = " quote ")" \
	"   ORDER BY q.id DESC LIMIT 1)"

/* An item of an album; a service brings each by itself (message_album.c). */
struct album_item {
	int64_t client_id;
	const char *direction; /* of what it becomes */
	const char *album, *author_id;
	const char *place; /* where it was written */
	int64_t place_id;
	const char *external_id;
	const char *text, *entities;
	const struct message_file *files;
	size_t n_files;
	bool is_note;
	int64_t now;
};

/* Locks the dialog's lane of that direction, which it makes if need be; its
 * row tells the dialog. */
#define LANE_LOCK(dialogs, direction)                                    \
	"INSERT INTO lanes (client_id, dialog_id, direction) SELECT $1," \
	" g.id, '" direction "' FROM " dialogs                           \
	" ON CONFLICT (dialog_id, direction)"                            \
	"  DO UPDATE SET last_seq = lanes.last_seq RETURNING dialog_id"

/* Locks by `lock`, and adds the item to its album if that still waits.  *id:
 * the album's message; 0: it is one of its own, or is known.  Then, once that
 * is stored, it waits for more. */
bool album_join(struct db *db, struct arena *a, const struct stmt *lock,
		struct db_args lock_args, const struct album_item *item,
		int64_t *id, struct err *err);
bool album_wait(struct db *db, struct arena *a, const struct album_item *item,
		int64_t id, struct err *err);

/* Runs it; *id 0: nothing was stored. */
bool message_take(struct db *db, struct arena *a, const struct stmt *s,
		  struct db_args args, int64_t *id, struct err *err);

/* The same for a statement that ends with JUDGED: the filter is counted, and
 * the dialog put into the archive if nothing else was written in it. */
bool message_take_judged(struct db *db, struct arena *a, const struct stmt *s,
			 struct db_args args, int64_t now, int64_t *id,
			 struct err *err);

/* For WITH_FILES. */
const char *files_json(struct arena *a, const struct message_file *files,
		       size_t n);

#endif
