/*
 * housekeeping.c - forgets what has served, a bit at a time.
 */
#include "config.h"

#include "store/housekeeping.h"

/* Rows in one statement: short locks, short transactions. */
#define BATCH "5000"

static const struct stmt forget_updates = {
	"updates_forget",
	"DELETE FROM telegram_updates WHERE ctid = ANY (ARRAY("
	"  SELECT ctid FROM telegram_updates WHERE received_at < $1"
	"  LIMIT " BATCH "))",
};

static const struct stmt forget_proofs = {
	"proofs_forget",
	"DELETE FROM spent_proofs WHERE ctid = ANY (ARRAY("
	"  SELECT ctid FROM spent_proofs WHERE expires_at < $1"
	"  LIMIT " BATCH "))",
};

static const struct stmt forget_links = {
	"links_forget",
	"DELETE FROM link_tokens WHERE ctid = ANY (ARRAY("
	"  SELECT ctid FROM link_tokens WHERE expires_at < $1"
	"  LIMIT " BATCH "))",
};

static const struct stmt forget_pending = {
	"pending_forget",
	"DELETE FROM sessions WHERE ctid = ANY (ARRAY("
	"  SELECT ctid FROM sessions WHERE pending_until < $1"
	"  LIMIT " BATCH "))",
};

static const struct stmt forget_sessions = {
	"sessions_forget",
	"DELETE FROM sessions WHERE ctid = ANY (ARRAY("
	"  SELECT ctid FROM sessions WHERE expires_at < $1"
	"  LIMIT " BATCH "))",
};

static const struct stmt forget_unrouted = {
	"unrouted_forget",
	"DELETE FROM unrouted WHERE ctid = ANY (ARRAY("
	"  SELECT ctid FROM unrouted WHERE created_at < $1"
	"  LIMIT " BATCH "))",
};

static bool forget(struct db *db, struct arena *a, const struct stmt *s,
		   int64_t before, struct err *err)
{
	do {
		if (!db_exec(db, s, DB_ARGS(arg_time(a, before)), err))
			return false;
	} while (db_touched(db) > 0);
	return true;
}

bool updates_forget(struct db *db, struct arena *a, int64_t before,
		    struct err *err)
{
	return forget(db, a, &forget_updates, before, err);
}

bool proofs_forget(struct db *db, struct arena *a, int64_t before,
		   struct err *err)
{
	return forget(db, a, &forget_proofs, before, err);
}

bool links_forget(struct db *db, struct arena *a, int64_t before,
		  struct err *err)
{
	return forget(db, a, &forget_links, before, err);
}

bool pending_forget(struct db *db, struct arena *a, int64_t before,
		    struct err *err)
{
	return forget(db, a, &forget_pending, before, err);
}

bool sessions_forget(struct db *db, struct arena *a, int64_t before,
		     struct err *err)
{
	return forget(db, a, &forget_sessions, before, err);
}

bool unrouted_forget(struct db *db, struct arena *a, int64_t before,
		     struct err *err)
{
	return forget(db, a, &forget_unrouted, before, err);
}
