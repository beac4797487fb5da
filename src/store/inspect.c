/*
 * inspect.c - what the installation looks like from inside the database.
 */
#include "config.h"

#include "store/inspect.h"

static const struct stmt role = {
	"inspect_role",
	"SELECT r.rolname, r.rolsuper OR r.rolbypassrls,"
	"  EXISTS (SELECT FROM pg_class c"
	"   WHERE c.relnamespace = 'public'::regnamespace"
	"    AND c.relkind IN ('r', 'p')"
	"    AND pg_has_role(r.oid, c.relowner, 'MEMBER'))"
	" FROM pg_roles r WHERE r.rolname = session_user",
};

bool inspect_role(struct db *db, struct arena *a, struct role_facts *f,
		  struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &role, DB_NO_ARGS, &r, err))
		return false;
	*f = (struct role_facts){
		.name = rows_str(&r, 0, 0),
		.sees_all = rows_bool(&r, 0, 1),
		.owns = rows_bool(&r, 0, 2),
	};
	return true;
}

static const struct stmt unguarded = {
	"inspect_unguarded",
	"SELECT coalesce(string_agg(c.relname, ', ' ORDER BY c.relname), '')"
	" FROM pg_class c"
	" WHERE c.relnamespace = 'public'::regnamespace"
	"  AND c.relkind IN ('r', 'p')"
	"  AND EXISTS (SELECT FROM pg_attribute t WHERE t.attrelid = c.oid"
	"   AND t.attname = 'client_id' AND NOT t.attisdropped)"
	"  AND NOT (c.relrowsecurity AND c.relforcerowsecurity"
	"   AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))",
};

bool inspect_unguarded(struct db *db, struct arena *a, const char **tables,
		       struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &unguarded, DB_NO_ARGS, &r, err))
		return false;
	*tables = rows_str(&r, 0, 0);
	return true;
}

/* A bot works by webhook only, an account by polling and, if told, webhook. */
static const struct stmt links = {
	"inspect_links",
	"SELECT 'bot', id, coalesce(nullif('@' || username, '@'), token_tail),"
	"  status, last_error, warning, true, webhook_set_at IS NOT NULL,"
	"  false, NULL::timestamptz"
	" FROM bots"
	" UNION ALL "
	"SELECT 'avito', id, coalesce(nullif(name, ''), api_client_id),"
	"  status, last_error, NULL, webhook, webhook_subscribed_at IS NOT"
	"  NULL, monitoring, last_polled_at"
	" FROM avito_accounts"
	" ORDER BY 1, 2",
};

bool inspect_links(struct db *db, struct arena *a, struct link_facts **list,
		   size_t *n, struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &links, DB_NO_ARGS, &r, err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++) {
		(*list)[i] = (struct link_facts){
			.kind = rows_str(&r, i, 0),
			.id = rows_i64(&r, i, 1),
			.name = rows_str(&r, i, 2),
			.status = rows_str(&r, i, 3),
			.last_error = rows_str(&r, i, 4),
			.warning = rows_str(&r, i, 5),
			.wants_webhook = rows_bool(&r, i, 6),
			.has_webhook = rows_bool(&r, i, 7),
			.wants_polls = rows_bool(&r, i, 8),
			.polled_at = rows_time(&r, i, 9),
		};
	}
	return true;
}

static const struct stmt deliveries = {
	"inspect_deliveries",
	"SELECT count(id) FILTER (WHERE state IN ('queued', 'sending')),"
	"  count(id) FILTER (WHERE state = 'unsure'),"
	"  count(id) FILTER (WHERE state = 'dead'),"
	"  min(created_at) FILTER (WHERE state <> 'dead')"
	" FROM deliveries"
	" WHERE state IN ('queued', 'sending', 'unsure', 'dead')",
};

static const struct stmt failed_tasks = {
	"inspect_failed_tasks",
	"SELECT count(id), coalesce(min(kind || ': ' || last_error), '')"
	" FROM tasks WHERE due_at IS NULL AND last_error IS NOT NULL",
};

bool inspect_queue(struct db *db, struct arena *a, struct queue_facts *f,
		   struct err *err)
{
	struct rows d, t;

	if (!db_one(db, a, &deliveries, DB_NO_ARGS, &d, err) ||
	    !db_one(db, a, &failed_tasks, DB_NO_ARGS, &t, err))
		return false;
	*f = (struct queue_facts){
		.waiting = rows_i64(&d, 0, 0),
		.unsure = rows_i64(&d, 0, 1),
		.dead = rows_i64(&d, 0, 2),
		.oldest_at = rows_time(&d, 0, 3),
		.failed_tasks = rows_i64(&t, 0, 0),
		.task_error = rows_str(&t, 0, 1),
	};
	return true;
}

/* Buyers who take no messages are nobody's to mend. */
static const struct stmt holds = {
	"inspect_holds",
	"SELECT held_by, count(held_by) FROM lanes WHERE held_by IS NOT NULL"
	"  AND held_by NOT LIKE 'room:%' AND held_by NOT LIKE 'dialog:%'"
	" GROUP BY held_by ORDER BY held_by",
};

bool inspect_holds(struct db *db, struct arena *a, struct hold_facts **list,
		   size_t *n, struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &holds, DB_NO_ARGS, &r, err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++) {
		(*list)[i] = (struct hold_facts){
			.held_by = rows_str(&r, i, 0),
			.lanes = rows_i64(&r, i, 1),
		};
	}
	return true;
}
