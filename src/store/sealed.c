/*
 * sealed.c - every place where a sealed secret is stored.
 */
#include "config.h"

#include "store/sealed.h"

/* clang-format off */

/* A column WHAT_sealed of a table with this primary key. */
#define COLUMN(in, id, begin, what)                                         \
	{                                                                   \
		.table = in,                                                \
		.column = what "_sealed",                                   \
		.bound_to = in "." what,                                    \
		.start = begin,                                             \
		.list = {                                                   \
			"sealed_list_" in "_" what,                         \
			"SELECT " id ", " what "_sealed FROM " in           \
			" WHERE " id " > $1 AND " what "_sealed IS NOT NULL" \
			" ORDER BY " id " LIMIT $2",                        \
		},                                                          \
		.replace = {                                                \
			"sealed_replace_" in "_" what,                      \
			"UPDATE " in " SET " what "_sealed = $3"            \
			" WHERE " id " = $1 AND " what "_sealed = $2",      \
		},                                                          \
	}

/* A member of tasks.args. */
#define MEMBER(name, column_of)                                             \
	{                                                                   \
		.table = "tasks",                                           \
		.column = name,                                             \
		.bound_to = column_of,                                      \
		.start = "0",                                               \
		.list = {                                                   \
			"sealed_list_task_" name,                           \
			"SELECT id, args->>'" name "' FROM tasks"           \
			" WHERE id > $1 AND args->>'" name "' IS NOT NULL"  \
			" ORDER BY id LIMIT $2",                            \
		},                                                          \
		.replace = {                                                \
			"sealed_replace_task_" name,                        \
			"UPDATE tasks SET args ="                           \
			"  jsonb_set(args, '{" name "}', to_jsonb($3::text))" \
			" WHERE id = $1 AND args->>'" name "' = $2",        \
		},                                                          \
	}

const struct sealed_place sealed_places[] = {
	COLUMN("bots", "id", "0", "token"),
	COLUMN("bots", "id", "0", "webhook_secret"),
	COLUMN("avito_accounts", "id", "0", "api_client_secret"),
	COLUMN("avito_accounts", "id", "0", "token"),
	COLUMN("avito_accounts", "id", "0", "webhook_secret"),
	COLUMN("users", "id", "0", "totp_secret"),
	COLUMN("settings", "name", "", "value"),
	MEMBER("token_sealed", "bots.token"),
	MEMBER("secret_sealed", "avito_accounts.api_client_secret"),
	MEMBER("url_sealed", "tasks.url"),
};

/* clang-format on */

const size_t n_sealed_places = ARRAY_LEN(sealed_places);

bool sealed_list(struct db *db, struct arena *a, const struct sealed_place *p,
		 const char *after, int limit, struct sealed_value **list,
		 size_t *n, struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &p->list, DB_ARGS(after, arg_i64(a, limit)), &r,
		    err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		(*list)[i] = (struct sealed_value){
			.key = rows_str(&r, i, 0),
			.sealed = rows_str(&r, i, 1),
		};
	return true;
}

bool sealed_replace(struct db *db, const struct sealed_place *p,
		    const struct sealed_value *was, const char *sealed,
		    bool *replaced, struct err *err)
{
	if (!db_exec(db, &p->replace, DB_ARGS(was->key, was->sealed, sealed),
		     err))
		return false;
	*replaced = db_touched(db) == 1;
	return true;
}
