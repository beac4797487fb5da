/*
 * dialog_source.c - what a source knows of its chats, in our dialogs.
 */
#include "config.h"

#include "store/dialog_source.h"

static const struct stmt learn = {
	"dialog_learn",
	"INSERT INTO dialogs (client_id, project_id, source, source_id,"
	"  external_chat_id, buyer_external_id, buyer_name, buyer_url, item_id,"
	"  item_title, item_price, item_url, details_at, last_message_at,"
	"  created_at)"
	" SELECT $1, a.project_id, 'avito', a.id, $3, $4, $5, $6, $7, $8, $9,"
	"  $10, $12::timestamptz, $11::timestamptz, $12::timestamptz"
	" FROM avito_accounts a WHERE a.client_id = $1 AND a.id = $2"
	" ON CONFLICT ON CONSTRAINT dialogs_chat DO UPDATE SET"
	"  buyer_external_id = excluded.buyer_external_id,"
	"  buyer_name = excluded.buyer_name, buyer_url = excluded.buyer_url,"
	"  item_id = coalesce(excluded.item_id, dialogs.item_id),"
	"  item_title = excluded.item_title,"
	"  item_price = excluded.item_price, item_url = excluded.item_url,"
	"  details_at = excluded.details_at"
	" RETURNING id",
};

bool dialog_learn(struct db *db, struct arena *a, const struct chat_details *c,
		  int64_t *dialog_id, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &learn,
		    DB_ARGS(arg_i64(a, c->client_id), arg_i64(a, c->account_id),
			    c->chat, c->buyer_id, c->buyer_name, c->buyer_url,
			    arg_id(a, c->item_id), c->item_title, c->item_price,
			    c->item_url,
			    arg_time(a, c->last_at ? c->last_at : c->now),
			    arg_time(a, c->now)),
		    &r, err))
		return false;
	*dialog_id = rows_i64(&r, 0, 0);
	return true;
}

static const struct stmt walked_stmt = {
	"dialogs_walked",
	"SELECT i.n - 1, g.walked_id, g.walked_at"
	" FROM jsonb_array_elements_text($3::jsonb)"
	"   WITH ORDINALITY i (id, n)"
	" JOIN dialogs g ON g.client_id = $1 AND g.source = 'avito'"
	"  AND g.source_id = $2 AND g.external_chat_id = i.id",
};

bool dialogs_walked(struct db *db, struct arena *a, int64_t client_id,
		    int64_t account_id, const char *const *chats, size_t n,
		    const char **walked, int64_t *walked_at, struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &walked_stmt,
		    DB_ARGS(arg_i64(a, client_id), arg_i64(a, account_id),
			    arg_array(a, chats, n)),
		    &r, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		walked[i] = NULL;
		walked_at[i] = 0;
	}
	for (int i = 0; i < r.n; i++) {
		walked[rows_i64(&r, i, 0)] = rows_str(&r, i, 1);
		walked_at[rows_i64(&r, i, 0)] = rows_time(&r, i, 2);
	}
	return true;
}

static const struct stmt set_walked = {
	"dialog_set_walked",
	"UPDATE dialogs SET walked_id = $2, walked_at = $3 WHERE id = $1",
};

bool dialog_set_walked(struct db *db, struct arena *a, int64_t dialog_id,
		       const char *external_id, int64_t written_at,
		       struct err *err)
{
	return db_exec(db, &set_walked,
		       DB_ARGS(arg_i64(a, dialog_id), external_id,
			       arg_time(a, written_at)),
		       err);
}

static const struct stmt find_chat = {
	"dialog_chat",
	"SELECT source_id, external_chat_id FROM dialogs WHERE id = $1",
};

bool dialog_chat(struct db *db, struct arena *a, int64_t dialog_id,
		 int64_t *account_id, const char **chat, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &find_chat, DB_ARGS(arg_i64(a, dialog_id)), &r, err))
		return false;
	*account_id = rows_i64(&r, 0, 0);
	*chat = rows_str(&r, 0, 1);
	return true;
}

#define OF_SOURCE " WHERE client_id = $1 AND source = $2 AND source_id = $3"

static const struct stmt move_of = {
	"dialogs_move_of",
	"UPDATE dialogs SET project_id = $4" OF_SOURCE,
};

bool dialogs_move_of(struct db *db, struct arena *a, int64_t client_id,
		     const char *source, int64_t source_id, int64_t project_id,
		     struct err *err)
{
	return db_exec(db, &move_of,
		       DB_ARGS(arg_i64(a, client_id), source,
			       arg_i64(a, source_id), arg_i64(a, project_id)),
		       err);
}

static const struct stmt count_of = {
	"dialogs_count_of",
	"SELECT count(id) FROM dialogs" OF_SOURCE,
};

bool dialogs_count_of(struct db *db, struct arena *a, int64_t client_id,
		      const char *source, int64_t source_id, int64_t *n,
		      struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &count_of,
		    DB_ARGS(arg_i64(a, client_id), source,
			    arg_i64(a, source_id)),
		    &r, err))
		return false;
	*n = rows_i64(&r, 0, 0);
	return true;
}

static const struct stmt delete_of = {
	"dialogs_delete_of",
	"DELETE FROM dialogs" OF_SOURCE,
};

bool dialogs_delete_of(struct db *db, struct arena *a, int64_t client_id,
		       const char *source, int64_t source_id, struct err *err)
{
	return db_exec(
		db, &delete_of,
		DB_ARGS(arg_i64(a, client_id), source, arg_i64(a, source_id)),
		err);
}
