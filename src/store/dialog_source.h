/*
 * dialog_source.h - what a source knows of its chats, in our dialogs: buyer,
 * ad, and how far the poller has read.
 */
#ifndef STORE_DIALOG_SOURCE_H
#define STORE_DIALOG_SOURCE_H

#include "store/db.h"

struct chat_details {
	int64_t client_id, account_id;
	const char *chat;
	const char *buyer_id, *buyer_name, *buyer_url;
	int64_t item_id;
	const char *item_title, *item_price, *item_url;
	int64_t last_at, now;
};

/* The dialog exists afterwards and knows them. */
bool dialog_learn(struct db *db, struct arena *a, const struct chat_details *c,
		  int64_t *dialog_id, struct err *err);

/* How far each chat has been read: walked[i] NULL where there is no dialog
 * yet, "" where nothing has been read; walked_at 0 then. */
bool dialogs_walked(struct db *db, struct arena *a, int64_t client_id,
		    int64_t account_id, const char *const *chats, size_t n,
		    const char **walked, int64_t *walked_at, struct err *err);

/* Every message up to this one is stored. */
bool dialog_set_walked(struct db *db, struct arena *a, int64_t dialog_id,
		       const char *external_id, int64_t written_at,
		       struct err *err);

/* The source's address of a dialog. */
bool dialog_chat(struct db *db, struct arena *a, int64_t dialog_id,
		 int64_t *account_id, const char **chat, struct err *err);

/* All dialogs of a source ("avito", "telegram"): they follow it into another
 * project, are counted, and go with all that is in them. */
bool dialogs_move_of(struct db *db, struct arena *a, int64_t client_id,
		     const char *source, int64_t source_id, int64_t project_id,
		     struct err *err);
bool dialogs_count_of(struct db *db, struct arena *a, int64_t client_id,
		      const char *source, int64_t source_id, int64_t *n,
		      struct err *err);
bool dialogs_delete_of(struct db *db, struct arena *a, int64_t client_id,
		       const char *source, int64_t source_id, struct err *err);

#endif
