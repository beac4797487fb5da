/*
 * tenant.h - a client of ours (table clients): whom everything else belongs
 * to.  Called tenant in code, because base/client.h is the HTTP client.
 *
 * The rules are in core/tenant.h.
 */
#ifndef STORE_TENANT_H
#define STORE_TENANT_H

#include "store/db.h"

struct tenant {
	int64_t id;
	const char *name;
	const char *defaults; /* JSON object: fields of new projects */
	int64_t created_at;
};

/* Sets t->id. */
bool tenant_insert(struct db *db, struct arena *a, struct tenant *t,
		   struct err *err);

/* ERR_MISSING.  tenant_lock() keeps it as it is until the transaction ends. */
bool tenant_find(struct db *db, struct arena *a, int64_t id, struct tenant *t,
		 struct err *err);
bool tenant_lock(struct db *db, struct arena *a, int64_t id, struct tenant *t,
		 struct err *err);

/* By id, those behind `after`; for administrators. */
bool tenants_list(struct db *db, struct arena *a, int64_t after, int limit,
		  struct tenant **list, size_t *n, struct err *err);

bool tenant_store(struct db *db, struct arena *a, const struct tenant *t,
		  struct err *err);

/* What keeps a tenant from being removed. */
struct tenant_use {
	int64_t projects, bots, accounts;
};
bool tenant_used(struct db *db, struct arena *a, int64_t id,
		 struct tenant_use *use, struct err *err);

/* Farewells to Telegram and Avito that still wait become nobody's, so that
 * they outlive the tenant, who goes with users and sessions. */
bool tenant_delete(struct db *db, struct arena *a, int64_t id, struct err *err);

#endif
