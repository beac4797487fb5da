/*
 * avito_account.c - a client's Avito accounts, as they were set up.
 */
#include "config.h"

#include "store/avito_account.h"
#include "store/dialog_source.h"

static const struct stmt insert = {
	"avito_account_insert",
	"INSERT INTO avito_accounts (client_id, project_id, bot_id,"
	"  api_client_id, api_client_secret_sealed, api_client_secret_tail,"
	"  monitoring, webhook, status, webhook_secret_sealed,"
	"  webhook_secret_hash, created_at, updated_at, auto_reply)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13)"
	" RETURNING id",
};

bool avito_account_insert(struct db *db, struct arena *a,
			  struct avito_account *x, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &insert,
		    DB_ARGS(arg_i64(a, x->client_id), arg_i64(a, x->project_id),
			    arg_id(a, x->bot_id), x->api_client_id,
			    x->secret_sealed, x->secret_tail,
			    arg_bool(x->monitoring), arg_bool(x->webhook),
			    x->status, x->webhook_secret_sealed,
			    x->webhook_secret_hash, arg_time(a, x->created_at),
			    x->auto_reply),
		    &r, err))
		return false;
	x->id = rows_i64(&r, 0, 0);
	return true;
}

#define ACCOUNT_COLUMNS                                                    \
	"SELECT id, client_id, project_id, bot_id, api_client_id,"         \
	"  api_client_secret_sealed, api_client_secret_tail,"              \
	"  avito_user_id, name, profile_url, monitoring, webhook, status," \
	"  last_error, checked_at, webhook_secret_sealed,"                 \
	"  webhook_secret_hash, webhook_subscribed_at, baseline_at,"       \
	"  last_polled_at, created_at, updated_at, auto_reply"             \
	" FROM avito_accounts WHERE ($1::bigint IS NULL OR client_id = $1)"

static const struct stmt find = {
	"avito_account_find",
	ACCOUNT_COLUMNS " AND id = $2",
};

static const struct stmt lock = {
	"avito_account_lock",
	ACCOUNT_COLUMNS " AND id = $2 FOR NO KEY UPDATE",
};

static const struct stmt list_all = {
	"avito_accounts_list",
	ACCOUNT_COLUMNS " AND ($2::bigint IS NULL OR project_id = $2)"
			" AND id > $3 ORDER BY id LIMIT $4",
};

static struct avito_account read_account(const struct rows *r, int row)
{
	return (struct avito_account){
		.id = rows_i64(r, row, 0),
		.client_id = rows_i64(r, row, 1),
		.project_id = rows_i64(r, row, 2),
		.bot_id = rows_i64(r, row, 3),
		.api_client_id = rows_str(r, row, 4),
		.secret_sealed = rows_str(r, row, 5),
		.secret_tail = rows_str(r, row, 6),
		.avito_user_id = rows_i64(r, row, 7),
		.name = rows_str(r, row, 8),
		.profile_url = rows_str(r, row, 9),
		.monitoring = rows_bool(r, row, 10),
		.webhook = rows_bool(r, row, 11),
		.status = rows_str(r, row, 12),
		.last_error =
			rows_null(r, row, 13) ? NULL : rows_str(r, row, 13),
		.checked_at = rows_time(r, row, 14),
		.webhook_secret_sealed = rows_str(r, row, 15),
		.webhook_secret_hash = rows_str(r, row, 16),
		.webhook_subscribed_at = rows_time(r, row, 17),
		.baseline_at = rows_time(r, row, 18),
		.last_polled_at = rows_time(r, row, 19),
		.created_at = rows_time(r, row, 20),
		.updated_at = rows_time(r, row, 21),
		.auto_reply =
			rows_null(r, row, 22) ? NULL : rows_str(r, row, 22),
	};
}

static bool get(struct db *db, struct arena *a, const struct stmt *s,
		int64_t client_id, int64_t id, struct avito_account *x,
		struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, s, DB_ARGS(arg_id(a, client_id), arg_i64(a, id)),
		      &r, err))
		return false;
	if (r.n == 0)
		return err_set(err, ERR_MISSING,
			       "there is no such Avito account");
	*x = read_account(&r, 0);
	return true;
}

bool avito_account_find(struct db *db, struct arena *a, int64_t client_id,
			int64_t id, struct avito_account *x, struct err *err)
{
	return get(db, a, &find, client_id, id, x, err);
}

bool avito_account_lock(struct db *db, struct arena *a, int64_t client_id,
			int64_t id, struct avito_account *x, struct err *err)
{
	return get(db, a, &lock, client_id, id, x, err);
}

bool avito_accounts_list(struct db *db, struct arena *a, int64_t client_id,
			 int64_t project_id, int64_t after, int limit,
			 struct avito_account **list, size_t *n,
			 struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &list_all,
		    DB_ARGS(arg_id(a, client_id), arg_id(a, project_id),
			    arg_i64(a, after), arg_i64(a, limit)),
		    &r, err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		(*list)[i] = read_account(&r, i);
	return true;
}

static const struct stmt update = {
	"avito_account_store",
	"UPDATE avito_accounts SET project_id = $3, bot_id = $4,"
	"  api_client_id = $5, api_client_secret_sealed = $6,"
	"  api_client_secret_tail = $7, monitoring = $8, webhook = $9,"
	"  status = $10, last_error = $11, updated_at = $12,"
	"  token_sealed = CASE WHEN $13 THEN NULL ELSE token_sealed END,"
	"  token_generation = token_generation"
	"   + CASE WHEN $13 THEN 1 ELSE 0 END,"
	"  token_expires_at = CASE WHEN $13 THEN NULL"
	"                     ELSE token_expires_at END,"
	"  token_lease_until = CASE WHEN $13 THEN NULL"
	"                      ELSE token_lease_until END,"
	"  walked_at = CASE WHEN $13 THEN NULL ELSE walked_at END,"
	"  auto_reply = $14"
	" WHERE client_id = $1 AND id = $2",
};

bool avito_account_store(struct db *db, struct arena *a,
			 const struct avito_account *x, bool renewed,
			 struct err *err)
{
	return db_exec(db, &update,
		       DB_ARGS(arg_i64(a, x->client_id), arg_i64(a, x->id),
			       arg_i64(a, x->project_id), arg_id(a, x->bot_id),
			       x->api_client_id, x->secret_sealed,
			       x->secret_tail, arg_bool(x->monitoring),
			       arg_bool(x->webhook), x->status, x->last_error,
			       arg_time(a, x->updated_at), arg_bool(renewed),
			       x->auto_reply),
		       err);
}

static const struct stmt remove_account = {
	"avito_account_delete",
	"DELETE FROM avito_accounts WHERE client_id = $1 AND id = $2",
};

bool avito_account_delete(struct db *db, struct arena *a,
			  const struct avito_account *x, struct err *err)
{
	return dialogs_delete_of(db, a, x->client_id, "avito", x->id, err) &&
	       db_exec(db, &remove_account,
		       DB_ARGS(arg_i64(a, x->client_id), arg_i64(a, x->id)),
		       err);
}
