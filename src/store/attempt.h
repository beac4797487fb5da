/*
 * attempt.h - attempts: begun before a request leaves, settled later.
 *
 * An attempt is written before its request leaves and finished by its outcome
 * (outcome.h); one that never was finished is unsure.
 */
#ifndef STORE_ATTEMPT_H
#define STORE_ATTEMPT_H

#include "store/delivery.h"

struct attempt_new {
	const struct delivery *d;
	/* Texts that travel with it; they are its from now on. */
	const struct delivery *joined;
	size_t n_joined;
	int part; /* below 0: a step before the parts */
	const char *action, *content;
	int64_t lease_until;

	/* The answer. */
	int64_t id;           /* 0: the lease was lost, or it is unwanted */
	const char *unwanted; /* why a robot's text must not go; or NULL */
};

/* Before their requests leave: state sending, a ledger row each with what
 * will be sent, and the lease longer.  What was to go by itself and is not
 * wanted any more does not begin: somebody has answered meanwhile, say.  That
 * is only sure when the lanes were locked before (lanes_queue_lock()).  Inside
 * the caller's transaction. */
bool attempts_begin(struct db *db, struct arena *a, struct attempt_new *list,
		    size_t n, int64_t now, struct err *err);

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

#endif
