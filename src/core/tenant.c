/*
 * tenant.c - the rules for clients of ours.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "core/project.h"
#include "core/tenant.h"

/* Defaults are good when a project with them would be. */
static bool check_defaults(struct db *db, struct arena *a, int64_t client_id,
			   const char *json, struct problems *problems,
			   struct err *err)
{
	const char *outer = problems->prefix;
	struct json_object *defaults;
	struct err bad = { 0 };
	struct project p = {
		.client_id = client_id,
		.description = "",
		.greeting = "",
		.filters = "[]",
		.rules = "[]",
		.auto_reply = "{}",
		.operators = project_operators[0],
		.fallback = project_fallbacks[0],
	};
	bool ok;

	if (!json_read(a, json, strlen(json), &defaults, &bad) ||
	    !json_object_is_type(defaults, json_type_object)) {
		problems_add(problems, "defaults", "must be an object");
		return true;
	}
	problems->prefix = "defaults.";
	project_apply(a, defaults, &p, problems);
	ok = project_check_rules(db, a, NULL, &p, problems, err);
	problems->prefix = outer;
	return ok;
}

static bool check(struct db *db, struct arena *a, const struct tenant *t,
		  struct problems *problems, struct err *err)
{
	problems_check_text(problems, "name", t->name, 1, TENANT_NAME_MAX);
	return check_defaults(db, a, t->id, t->defaults, problems, err) &&
	       problems_none(problems, err);
}

bool tenant_add(struct db *db, struct arena *a, struct tenant *t, int64_t now,
		struct problems *problems, struct err *err)
{
	t->created_at = now;
	if (!t->defaults)
		t->defaults = "{}";
	return check(db, a, t, problems, err) && tenant_insert(db, a, t, err);
}

bool tenant_change(struct db *db, struct arena *a, struct tenant *t,
		   struct problems *problems, struct err *err)
{
	return check(db, a, t, problems, err) && tenant_store(db, a, t, err);
}

bool tenant_remove(struct db *db, struct arena *a, int64_t id, struct err *err)
{
	struct tenant_use use;
	struct tenant t;

	if (!tenant_lock(db, a, id, &t, err) ||
	    !tenant_used(db, a, id, &use, err))
		return false;
	if (use.projects || use.bots || use.accounts)
		return err_set(err, ERR_CONFLICT,
			       "the client has projects (%" PRId64
			       "), bots (%" PRId64
			       ") and Avito accounts (%" PRId64
			       "); delete those first",
			       use.projects, use.bots, use.accounts);
	return tenant_delete(db, a, id, err);
}
