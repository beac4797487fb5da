/*
 * audit.h - who did what to which object: rows that are only ever added.
 *
 * What goes into them is core/audit.h's.
 */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include "store/db.h"

struct audit_row {
	int64_t id;
	int64_t client_id; /* 0: nobody's */
	int64_t at;
	const char *actor;
	int64_t user_id; /* 0: no user of ours */
	const char *login;
	const char *action, *object;
	const char *address, *user_agent, *request_id;
	const char *before, *after; /* JSON; NULL: none */
};

/* What follows in this transaction is done for that client: of a visitor who
 * is not signed in.  Queued. */
void audit_bind(struct db *db, struct arena *a, int64_t client_id);

/* A login that is NULL becomes that of the user, "" if there is none. */
bool audit_insert(struct db *db, struct arena *a, struct audit_row *row,
		  struct err *err);

struct audit_filter {
	int64_t client_id;  /* 0: any (administrators) */
	int64_t user_id;    /* 0: any */
	const char *object; /* "bot:5"; NULL: any */
	const char *action; /* "bot" stands for "bot.create", too; NULL: any */
	int64_t before;     /* id; 0: from the newest */
	int limit;
};

/* Newest first. */
bool audit_list(struct db *db, struct arena *a, const struct audit_filter *f,
		struct audit_row **list, size_t *n, struct err *err);

#endif
