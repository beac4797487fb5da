/*
 * avito_account.h - a client's Avito accounts, as they were set up.
 *
 * What the daemon needs and records of them is in store/link.h; the rules are
 * in core/avito_account.h.  client_id 0 in a question stands for any client
 * (administrators).  Secrets come and go sealed.
 */
#ifndef STORE_AVITO_ACCOUNT_H
#define STORE_AVITO_ACCOUNT_H

#include "store/db.h"

struct avito_account {
	int64_t id, client_id, project_id;
	int64_t bot_id; /* 0: the project's */
	const char *api_client_id;
	const char *secret_sealed, *secret_tail; /* api_client_secret */
	int64_t avito_user_id;                   /* 0: not known yet */
	const char *name, *profile_url;
	bool monitoring, webhook;
	const char
		*auto_reply; /* JSON, core/auto_reply.h; NULL: the project's */
	const char *status;  /* "checking", "active", "error" */
	const char *last_error; /* NULL: none */
	int64_t checked_at;
	const char *webhook_secret_sealed, *webhook_secret_hash;
	int64_t webhook_subscribed_at; /* 0: not subscribed */
	int64_t baseline_at, last_polled_at;
	int64_t created_at, updated_at;
};

/* Sets x->id.  ERR_INPUT with avito_accounts_project_id or
 * avito_accounts_bot_id. */
bool avito_account_insert(struct db *db, struct arena *a,
			  struct avito_account *x, struct err *err);

/* ERR_MISSING.  avito_account_lock() keeps it as it is until the transaction
 * ends. */
bool avito_account_find(struct db *db, struct arena *a, int64_t client_id,
			int64_t id, struct avito_account *x, struct err *err);
bool avito_account_lock(struct db *db, struct arena *a, int64_t client_id,
			int64_t id, struct avito_account *x, struct err *err);

/* By id, those behind `after`; of one project unless project_id is 0. */
bool avito_accounts_list(struct db *db, struct arena *a, int64_t client_id,
			 int64_t project_id, int64_t after, int limit,
			 struct avito_account **list, size_t *n,
			 struct err *err);

/* Project, bot, credentials, switches, auto-reply and status.  With `renewed` the token
 * that former credentials got is dropped, and the next walk is a full one. */
bool avito_account_store(struct db *db, struct arena *a,
			 const struct avito_account *x, bool renewed,
			 struct err *err);

/* Dialogs go with all that is in them. */
bool avito_account_delete(struct db *db, struct arena *a,
			  const struct avito_account *x, struct err *err);

#endif
