/*
 * audit.h - who did what to which object, from where, and what changed.
 *
 * An entry is written in the transaction of what it tells of, and told to the
 * log after its commit: neither the table nor the log knows of what was rolled
 * back.
 */
#ifndef CORE_AUDIT_H
#define CORE_AUDIT_H

#include "base/json.h"
#include "store/db.h"

struct audit_entry {
	int64_t client_id;  /* whose owners see it; 0: administrators only */
	const char *actor;  /* "user", "token", "operator", "system" */
	int64_t user_id;    /* 0: no user of ours */
	const char *login;  /* NULL: the user's */
	const char *action; /* "bot.change" */
	const char *object; /* "bot:5"; NULL: none */
	const char *address, *user_agent, *request_id; /* NULL: none */
	/* What the API shows of it; NULL before it was there, and after. */
	struct json_object *before, *after;
	int64_t now;

	/* audit.c's own */
	bool stored;
	struct audit_entry *next; /* for who keeps several until the commit */
};

/*
 * Inside the caller's transaction.  Of before and after only the members that
 * differ are kept, without updated_at; when both are there and none differs,
 * nothing happened and nothing is written.  Secrets are masked by their names,
 * long texts are cut.  *e becomes what is stored, for audit_tell().
 */
bool audit_add(struct db *db, struct arena *a, struct audit_entry *e,
	       struct err *err);

/* After the commit: a line in the log. */
void audit_tell(struct arena *a, const struct audit_entry *e);

/*
 * For visitors, in transactions that are bound to no client.  audit_visit()
 * is audit_add() after binding the rest of the transaction to the entry's
 * client; audit_visitor() is a transaction of its own and tells the log.
 */
bool audit_visit(struct db *db, struct arena *a, struct audit_entry *e,
		 struct err *err);
bool audit_visitor(struct db *db, struct arena *a, struct audit_entry *e,
		   struct err *err);

#endif
