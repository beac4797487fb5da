/*
 * task.c - work for the daemon that is not a message on its way.
 */
#include "config.h"

#include "base/clock.h"
#include "base/json.h"
#include "store/lease.h"
#include "store/task.h"

static const struct stmt add = {
	"task_add",
	"INSERT INTO tasks (client_id, kind, subject_id, key, args, due_at,"
	"                   created_at, request_id)"
	" VALUES ($1, $2, $3, $4, $5, $6, $6, $7)" TASK_ASK_AGAIN,
};

bool task_add(struct db *db, struct arena *a, const struct task *t,
	      struct err *err)
{
	return db_exec(db, &add,
		       DB_ARGS(arg_id(a, t->client_id), t->kind,
			       arg_i64(a, t->subject_id), t->key ? t->key : "",
			       t->args ? t->args : "{}", arg_time(a, t->due_at),
			       t->request_id ? t->request_id : ""),
		       err);
}

/* One that has failed for good stays, and is not due. */
static const struct stmt is_there = {
	"task_is_there",
	"SELECT 1 FROM tasks WHERE kind = $1 AND subject_id = $2 AND key = $3"
	"  AND (due_at IS NOT NULL OR lease_token IS NOT NULL)",
};

bool task_is_there(struct db *db, struct arena *a, const char *kind,
		   int64_t subject_id, const char *key, bool *there,
		   struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, &is_there,
		      DB_ARGS(kind, arg_i64(a, subject_id), key), &r, err))
		return false;
	*there = r.n > 0;
	return true;
}

/* [{"kind":"bot.check","n":16}, {"kind":"avito.poll","failed":true,"n":3}] */
static const char *rooms_json(struct arena *a, const struct task_room *rooms,
			      size_t n)
{
	struct json_object *list = json_object_new_array();

	json_put(json_new(a), "rooms", list); /* the object frees it */
	for (size_t i = 0; i < n; i++) {
		struct json_object *o;

		if (rooms[i].room <= 0)
			continue;
		o = json_object_new_object();
		json_put_str(o, "kind", rooms[i].kind);
		if (rooms[i].which != TASKS_ANY)
			json_put_bool(o, "failed",
				      rooms[i].which == TASKS_FAILED);
		json_put_i64(o, "n", rooms[i].room);
		json_object_array_add(list, o);
	}
	return json_text(list);
}

static const struct stmt claim = {
	"tasks_claim",
	"WITH c AS MATERIALIZED ("
	" SELECT d.id, d.due_at FROM jsonb_to_recordset($1::jsonb)"
	"   AS r (kind text, failed boolean, n integer),"
	"  LATERAL (SELECT id, due_at FROM tasks"
	"   WHERE kind = r.kind AND due_at <= $2"
	"    AND (attempts > 0) = coalesce(r.failed, attempts > 0)"
	"   ORDER BY due_at LIMIT r.n FOR UPDATE SKIP LOCKED) d)"
	" UPDATE tasks t SET lease_token = $4::uuid, due_at = $3"
	" FROM c WHERE t.id = c.id"
	" RETURNING t.id, t.client_id, t.kind, t.subject_id, t.key, t.args,"
	"  c.due_at, t.generation, t.attempts, t.request_id, t.lease_token",
};

bool tasks_claim(struct db *db, struct arena *a, const char *owner,
		 const struct task_room *rooms, size_t n_rooms, int64_t now,
		 int64_t lease_until, struct task **tasks, size_t *n,
		 struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &claim,
		    DB_ARGS(rooms_json(a, rooms, n_rooms), arg_time(a, now),
			    arg_time(a, lease_until), lease_token(a, owner)),
		    &r, err))
		return false;
	*n = (size_t)r.n;
	*tasks = arena_array(a, *n, sizeof(**tasks));
	for (int i = 0; i < r.n; i++) {
		(*tasks)[i] = (struct task){
			.id = rows_i64(&r, i, 0),
			.client_id = rows_i64(&r, i, 1),
			.kind = rows_str(&r, i, 2),
			.subject_id = rows_i64(&r, i, 3),
			.key = rows_str(&r, i, 4),
			.args = rows_str(&r, i, 5),
			.due_at = rows_time(&r, i, 6),
			.generation = rows_i64(&r, i, 7),
			.attempts = (int)rows_i64(&r, i, 8),
			.request_id = rows_str(&r, i, 9),
			.lease_token = rows_str(&r, i, 10),
		};
	}
	return true;
}

static bool read_due(struct db *db, struct arena *a, const struct stmt *s,
		     struct db_args args, int64_t *at, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, s, args, &r, err))
		return false;
	*at = rows_time(&r, 0, 0);
	return true;
}

static const struct stmt next_task = {
	"tasks_next_due",
	"SELECT min(d.due_at) FROM jsonb_to_recordset($1::jsonb)"
	"  AS r (kind text, failed boolean),"
	" LATERAL (SELECT due_at FROM tasks"
	"  WHERE kind = r.kind AND due_at IS NOT NULL"
	"   AND (attempts > 0) = coalesce(r.failed, attempts > 0)"
	"  ORDER BY due_at LIMIT 1) d",
};

bool tasks_next_due(struct db *db, struct arena *a,
		    const struct task_room *rooms, size_t n_rooms, int64_t *at,
		    struct err *err)
{
	return read_due(db, a, &next_task,
			DB_ARGS(rooms_json(a, rooms, n_rooms)), at, err);
}

static const struct stmt renew = {
	"task_renew",
	"UPDATE tasks SET due_at = $3 WHERE id = $1 AND lease_token = $2",
};

bool task_renew(struct db *db, struct arena *a, const struct task *t,
		int64_t lease_until, struct err *err)
{
	if (!db_exec(db, &renew,
		     DB_ARGS(arg_i64(a, t->id), t->lease_token,
			     arg_time(a, lease_until)),
		     err))
		return false;
	return db_touched(db) == 1 ||
	       err_set(err, ERR_CONFLICT, "the lease was lost");
}

static const struct stmt orphaned = {
	"tasks_orphaned",
	"UPDATE tasks SET due_at = $2 WHERE due_at > $2 AND" LEASE_IS_OWNERS,
};

bool tasks_orphaned(struct db *db, struct arena *a, const char *owner,
		    int64_t until, int64_t *n, struct err *err)
{
	if (!db_exec(db, &orphaned,
		     DB_ARGS(lease_owner(a, owner), arg_time(a, until)), err))
		return false;
	*n = db_touched(db);
	return true;
}

static const char *ends_json(struct arena *a, const struct task_end *ends,
			     size_t n)
{
	struct json_object *list = json_object_new_array();

	json_put(json_new(a), "ends", list); /* the object frees it */
	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_object_new_object();

		json_put_i64(o, "id", ends[i].t->id);
		json_put_str(o, "token", ends[i].t->lease_token);
		json_put_i64(o, "generation", ends[i].t->generation);
		json_put_bool(o, "done", ends[i].how == TASK_DONE);
		if (ends[i].how == TASK_AGAIN)
			json_put_str(o, "due_at",
				     clock_text(a, ends[i].due_at));
		if (ends[i].reason)
			json_put_str(o, "reason", ends[i].reason);
		json_object_array_add(list, o);
	}
	return json_text(list);
}

static const struct stmt remove_done = {
	"tasks_remove",
	"DELETE FROM tasks t USING jsonb_to_recordset($1::jsonb)"
	"  AS e (id bigint, token uuid, generation bigint, done boolean)"
	" WHERE e.done AND t.id = e.id AND t.lease_token = e.token"
	"  AND t.generation = e.generation",
};

/* Of those that are done it finds what the former has left.  least() takes no
 * notice of nulls. */
static const struct stmt end = {
	"tasks_end",
	"UPDATE tasks t SET lease_token = NULL, last_error = e.reason,"
	"  attempts = CASE WHEN e.reason IS NULL THEN 0"
	"             ELSE t.attempts + 1 END,"
	"  due_at = CASE WHEN t.generation = e.generation THEN e.due_at"
	"           ELSE least(e.due_at, $2::timestamptz) END"
	" FROM jsonb_to_recordset($1::jsonb) AS e (id bigint, token uuid,"
	"  generation bigint, due_at timestamptz, reason text)"
	" WHERE t.id = e.id AND t.lease_token = e.token",
};

bool tasks_end(struct db *db, struct arena *a, const struct task_end *ends,
	       size_t n, int64_t now, struct err *err)
{
	const char *json = ends_json(a, ends, n);
	bool any_done = false;

	for (size_t i = 0; i < n; i++)
		any_done |= ends[i].how == TASK_DONE;
	return (!any_done || db_exec(db, &remove_done, DB_ARGS(json), err)) &&
	       db_exec(db, &end, DB_ARGS(json, arg_time(a, now)), err);
}

static const struct stmt next_due = {
	"work_next_due",
	"SELECT least((SELECT min(due_at) FROM tasks),"
	"             (SELECT min(due_at) FROM lanes))",
};

bool work_next_due(struct db *db, struct arena *a, int64_t *at, struct err *err)
{
	return read_due(db, a, &next_due, DB_NO_ARGS, at, err);
}
