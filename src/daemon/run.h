/*
 * run.h - one task in work, and what a kind of task is.
 *
 * To add a kind: src/daemon/task/<name>.c with one `const struct task_type`,
 * a line in src/daemon/tasks.c.  start() and its callbacks record what they
 * learn and end the run by exactly one of run_done() and its siblings, which
 * keep the ending while the database is away.  Every task may be run twice:
 * its lease may end, the process may die.
 */
#ifndef DAEMON_RUN_H
#define DAEMON_RUN_H

#include "base/json.h"
#include "daemon/avito_ask.h"
#include "daemon/daemon.h"
#include "store/task.h"

struct run {
	struct daemon *dm;
	struct arena a;
	struct task t;
	const struct task_type *type;
	struct json_object *args; /* never NULL */

	struct call call;
	struct avito_ask ask;
	struct bot_link *bot;     /* run_bot() */
	struct chan_end end;      /* run_bot() */
	struct avito_link *avito; /* run_avito() */
	void *state;              /* the type's own */

	/* Written in the transaction of the ending; may come twice. */
	bool (*also)(struct run *r, struct err *err);

	/* run.c's and shift.c's own */
	struct timer timer;
	struct run *next;
	int64_t leased_until;
	int ending; /* as in struct task_end */
	int64_t again_at;
	const char *reason;
};

struct task_type {
	const char *kind;
	void (*start)(struct run *r);
	int room;        /* at once in a daemon's work; 0: ROOM_KIND */
	int room_failed; /* besides, those that failed the last time; 0: they
			  * share the room of all */
	bool of_avito;   /* subject_id is an account: it comes with the claim */
	bool routine;    /* comes round all the time and leaves no other work */
};

/* There is such a kind, since it was claimed. */
const struct task_type *task_type_find(const char *kind);

/* The bot or account that subject_id names, ready to act; a bot by its id.
 * false: the run has ended (deleted meanwhile, or its secrets do not open). */
bool run_bot(struct run *r);
bool run_bot_of(struct run *r, int64_t bot_id);
bool run_avito(struct run *r);

/* r->call.rq is filled. */
void run_call(struct run *r, void (*done)(struct call *c));
void run_call_for(struct run *r, int timeout_ms, void (*done)(struct call *c));
void run_ask(struct run *r,
	     void (*write)(struct avito_ask *q, const struct chan_end *end),
	     void (*done)(struct avito_ask *q));

/* The lease of a long one covers one more call, or one of its own length.
 * false: it was lost, the run has ended. */
bool run_renew(struct run *r);
bool run_renew_for(struct run *r, int timeout_ms);

/* Drops the call that is under way; the task is due at once, for whoever takes
 * it up. */
void run_give_back(struct run *r);

void run_done(struct run *r);
/* What came of it is written in the same transaction. */
void run_done_with(struct run *r, bool (*also)(struct run *r, struct err *err));
void run_again(struct run *r, int64_t due_at, const char *failed);
void run_failed(struct run *r, const char *reason);

/* By the kind of error: later with backoff, or failed for good. */
void run_error(struct run *r, const struct err *err);

/* For shift.c: makes the run of a claimed task and starts it in the next
 * turn; gives it its account (NULL: there is none); tells the log how it
 * ended; and its end. */
struct run *run_start(struct daemon *dm, const struct task *t);
void run_give_avito(struct run *r, const struct avito_link *l);
void run_log(const struct run *r);
void run_free(struct run *r);

#endif
