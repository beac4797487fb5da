/*
 * api_token.c - what programs show instead of signing in.
 */
#include "config.h"

#include <string.h>

#include "store/api_token.h"

static const struct stmt insert = {
	"api_token_insert",
	"INSERT INTO api_tokens (client_id, user_id, name, scope, token_hash,"
	"  token_tail, created_at)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
};

bool api_token_insert(struct db *db, struct arena *a, struct api_token *t,
		      const char *hash, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &insert,
		    DB_ARGS(arg_id(a, t->client_id), arg_i64(a, t->user_id),
			    t->name, t->scope, hash, t->tail,
			    arg_time(a, t->created_at)),
		    &r, err))
		return false;
	t->id = rows_i64(&r, 0, 0);
	return true;
}

#define TOKEN_COLUMNS                                      \
	"id, client_id, user_id, name, scope, token_tail," \
	" created_at, last_used_at, last_used_address"

static struct api_token read_token(const struct rows *r, int row)
{
	return (struct api_token){
		.id = rows_i64(r, row, 0),
		.client_id = rows_i64(r, row, 1),
		.user_id = rows_i64(r, row, 2),
		.name = rows_str(r, row, 3),
		.scope = rows_str(r, row, 4),
		.tail = rows_str(r, row, 5),
		.created_at = rows_time(r, row, 6),
		.last_used_at = rows_time(r, row, 7),
		.last_used_address = rows_str(r, row, 8),
	};
}

static const struct stmt list_live = {
	"api_tokens_list",
	"SELECT " TOKEN_COLUMNS " FROM api_tokens"
	" WHERE user_id = $1 AND revoked_at IS NULL ORDER BY id DESC",
};

bool api_tokens_list(struct db *db, struct arena *a, int64_t user_id,
		     struct api_token **list, size_t *n, struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &list_live, DB_ARGS(arg_i64(a, user_id)), &r, err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		(*list)[i] = read_token(&r, i);
	return true;
}

static const struct stmt revoke = {
	"api_token_revoke",
	"UPDATE api_tokens SET revoked_at = $3"
	" WHERE user_id = $1 AND id = $2 AND revoked_at IS NULL"
	" RETURNING " TOKEN_COLUMNS,
};

bool api_token_revoke(struct db *db, struct arena *a, int64_t user_id,
		      int64_t id, int64_t now, struct api_token *t,
		      struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &revoke,
		      DB_ARGS(arg_i64(a, user_id), arg_i64(a, id),
			      arg_time(a, now)),
		      &r, err))
		return false;
	if (r.n == 0)
		return err_set(err, ERR_MISSING, "there is no such API token");
	*t = read_token(&r, 0);
	return true;
}

static const struct stmt touch = {
	"api_token_touch",
	"UPDATE api_tokens SET last_used_at = $2, last_used_address = $4"
	" WHERE id = (SELECT id FROM api_tokens WHERE id = $1"
	"  AND (last_used_at IS NULL OR last_used_at < $3)"
	"  FOR UPDATE SKIP LOCKED)",
};

void api_token_touch(struct db *db, struct arena *a, int64_t id,
		     const char *address, int64_t now, int64_t before)
{
	db_queue(db, &touch,
		 DB_ARGS(arg_i64(a, id), arg_time(a, now), arg_time(a, before),
			 address));
}

static const struct stmt scope_of = {
	"api_token_scope",
	"SELECT scope FROM api_tokens WHERE id = $1",
};

bool api_token_reads_only(struct db *db, struct arena *a, int64_t id,
			  bool *reads_only, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &scope_of, DB_ARGS(arg_i64(a, id)), &r, err))
		return false;
	*reads_only = strcmp(rows_str(&r, 0, 0), "write") != 0;
	return true;
}
