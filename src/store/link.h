/*
 * link.h - how the installation is linked to the services: what the daemon
 * must know of a bot or an Avito account to act for it, and what it records.
 *
 * Secrets come and go sealed.
 */
#ifndef STORE_LINK_H
#define STORE_LINK_H

#include "store/db.h"

struct bot_link {
	int64_t id, client_id, telegram_id;
	const char *token_sealed, *webhook_secret_sealed, *webhook_secret_hash;
	int64_t group_chat_id; /* 0: bound to none */
	bool topic_mode;
	const char *status, *username;
	int64_t webhook_set_at;
	int64_t source_id;    /* the Telegram source that it is; 0: none */
	int commands_version; /* of those that Telegram was told; 0: none */
};

/* ERR_MISSING when it was deleted. */
bool bot_link_find(struct db *db, struct arena *a, int64_t id,
		   struct bot_link *b, struct err *err);

struct bot_finding {
	const char *status;  /* "active" or "error" */
	const char *error;   /* for people, or NULL */
	bool token_refused;  /* the error is its token's, not its group's */
	const char *warning; /* or NULL */
	const char *username, *name, *group_title; /* NULL: as before */
	const char *icons; /* for topics, as bots.topic_icons has them; NULL */
};
bool bot_record(struct db *db, struct arena *a, int64_t id,
		const struct bot_finding *f, int64_t now, struct err *err);

/* Telegram has confirmed the webhook with this secret: the former one ends,
 * unless the secret has changed again meanwhile.  now 0: that the webhook is
 * taken away. */
bool bot_webhook_confirmed(struct db *db, struct arena *a, int64_t id,
			   const char *secret_hash, int64_t now,
			   struct err *err);

/* Telegram offers that version of the commands to the bot's groups. */
bool bot_commands_told(struct db *db, struct arena *a, int64_t id, int version,
		       struct err *err);

/* Told to wait (429): its place is closed until then, for every daemon. */
bool link_pause(struct db *db, struct arena *a, bool is_bot, int64_t id,
		int64_t until, struct err *err);

/* It did not take it: shown, until it does. */
bool bot_webhook_failed(struct db *db, struct arena *a, int64_t id,
			const char *reason, struct err *err);

struct avito_link {
	int64_t id, client_id, project_id;
	int64_t user_id; /* 0: not known yet */
	const char *api_client_id, *secret_sealed;
	const char *token_sealed; /* "" none */
	int64_t token_generation, token_expires_at;
	bool monitoring, webhook;
	const char *status;
	const char *webhook_secret_sealed, *webhook_secret_hash;
	int64_t subscribed_at, baseline_at, walked_at, created_at;
};
bool avito_link_find(struct db *db, struct arena *a, int64_t id,
		     struct avito_link *l, struct err *err);

/* Those of these that exist, in any order. */
bool avito_links_find(struct db *db, struct arena *a, const int64_t *ids,
		      size_t n_ids, struct avito_link **list, size_t *n,
		      struct err *err);

/* The same link in another arena. */
struct avito_link avito_link_copy(struct arena *a, const struct avito_link *l);

/* One daemon renews the token of a generation: *won tells who. */
bool avito_token_lease(struct db *db, struct arena *a, int64_t id,
		       int64_t generation, int64_t now, int64_t until,
		       bool *won, struct err *err);

/* The renewed token, one generation on; NULL gives the lease back only. */
bool avito_token_put(struct db *db, struct arena *a, int64_t id,
		     int64_t generation, const char *sealed, int64_t expires_at,
		     struct err *err);

struct avito_finding {
	const char *status;             /* "active" or "error" */
	const char *error;              /* for people, or NULL */
	int64_t user_id;                /* 0: as before */
	const char *name, *profile_url; /* NULL: as before */
};
/* ERR_CONFLICT: that Avito account is connected elsewhere. */
bool avito_record(struct db *db, struct arena *a, int64_t id,
		  const struct avito_finding *f, int64_t now, struct err *err);

/* Subscribed with this secret; secret_hash NULL: no longer subscribed. */
bool avito_subscribed(struct db *db, struct arena *a, int64_t id,
		      const char *secret_hash, int64_t now, struct err *err);

/* After a poll: `walked` when it was a full walk, the first one of which ends
 * the baseline.  Queued in the caller's transaction. */
void avito_polled(struct db *db, struct arena *a, int64_t id, bool walked,
		  int64_t now);

#endif
