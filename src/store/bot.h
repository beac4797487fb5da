/*
 * bot.h - a client's Telegram bots, as they were set up.
 *
 * What the daemon needs and records of them is in store/link.h; the rules are
 * in core/bot.h.  client_id 0 in a question stands for any client
 * (administrators).  Secrets come and go sealed.
 */
#ifndef STORE_BOT_H
#define STORE_BOT_H

#include "store/db.h"

struct bot {
	int64_t id, client_id, telegram_id;
	const char *token_sealed, *token_tail;
	const char *username, *name;
	int64_t group_chat_id; /* 0: bound to none */
	const char *group_title;
	bool topic_mode;
	const char *status;               /* "checking", "active", "error" */
	const char *last_error, *warning; /* NULL: none */
	int64_t checked_at;
	const char *webhook_secret_sealed, *webhook_secret_hash;
	const char *webhook_old_hash; /* NULL: none */
	int64_t webhook_set_at;
	int64_t seen_chat_id; /* 0: none */
	const char *seen_chat_title;
	int64_t source_id; /* the Telegram source that it is; 0: none */
	int64_t created_at, updated_at;
};

/* Sets b->id.  ERR_CONFLICT with bots_telegram_id or bots_group. */
bool bot_insert(struct db *db, struct arena *a, struct bot *b, struct err *err);

/* ERR_MISSING.  bot_lock() keeps it as it is until the transaction ends. */
bool bot_find(struct db *db, struct arena *a, int64_t client_id, int64_t id,
	      struct bot *b, struct err *err);
bool bot_lock(struct db *db, struct arena *a, int64_t client_id, int64_t id,
	      struct bot *b, struct err *err);

/* The client's bot with that number at Telegram, locked; *found false: it has
 * none. */
bool bot_lock_known(struct db *db, struct arena *a, int64_t client_id,
		    int64_t telegram_id, struct bot *b, bool *found,
		    struct err *err);

/* By id, those behind `after`. */
bool bots_list(struct db *db, struct arena *a, int64_t client_id, int64_t after,
	       int limit, struct bot **list, size_t *n, struct err *err);

/* Token, group, mode, status and webhook secrets. */
bool bot_store(struct db *db, struct arena *a, const struct bot *b,
	       struct err *err);

struct bot_use {
	int64_t projects, accounts, sources;
	int64_t open_deliveries; /* of dialogs whose topics it made */
};
bool bot_used(struct db *db, struct arena *a, const struct bot *b,
	      struct bot_use *use, struct err *err);

/* Dialogs of the past forget it and their topic. */
bool bot_delete(struct db *db, struct arena *a, const struct bot *b,
		struct err *err);

#endif
