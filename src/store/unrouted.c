/*
 * unrouted.c - written in the group outside of every dialog's topic.
 */
#include "config.h"

#include "store/task.h"
#include "store/unrouted.h"

#define TASK_KIND "topic.unrouted"

static const struct stmt insert = {
	"unrouted_add",
	"INSERT INTO unrouted (client_id, bot_id, chat_id, message_id, body,"
	"  way, dialog_id, created_at, settled_at)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
	" ON CONFLICT ON CONSTRAINT unrouted_message DO NOTHING RETURNING id",
};

bool unrouted_add(struct db *db, struct arena *a, struct unrouted *u,
		  struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &insert,
		      DB_ARGS(arg_i64(a, u->client_id), arg_i64(a, u->bot_id),
			      arg_i64(a, u->chat_id), arg_i64(a, u->message_id),
			      u->body, u->way, arg_id(a, u->dialog_id),
			      arg_time(a, u->created_at),
			      arg_time(a, u->settled_at)),
		      &r, err))
		return false;
	u->id = r.n ? rows_i64(&r, 0, 0) : 0;
	return true;
}

#define UNROUTED_COLUMNS                                                    \
	"SELECT w.id, w.client_id, w.bot_id, w.chat_id, w.message_id,"      \
	"  w.body, w.way, w.dialog_id, w.answer_id, w.decided_by,"          \
	"  w.created_at, w.settled_at, g.buyer_name, g.item_title"          \
	" FROM unrouted w LEFT JOIN dialogs g ON g.client_id = w.client_id" \
	"  AND g.id = w.dialog_id"

static void read_unrouted(const struct rows *r, int row, struct unrouted *u)
{
	*u = (struct unrouted){
		.id = rows_i64(r, row, 0),
		.client_id = rows_i64(r, row, 1),
		.bot_id = rows_i64(r, row, 2),
		.chat_id = rows_i64(r, row, 3),
		.message_id = rows_i64(r, row, 4),
		.body = rows_str(r, row, 5),
		.way = rows_str(r, row, 6),
		.dialog_id = rows_i64(r, row, 7),
		.answer_id = rows_i64(r, row, 8),
		.decided_by = rows_str(r, row, 9),
		.created_at = rows_time(r, row, 10),
		.settled_at = rows_time(r, row, 11),
		.buyer_name = rows_str(r, row, 12),
		.item_title = rows_str(r, row, 13),
	};
}

static const struct stmt find = {
	"unrouted_find",
	UNROUTED_COLUMNS " WHERE w.id = $1",
};

static const struct stmt lock = {
	"unrouted_lock",
	UNROUTED_COLUMNS " WHERE w.client_id = $1 AND w.id = $2"
			 " FOR UPDATE OF w",
};

static bool get(struct db *db, struct arena *a, const struct stmt *s,
		struct db_args args, struct unrouted *u, struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, s, args, &r, err))
		return false;
	if (r.n == 0)
		return err_set(err, ERR_MISSING, "there is no such message");
	read_unrouted(&r, 0, u);
	return true;
}

bool unrouted_find(struct db *db, struct arena *a, int64_t id,
		   struct unrouted *u, struct err *err)
{
	return get(db, a, &find, DB_ARGS(arg_i64(a, id)), u, err);
}

bool unrouted_lock(struct db *db, struct arena *a, int64_t client_id,
		   int64_t id, struct unrouted *u, struct err *err)
{
	return get(db, a, &lock, DB_ARGS(arg_i64(a, client_id), arg_i64(a, id)),
		   u, err);
}

#define OF_ALBUM(album) "w.body -> 'message' ->> 'media_group_id' = " album

/* Locked: whoever decides at this moment either sees the item that follows, or
 * has decided before it. */
static const struct stmt find_album = {
	"unrouted_album",
	UNROUTED_COLUMNS " WHERE w.client_id = $1 AND w.chat_id = $2"
			 "  AND " OF_ALBUM("$3::text") " ORDER BY w.id LIMIT 1"
						       " FOR UPDATE OF w",
};

bool unrouted_album(struct db *db, struct arena *a, int64_t client_id,
		    int64_t chat_id, const char *album, struct unrouted *u,
		    struct err *err)
{
	struct rows r;

	*u = (struct unrouted){ 0 };
	if (!db_maybe(
		    db, a, &find_album,
		    DB_ARGS(arg_i64(a, client_id), arg_i64(a, chat_id), album),
		    &r, err))
		return false;
	if (r.n)
		read_unrouted(&r, 0, u);
	return true;
}

static const struct stmt by_message = {
	"unrouted_by_message",
	UNROUTED_COLUMNS " WHERE w.client_id = $1 AND w.chat_id = $2"
			 "  AND w.message_id = $3 FOR UPDATE OF w",
};

bool unrouted_by_message(struct db *db, struct arena *a, int64_t client_id,
			 int64_t chat_id, int64_t message_id,
			 struct unrouted *u, struct err *err)
{
	struct rows r;

	*u = (struct unrouted){ 0 };
	if (!db_maybe(db, a, &by_message,
		      DB_ARGS(arg_i64(a, client_id), arg_i64(a, chat_id),
			      arg_i64(a, message_id)),
		      &r, err))
		return false;
	if (r.n)
		read_unrouted(&r, 0, u);
	return true;
}

/* The update keeps its own number. */
static const struct stmt edit = {
	"unrouted_edit",
	"UPDATE unrouted SET body = jsonb_set(body, '{message}', $2::jsonb)"
	" WHERE id = $1",
};

bool unrouted_edit(struct db *db, struct arena *a, const struct unrouted *u,
		   const char *message, struct err *err)
{
	return db_exec(db, &edit, DB_ARGS(arg_i64(a, u->id), message), err);
}

static const struct stmt waiting = {
	"unrouted_waiting",
	UNROUTED_COLUMNS
	" WHERE w.client_id = $1 AND w.chat_id = $2"
	"  AND w.settled_at IS NULL"
	"  AND (w.id = $3 OR " OF_ALBUM("$4::text") ")"
						    " ORDER BY w.message_id"
						    " FOR UPDATE OF w",
};

bool unrouted_waiting(struct db *db, struct arena *a, const struct unrouted *u,
		      const char *album, struct unrouted **list, size_t *n,
		      struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &waiting,
		    DB_ARGS(arg_i64(a, u->client_id), arg_i64(a, u->chat_id),
			    arg_i64(a, u->id), album),
		    &r, err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		read_unrouted(&r, i, &(*list)[i]);
	return true;
}

static const struct stmt settle = {
	"unrouted_settle",
	"UPDATE unrouted SET dialog_id = $2, decided_by = $3, settled_at = $4"
	" WHERE id = $1",
};

bool unrouted_settle(struct db *db, struct arena *a, const struct unrouted *u,
		     int64_t now, struct err *err)
{
	return db_exec(db, &settle,
		       DB_ARGS(arg_i64(a, u->id), arg_id(a, u->dialog_id),
			       u->decided_by, arg_time(a, now)),
		       err);
}

static const struct stmt said = {
	"unrouted_said",
	"UPDATE unrouted SET answer_id = $2 WHERE id = $1",
};

bool unrouted_said(struct db *db, struct arena *a, const struct unrouted *u,
		   struct err *err)
{
	return db_exec(db, &said,
		       DB_ARGS(arg_i64(a, u->id), arg_id(a, u->answer_id)),
		       err);
}

bool unrouted_show(struct db *db, struct arena *a, const struct unrouted *u,
		   int64_t now, const char *request_id, struct err *err)
{
	struct task t = {
		.client_id = u->client_id,
		.kind = TASK_KIND,
		.subject_id = u->id,
		.due_at = now,
		.request_id = request_id,
	};

	return task_add(db, a, &t, err);
}

static const struct stmt expire = {
	"unrouted_expire",
	"WITH w AS (UPDATE unrouted SET settled_at = $2::timestamptz"
	"   WHERE created_at < $1 AND settled_at IS NULL"
	"   RETURNING id, client_id, way)"
	" INSERT INTO tasks (client_id, kind, subject_id, due_at, created_at)"
	" SELECT client_id, '" TASK_KIND "', id, $2, $2 FROM w"
	" WHERE way = 'ask'" TASK_ASK_AGAIN,
};

bool unrouted_expire(struct db *db, struct arena *a, int64_t before,
		     int64_t now, struct err *err)
{
	return db_exec(db, &expire,
		       DB_ARGS(arg_time(a, before), arg_time(a, now)), err);
}
