/*
 * job.h - one delivery in work, with the texts that travel with it.
 *
 * A job is made for each lane that was claimed and ends by exactly one of
 * job_done() and its siblings; the journal writes the outcome, then the job is
 * freed.
 *
 * team.c and buyer.c each have one drain(): look at the state, start what is
 * missing, return.  Every callback records a fact and calls it.
 */
#ifndef DAEMON_JOB_H
#define DAEMON_JOB_H

#include "core/compose.h"
#include "daemon/avito_ask.h"
#include "daemon/cargo.h"
#include "daemon/daemon.h"
#include "daemon/place.h"
#include "store/attempt.h"

/* The rows of one claim; the last of its jobs frees it. */
struct batch {
	struct arena a;
	int jobs;
};

/* Action in the ledger of a call with several parts; store/echo.c knows it,
 * too. */
#define TELEGRAM_SEND_ALBUM "telegram.send_album"

/* Steps that precede the parts have numbers below zero in the ledger. */
enum step { STEP_INTRO = -4, STEP_TOPIC, STEP_REOPEN, STEP_CARD };

struct job {
	struct daemon *dm;
	struct job *next;         /* in all_jobs */
	struct job *next_written; /* in the journal */
	struct batch *batch;
	struct arena a;
	struct delivery d;
	const struct chan *chan;
	void (*drain)(struct job *j);
	struct place *place; /* NULL: nowhere to go */
	bool inside;         /* it has room there */

	/* Texts behind it that travel with it. */
	struct delivery *joined;
	size_t n_joined;

	struct part *parts;
	size_t n_parts;
	const char **sent; /* external id by part; NULL: not yet */
	int alone_to;      /* files of parts below travel one by one */
	/* Towards the buyer, by part: its file can be sent, and what it is
	 * called at a service that wants it first ("" elsewhere); NULL: not
	 * looked at yet. */
	const char **ready;
	/* By part: why it was refused while others went; NULL: it was not. */
	const char **refused;

	struct attempt_new begin; /* being written */
	void (*begun)(struct job *j);
	int64_t attempt_id; /* 0: none is open */
	int64_t began_at;
	int part;       /* the first in flight, or the step */
	size_t in_call; /* parts in flight */
	/* Messages for which there was room, and which were refused: others may
	 * go in their stead. */
	size_t room_left;
	struct call call;
	struct avito_ask ask;
	struct cargo cargo;
	const char *made; /* what the service calls what it just made */
	enum chan_trouble trouble; /* of the last refusal */
	bool tried_details;
	bool topic_made, topic_closed, topic_reopened;
	bool settled;    /* an unsure attempt has been dealt with */
	bool remembered; /* team.c: what an unsure one was */
	/* How many messages, or topics, the next attempt may make twice. */
	int unsure_again, topic_again;
	struct settling *settling; /* settle.c's */

	struct ending *ending; /* being written */
	struct timer timer;
};

/* Makes the job and starts it in the next turn.  A lane that this process is
 * still at work on (the clock jumped past its lease) gets no second job: the
 * first goes on under the new lease. */
void job_start(struct daemon *dm, struct batch *batch,
	       const struct delivery *d);

/* The place that a delivery goes to; 0: nowhere. */
int64_t job_place_of(const struct delivery *d, enum place_kind *kind);

/* Where its kind of lane begins. */
void team_drain(struct job *j);
void buyer_drain(struct job *j);          /* at Avito */
void buyer_telegram_drain(struct job *j); /* of a Telegram source */

/* Its lane leads to the team, not to the buyer. */
bool job_is_team(const struct job *j);

/* The lease went to somebody else: it ends here.  While the database is away
 * it looks again instead. */
void job_drop(struct job *j, const struct err *err);
void job_free(struct job *j);

/* Where the copies of this message go: "telegram" and the group, or the dialog's
 * source. */
const char *job_place(const struct job *j, int64_t *place_id);

/* Compose is done: which of the parts have arrived already? */
void job_load_copies(struct job *j);
/* The first part that is missing and was not refused, or n_parts. */
int job_next_part(const struct job *j);

/* So many of those that were refused had room; it is used. */
bool job_has_room(struct job *j, size_t n);

/* The lease covers a file on its way.  false: the job has ended. */
bool job_renew(struct job *j);

/* A call to Avito for its account. */
void job_ask(struct job *j,
	     void (*write)(struct avito_ask *q, const struct chan_end *end),
	     void (*done)(struct avito_ask *q));

/* Written before the request leaves, then begun(). */
void job_attempt(struct job *j, int part, const char *action,
		 const char *content, void (*begun)(struct job *j));

/* The journal's word: it is on disk. */
void job_begun(struct job *j);
void job_written(struct job *j);

/* The parts in flight have arrived, or a step has: write it and go on with
 * drain(). */
void job_parts_done(struct job *j, const struct chan_sent *sent);
void job_step_done(struct job *j, bool (*also)(struct job *j, struct err *err));

/* It was refused, and drain() knows another way. */
void job_step_failed(struct job *j,
		     bool (*also)(struct job *j, struct err *err));
/* The same of parts that leave in another way, or never. */
void job_other_way(struct job *j, const char *reason);

/* All parts have arrived. */
void job_done(struct job *j);

/* By what the driver made of the answer. */
void job_failed(struct job *j, const struct err *err);

void job_later(struct job *j, int64_t due_at, bool counts, const char *reason);
/* There is no room at its place, or the place told us to wait (429): it waits
 * its turn. */
void job_queue(struct job *j);
void job_told(struct job *j, const struct err *limit);
/* What travelled with it goes by itself from now on. */
void job_part_company(struct job *j, const char *reason);
void job_dead(struct job *j, const char *reason);
/* Given up without knowing: the ledger says so, and a retry by hand settles
 * before it sends. */
void job_dead_unsure(struct job *j, const char *reason);
void job_hold(struct job *j, const char *held_by, const char *reason);
/* The same, and what else there is to be written of it. */
void job_hold_also(struct job *j, const char *held_by, const char *reason,
		   bool (*also)(struct job *j, struct err *err));
/* A text that was to go by itself is not wanted any more: core/automate.h
 * says why. */
void job_unwanted(struct job *j, const char *why);
/* The bot or account is broken: a person must act; j->trouble says more. */
void job_broken(struct job *j, const struct err *why);
void job_unsure(struct job *j, const struct err *err);
/* Looked for it once more without finding it. */
void job_looked(struct job *j);

/* Found at the service after all: the part is sent. */
void job_settle(struct job *j, const struct attempt *at,
		const char *external_id);

/* settle.c: has the last attempt happened?  Goes on with drain() when that is
 * clear, or ends the job. */
void settle_start(struct job *j);

#endif
