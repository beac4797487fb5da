/*
 * lane.h - lanes: claimed by one daemon, kept in order, woken.
 *
 * A lane is (dialog, direction).  A daemon claims lanes, never deliveries: the
 * lane's lowest unfinished delivery is its head, and only the lease's holder
 * may touch it.  Every later write names the lease's token (outcome.h,
 * attempt.h), so a daemon that lost its lease changes nothing.
 *
 * A lane is in one of these states:
 *   at rest    nothing to do: due_at null, held_by null
 *   due        due_at: now, or when its head may be tried again
 *   leased     lease_token, and due_at is the lease's end
 *   waiting    held_by "room:bot:5", "room:avito:7", "room:source:3": for room at that place,
 *              first come (queued_at) first served
 *   held       held_by "bot:5", "avito:7", "source:3", "project:3",
 *              "connection:9": until a person mends that object; "dialog:5":
 *              until its buyer takes messages again
 */
#ifndef STORE_LANE_H
#define STORE_LANE_H

#include "store/delivery.h"

/* So many lanes may be taken from those that wait there. */
struct room {
	const char *key; /* held_by */
	int places;
};

struct claim {
	int due; /* at most so many that are due */
	const struct room *rooms;
	size_t n_rooms;
	int64_t now, lease_until;
	const char *owner; /* as in store/lease.h; or NULL */
};

/* The heads of the lanes that were claimed.  A lane without a head is put to
 * rest on the way and not returned. */
bool lanes_claim(struct db *db, struct arena *a, const struct claim *c,
		 struct delivery **list, size_t *n, struct err *err);

/* First in a transaction that writes several lanes.  Only put into the pipe.
 * All take lanes in this order (dialog, then "buyer" before "team"), or two of
 * them would wait for each other. */
void lanes_queue_lock(struct db *db, struct arena *a,
		      const struct delivery *const *list, size_t n);

/* First in a transaction that writes a dialog's row and then a lane of it:
 * lanes come before their dialog.  Only put into the pipe. */
void lanes_queue_lock_of(struct db *db, struct arena *a, int64_t dialog_id);

/* The lease goes on. */
bool lane_renew(struct db *db, struct arena *a, const struct delivery *d,
		int64_t lease_until, struct err *err);

/* Texts waiting right behind a head, in order, as far as they may travel
 * together with it: without file and quote. */
bool lane_behind(struct db *db, struct arena *a, const struct delivery *head,
		 int limit, struct delivery **list, size_t *n, struct err *err);

/* Those that a head was sent with when its outcome got lost. */
bool lane_joined(struct db *db, struct arena *a, const struct delivery *head,
		 struct delivery **list, size_t *n, struct err *err);

/* Places at which lanes wait for room: "room:bot:5". */
bool lanes_places(struct db *db, struct arena *a, const char ***keys, size_t *n,
		  struct err *err);

/* Does anybody wait there?  A claim that found nobody does not tell: what
 * somebody else was writing to at that moment was passed over. */
bool lanes_wait_at(struct db *db, struct arena *a, const char *key,
		   bool *waiting, struct err *err);

/* When the next lane is due; 0: none waits. */
bool lanes_next_due(struct db *db, struct arena *a, int64_t *at,
		    struct err *err);

/* The owner has died, and its calls with it: its leases end then. */
bool lanes_orphaned(struct db *db, struct arena *a, const char *owner,
		    int64_t until, int64_t *n, struct err *err);

/* They go on at once: those held by what works by now.  One whose hold was
 * written while its object was being mended missed the waking. */
bool lanes_wake_mended(struct db *db, struct arena *a, int64_t now,
		       struct err *err);

/* They go on at once: what that object held; all that the client has held. */
bool lanes_wake(struct db *db, struct arena *a, const char *held_by,
		int64_t now, struct err *err);
/* In the transaction that holds a lane because its buyer takes no messages:
 * that may be no longer so. */
bool lane_wake_unblocked(struct db *db, struct arena *a, int64_t dialog_id,
			 int64_t now, struct err *err);

/* What a bot's Telegram source held. */
bool lanes_wake_sources(struct db *db, struct arena *a, int64_t bot_id,
			int64_t now, struct err *err);
bool lanes_wake_client(struct db *db, struct arena *a, int64_t client_id,
		       int64_t now, struct err *err);

/* Nothing is on its way to the team in this dialog. */
bool lane_is_empty(struct db *db, struct arena *a, int64_t dialog_id,
		   const char *direction, bool *empty, struct err *err);

#endif
