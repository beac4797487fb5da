/*
 * avito_account.h - the rules for Avito accounts.
 *
 * All run inside the caller's transaction.  Nothing outside is asked here:
 * the daemon checks the credentials and subscribes the webhook, for which a
 * task is left (the caller rings the doorbell after its commit).  What is
 * wrong with the input is noted in `problems`, and the first of it in *err.
 */
#ifndef CORE_AVITO_ACCOUNT_H
#define CORE_AVITO_ACCOUNT_H

#include "base/secret.h"
#include "core/problems.h"
#include "store/avito_account.h"

/* Characters. */
#define AVITO_CLIENT_ID_MAX 128
#define AVITO_SECRET_MAX    256

/* From x: client_id (0: the project's), project_id, bot_id, api_client_id,
 * monitoring, webhook, auto_reply.  Sets x->id and all else. */
bool avito_account_add(struct db *db, struct arena *a, struct avito_account *x,
		       struct secret secret, int64_t now,
		       struct problems *problems, struct err *err);

/* `before` is what avito_account_lock() gave; a secret without bytes stays as
 * it is. */
bool avito_account_change(struct db *db, struct arena *a,
			  const struct avito_account *before,
			  struct avito_account *x, struct secret secret,
			  int64_t now, struct problems *problems,
			  struct err *err);

/* Ask the daemon to check credentials and subscription again. */
bool avito_account_check(struct db *db, struct arena *a,
			 struct avito_account *x, int64_t now, struct err *err);

/* ERR_CONFLICT while it has dialogs, unless those shall go with it. */
bool avito_account_remove(struct db *db, struct arena *a,
			  const struct avito_account *x, bool with_dialogs,
			  const char *webhook_base_url, int64_t now,
			  struct err *err);

#endif
