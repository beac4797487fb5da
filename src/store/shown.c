/*
 * shown.c - a message as it stands now, and where it can be seen.
 */
#include "config.h"

#include <string.h>

#include "base/json.h"
#include "store/shown.h"

/* A copy lies where its delivery leads: groups are below zero. */
static const struct stmt find = {
	"shown_find",
	"SELECT m.id, m.client_id, m.dialog_id, m.origin, m.origin_id,"
	"  m.external_id, m.author, m.author_name, m.kind, m.foreign_kind,"
	"  m.text, m.entities, m.data, m.edited_at IS NOT NULL, m.deleted_by,"
	"  m.is_auto_reply, greatest(m.edited_at, m.deleted_at),"
	"  m.request_id, g.source, g.source_id, g.external_chat_id,"
	"  g.buyer_name, g.item_title, g.bot_id, g.group_chat_id, g.topic_id,"
	"  coalesce(b.topic_mode, true), ts.bot_id,"
	"  CASE WHEN bc.is_enabled THEN bc.external_id END,"
	"  (SELECT json_agg(json_build_array(id, kind, url, ref, mime, name,"
	"    sha256, bytes, width, height, duration_s) ORDER BY id)"
	"   FROM attachments WHERE message_id = m.id),"
	"  EXISTS (SELECT 1 FROM deliveries x JOIN lanes l"
	"     ON l.dialog_id = x.dialog_id AND l.direction = x.direction"
	"    WHERE x.message_id = m.id"
	"     AND x.state IN ('queued', 'sending', 'unsure')"
	"     AND (x.state <> 'queued' OR l.lease_token IS NOT NULL"
	"      OR EXISTS (SELECT 1 FROM message_copies c"
	"        WHERE c.message_id = m.id AND (x.direction = 'team')"
	"         = (c.place = 'telegram' AND c.place_id < 0))))"
	" FROM messages m"
	" JOIN dialogs g ON g.client_id = m.client_id AND g.id = m.dialog_id"
	" LEFT JOIN bots b ON b.client_id = m.client_id AND b.id = g.bot_id"
	" LEFT JOIN telegram_sources ts ON g.source = 'telegram'"
	"  AND ts.client_id = m.client_id AND ts.id = g.source_id"
	" LEFT JOIN business_connections bc ON bc.client_id = m.client_id"
	"  AND bc.id = g.connection_id"
	" WHERE m.id = $1",
};

static const struct stmt find_copies = {
	"shown_copies",
	"SELECT place, place_id, part, external_id, created_at"
	" FROM message_copies WHERE message_id = $1"
	" ORDER BY place, place_id, part",
};

static void read_copies(struct arena *a, const struct rows *r, struct shown *s)
{
	s->n_copies = (size_t)r->n;
	s->copies = arena_array(a, s->n_copies, sizeof(*s->copies));
	for (int i = 0; i < r->n; i++)
		s->copies[i] = (struct shown_copy){
			.place = rows_str(r, i, 0),
			.place_id = rows_i64(r, i, 1),
			.part = (int)rows_i64(r, i, 2),
			.external_id = rows_str(r, i, 3),
			.created_at = rows_time(r, i, 4),
		};
}

static void read_shown(struct arena *a, const struct rows *r, struct shown *s)
{
	*s = (struct shown){
		.d = { .message_id = rows_i64(r, 0, 0),
		       .client_id = rows_i64(r, 0, 1),
		       .dialog_id = rows_i64(r, 0, 2),
		       .origin = rows_str(r, 0, 3),
		       .origin_id = rows_i64(r, 0, 4),
		       .external_id = rows_str(r, 0, 5),
		       .author = rows_str(r, 0, 6),
		       .author_name = rows_str(r, 0, 7),
		       .kind = rows_str(r, 0, 8),
		       .foreign_kind = rows_str(r, 0, 9),
		       .text = rows_str(r, 0, 10),
		       .entities = rows_str(r, 0, 11),
		       .data = rows_str(r, 0, 12),
		       .is_edited = rows_bool(r, 0, 13),
		       .deleted_by = rows_str(r, 0, 14),
		       .is_auto_reply = rows_bool(r, 0, 15),
		       .request_id = rows_str(r, 0, 17),
		       .source = rows_str(r, 0, 18),
		       .source_id = rows_i64(r, 0, 19),
		       .chat = rows_str(r, 0, 20),
		       .buyer_name = rows_str(r, 0, 21),
		       .item_title = rows_str(r, 0, 22),
		       .topic_bot_id = rows_i64(r, 0, 23),
		       .topic_group_id = rows_i64(r, 0, 24),
		       .topic_id = rows_i64(r, 0, 25),
		       .bot_topics = rows_bool(r, 0, 26),
		       .source_bot_id = rows_i64(r, 0, 27),
		       .connection = rows_str(r, 0, 28),
		       .album = "",
		       .quote_id = "",
		       .state = "" },
		.changed_at = rows_time(r, 0, 16),
		.is_moving = rows_bool(r, 0, 30),
	};
	delivery_read_files(a, &s->d, rows_str(r, 0, 29));
}

bool shown_find(struct db *db, struct arena *a, int64_t message_id,
		struct shown *s, struct err *err)
{
	const char *id = arg_i64(a, message_id);
	struct rows r, copies;

	if (!db_maybe(db, a, &find, DB_ARGS(id), &r, err))
		return false;
	if (r.n == 0)
		return err_set(err, ERR_MISSING, "there is no such message");
	read_shown(a, &r, s);
	/* Behind the look at its deliveries: what one of them has just left is
	 * there. */
	if (!db_all(db, a, &find_copies, DB_ARGS(id), &copies, err))
		return false;
	read_copies(a, &copies, s);
	return true;
}

static const struct stmt company = {
	"shown_company",
	"SELECT message_id FROM message_copies WHERE client_id = $1"
	"  AND place = $2 AND place_id = $3 AND external_id = $4"
	" ORDER BY message_id",
};

bool shown_company(struct db *db, struct arena *a, int64_t client_id,
		   const struct shown_copy *copy, int64_t **ids, size_t *n,
		   struct err *err)
{
	struct rows r;

	*n = 0;
	if (!db_all(db, a, &company,
		    DB_ARGS(arg_i64(a, client_id), copy->place,
			    arg_i64(a, copy->place_id), copy->external_id),
		    &r, err))
		return false;
	*n = (size_t)r.n;
	*ids = arena_array(a, *n, sizeof(**ids));
	for (int i = 0; i < r.n; i++)
		(*ids)[i] = rows_i64(&r, i, 0);
	return true;
}

static const struct stmt put_copy = {
	"shown_copy_put",
	"INSERT INTO message_copies (client_id, message_id, place, place_id,"
	"  part, external_id, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)"
	" ON CONFLICT (message_id, place, place_id, part)"
	"  DO UPDATE SET external_id = excluded.external_id",
};

bool shown_copy_put(struct db *db, struct arena *a, const struct shown *s,
		    const struct shown_copy *copy, struct err *err)
{
	return db_exec(db, &put_copy,
		       DB_ARGS(arg_i64(a, s->d.client_id),
			       arg_i64(a, s->d.message_id), copy->place,
			       arg_i64(a, copy->place_id),
			       arg_i64(a, copy->part), copy->external_id,
			       arg_time(a, copy->created_at)),
		       err);
}

static const struct stmt drop_copy = {
	"shown_copy_drop",
	"DELETE FROM message_copies WHERE message_id = $1 AND place = $2"
	"  AND place_id = $3 AND part = $4",
};

bool shown_copy_drop(struct db *db, struct arena *a, const struct shown *s,
		     const struct shown_copy *copy, struct err *err)
{
	return db_exec(db, &drop_copy,
		       DB_ARGS(arg_i64(a, s->d.message_id), copy->place,
			       arg_i64(a, copy->place_id),
			       arg_i64(a, copy->part)),
		       err);
}

static const struct stmt chat = {
	"shown_chat",
	"SELECT g.source, g.external_chat_id, bc.external_id, g.source_id,"
	"  ts.bot_id"
	" FROM dialogs g"
	" LEFT JOIN business_connections bc ON bc.client_id = g.client_id"
	"  AND bc.id = g.connection_id AND bc.is_enabled"
	" LEFT JOIN telegram_sources ts ON g.source = 'telegram'"
	"  AND ts.client_id = g.client_id AND ts.id = g.source_id"
	" WHERE g.id = $1",
};

bool shown_chat(struct db *db, struct arena *a, int64_t dialog_id,
		struct shown_chat *c, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &chat, DB_ARGS(arg_i64(a, dialog_id)), &r, err))
		return false;
	if (r.n == 0)
		return err_set(err, ERR_MISSING, "there is no such dialog");
	*c = (struct shown_chat){
		.source = rows_str(&r, 0, 0),
		.chat = rows_str(&r, 0, 1),
		.connection = rows_str(&r, 0, 2),
		.source_id = rows_i64(&r, 0, 3),
		.bot_id = rows_i64(&r, 0, 4),
	};
	return true;
}

static const struct stmt newest = {
	"shown_newest",
	"SELECT m.external_id, g.external_chat_id, bc.external_id, g.source_id,"
	"  ts.bot_id"
	" FROM dialogs g"
	" JOIN business_connections bc ON bc.client_id = g.client_id"
	"  AND bc.id = g.connection_id AND bc.is_enabled AND bc.can_read"
	" JOIN telegram_sources ts ON ts.client_id = g.client_id"
	"  AND ts.id = g.source_id"
	" CROSS JOIN LATERAL (SELECT q.external_id FROM messages q"
	"   WHERE q.client_id = g.client_id AND q.dialog_id = g.id"
	"    AND q.author = 'buyer' AND q.origin = g.source"
	"    AND EXISTS (SELECT 1 FROM message_copies c"
	"      WHERE c.message_id = q.id)"
	"   ORDER BY q.id DESC LIMIT 1) m"
	" WHERE g.id = $1",
};

bool shown_newest(struct db *db, struct arena *a, int64_t dialog_id,
		  struct shown_newest *m, struct err *err)
{
	struct rows r;

	*m = (struct shown_newest){ .external_id = "" };
	if (!db_maybe(db, a, &newest, DB_ARGS(arg_i64(a, dialog_id)), &r, err))
		return false;
	if (r.n)
		*m = (struct shown_newest){
			.external_id = rows_str(&r, 0, 0),
			.chat = rows_str(&r, 0, 1),
			.connection = rows_str(&r, 0, 2),
			.source_id = rows_i64(&r, 0, 3),
			.bot_id = rows_i64(&r, 0, 4),
		};
	return true;
}
