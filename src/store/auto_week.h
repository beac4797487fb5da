/*
 * auto_week.h - a project's messages of late, for trying an auto-reply on.
 */
#ifndef STORE_AUTO_WEEK_H
#define STORE_AUTO_WEEK_H

#include "store/db.h"

/* What is looked at, at most: messages of a dialog (the newest), and in all. */
#define AUTO_WEEK_DIALOG_MAX   200
#define AUTO_WEEK_MESSAGES_MAX 10000

struct auto_past {
	int64_t id, dialog_id;
	bool is_buyers; /* else a person's answer */
	bool is_first;  /* of its dialog */
	int64_t written_at, seen_at;
	const char *own; /* JSON: the auto-reply of its source; "": none */
	const char *buyer_name, *item_title, *item_price, *item_url;
	const char *shop_name;
};

/* Dialog by dialog, the newest first, each in the order in which it was
 * written.  *truncated: there were more. */
bool auto_week_list(struct db *db, struct arena *a, int64_t client_id,
		    int64_t project_id, int64_t since, struct auto_past **list,
		    size_t *n, bool *truncated, struct err *err);

#endif
