/*
 * delivery.h - lanes and the deliveries in them.
 *
 * A daemon claims lanes, never deliveries: the lane's lowest unfinished
 * delivery is its head, and only the lease's holder may touch it.  Every
 * write here names the lease's token; when the lease was lost meanwhile the
 * write changes nothing and fails with ERR_CONFLICT, and the holder drops the
 * work.  All run inside the caller's transaction but lanes_claim().
 */
#ifndef STORE_DELIVERY_H
#define STORE_DELIVERY_H

#include "store/db.h"

/* The head of a claimed lane with all that its way needs. */
struct delivery {
	int64_t id, client_id, dialog_id, seq;
	const char *direction; /* "buyer" or "team" */
	const char *state; /* "queued", "sending" (a crash left it), "unsure" */
	int attempts, settle_reads;
	const char *request_id;
	int64_t created_at;
	const char *lease_token;

	int64_t message_id;
	const char *origin; /* "avito", "telegram", "web" */
	int64_t origin_id;
	const char *external_id;
	const char *author; /* "buyer", "operator", "seller", "system" */
	const char *author_name, *kind, *foreign_kind, *text;
	int64_t written_at;

	int64_t file_id; /* 0: no attachment */
	const char *file_kind, *file_url, *file_ref, *file_mime, *file_name;
	const char *file_sha256;
	int file_duration_s;

	const char *chat; /* external chat id at the source */
	int64_t account_id;
	int64_t account_user_id;                    /* 0: not known yet */
	const char *account_status, *account_token; /* sealed */
	int64_t account_token_generation, account_token_expires_at;
	const char *buyer_name, *buyer_url;
	const char *item_title, *item_price, *item_url;
	bool details_known;
	int64_t project_id;

	/* Where the team is: the bot in charge now, and the topic as stored. */
	int64_t bot_id;       /* 0: none configured */
	int64_t bot_group_id; /* 0: bound to no group */
	bool bot_topics;
	bool bot_broken;       /* it may not speak */
	const char *bot_token; /* sealed */
	int64_t topic_bot_id, topic_group_id, topic_id, card_id;
};

/* Lanes of which the head is due, leased.  A lane without a head is put to
 * rest on the way and not returned. */
bool lanes_claim(struct db *db, struct arena *a, int limit, int64_t now,
		 int64_t lease_until, struct delivery **list, size_t *n,
		 struct err *err);

/* What a write that names the lease's token came to: one row, or the lease
 * was lost. */
bool delivery_owned(bool ok, const struct rows *r, struct err *err);

/* The lease goes on. */
bool lane_renew(struct db *db, struct arena *a, const struct delivery *d,
		int64_t lease_until, struct err *err);

/* The delivery ends in a final state and frees its lane. */
bool delivery_end(struct db *db, struct arena *a, const struct delivery *d,
		  const char *state, const char *reason, int64_t now,
		  struct err *err);

/* It waits: state queued or unsure, the lane is due again at due_at.
 * `counts` burns one of its attempts. */
bool delivery_wait(struct db *db, struct arena *a, const struct delivery *d,
		   const char *state, int64_t due_at, bool counts,
		   const char *reason, int64_t now, struct err *err);

/* One more look for an unsure send found nothing. */
bool delivery_settle_read(struct db *db, struct arena *a,
			  const struct delivery *d, int64_t due_at, int64_t now,
			  struct err *err);

/* The lane waits until "bot:5" or "avito:7" is mended. */
bool lane_hold(struct db *db, struct arena *a, const struct delivery *d,
	       const char *held_by, const char *state, const char *reason,
	       int64_t now, struct err *err);

/* They go on at once: what that object held; all that the client has held. */
bool lanes_wake(struct db *db, struct arena *a, const char *held_by,
		int64_t now, struct err *err);
bool lanes_wake_client(struct db *db, struct arena *a, int64_t client_id,
		       int64_t now, struct err *err);

/* Nothing is on its way to the team in this dialog. */
bool lane_is_empty(struct db *db, struct arena *a, int64_t dialog_id,
		   const char *direction, bool *empty, struct err *err);

/* A dead or unsure one goes to its lane's end, a waiting one is taken out.
 * client_id 0: any (administrators).  ERR_MISSING, or ERR_CONFLICT with the
 * reason when its state does not allow it. */
bool delivery_retry(struct db *db, struct arena *a, int64_t client_id,
		    int64_t id, int64_t now, struct err *err);
bool delivery_discard(struct db *db, struct arena *a, int64_t client_id,
		      int64_t id, int64_t now, struct err *err);

/* A dead or unsure one to the buyer has arrived after all, by the word of a
 * person, whose name the ledger keeps.  Errors as above. */
bool delivery_confirm(struct db *db, struct arena *a, int64_t client_id,
		      int64_t id, const char *who, int64_t now,
		      const char *request_id, struct err *err);

#endif
