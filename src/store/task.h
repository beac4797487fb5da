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
	int64_t due_at;   /* of a claimed one: when it was due */
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

/* Is it still to be done, or being done? */
bool task_is_there(struct db *db, struct arena *a, const char *kind,
		   int64_t subject_id, const char *key, bool *there,
		   struct err *err);

/* How many more of a kind may be claimed.  Those that failed the last time
 * may have room of their own, so that they never fill that of the others. */
struct task_room {
	const char *kind;
	enum { TASKS_ANY, TASKS_GOOD, TASKS_FAILED } which;
	int room;
};

/* What is due and finds room, oldest first, leased until lease_until to that
 * owner (store/lease.h) or NULL. */
bool tasks_claim(struct db *db, struct arena *a, const char *owner,
		 const struct task_room *rooms, size_t n_rooms, int64_t now,
		 int64_t lease_until, struct task **tasks, size_t *n,
		 struct err *err);

/* When the next of those that have room is due; 0: none waits. */
bool tasks_next_due(struct db *db, struct arena *a,
		    const struct task_room *rooms, size_t n_rooms, int64_t *at,
		    struct err *err);

/* A long one goes on; ERR_CONFLICT when the lease was lost. */
bool task_renew(struct db *db, struct arena *a, const struct task *t,
		int64_t lease_until, struct err *err);

/* The owner has died, and its calls with it: its leases end then. */
bool tasks_orphaned(struct db *db, struct arena *a, const char *owner,
		    int64_t until, int64_t *n, struct err *err);

/*
 * How it ended.  Done: it is gone, unless somebody asked again meanwhile; then
 * it is due at once, as every other one that was asked for again.  Again: a
 * schedule (no reason, attempts back to 0), or a retry, counted, with the
 * reason.  Failed: it stays, is not due, shows the reason.
 */
struct task_end {
	const struct task *t;
	enum { TASK_DONE, TASK_AGAIN, TASK_FAILED } how;
	int64_t due_at;     /* TASK_AGAIN */
	const char *reason; /* or NULL */
};

/* Inside the caller's transaction, or as one of its own. */
bool tasks_end(struct db *db, struct arena *a, const struct task_end *ends,
	       size_t n, int64_t now, struct err *err);

/* The next task or lane. */
bool work_next_due(struct db *db, struct arena *a, int64_t *at,
		   struct err *err);

#endif
