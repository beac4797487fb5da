/*
 * delivery_list.h - messages on their way, as an operator wants to see them.
 */
#ifndef STORE_DELIVERY_LIST_H
#define STORE_DELIVERY_LIST_H

#include "store/db.h"

struct delivery_line {
	int64_t id, client_id, dialog_id, message_id;
	const char *direction, *state;
	int attempts;
	const char *last_error; /* "" none */
	const char *held_by;    /* "bot:5", "room:bot:5", or "" */
	const char *buyer_name, *item_title;
	int64_t created_at, updated_at;
	const char *kind, *text; /* the message's */
	bool is_deleted;         /* it is, so that few may read its text */
};

/* A client's deliveries as the cabinet lists them. */
struct delivery_filter {
	int64_t client_id;   /* 0: any (administrators) */
	int64_t assignee_id; /* 0: any; else of dialogs assigned to them */
	const char *state;   /* NULL: all that have not ended well */
	int64_t dialog_id;   /* 0: any */
	int64_t before;      /* id; 0: from the newest */
	int limit;
};

/* Newest first. */
bool deliveries_list(struct db *db, struct arena *a,
		     const struct delivery_filter *f,
		     struct delivery_line **list, size_t *n, struct err *err);

/* ERR_MISSING; whatever its state. */
bool delivery_find(struct db *db, struct arena *a, int64_t client_id,
		   int64_t assignee_id, int64_t id, struct delivery_line *d,
		   struct err *err);

/* One row of the ledger. */
struct attempt_line {
	int64_t id;
	int part;
	const char *action;
	int64_t started_at, finished_at;
	const char *outcome; /* "": under way, or cut off */
	int status;
	const char *detail, *request_id;
};
bool delivery_attempts(struct db *db, struct arena *a,
		       const struct delivery_line *d,
		       struct attempt_line **list, size_t *n, struct err *err);

/* Oldest first; state NULL: all that have not ended well.  Across clients. */
bool delivery_lines(struct db *db, struct arena *a, const char *state,
		    int limit, struct delivery_line **list, size_t *n,
		    struct err *err);

#endif
