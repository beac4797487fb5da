/*
 * attempt.h - the ledger of attempts, and where copies of a message are.
 *
 * An attempt is written before its request leaves and finished by its
 * outcome; one that never was finished is unsure.  A copy is a message's
 * external id at a place, by part.  Writes follow the rule of delivery.h:
 * they name the lease, or belong to a transaction that does.
 */
#ifndef STORE_ATTEMPT_H
#define STORE_ATTEMPT_H

#include "store/delivery.h"

/* External ids of the parts that have arrived at a place, by part; NULL where
 * none has. */
bool copies_of(struct db *db, struct arena *a, const struct delivery *d,
	       const char *place, int64_t place_id, int n_parts,
	       const char **ids, struct err *err);

/* Before a request leaves: state sending, a ledger row with what will be sent
 * and the newest message of the chat that we know, the lease longer. */
bool attempt_begin(struct db *db, struct arena *a, const struct delivery *d,
		   int part, const char *action, const char *content,
		   int64_t now, int64_t lease_until, int64_t *attempt_id,
		   struct err *err);

/* What became of it.  `outcome` is a word of the ledger; status 0: none. */
bool attempt_end(struct db *db, struct arena *a, int64_t client_id,
		 int64_t attempt_id, const char *outcome, int status,
		 const char *detail, int64_t now, struct err *err);

/* The last attempt of a delivery: where an unsure send is looked for. */
struct attempt {
	int64_t id;
	int part;
	const char *action, *known_id, *content;
	int64_t started_at;
	bool is_unsure; /* or never finished; else its outcome is known */
};
bool attempt_last(struct db *db, struct arena *a, const struct delivery *d,
		  struct attempt *at, struct err *err);

/* It was found at the service after all. */
bool attempt_settled(struct db *db, struct arena *a, int64_t client_id,
		     int64_t attempt_id, int64_t now, struct err *err);

/* Our own messages of this chat that came back while a send was open: may
 * one of them be it?  By text, or by the image's id in its address.  NULL:
 * none. */
bool parked_find(struct db *db, struct arena *a, const struct delivery *d,
		 const char *kind, const char *content,
		 const char **external_id, struct err *err);

/* Which of these external ids of the chat are bound to a message already:
 * stored as one (not parked), or a copy of one.  bound[i] is set. */
bool ids_bound(struct db *db, struct arena *a, int64_t client_id,
	       int64_t account_id, const char *const *ids, size_t n,
	       bool *bound, struct err *err);

/* Takes the lane's lock, so inside a transaction. */
bool copy_add(struct db *db, struct arena *a, const struct delivery *d,
	      const char *place, int64_t place_id, int part,
	      const char *external_id, int64_t now, struct err *err);

#endif
