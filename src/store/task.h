/*
 * task.h - work for the daemon that is not a message on its way.
 *
 * One row per (kind, subject, key).  Adding a task that is already there asks
 * for it once more: it runs again even if it is running now, because the
 * generation it was claimed with is no longer the newest.  A daemon claims
 * tasks under a lease; every later write names the lease's token, so one that
 * lost its lease changes nothing.
 */
#ifndef STORE_TASK_H
#define STORE_TASK_H

#include "store/db.h"

struct task {
	int64_t id;
	int64_t client_id; /* 0: nobody's */
	const char *kind;
	int64_t subject_id;
	const char *key;  /* NULL is "" */
	const char *args; /* JSON object; NULL is {} */
	int64_t due_at;
	int64_t generation;
	int attempts;
	const char *request_id;
	const char *lease_token;
};

/* How every INSERT INTO tasks ends, for statements that find out by themselves
 * whether there is something to ask for. */
#define TASK_ASK_AGAIN                                                   \
	" ON CONFLICT ON CONSTRAINT tasks_once DO UPDATE SET"            \
	"  args = excluded.args, generation = tasks.generation + 1,"     \
	"  request_id = excluded.request_id, attempts = 0,"              \
	"  due_at = CASE WHEN tasks.lease_token IS NULL"                 \
	"           THEN least(coalesce(tasks.due_at, excluded.due_at)," \
	"                      excluded.due_at)"                         \
	"           ELSE tasks.due_at END"

/* Inside the caller's transaction. */
bool task_add(struct db *db, struct arena *a, const struct task *t,
	      struct err *err);

/* Up to `limit` due tasks, leased until lease_until. */
bool tasks_claim(struct db *db, struct arena *a, int limit, int64_t now,
		 int64_t lease_until, struct task **tasks, size_t *n,
		 struct err *err);

/* A long one goes on; ERR_CONFLICT when the lease was lost. */
bool task_renew(struct db *db, struct arena *a, const struct task *t,
		int64_t lease_until, struct err *err);

/* It is done: gone, unless somebody asked again meanwhile. */
bool task_done(struct db *db, struct arena *a, const struct task *t,
	       int64_t now, struct err *err);

/* It runs again at due_at: a schedule (`failed` NULL, attempts back to 0), or
 * a retry, counted, with the reason. */
bool task_again(struct db *db, struct arena *a, const struct task *t,
		int64_t due_at, const char *failed, struct err *err);

/* It failed for good: stays, is not due, shows the reason. */
bool task_failed(struct db *db, struct arena *a, const struct task *t,
		 const char *reason, struct err *err);

/* When the next task or lane is due; 0: none waits. */
bool work_next_due(struct db *db, struct arena *a, int64_t *at,
		   struct err *err);

#endif
