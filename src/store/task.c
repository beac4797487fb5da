/*
 * task.c - work for the daemon that is not a message on its way.
 */
#include "config.h"

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

static const struct stmt claim = {
	"tasks_claim",
	"UPDATE tasks t SET lease_token = gen_random_uuid(), due_at = $3"
	" FROM (SELECT id FROM tasks WHERE due_at <= $2"
	"       ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED) c"
	" WHERE t.id = c.id"
	" RETURNING t.id, t.client_id, t.kind, t.subject_id, t.key, t.args,"
	"  t.generation, t.attempts, t.request_id, t.lease_token",
};

bool tasks_claim(struct db *db, struct arena *a, int limit, int64_t now,
		 int64_t lease_until, struct task **tasks, size_t *n,
		 struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &claim,
		    DB_ARGS(arg_i64(a, limit), arg_time(a, now),
			    arg_time(a, lease_until)),
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
			.due_at = now,
			.generation = rows_i64(&r, i, 6),
			.attempts = (int)rows_i64(&r, i, 7),
			.request_id = rows_str(&r, i, 8),
			.lease_token = rows_str(&r, i, 9),
		};
	}
	return true;
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

static const struct stmt remove_done = {
	"task_remove",
	"DELETE FROM tasks"
	" WHERE id = $1 AND lease_token = $2 AND generation = $3",
};

static const struct stmt run_again = {
	"task_run_again",
	"UPDATE tasks SET lease_token = NULL, attempts = 0, last_error = NULL,"
	"  due_at = $3"
	" WHERE id = $1 AND lease_token = $2",
};

bool task_done(struct db *db, struct arena *a, const struct task *t,
	       int64_t now, struct err *err)
{
	const char *id = arg_i64(a, t->id);

	/* The second finds the row only if the first left it. */
	return db_exec(db, &remove_done,
		       DB_ARGS(id, t->lease_token, arg_i64(a, t->generation)),
		       err) &&
	       db_exec(db, &run_again,
		       DB_ARGS(id, t->lease_token, arg_time(a, now)), err);
}

static const struct stmt again = {
	"task_again",
	"UPDATE tasks SET lease_token = NULL,"
	"  attempts = CASE WHEN $4::text IS NULL THEN 0 ELSE attempts + 1 END,"
	"  last_error = $4,"
	"  due_at = CASE WHEN generation = $5 THEN $3::timestamptz"
	"           ELSE least($3::timestamptz, $6) END"
	" WHERE id = $1 AND lease_token = $2",
};

bool task_again(struct db *db, struct arena *a, const struct task *t,
		int64_t due_at, const char *failed, struct err *err)
{
	/* Asked for again meanwhile: at once, like when it was claimed. */
	return db_exec(db, &again,
		       DB_ARGS(arg_i64(a, t->id), t->lease_token,
			       arg_time(a, due_at), failed,
			       arg_i64(a, t->generation),
			       arg_time(a, t->due_at)),
		       err);
}

static const struct stmt fail = {
	"task_failed",
	"UPDATE tasks SET lease_token = NULL, last_error = $3,"
	"  due_at = CASE WHEN generation = $4 THEN NULL ELSE $5::timestamptz "
	"END"
	" WHERE id = $1 AND lease_token = $2",
};

bool task_failed(struct db *db, struct arena *a, const struct task *t,
		 const char *reason, struct err *err)
{
	return db_exec(db, &fail,
		       DB_ARGS(arg_i64(a, t->id), t->lease_token, reason,
			       arg_i64(a, t->generation),
			       arg_time(a, t->due_at)),
		       err);
}

static const struct stmt next_due = {
	"work_next_due",
	"SELECT least((SELECT min(due_at) FROM tasks),"
	"             (SELECT min(due_at) FROM lanes))",
};

bool work_next_due(struct db *db, struct arena *a, int64_t *at, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &next_due, DB_NO_ARGS, &r, err))
		return false;
	*at = rows_time(&r, 0, 0);
	return true;
}
