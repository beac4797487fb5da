/*
 * change.h - what happens to a message after it was stored: edits, deletions,
 * reactions, and that it was read.
 *
 * All run inside the caller's transaction, and each asks for the task that
 * shows the change on the other side.  The same change again does nothing.
 */
#ifndef STORE_CHANGE_H
#define STORE_CHANGE_H

#include "store/db.h"

/* A message as a place calls it: where it was written, or where a copy lies. */
struct message_name {
	int64_t client_id;
	const char *place;
	int64_t place_id;
	const char *external_id;
};

/* What a change needs to know.  id 0: nothing is known under that name. */
struct message_state {
	int64_t id, dialog_id;
	const char *origin, *author, *kind;
	int64_t origin_id;
	const char *external_id; /* where it was written */
	const char *source;      /* of its dialog */
	int64_t source_id;
	const char *chat; /* external */
	int64_t bot_id;   /* of its topic; 0: none */
	bool is_note, is_deleted;
	bool owner_lets_delete; /* of a connected personal account */
	/* Its way to the buyer: */
	bool has_left;       /* it has arrived, or may have */
	bool is_moving;      /* a daemon is at work on it */
	int64_t delivery_id; /* that waits or has failed; 0: none */
	int64_t arrived_at;  /* its last part; 0: none has arrived */
};

/* Takes the lock of the buyer's lane: nothing leaves meanwhile.  `written`: only
 * the message that was written there, not what is a copy there. */
bool message_look(struct db *db, struct arena *a, const struct message_name *n,
		  bool written, struct message_state *s, struct err *err);
bool message_look_id(struct db *db, struct arena *a, int64_t client_id,
		     int64_t id, struct message_state *s, struct err *err);

/*
 * The text becomes another one.  `keeps`: somebody has seen the former one; it
 * stays as a version, and the message is marked as edited.  *changed false:
 * it said so already, or an edit of later is known.
 */
struct message_edit {
	int64_t client_id, id;
	const char *text, *entities; /* NULL: no formatting */
	bool keeps;
	int64_t edited_at, now;
	const char *request_id;
};
bool message_edit(struct db *db, struct arena *a, const struct message_edit *e,
		  bool *changed, struct err *err);

/* *differs: its text is another one, formatting aside. */
bool message_says(struct db *db, struct arena *a, int64_t client_id, int64_t id,
		  const char *text, bool *differs, struct err *err);

/* by: "buyer", "seller", "operator".  *changed false: it was so already. */
bool message_delete(struct db *db, struct arena *a, int64_t client_id,
		    int64_t id, const char *by, int64_t now,
		    const char *request_id, bool *changed, struct err *err);
/* It could not be deleted after all. */
bool message_undelete(struct db *db, struct arena *a, int64_t client_id,
		      int64_t id, struct err *err);

/* All reactions of one person to a message, as they stand now.  side: "buyer"
 * or "team". */
struct message_reaction {
	int64_t client_id, id;
	const char *side, *author_id;
	const char *const *emojis;
	size_t n;
	int64_t now;
	const char *request_id;
};
bool message_react(struct db *db, struct arena *a,
		   const struct message_reaction *r, struct err *err);

/* Is this person of Telegram one who answers in that dialog? */
bool dialog_operator(struct db *db, struct arena *a, int64_t client_id,
		     int64_t dialog_id, int64_t person, bool *is_one,
		     struct err *err);

/* The newest reaction of a side; "": none. */
bool message_reaction_find(struct db *db, struct arena *a, int64_t client_id,
			   int64_t id, const char *side, const char **emoji,
			   struct err *err);

/* The buyer has read these of ours at a source, first then. */
struct message_reading {
	const char *external_id;
	int64_t read_at;
};
void messages_queue_read(struct db *db, struct arena *a, int64_t client_id,
			 const char *place, int64_t place_id,
			 const struct message_reading *list, size_t n);

#endif
