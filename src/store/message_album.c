/*
 * message_album.c - items of an album, which come one by one, become one
 * message.
 *
 * The first makes it; the others are added as long as its delivery has not
 * begun, for which that waits until no more have come for a moment.  Nobody
 * says which item is the last: one that comes too late is a message of its own
 * and follows.  Who is late is decided by the lane's row: an item is added
 * under its lock, and whoever has leased the lane has read the files already.
 */
#include "config.h"

#include "base/clock.h"
#include "store/message_impl.h"

#define QUIET_US   CLOCK_SECOND_US       /* after the newest item */
#define LONGEST_US (5 * CLOCK_SECOND_US) /* since the first */

/* A note's further items stay inside, whatever they say.  Items may come in any
 * order: if one of them says that all is a note, nothing goes out, and the
 * buyer waits as before.
 * $1 client, $2 dialog, $3 direction, $4 album, $5 author, $6 place, $7 its
 * id, $8 external id, $9 text, $10 entities, $11 files, $12 is a note, $13 now,
 * $14 quiet then, $15 the longest wait. */
#define FIND_ALBUM                                                            \
	"SELECT m.id, x.id AS delivery_id,"                                   \
	"  x.not_before AS waits_till, least($14::timestamptz, x.created_at"  \
	"   + $15::bigint * interval '1 microsecond') AS not_before"          \
	" FROM messages m JOIN lanes l"                                       \
	"   ON l.dialog_id = $2 AND l.direction = $3"                         \
	"  LEFT JOIN deliveries x"                                            \
	"   ON x.message_id = m.id AND x.direction = l.direction"             \
	" WHERE m.client_id = $1 AND m.dialog_id = l.dialog_id"               \
	"  AND m.album = $4 AND m.author_id = $5 AND m.origin = $6"           \
	"  AND m.origin_id = $7 AND NOT m.is_parked"                          \
	"  AND (x.id IS NULL OR x.state = 'queued'"                           \
	"   AND NOT EXISTS (SELECT 1 FROM attempts t"                         \
	"    WHERE t.delivery_id = x.id)"                                     \
	"   AND (l.lease_token IS NULL OR EXISTS (SELECT 1 FROM deliveries h" \
	"    WHERE h.dialog_id = l.dialog_id AND h.direction = l.direction"   \
	"     AND h.seq >= l.head_seq AND h.seq < x.seq"                      \
	"     AND h.state IN ('queued', 'sending', 'unsure'))))"              \
	"  AND NOT EXISTS (SELECT 1 FROM messages o WHERE o.client_id = $1"   \
	"   AND o.origin = $6 AND o.origin_id = $7 AND o.external_id = $8)"   \
	"  AND NOT EXISTS (SELECT 1 FROM message_copies c"                    \
	"   WHERE c.client_id = $1 AND c.place = $6 AND c.place_id = $7"      \
	"    AND c.external_id = $8)"                                         \
	" ORDER BY m.id DESC LIMIT 1"

#define KEEP_NUMBER                                                            \
	" c AS (INSERT INTO message_copies (client_id, message_id, place,"     \
	"   place_id, part, external_id, created_at)"                          \
	"  SELECT $1, m.id, $6, $7, (SELECT coalesce(max(c.part), 0) + 1"      \
	"    FROM message_copies c WHERE c.message_id = m.id AND c.place = $6" \
	"     AND c.place_id = $7), $8, $13 FROM m),"

#define ADD_WORDS                                                        \
	" w AS (UPDATE messages SET is_note = messages.is_note OR "      \
	"$12::boolean,"                                                  \
	"   text = CASE WHEN $9 = '' THEN text WHEN text = '' THEN $9"   \
	"          ELSE text || E'\\n' || $9 END,"                       \
	"   entities = CASE WHEN $9 <> '' AND text = '' THEN $10::jsonb" \
	"              ELSE entities END"                                \
	"  FROM m WHERE messages.client_id = $1 AND messages.id = m.id"  \
	"   AND ($9 <> '' OR $12::boolean)),"

#define WAIT_OR_STAY                                                          \
	" x AS (UPDATE deliveries SET not_before = m.not_before"              \
	"  FROM m WHERE deliveries.id = m.delivery_id AND NOT $12::boolean)," \
	" k AS (DELETE FROM deliveries USING m"                               \
	"  WHERE deliveries.id = m.delivery_id AND $12::boolean"              \
	"  RETURNING deliveries.message_id),"                                 \
	" l AS (UPDATE lanes SET due_at = m.not_before FROM m"                \
	"  WHERE dialog_id = $2 AND direction = $3 AND lease_token IS NULL"   \
	"   AND held_by IS NULL AND due_at = m.waits_till),"

/* As if nobody had answered. */
#define WAIT_AGAIN                                                          \
	" u AS (UPDATE dialogs g SET waiting_since = b.written_at,"         \
	"   unread_count = greatest(g.unread_count, 1)"                     \
	"  FROM k CROSS JOIN LATERAL (SELECT author, written_at"            \
	"   FROM messages q WHERE q.client_id = $1 AND q.dialog_id = $2"    \
	"    AND q.id < k.message_id AND NOT q.is_note AND NOT q.is_parked" \
	"    AND NOT q.is_archived"                                         \
	"    AND q.author IN ('buyer', 'operator', 'seller')"               \
	"   ORDER BY q.id DESC LIMIT 1) b"                                  \
	"  WHERE g.client_id = $1 AND g.id = $2 AND b.author = 'buyer'"     \
	"   AND g.waiting_since IS NULL" TOPIC_STATE_OF

static const struct stmt join = {
	"album_join",
	"WITH m AS (" FIND_ALBUM ")," WITH_FILES("$11")
		KEEP_NUMBER ADD_WORDS WAIT_OR_STAY WAIT_AGAIN WITH_TOPIC_STATE(
			"new", "$13", "''") " SELECT id FROM m",
};

bool album_join(struct db *db, struct arena *a, const struct stmt *lock,
		struct db_args lock_args, const struct album_item *item,
		int64_t *id, struct err *err)
{
	struct rows r;

	*id = 0;
	if (!db_maybe(db, a, lock, lock_args, &r, err))
		return false;
	if (r.n == 0)
		return true;
	return message_take(
		db, a, &join,
		DB_ARGS(arg_i64(a, item->client_id), rows_str(&r, 0, 0),
			item->direction, item->album, item->author_id,
			item->place, arg_i64(a, item->place_id),
			item->external_id, item->text, item->entities,
			files_json(a, item->files, item->n_files),
			arg_bool(item->is_note), arg_time(a, item->now),
			arg_time(a, item->now + QUIET_US),
			arg_i64(a, LONGEST_US)),
		id, err);
}

/* Where others are before it the lane is due when they are. */
static const struct stmt wait_for_more = {
	"album_wait",
	"WITH x AS (UPDATE deliveries SET not_before = $3"
	"  WHERE message_id = $1 AND direction = $2"
	"  RETURNING dialog_id, direction, seq)"
	" UPDATE lanes l SET due_at = $3 FROM x"
	"  WHERE l.dialog_id = x.dialog_id AND l.direction = x.direction"
	"   AND l.lease_token IS NULL AND l.held_by IS NULL"
	"   AND NOT EXISTS (SELECT 1 FROM deliveries h"
	"    WHERE h.dialog_id = l.dialog_id AND h.direction = l.direction"
	"     AND h.seq >= l.head_seq AND h.seq < x.seq"
	"     AND h.state IN ('queued', 'sending', 'unsure'))",
};

bool album_wait(struct db *db, struct arena *a, const struct album_item *item,
		int64_t id, struct err *err)
{
	return db_exec(db, &wait_for_more,
		       DB_ARGS(arg_i64(a, id), item->direction,
			       arg_time(a, item->now + QUIET_US)),
		       err);
}
