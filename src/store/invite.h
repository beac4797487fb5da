/*
 * invite.h - invitations to a client.
 *
 * The code is known here by its SHA-256.  The rules are in core/invite.h.
 */
#ifndef STORE_INVITE_H
#define STORE_INVITE_H

#include "store/db.h"

struct invite {
	int64_t id, client_id;
	const char *code_tail; /* "…abcd" */
	const char *role;      /* "owner", "manager" */
	bool assigned_only;
	int64_t uses_max, uses;
	int64_t expires_at, created_at;
	int64_t revoked_at; /* 0: it was not */
	int64_t created_by; /* a user; 0: the operator, or somebody who left */
};

/* Sets i->id.  ERR_INPUT with the constraint's name in err->field: there is no
 * such client. */
bool invite_insert(struct db *db, struct arena *a, struct invite *i,
		   const char *code_hash, struct err *err);

/* ERR_MISSING; client_id 0 stands for any client (administrators). */
bool invite_find(struct db *db, struct arena *a, int64_t client_id, int64_t id,
		 struct invite *i, struct err *err);

/* Newest first, those older than that id (0: all). */
bool invites_list(struct db *db, struct arena *a, int64_t client_id,
		  int64_t before, int limit, struct invite **list, size_t *n,
		  struct err *err);

/* It can be used no more; one that was revoked before keeps its time.
 * ERR_MISSING. */
bool invite_revoke(struct db *db, struct arena *a, int64_t client_id,
		   int64_t id, int64_t at, struct invite *i, struct err *err);

/* One use less, and the rest of the transaction is bound to the client.
 * *taken false: it cannot be used any more. */
bool invite_count(struct db *db, struct arena *a, int64_t client_id, int64_t id,
		  int64_t now, struct invite *i, bool *taken, struct err *err);

#endif
