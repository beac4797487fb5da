/*
 * assignee.c - the people of a client as colleagues name them.
 */
#include "config.h"

#include "store/assignee.h"

static const struct stmt list_all = {
	"assignees_list",
	"SELECT u.id, u.name, u.login, u.telegram_username,"
	"  w.word <> '' AND w.word IN (lower(u.telegram_username),"
	"   lower(u.login), lower(u.name)),"
	"  w.word <> '' AND (starts_with(lower(u.telegram_username), w.word)"
	"   OR starts_with(lower(u.login), w.word)"
	"   OR starts_with(lower(u.name), w.word)"
	"   OR position(' ' || w.word IN lower(u.name)) > 0)"
	" FROM users u CROSS JOIN (SELECT lower($2) AS word) w"
	" WHERE u.client_id = $1 AND u.disabled_at IS NULL"
	" ORDER BY 5 DESC, 6 DESC, u.name, u.id LIMIT $3",
};

bool assignees_list(struct db *db, struct arena *a, int64_t client_id,
		    const char *word, int limit, struct assignee **list,
		    size_t *n, struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &list_all,
		    DB_ARGS(arg_i64(a, client_id), word, arg_i64(a, limit)), &r,
		    err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		(*list)[i] = (struct assignee){
			.user_id = rows_i64(&r, i, 0),
			.name = rows_str(&r, i, 1),
			.login = rows_str(&r, i, 2),
			.username = rows_str(&r, i, 3),
			.is_meant = rows_bool(&r, i, 4),
			.may_be_meant = rows_bool(&r, i, 5),
		};
	return true;
}

static const struct stmt put_username = {
	"assignee_put_username",
	"UPDATE users SET telegram_username = $3"
	" WHERE client_id = $1 AND id = $2 AND telegram_username <> $3",
};

bool assignee_put_username(struct db *db, struct arena *a, int64_t client_id,
			   int64_t user_id, const char *username,
			   struct err *err)
{
	return db_exec(
		db, &put_username,
		DB_ARGS(arg_i64(a, client_id), arg_i64(a, user_id), username),
		err);
}
