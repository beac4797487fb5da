/*
 * auto_reply.h - texts that go out by themselves, from the plan to the end.
 *
 * A row of auto_replies is the guard: while it is pending, queued, sent,
 * replaced or unsure no other one of its dialog, kind, rule, interval and step
 * can be.  It ends as dropped, expired or failed without having been sent.
 *
 * All run inside the caller's transaction.  Who writes in a dialog takes the
 * buyer's lane first, then the dialog, then these rows.
 */
#ifndef STORE_AUTO_REPLY_H
#define STORE_AUTO_REPLY_H

#include "store/delivery.h"

/* A text that waited so long behind its time is no answer any more. */
#define AUTO_REPLY_EXPIRES_US INT64_C(900000000)

/* A message and what its dialog is told by itself. */
struct auto_subject {
	int64_t message_id, client_id, dialog_id, project_id;
	bool is_asking;     /* a buyer's, neither history nor archived */
	bool is_first;      /* the first one of its dialog */
	int64_t written_at; /* the source's time, but not the future */
	int64_t seen_at;
	const char *auto_reply; /* JSON: the source's, or else the project's */
	const char *greeting;   /* "": none */
	const char *rules;      /* JSON */
	bool details_known; /* of buyer and ad, as far as the source tells */
	const char *buyer_name, *item_title, *item_price, *item_url;
	const char *project_name, *shop_name;
};

/* ERR_MISSING. */
bool auto_subject_find(struct db *db, struct arena *a, int64_t message_id,
		       struct auto_subject *s, struct err *err);

/* Nobody else plans in this dialog, or changes it, until the transaction
 * ends.  Only put into the pipe. */
void auto_reply_queue_lock(struct db *db, struct arena *a, int64_t client_id,
			   int64_t dialog_id);

struct auto_plan {
	const struct auto_subject *subject;
	int64_t due_at;
	bool replaced; /* the greeting stands for it */
	int64_t now;
};

/* *id: of the row; 0: there is one, or was one for this message. */
bool auto_reply_plan_greeting(struct db *db, struct arena *a,
			      const struct auto_plan *p, int64_t *id,
			      struct err *err);

/* The first text of the interval [begins_at, ends_at) that holds the message:
 * unless one waits or was sent to a message in it. */
bool auto_reply_plan_interval(struct db *db, struct arena *a,
			      const struct auto_plan *p, int64_t begins_at,
			      int64_t ends_at, int64_t *id, struct err *err);

/* The same for the mode `always`: unless one waits or was sent since then. */
bool auto_reply_plan_always(struct db *db, struct arena *a,
			    const struct auto_plan *p, int64_t since,
			    int64_t *id, struct err *err);

struct auto_row {
	int64_t id, client_id, dialog_id;
	const char *kind; /* "greeting", "auto_reply", "rule" */
	const char *rule_id, *interval_key;
	int step;
	int64_t asked_message_id, asked_at, due_at;
	const char *state;
	int64_t message_id; /* 0: none yet */
	int64_t changed_at; /* since when it is in that state */
};

/* The row with its dialog's lanes and the dialog locked.  ERR_MISSING. */
bool auto_reply_lock(struct db *db, struct arena *a, int64_t id,
		     struct auto_row *row, struct err *err);

/* The row that a greeting stands for; row->id 0: none. */
bool auto_reply_find_replaced(struct db *db, struct arena *a,
			      const struct auto_row *greeting,
			      struct auto_row *row, struct err *err);

/* The step behind this one; *id 0: it is there. */
bool auto_reply_plan_step(struct db *db, struct arena *a,
			  const struct auto_row *before, int64_t due_at,
			  int64_t now, int64_t *id, struct err *err);

/*
 * Why a pending row must not be sent: "answered", "disabled", "expired"; NULL
 * if it may.  A person's answer of the same second comes before it.
 */
bool auto_reply_unwanted(struct db *db, struct arena *a, int64_t id,
			 int64_t now, const char **reason, struct err *err);

/* It will not be sent: "dropped" or "expired". */
bool auto_reply_drop(struct db *db, struct arena *a, const struct auto_row *row,
		     const char *state, const char *reason, int64_t now,
		     struct err *err);

/* It goes: a message of the robot, and its delivery to the buyer. */
bool auto_reply_enqueue(struct db *db, struct arena *a,
			const struct auto_row *row, const char *text,
			int64_t now, const char *request_id, struct err *err);

/* The team sees what the buyer got. */
bool auto_reply_mirror(struct db *db, struct arena *a,
		       const struct auto_row *row, int64_t now,
		       const char *request_id, struct err *err);

/* The same question for messages about to be sent, whose lanes are locked;
 * also "gone": the row is not queued.  reasons[i] is set. */
bool auto_replies_unwanted(struct db *db, struct arena *a,
			   const int64_t *message_ids, size_t n, int64_t now,
			   const char **reasons, struct err *err);

/* What became of a robot's message: "sent", "failed", "unsure", "dropped" or
 * "expired".  Of one that was sent a task "auto_reply.sent" tells.  Only put
 * into the pipe. */
void auto_reply_queue_end(struct db *db, struct arena *a, int64_t message_id,
			  const char *state, const char *reason, int64_t now,
			  const char *request_id);

/* What a person did to its delivery: "queued" (again), "sent", "dropped".
 * Nothing, when it is no robot's. */
bool auto_reply_decide(struct db *db, struct arena *a, int64_t delivery_id,
		       const char *state, int64_t now, const char *request_id,
		       struct err *err);

#endif
