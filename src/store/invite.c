/*
 * invite.c - invitations to a client.
 */
#include "config.h"

#include "store/invite.h"

#define INVITE_COLUMNS                                                   \
	"id, client_id, code_tail, role, assigned_only, uses_max, uses," \
	" expires_at, created_at, revoked_at, created_by"

static struct invite read_invite(const struct rows *r, int row)
{
	return (struct invite){
		.id = rows_i64(r, row, 0),
		.client_id = rows_i64(r, row, 1),
		.code_tail = rows_str(r, row, 2),
		.role = rows_str(r, row, 3),
		.assigned_only = rows_bool(r, row, 4),
		.uses_max = rows_i64(r, row, 5),
		.uses = rows_i64(r, row, 6),
		.expires_at = rows_time(r, row, 7),
		.created_at = rows_time(r, row, 8),
		.revoked_at = rows_time(r, row, 9),
		.created_by = rows_i64(r, row, 10),
	};
}

static const struct stmt insert = {
	"invite_insert",
	"INSERT INTO invites (client_id, code_hash, code_tail, role,"
	"  assigned_only, uses_max, expires_at, created_by, created_at)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id",
};

bool invite_insert(struct db *db, struct arena *a, struct invite *i,
		   const char *code_hash, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &insert,
		    DB_ARGS(arg_i64(a, i->client_id), code_hash, i->code_tail,
			    i->role, arg_bool(i->assigned_only),
			    arg_i64(a, i->uses_max), arg_time(a, i->expires_at),
			    arg_id(a, i->created_by),
			    arg_time(a, i->created_at)),
		    &r, err))
		return false;
	i->id = rows_i64(&r, 0, 0);
	return true;
}

/* What one statement gives of the one invite it is about. */
static bool get(struct db *db, struct arena *a, const struct stmt *s,
		struct db_args args, struct invite *i, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, s, args, &r, err))
		return false;
	if (r.n == 0)
		return err_set(err, ERR_MISSING, "there is no such invite");
	*i = read_invite(&r, 0);
	return true;
}

static const struct stmt find = {
	"invite_find",
	"SELECT " INVITE_COLUMNS " FROM invites"
	" WHERE ($1::bigint IS NULL OR client_id = $1) AND id = $2",
};

bool invite_find(struct db *db, struct arena *a, int64_t client_id, int64_t id,
		 struct invite *i, struct err *err)
{
	return get(db, a, &find, DB_ARGS(arg_id(a, client_id), arg_i64(a, id)),
		   i, err);
}

static const struct stmt list_some = {
	"invites_list",
	"SELECT " INVITE_COLUMNS " FROM invites"
	" WHERE ($1::bigint IS NULL OR client_id = $1)"
	"  AND id < coalesce($2, 9223372036854775807)"
	" ORDER BY id DESC LIMIT $3",
};

bool invites_list(struct db *db, struct arena *a, int64_t client_id,
		  int64_t before, int limit, struct invite **list, size_t *n,
		  struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &list_some,
		    DB_ARGS(arg_id(a, client_id), arg_id(a, before),
			    arg_i64(a, limit)),
		    &r, err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		(*list)[i] = read_invite(&r, i);
	return true;
}

static const struct stmt revoke = {
	"invite_revoke",
	"UPDATE invites SET revoked_at = coalesce(revoked_at, $3)"
	" WHERE ($1::bigint IS NULL OR client_id = $1) AND id = $2"
	" RETURNING " INVITE_COLUMNS,
};

bool invite_revoke(struct db *db, struct arena *a, int64_t client_id,
		   int64_t id, int64_t at, struct invite *i, struct err *err)
{
	return get(
		db, a, &revoke,
		DB_ARGS(arg_id(a, client_id), arg_i64(a, id), arg_time(a, at)),
		i, err);
}

static const struct stmt bind = {
	"invite_bind",
	"SELECT set_config('app.client_id', $1, true)",
};

/* Who comes at the same moment waits for the row and then sees the new count:
 * PostgreSQL looks at the condition again. */
static const struct stmt count = {
	"invite_count",
	"UPDATE invites SET uses = uses + 1"
	" WHERE client_id = $1 AND id = $2 AND uses < uses_max"
	"  AND revoked_at IS NULL AND expires_at > $3"
	" RETURNING " INVITE_COLUMNS,
};

bool invite_count(struct db *db, struct arena *a, int64_t client_id, int64_t id,
		  int64_t now, struct invite *i, bool *taken, struct err *err)
{
	const char *client = arg_i64(a, client_id);
	struct rows r;

	if (!db_exec(db, &bind, DB_ARGS(client), err) ||
	    !db_maybe(db, a, &count,
		      DB_ARGS(client, arg_i64(a, id), arg_time(a, now)), &r,
		      err))
		return false;
	*taken = r.n == 1;
	if (*taken)
		*i = read_invite(&r, 0);
	return true;
}
