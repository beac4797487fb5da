/*
 * deletion.h - messages that are taken back.
 *
 * The text stays with us; people of the client's owners see it.  Runs inside
 * the caller's transaction; the daemon shows it on the other side.
 */
#ifndef CORE_DELETION_H
#define CORE_DELETION_H

#include "store/change.h"

/* The service told, or a reading showed, that these were taken back: by the
 * buyer what the buyer wrote, all else by the seller in the service's app.
 * Unknown ones change nothing.  Of an album the first item stands for the
 * whole; that another one went is told in the topic. */
struct deletions {
	const struct message_name *names;
	size_t n;
	int64_t now;
	const char *request_id;
	bool ring; /* out: there is work for the daemon */
};
bool deletions_at_source(struct db *db, struct arena *a, struct deletions *x,
			 struct err *err);

/*
 * The team takes back what it wrote to the buyer.  One that has not left yet
 * is taken out of the queue.  ERR_MISSING: no such message of the client.
 * ERR_CONFLICT: it cannot be taken back; err says why in English, refusal in
 * Russian.
 */
struct deletion {
	int64_t client_id, message_id;
	int64_t now;
	const char *request_id;
	const char *refusal; /* out; NULL: done, or promised */
};
bool message_delete_for_buyer(struct db *db, struct arena *a,
			      struct deletion *d, struct err *err);

/* The message that is called so in a working group, or that a copy there
 * shows; *id 0: none. */
bool deletion_find(struct db *db, struct arena *a, int64_t client_id,
		   int64_t chat_id, int64_t message, int64_t *id,
		   struct err *err);

#endif
