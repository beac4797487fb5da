/*
 * source_chat.c - the chats of people with a Telegram source.
 */
#include "config.h"

#include <inttypes.h>

#include "store/lane.h"
#include "store/source_chat.h"

#define SOURCE_OF_BOT                                                  \
	"WITH s AS (SELECT s.id, s.project_id, c.id AS connection_id," \
	"   c.user_id FROM telegram_sources s"                         \
	"   LEFT JOIN business_connections c ON c.source_id = s.id"    \
	"    AND c.external_id = $3"                                   \
	"   WHERE s.client_id = $1 AND s.bot_id = $2 AND s.monitoring)"

static const struct stmt find_source = {
	"source_find",
	SOURCE_OF_BOT " SELECT id, connection_id, user_id FROM s",
};

bool source_find(struct db *db, struct arena *a, const struct source_chat *c,
		 struct source_found *found, struct err *err)
{
	struct rows r;

	*found = (struct source_found){ 0 };
	if (!db_maybe(db, a, &find_source,
		      DB_ARGS(arg_i64(a, c->client_id), arg_i64(a, c->bot_id),
			      c->connection),
		      &r, err))
		return false;
	if (r.n == 0)
		return true;
	found->source_id = rows_i64(&r, 0, 0);
	found->connection_id = rows_i64(&r, 0, 1);
	found->owner_id = rows_i64(&r, 0, 2);
	return true;
}

/* $4 chat, $5 name, $6 url, $7 language, $8 origin. */
#define AS_IT_IS                                                     \
	" SELECT s.id, s.connection_id, s.user_id, g.id,"            \
	"  g.blocked_at IS NOT NULL, (g.buyer_name, g.buyer_url,"    \
	"   g.buyer_language, g.connection_id) IS NOT DISTINCT FROM" \
	"   ($5::text, $6::text, coalesce(nullif($7::text, ''),"     \
	"    g.buyer_language), s.connection_id)"                    \
	"   AND (g.origin <> '' OR $8::text = '')"                   \
	" FROM s LEFT JOIN dialogs g ON g.client_id = $1"            \
	"  AND g.source = 'telegram' AND g.source_id = s.id"         \
	"  AND g.external_chat_id = $4"

static const struct stmt find_chat = {
	"source_chat_find",
	SOURCE_OF_BOT AS_IT_IS,
};

static const struct stmt open_chat = {
	"source_chat_open",
	SOURCE_OF_BOT
	", n AS (INSERT INTO dialogs (client_id, project_id, source,"
	"   source_id, external_chat_id, connection_id, buyer_external_id,"
	"   buyer_name, buyer_url, buyer_language, origin, details_at,"
	"   last_message_at, created_at)"
	"  SELECT $1, s.project_id, 'telegram', s.id, $4, s.connection_id,"
	"   $9, $5, $6, $7, $8, $11::timestamptz, $10::timestamptz,"
	"   $11::timestamptz FROM s"
	"  WHERE $3::text IS NULL OR s.connection_id IS NOT NULL"
	"  ON CONFLICT ON CONSTRAINT dialogs_chat DO NOTHING RETURNING id)"
	" SELECT x.id, x.connection_id, x.user_id, coalesce(n.id, x.dialog),"
	"  x.blocked, n.id IS NOT NULL OR x.told"
	" FROM (" AS_IT_IS
	") AS x (id, connection_id, user_id, dialog, blocked, told)"
	" LEFT JOIN n ON true",
};

static void read_found(const struct rows *r, struct source_found *found)
{
	*found = (struct source_found){ 0 };
	if (r->n == 0)
		return;
	found->source_id = rows_i64(r, 0, 0);
	found->connection_id = rows_i64(r, 0, 1);
	found->owner_id = rows_i64(r, 0, 2);
	found->dialog_id = rows_i64(r, 0, 3);
	found->is_blocked = rows_bool(r, 0, 4);
	found->is_told = rows_bool(r, 0, 5);
}

bool source_chat_open(struct db *db, struct arena *a,
		      const struct source_chat *c, struct source_found *found,
		      struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &open_chat,
		      DB_ARGS(arg_i64(a, c->client_id), arg_i64(a, c->bot_id),
			      c->connection, c->chat, c->buyer_name,
			      c->buyer_url, c->language, c->origin, c->buyer_id,
			      arg_time(a, c->at), arg_time(a, c->now)),
		      &r, err))
		return false;
	read_found(&r, found);
	return true;
}

bool source_chat_find(struct db *db, struct arena *a,
		      const struct source_chat *c, struct source_found *found,
		      struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &find_chat,
		      DB_ARGS(arg_i64(a, c->client_id), arg_i64(a, c->bot_id),
			      c->connection, c->chat, c->buyer_name,
			      c->buyer_url, c->language, c->origin),
		      &r, err))
		return false;
	read_found(&r, found);
	return true;
}

static const struct stmt told = {
	"source_chat_told",
	"UPDATE dialogs SET buyer_name = $3, buyer_url = $4,"
	"  buyer_language = coalesce(nullif($5, ''), buyer_language),"
	"  origin = CASE WHEN origin = '' THEN $6 ELSE origin END,"
	"  connection_id = $7, details_at = $8"
	" WHERE client_id = $1 AND id = $2",
};

void source_chat_queue_told(struct db *db, struct arena *a,
			    const struct source_chat *c, int64_t dialog_id,
			    int64_t connection_id)
{
	db_queue(db, &told,
		 DB_ARGS(arg_i64(a, c->client_id), arg_i64(a, dialog_id),
			 c->buyer_name, c->buyer_url, c->language, c->origin,
			 arg_id(a, connection_id), arg_time(a, c->now)));
}

static const struct stmt set_blocked = {
	"dialog_set_blocked",
	"UPDATE dialogs SET blocked_at = $3 WHERE client_id = $1 AND id = $2"
	" AND (blocked_at IS NULL) = ($3::timestamptz IS NOT NULL)"
	" RETURNING 1",
};

bool dialog_set_blocked(struct db *db, struct arena *a, int64_t client_id,
			int64_t dialog_id, int64_t blocked_at, int64_t now,
			bool *changed, struct err *err)
{
	struct rows r;

	lanes_queue_lock_of(db, a, dialog_id);
	if (!db_maybe(db, a, &set_blocked,
		      DB_ARGS(arg_i64(a, client_id), arg_i64(a, dialog_id),
			      arg_time(a, blocked_at)),
		      &r, err))
		return false;
	*changed = r.n == 1;
	return blocked_at ||
	       lanes_wake(db, a, arena_printf(a, "dialog:%" PRId64, dialog_id),
			  now, err);
}
