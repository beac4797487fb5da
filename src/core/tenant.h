/*
 * tenant.h - the rules for clients of ours.
 *
 * All run inside the caller's transaction.  What is wrong with the input is
 * noted in `problems`, and the first of it in *err.
 */
#ifndef CORE_TENANT_H
#define CORE_TENANT_H

#include "core/problems.h"
#include "store/tenant.h"

#define TENANT_NAME_MAX 100 /* characters */

/* t->defaults may be NULL: none.  Sets t->id. */
bool tenant_add(struct db *db, struct arena *a, struct tenant *t, int64_t now,
		struct problems *problems, struct err *err);
bool tenant_change(struct db *db, struct arena *a, struct tenant *t,
		   struct problems *problems, struct err *err);

/* With users and sessions; ERR_CONFLICT while it has projects, bots or
 * accounts. */
bool tenant_remove(struct db *db, struct arena *a, int64_t id, struct err *err);

#endif
