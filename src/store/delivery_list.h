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
	const char *held_by;    /* "bot:5", or "" */
	const char *buyer_name, *item_title;
	int64_t created_at;
};

/* Oldest first; state NULL: all that have not ended well.  Across clients. */
bool delivery_lines(struct db *db, struct arena *a, const char *state,
		    int limit, struct delivery_line **list, size_t *n,
		    struct err *err);

#endif
