/*
 * edit.h - somebody changed what they had written.
 *
 * Whoever has seen the former text sees the new one, where the other side can
 * change what was sent; the former stays as a version.  Runs inside the
 * caller's transaction.
 */
#ifndef CORE_EDIT_H
#define CORE_EDIT_H

#include "chan/chan.h"
#include "store/change.h"

struct edit {
	struct message_name name; /* where it was written */
	const struct chan_message *m;
	int64_t bot_id;  /* of a topic: only its own bot acts; else 0 */
	bool is_command; /* no words for the buyer */
	int64_t edited_at, now;
	const char *request_id;

	/* The answer. */
	bool ring;           /* there is work for the daemon */
	const char *refusal; /* to tell the author, in Russian; NULL: nothing */
};

/* By the buyer, or by the owner of an account, at a Telegram source. */
bool edit_at_source(struct db *db, struct arena *a, struct edit *e,
		    struct err *err);

/* By an operator in a topic.  What has not left yet leaves with the new text;
 * where the buyer keeps the former one, so do we. */
bool edit_in_topic(struct db *db, struct arena *a, struct edit *e,
		   struct err *err);

#endif
