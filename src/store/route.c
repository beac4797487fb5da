/*
 * route.c - to which dialog something in a team's group belongs.
 */
#include "config.h"

#include "store/route.h"

/* The same rule as for what is written in a topic (message_take_topic). */
#define MAY(from)                                       \
	"(p.operators = 'members' OR EXISTS (SELECT 1"  \
	"   FROM users o WHERE o.client_id = $1"        \
	"    AND o.telegram_user_id = " from "::bigint" \
	"    AND o.disabled_at IS NULL))"

static const struct stmt find = {
	"route_trace",
	"WITH t AS (SELECT dialog_id FROM dialog_topics"
	"   WHERE client_id = $1 AND chat_id = $3 AND topic_id = $4),"
	" q AS (SELECT m.dialog_id FROM message_copies c"
	"    JOIN messages m ON m.client_id = $1 AND m.id = c.message_id"
	"    WHERE c.client_id = $1 AND c.place = 'telegram'"
	"     AND c.place_id = $3 AND c.external_id = $5"
	"   UNION ALL SELECT dialog_id FROM messages"
	"    WHERE client_id = $1 AND origin = 'telegram'"
	"     AND origin_id = $3 AND external_id = $5"
	"   UNION ALL SELECT x.dialog_id FROM complaints c"
	"    JOIN deliveries x ON x.client_id = $1 AND x.id = c.delivery_id"
	"    WHERE c.client_id = $1 AND c.chat_id = $3"
	"     AND c.message_id = $5::bigint LIMIT 1),"
	" d AS (SELECT coalesce((SELECT dialog_id FROM t),"
	"    (SELECT dialog_id FROM q)) AS id)"
	" SELECT g.id, EXISTS (SELECT 1 FROM t WHERE dialog_id IS NOT NULL),"
	"  EXISTS (SELECT 1 FROM t WHERE dialog_id IS NULL),"
	"  g.bot_id = $2 AND b.group_chat_id = $3, " MAY(
		"$6") ","
		      "  u.id, u.name"
		      " FROM d LEFT JOIN dialogs g ON g.client_id = $1 AND "
		      "g.id = d.id"
		      " LEFT JOIN projects p ON p.client_id = $1 AND p.id = "
		      "g.project_id"
		      " LEFT JOIN bots b ON b.client_id = $1 AND b.id = "
		      "g.bot_id"
		      " LEFT JOIN users u ON u.client_id = $1"
		      "  AND u.telegram_user_id = $6 AND u.disabled_at IS NULL",
};

bool route_trace(struct db *db, struct arena *a, const struct route_ask *q,
		 struct route *route, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &find,
		    DB_ARGS(arg_i64(a, q->client_id), arg_i64(a, q->bot_id),
			    arg_i64(a, q->chat_id), arg_id(a, q->topic_id),
			    arg_id(a, q->reply_to), arg_i64(a, q->from_id)),
		    &r, err))
		return false;
	*route = (struct route){
		.dialog_id = rows_i64(&r, 0, 0),
		.in_topic = rows_bool(&r, 0, 1),
		.among_colleagues = rows_bool(&r, 0, 2),
		.is_ours = rows_bool(&r, 0, 3),
		.may = rows_bool(&r, 0, 4),
		.user_id = rows_i64(&r, 0, 5),
		.user_name = rows_str(&r, 0, 6),
	};
	return true;
}

/* ---- what is nobody's ---- */

static const struct stmt find_fallback = {
	"fallback_find",
	"WITH p AS (SELECT fallback FROM projects"
	"    WHERE client_id = $1 AND bot_id = $2"
	"   UNION SELECT p.fallback FROM avito_accounts v JOIN projects p"
	"     ON p.client_id = $1 AND p.id = v.project_id"
	"    WHERE v.client_id = $1 AND v.bot_id = $2)"
	" SELECT CASE WHEN EXISTS (SELECT 1 FROM p WHERE fallback = 'ask')"
	"    THEN 'ask'"
	"   WHEN EXISTS (SELECT 1 FROM p WHERE fallback = 'latest')"
	"    THEN 'latest'"
	"   WHEN EXISTS (SELECT 1 FROM p) THEN 'off' ELSE '' END,"
	"  b.username, b.topic_mode, b.group_chat_id = $3, NOT EXISTS ("
	"   SELECT 1 FROM bots o WHERE o.client_id = $1"
	"    AND o.group_chat_id = $3 AND o.id < b.id AND o.status <> 'error'),"
	"  (SELECT coalesce(string_agg(o.username, ' '), '') FROM bots o"
	"   WHERE o.client_id = $1 AND o.group_chat_id = $3 AND o.id <> b.id)"
	" FROM bots b WHERE b.client_id = $1 AND b.id = $2",
};

bool fallback_find(struct db *db, struct arena *a, int64_t client_id,
		   int64_t bot_id, int64_t chat_id, struct fallback *f,
		   struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &find_fallback,
		    DB_ARGS(arg_i64(a, client_id), arg_i64(a, bot_id),
			    arg_i64(a, chat_id)),
		    &r, err))
		return false;
	*f = (struct fallback){
		.way = rows_str(&r, 0, 0),
		.username = rows_str(&r, 0, 1),
		.has_topics = rows_bool(&r, 0, 2),
		.is_bound = rows_bool(&r, 0, 3),
		.is_first = rows_bool(&r, 0, 4),
		.others = rows_str(&r, 0, 5),
	};
	return true;
}

#define DIALOGS_HERE                                                         \
	" FROM dialogs g JOIN projects p"                                    \
	"  ON p.client_id = $1 AND p.id = g.project_id"                      \
	" WHERE g.client_id = $1 AND g.bot_id = $2 AND g.group_chat_id = $3" \
	"  AND g.status <> 'archived'"

static const struct stmt choices = {
	"route_choices",
	"SELECT g.id, g.buyer_name, g.item_title" DIALOGS_HERE
	"  AND p.fallback <> 'off'"
	" ORDER BY g.last_message_at DESC, g.id DESC LIMIT $4",
};

bool route_choices(struct db *db, struct arena *a, int64_t client_id,
		   int64_t bot_id, int64_t chat_id, int limit,
		   struct route_choice **list, size_t *n, struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &choices,
		    DB_ARGS(arg_i64(a, client_id), arg_i64(a, bot_id),
			    arg_i64(a, chat_id), arg_i64(a, limit)),
		    &r, err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		(*list)[i] = (struct route_choice){
			.dialog_id = rows_i64(&r, i, 0),
			.buyer_name = rows_str(&r, i, 1),
			.item_title = rows_str(&r, i, 2),
		};
	return true;
}

static const struct stmt latest = {
	"route_latest",
	"SELECT g.id" DIALOGS_HERE " AND p.fallback = 'latest'"
	"  AND g.status = 'open' AND " MAY(
		"$4") " ORDER BY g.last_message_at DESC, g.id DESC LIMIT 1",
};

bool route_latest(struct db *db, struct arena *a, const struct route_ask *q,
		  int64_t *dialog_id, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &latest,
		      DB_ARGS(arg_i64(a, q->client_id), arg_i64(a, q->bot_id),
			      arg_i64(a, q->chat_id), arg_i64(a, q->from_id)),
		      &r, err))
		return false;
	*dialog_id = r.n ? rows_i64(&r, 0, 0) : 0;
	return true;
}

static const struct stmt may_choose = {
	"route_may_choose",
	"SELECT " MAY("$4") DIALOGS_HERE
	"  AND p.fallback <> 'off' AND g.id = $5",
};

bool route_may_choose(struct db *db, struct arena *a, const struct route_ask *q,
		      int64_t dialog_id, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &may_choose,
		      DB_ARGS(arg_i64(a, q->client_id), arg_i64(a, q->bot_id),
			      arg_i64(a, q->chat_id), arg_i64(a, q->from_id),
			      arg_i64(a, dialog_id)),
		      &r, err))
		return false;
	if (r.n == 0)
		return err_set(err, ERR_MISSING, "there is no such dialog");
	return rows_bool(&r, 0, 0) ||
	       err_set(err, ERR_DENIED, "this person is no operator");
}

static const struct stmt may_dismiss = {
	"route_may_dismiss",
	"SELECT 1 FROM projects p WHERE p.client_id = $1"
	" AND (p.bot_id = $2 OR EXISTS (SELECT 1 FROM avito_accounts v"
	"   WHERE v.client_id = $1 AND v.project_id = p.id"
	"    AND v.bot_id = $2)) AND " MAY("$3") " LIMIT 1",
};

bool route_may_dismiss(struct db *db, struct arena *a,
		       const struct route_ask *q, bool *may, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &may_dismiss,
		      DB_ARGS(arg_i64(a, q->client_id), arg_i64(a, q->bot_id),
			      arg_i64(a, q->from_id)),
		      &r, err))
		return false;
	*may = r.n == 1;
	return true;
}

/* It may have become a dialog's meanwhile. */
static const struct stmt colleagues = {
	"topic_is_colleagues",
	"INSERT INTO dialog_topics (client_id, chat_id, topic_id, dialog_id,"
	"  created_at) VALUES ($1, $2, $3, NULL, $4)"
	" ON CONFLICT (client_id, chat_id, topic_id) DO NOTHING",
};

bool topic_is_colleagues(struct db *db, struct arena *a, int64_t client_id,
			 int64_t chat_id, int64_t topic_id, int64_t now,
			 struct err *err)
{
	return db_exec(db, &colleagues,
		       DB_ARGS(arg_i64(a, client_id), arg_i64(a, chat_id),
			       arg_i64(a, topic_id), arg_time(a, now)),
		       err);
}
