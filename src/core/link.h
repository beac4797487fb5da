/*
 * link.h - the one-time link that the master bot gives to whoever writes to
 * it: proves a Telegram account once.
 *
 * All but link_grant() run inside the caller's transaction.  Looking consumes nothing, so that
 * a page can show whose account it is; taking does, once.
 */
#ifndef CORE_LINK_H
#define CORE_LINK_H

#include "base/secret.h"
#include "store/link_token.h"

#define LINK_LIFE_US (15 * 60 * INT64_C(1000000))

/* A person may ask so often within so long. */
#define LINK_ASKS_MAX     5
#define LINK_ASKS_SPAN_US (10 * 60 * INT64_C(1000000))

struct link {
	int64_t id;
	int64_t telegram_user_id;
	const char *username, *first_name; /* as the person writes themself */
	int64_t invite_id, client_id;      /* 0: without an invite */
	int64_t expires_at;
};

/* ERR_MISSING: it is unknown, used or expired. */
bool link_find(struct db *db, struct arena *a, struct secret token, int64_t now,
	       struct link *l, struct err *err);

/* ERR_CONFLICT: somebody was faster.  Only what commits consumes it.  *l is
 * what link_find() gave in the same transaction. */
bool link_take(struct db *db, struct arena *a, const struct link *l,
	       int64_t now, struct err *err);

/* Whom a link is for. */
struct link_new {
	int64_t telegram_user_id;
	const char *username, *first_name; /* NULL: not told */
	int64_t invite_id;                 /* 0: none */
	int64_t update_id;                 /* what it answers; 0: none */
};

/* The person's former links end.  ERR_LIMIT with retry_s: asked too often;
 * the same update once more is not. */
bool link_make(struct db *db, struct arena *a, const struct link_new *for_whom,
	       int64_t now, struct secret *token, int64_t *expires_at,
	       struct err *err);

/* The same as a transaction of its own, in web: for a program that has shown
 * that it may. */
bool link_grant(struct db *db, struct arena *a, const struct link_new *for_whom,
		int64_t now, struct secret *token, int64_t *expires_at,
		struct err *err);

/* FRONTEND_BASE_URL/login?token=...: never into a log. */
const char *link_url(struct arena *a, const char *frontend_base_url,
		     struct secret token);

#endif
