/*
 * telegram_source.h - clients' bots whose private chats are dialogs, as they
 * were set up.
 *
 * The bot itself is a row of its own (store/bot.h) and may be that of a
 * working group as well; what a source shows of it is here.  client_id 0 in a
 * question stands for any client (administrators).  The rules are in
 * core/telegram_source.h.
 */
#ifndef STORE_TELEGRAM_SOURCE_H
#define STORE_TELEGRAM_SOURCE_H

#include "store/bot.h"

struct telegram_source {
	int64_t id, client_id, project_id, bot_id;
	bool monitoring;
	const char *auto_reply; /* JSON object; NULL: the project's */
	int64_t created_at, updated_at;

	/* Its bot's.  What is wrong with that one's group is not its own
	 * trouble: "error" means that it can neither hear nor speak. */
	const char *status;     /* "checking", "active", "error" */
	const char *last_error; /* NULL: none */
	struct bot bot;         /* id, client, numbers, names and webhook */
};

/* Sets s->id.  ERR_CONFLICT with telegram_sources_bot; ERR_INPUT with
 * telegram_sources_project_id or telegram_sources_bot_id. */
bool telegram_source_insert(struct db *db, struct arena *a,
			    struct telegram_source *s, struct err *err);

/* ERR_MISSING.  telegram_source_lock() keeps it as it is until the transaction
 * ends; its bot stays free. */
bool telegram_source_find(struct db *db, struct arena *a, int64_t client_id,
			  int64_t id, struct telegram_source *s,
			  struct err *err);
bool telegram_source_lock(struct db *db, struct arena *a, int64_t client_id,
			  int64_t id, struct telegram_source *s,
			  struct err *err);

/* By id, those behind `after`; of one project unless project_id is 0. */
bool telegram_sources_list(struct db *db, struct arena *a, int64_t client_id,
			   int64_t project_id, int64_t after, int limit,
			   struct telegram_source **list, size_t *n,
			   struct err *err);

/* Project, monitoring and auto-reply. */
bool telegram_source_store(struct db *db, struct arena *a,
			   const struct telegram_source *s, struct err *err);

/* Dialogs go with all that is in them, connections as well. */
bool telegram_source_delete(struct db *db, struct arena *a,
			    const struct telegram_source *s, struct err *err);

#endif
