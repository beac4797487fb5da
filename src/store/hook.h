/*
 * hook.h - what a webhook needs to know before its client is known, and the
 * traces it leaves besides messages.
 *
 * hook_find_*() runs as the first statement of a transaction: it looks the
 * secret up by its hash and sets the client for the rest of it, so that row
 * level security lets the following statements see that client's rows.
 */
#ifndef STORE_HOOK_H
#define STORE_HOOK_H

#include "store/db.h"

/* *client_id 0: no such object, or the secret is wrong. */
bool hook_find_bot(struct db *db, struct arena *a, int64_t bot_id,
		   const char *secret_hash, int64_t *client_id,
		   struct err *err);
/* The same by a source's id; *bot_id stays as it is for none. */
bool hook_find_source(struct db *db, struct arena *a, int64_t source_id,
		      const char *secret_hash, int64_t *client_id,
		      int64_t *bot_id, struct err *err);
bool hook_find_avito(struct db *db, struct arena *a, int64_t account_id,
		     const char *secret_hash, int64_t *client_id,
		     int64_t *avito_user_id, struct err *err);

/* *fresh: this bot has not brought this update before. */
bool update_seen(struct db *db, struct arena *a, int64_t client_id,
		 int64_t bot_id, int64_t update_id, int64_t now, bool *fresh,
		 struct err *err);

/* It shall be taken once more: what it needs is there now.  Only put into the
 * pipe. */
void update_queue_forget(struct db *db, struct arena *a, int64_t client_id,
			 int64_t bot_id, int64_t update_id);

/* Raw, for an administrator to look at. */
bool quarantine_add(struct db *db, struct arena *a, int64_t client_id,
		    const char *source, int64_t source_id, const char *reason,
		    const char *body, int64_t now, const char *request_id,
		    struct err *err);

/* my_chat_member: the bot was seen in a group; with `bind`, by a person with
 * the right, it is bound to it unless it is bound already. */
bool bot_seen_in_group(struct db *db, struct arena *a, int64_t client_id,
		       int64_t bot_id, int64_t chat_id, const char *title,
		       int64_t by_telegram_user, int64_t now, struct err *err);

/* Is that the bot's user name?  Letters' case does not count. */
bool bot_is_named(struct db *db, struct arena *a, int64_t client_id,
		  int64_t bot_id, const char *username, bool *yes,
		  struct err *err);

/* A group became a supergroup: bots and dialogs follow. */
bool group_migrated(struct db *db, struct arena *a, int64_t client_id,
		    int64_t old_chat_id, int64_t new_chat_id, struct err *err);

#endif
