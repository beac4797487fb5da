/*
 * notice.c - what a person must know, once per cause.
 */
#include "config.h"

#include <string.h>

#include "base/attr.h"
#include "store/notice.h"

static const struct {
	const char *kind, *title;
} titles[] = {
	{ NOTICE_BOT_TOKEN, "Бот: токен не принят" },
	{ NOTICE_BOT_GROUP, "Бот: нет в рабочей группе" },
	{ NOTICE_BOT_RIGHTS, "Бот: не хватает прав в группе" },
	{ NOTICE_BOT_FORUM, "Бот: в группе нет тем" },
	{ NOTICE_BOT_WEBHOOK, "Бот: вебхук не установлен" },
	{ NOTICE_BOT_TAKEN, "Бот: сообщения забирает другая программа" },
	{ NOTICE_BOT_REFUSED, "Бот: Telegram отказывает" },
	{ NOTICE_CONNECTION, "Telegram: за аккаунт нельзя отвечать" },
	{ NOTICE_AVITO_KEYS, "Avito: ключи не приняты" },
	{ NOTICE_AVITO_PLAN, "Avito: тариф без API мессенджера" },
	{ NOTICE_AVITO_ACCOUNT, "Avito: ключи не от этого аккаунта" },
	{ NOTICE_AVITO_WEBHOOK, "Avito: сообщения получает и другой сервис" },
	{ NOTICE_AVITO_SILENT, "Avito: необычно долго никто не пишет" },
	{ NOTICE_AVITO_REFUSED, "Avito: отказ" },
	{ NOTICE_DEAD, "Есть недоставленные сообщения" },
	{ NOTICE_MASTER_TOKEN, "Бот для входа: токен не принят" },
	{ NOTICE_MASTER_TAKEN,
	  "Бот для входа: сообщения забирает другая программа" },
	{ NOTICE_MASTER_REFUSED, "Бот для входа: не работает" },
	{ NOTICE_DISK, "Кончилось место на диске" },
};

const char *notice_title(const char *kind)
{
	for (size_t i = 0; i < ARRAY_LEN(titles); i++)
		if (strcmp(titles[i].kind, kind) == 0)
			return titles[i].title;
	return NULL;
}

/* What flaps goes on as one notice, instead of a new one each time. */
#define LULL_US (3600 * INT64_C(1000000))

static const struct stmt raise_stmt = {
	"notice_raise",
	"WITH lasting AS (UPDATE notices SET text = $4, last_at = $5,"
	"  closed_at = NULL, count = coalesce($6, count + 1) WHERE id = ("
	"   SELECT id FROM notices"
	"    WHERE coalesce(client_id, 0) = coalesce($1::bigint, 0)"
	"     AND kind = $2 AND object = $3"
	"     AND (closed_at IS NULL OR closed_at > $7)"
	"    ORDER BY id DESC LIMIT 1) RETURNING id)"
	" INSERT INTO notices (client_id, kind, object, text, first_at, "
	"last_at,"
	"  count)"
	" SELECT $1, $2, $3, $4, $5, $5, coalesce($6::bigint, 1)"
	"  WHERE NOT EXISTS (SELECT 1 FROM lasting)"
	" ON CONFLICT (coalesce(client_id, 0), kind, object)"
	"  WHERE closed_at IS NULL"
	"  DO UPDATE SET text = excluded.text, last_at = excluded.last_at,"
	"   count = coalesce($6, notices.count + 1)",
};

bool notice_raise(struct db *db, struct arena *a, const struct notice *n,
		  int64_t now, struct err *err)
{
	if (!notice_title(n->kind))
		bug("no such kind of notice: %s", n->kind);
	return db_exec(db, &raise_stmt,
		       DB_ARGS(arg_id(a, n->client_id), n->kind, n->object,
			       n->text, arg_time(a, now), arg_id(a, n->count),
			       arg_time(a, now - LULL_US)),
		       err);
}

static const struct stmt close_stmt = {
	"notice_close",
	"UPDATE notices SET closed_at = $4"
	" WHERE coalesce(client_id, 0) = $1"
	"  AND ($2::text IS NULL OR kind = $2) AND object = $3"
	"  AND closed_at IS NULL",
};

bool notice_close(struct db *db, struct arena *a, int64_t client_id,
		  const char *kind, const char *object, int64_t now,
		  struct err *err)
{
	return db_exec(
		db, &close_stmt,
		DB_ARGS(arg_i64(a, client_id), kind, object, arg_time(a, now)),
		err);
}

const char *notice_state(const struct notice *n)
{
	if (n->closed_at)
		return "closed";
	return n->acknowledged_at ? "acknowledged" : "open";
}

#define NOTICE_COLUMNS                                          \
	"id, client_id, kind, object, text, first_at, last_at," \
	" count, acknowledged_at, acknowledged_by, closed_at"

static struct notice read_notice(const struct rows *r, int row)
{
	return (struct notice){
		.id = rows_i64(r, row, 0),
		.client_id = rows_i64(r, row, 1),
		.kind = rows_str(r, row, 2),
		.object = rows_str(r, row, 3),
		.text = rows_str(r, row, 4),
		.first_at = rows_time(r, row, 5),
		.last_at = rows_time(r, row, 6),
		.count = rows_i64(r, row, 7),
		.acknowledged_at = rows_time(r, row, 8),
		.acknowledged_by = rows_i64(r, row, 9),
		.closed_at = rows_time(r, row, 10),
	};
}

static const struct stmt list_all = {
	"notices_list",
	"SELECT " NOTICE_COLUMNS " FROM notices"
	" WHERE ($1::bigint IS NULL OR client_id = $1)"
	"  AND ($2::bigint IS NULL OR id < $2)"
	"  AND ($4::text IS NULL OR $4 = CASE"
	"   WHEN closed_at IS NOT NULL THEN 'closed'"
	"   WHEN acknowledged_at IS NOT NULL THEN 'acknowledged'"
	"   ELSE 'open' END)"
	" ORDER BY id DESC LIMIT $3",
};

bool notices_list(struct db *db, struct arena *a, const struct notice_filter *f,
		  struct notice **list, size_t *n, struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &list_all,
		    DB_ARGS(arg_id(a, f->client_id), arg_id(a, f->before),
			    arg_i64(a, f->limit), f->state),
		    &r, err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		(*list)[i] = read_notice(&r, i);
	return true;
}

static const struct stmt acknowledge = {
	"notice_acknowledge",
	"UPDATE notices SET"
	"  acknowledged_by = CASE WHEN acknowledged_at IS NULL THEN $3"
	"                    ELSE acknowledged_by END,"
	"  acknowledged_at = coalesce(acknowledged_at, $4)"
	" WHERE ($1::bigint IS NULL OR client_id = $1) AND id = $2"
	" RETURNING " NOTICE_COLUMNS,
};

bool notice_acknowledge(struct db *db, struct arena *a, int64_t client_id,
			int64_t id, int64_t user_id, int64_t now,
			struct notice *n, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &acknowledge,
		      DB_ARGS(arg_id(a, client_id), arg_i64(a, id),
			      arg_id(a, user_id), arg_time(a, now)),
		      &r, err))
		return false;
	if (r.n == 0)
		return err_set(err, ERR_MISSING, "there is no such notice");
	*n = read_notice(&r, 0);
	return true;
}
