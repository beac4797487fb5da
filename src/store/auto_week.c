/*
 * auto_week.c - a project's messages of late, for trying an auto-reply on.
 */
#include "config.h"

#include "store/auto_week.h"

/* The dialog's columns travel along: tables that one statement makes have no
 * index to join by. */
static const struct stmt week = {
	"auto_week_list",
	"WITH g AS MATERIALIZED (SELECT id, source, source_id,"
	"   last_message_at, buyer_name, item_title, item_price, item_url"
	"  FROM dialogs WHERE client_id = $1 AND project_id = $2"
	"   AND last_message_at >= $3 ORDER BY last_message_at DESC LIMIT $5),"
	" m AS MATERIALIZED (SELECT x.id, x.author, x.written_at,"
	"   x.created_at, g.id AS dialog, g.source, g.source_id,"
	"   g.last_message_at, g.buyer_name, g.item_title, g.item_price,"
	"   g.item_url"
	"  FROM g, LATERAL (SELECT id, author, written_at, created_at,"
	"    is_note, is_archived, is_history FROM messages"
	"   WHERE client_id = $1 AND dialog_id = g.id ORDER BY id DESC"
	"   LIMIT $4) x"
	"  WHERE x.created_at >= $3 AND NOT x.is_note AND NOT x.is_archived"
	"   AND NOT x.is_history"
	"   AND x.author IN ('buyer', 'operator', 'seller')"
	"  LIMIT $5)"
	" SELECT m.id, m.dialog, m.author = 'buyer',"
	"  NOT EXISTS (SELECT 1 FROM messages e WHERE e.client_id = $1"
	"   AND e.dialog_id = m.dialog AND e.id < m.id"
	"   AND e.author <> 'system'),"
	"  least(m.written_at, m.created_at), m.created_at,"
	"  coalesce(a.auto_reply, t.auto_reply), m.buyer_name, m.item_title,"
	"  m.item_price, m.item_url, coalesce(a.name, b.name)"
	" FROM m"
	" LEFT JOIN avito_accounts a ON m.source = 'avito'"
	"  AND a.client_id = $1 AND a.id = m.source_id"
	" LEFT JOIN telegram_sources t ON m.source = 'telegram'"
	"  AND t.client_id = $1 AND t.id = m.source_id"
	" LEFT JOIN bots b ON b.client_id = $1 AND b.id = t.bot_id"
	" ORDER BY m.last_message_at DESC, m.dialog,"
	"  least(m.written_at, m.created_at), m.id",
};

bool auto_week_list(struct db *db, struct arena *a, int64_t client_id,
		    int64_t project_id, int64_t since, struct auto_past **list,
		    size_t *n, bool *truncated, struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &week,
		    DB_ARGS(arg_i64(a, client_id), arg_i64(a, project_id),
			    arg_time(a, since),
			    arg_i64(a, AUTO_WEEK_DIALOG_MAX),
			    arg_i64(a, AUTO_WEEK_MESSAGES_MAX)),
		    &r, err))
		return false;
	*n = (size_t)r.n;
	*truncated = r.n == AUTO_WEEK_MESSAGES_MAX;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		(*list)[i] = (struct auto_past){
			.id = rows_i64(&r, i, 0),
			.dialog_id = rows_i64(&r, i, 1),
			.is_buyers = rows_bool(&r, i, 2),
			.is_first = rows_bool(&r, i, 3),
			.written_at = rows_time(&r, i, 4),
			.seen_at = rows_time(&r, i, 5),
			.own = rows_str(&r, i, 6),
			.buyer_name = rows_str(&r, i, 7),
			.item_title = rows_str(&r, i, 8),
			.item_price = rows_str(&r, i, 9),
			.item_url = rows_str(&r, i, 10),
			.shop_name = rows_str(&r, i, 11),
		};
	return true;
}
