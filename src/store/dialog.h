/*
 * dialog.h - buyers' chats as the people of a client see them.
 *
 * What the source knows of them is in store/dialog_source.h, where their
 * topic lives in store/delivery.h.  client_id 0 in a question stands for any
 * client, assignee_id 0 for any assignee (a manager who sees only their own
 * dialogs gives theirs).
 */
#ifndef STORE_DIALOG_H
#define STORE_DIALOG_H

#include "store/db.h"

struct dialog {
	int64_t id, client_id, project_id;
	const char *source;
	int64_t source_id;
	const char *external_chat_id;
	const char *buyer_external_id, *buyer_name, *buyer_url;
	const char *buyer_language; /* "ru"; "": not told */
	const char *origin;         /* what led the buyer here; "": not told */
	int64_t connection_id; /* 0: no personal account's (store/business.h) */
	int64_t blocked_at;    /* since when the buyer takes no messages; 0 */
	int64_t auto_reply_last_sent_at; /* 0: never */
	int64_t item_id;                 /* 0: none */
	const char *item_title, *item_price, *item_url;
	int64_t bot_id, group_chat_id, topic_id; /* 0: none */
	const char *status;  /* "open", "closed", "archived" */
	int64_t assignee_id; /* 0: nobody */
	const char *labels;  /* JSON array of texts */
	int unread_count;
	int64_t last_message_at, waiting_since, created_at;
};

/* ERR_MISSING.  dialog_lock() keeps it as it is until the transaction ends. */
bool dialog_find(struct db *db, struct arena *a, int64_t client_id,
		 int64_t assignee_id, int64_t id, struct dialog *d,
		 struct err *err);
bool dialog_lock(struct db *db, struct arena *a, int64_t client_id,
		 int64_t assignee_id, int64_t id, struct dialog *d,
		 struct err *err);

struct dialog_filter {
	int64_t client_id, assignee_id;
	int64_t project_id; /* 0: any */
	const char *status; /* NULL: any but the archive */
	bool by_unread, unread;
	bool unassigned;
	const char *label; /* NULL: any */
	const char *q;     /* part of the buyer's name or the ad's title, or an
			* external id; NULL: any */
	/* Those behind that place; both 0: from the newest. */
	int64_t before_at, before_id;
	int limit;
};

/* Newest message first. */
bool dialogs_list(struct db *db, struct arena *a, const struct dialog_filter *f,
		  struct dialog **list, size_t *n, struct err *err);

/* Status and assignee. */
bool dialog_store(struct db *db, struct arena *a, const struct dialog *d,
		  struct err *err);
bool dialog_set_read(struct db *db, struct arena *a, const struct dialog *d,
		     struct err *err);

#endif
