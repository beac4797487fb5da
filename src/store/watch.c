/*
 * watch.c - messages that did not arrive, accounts that have fallen silent.
 */
#include "config.h"

#include "store/notice.h"
#include "store/watch.h"

static const struct stmt dead_letters = {
	"dead_letters_changed",
	"WITH d AS (SELECT x.client_id, CASE WHEN x.direction = 'team'"
	"   THEN 'bot:' || coalesce(g.bot_id, c.bot_id, p.bot_id, 0)"
	"   WHEN g.source = 'telegram' THEN 'source:' || g.source_id"
	"   ELSE 'avito:' || g.source_id END"
	"   AS object, count(x.id) AS n"
	"  FROM deliveries x"
	"  JOIN dialogs g ON g.client_id = x.client_id"
	"   AND g.id = x.dialog_id"
	"  JOIN projects p ON p.client_id = g.client_id"
	"   AND p.id = g.project_id"
	"  LEFT JOIN avito_accounts c ON g.source = 'avito'"
	"   AND c.client_id = g.client_id AND c.id = g.source_id"
	"  WHERE x.state = 'dead' GROUP BY 1, 2),"
	" o AS (SELECT client_id, object, count AS n FROM notices"
	"  WHERE kind = '" NOTICE_DEAD "' AND closed_at IS NULL)"
	" SELECT client_id, object, coalesce(d.n, 0)"
	" FROM d FULL JOIN o USING (client_id, object)"
	" WHERE d.n IS DISTINCT FROM o.n",
};

bool dead_letters_changed(struct db *db, struct arena *a,
			  struct dead_letters **list, size_t *n,
			  struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &dead_letters, DB_NO_ARGS, &r, err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		(*list)[i] = (struct dead_letters){
			.client_id = rows_i64(&r, i, 0),
			.object = rows_str(&r, i, 1),
			.n = rows_i64(&r, i, 2),
		};
	return true;
}

/* What buyers have written to account $2 of client $1 since $3. */
#define HEARD                                                   \
	" FROM dialogs g JOIN messages m"                       \
	"  ON m.client_id = g.client_id AND m.dialog_id = g.id" \
	" WHERE g.client_id = $1 AND g.source = 'avito'"        \
	"  AND g.source_id = $2 AND g.last_message_at > $3"     \
	"  AND m.created_at > $3 AND m.author = 'buyer'"        \
	"  AND NOT m.is_history"

static const struct stmt heard = {
	"account_heard",
	"SELECT EXISTS (SELECT 1" HEARD ")",
};

bool account_heard(struct db *db, struct arena *a, int64_t client_id,
		   int64_t account_id, int64_t since, bool *yes,
		   struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &heard,
		    DB_ARGS(arg_i64(a, client_id), arg_i64(a, account_id),
			    arg_time(a, since)),
		    &r, err))
		return false;
	*yes = rows_bool(&r, 0, 0);
	return true;
}

static const struct stmt pulse = {
	"account_pulse",
	"SELECT count(at), max(at),"
	"  coalesce(extract(epoch FROM max(at - before)) * 1000000, 0)::bigint"
	" FROM (SELECT m.created_at AS at,"
	"   lag(m.created_at) OVER (ORDER BY m.created_at) AS before" HEARD
	") t",
};

bool account_pulse(struct db *db, struct arena *a, int64_t client_id,
		   int64_t account_id, int64_t since, struct pulse *p,
		   struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &pulse,
		    DB_ARGS(arg_i64(a, client_id), arg_i64(a, account_id),
			    arg_time(a, since)),
		    &r, err))
		return false;
	*p = (struct pulse){ .messages = rows_i64(&r, 0, 0),
			     .last_at = rows_time(&r, 0, 1),
			     .longest_us = rows_i64(&r, 0, 2) };
	return true;
}
