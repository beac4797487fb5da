/*
 * project.c - a client's projects.
 */
#include "config.h"

#include "store/project.h"

static const struct stmt insert = {
	"project_insert",
	"INSERT INTO projects (client_id, name, slug, description, bot_id,"
	"  require_quote, greeting, filters, auto_reply, operators, fallback,"
	"  hide_system_messages, created_at, updated_at, rules)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13,"
	"  $14)"
	" RETURNING id",
};

bool project_insert(struct db *db, struct arena *a, struct project *p,
		    struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &insert,
		    DB_ARGS(arg_i64(a, p->client_id), p->name, p->slug,
			    p->description, arg_id(a, p->bot_id),
			    arg_bool(p->require_quote), p->greeting, p->filters,
			    p->auto_reply, p->operators, p->fallback,
			    arg_bool(p->hide_system_messages),
			    arg_time(a, p->created_at), p->rules),
		    &r, err))
		return false;
	p->id = rows_i64(&r, 0, 0);
	return true;
}

#define PROJECT_COLUMNS                                                   \
	"SELECT id, client_id, name, slug, description, bot_id,"          \
	"  require_quote, greeting, filters, auto_reply, operators,"      \
	"  fallback, hide_system_messages, created_at, updated_at, rules" \
	" FROM projects WHERE ($1::bigint IS NULL OR client_id = $1)"

static const struct stmt find = {
	"project_find",
	PROJECT_COLUMNS " AND id = $2",
};

static const struct stmt lock = {
	"project_lock",
	PROJECT_COLUMNS " AND id = $2 FOR NO KEY UPDATE",
};

static const struct stmt list_all = {
	"projects_list",
	PROJECT_COLUMNS " AND id > $2 ORDER BY id LIMIT $3",
};

static struct project read_project(const struct rows *r, int row)
{
	return (struct project){
		.id = rows_i64(r, row, 0),
		.client_id = rows_i64(r, row, 1),
		.name = rows_str(r, row, 2),
		.slug = rows_str(r, row, 3),
		.description = rows_str(r, row, 4),
		.bot_id = rows_i64(r, row, 5),
		.require_quote = rows_bool(r, row, 6),
		.greeting = rows_str(r, row, 7),
		.filters = rows_str(r, row, 8),
		.auto_reply = rows_str(r, row, 9),
		.operators = rows_str(r, row, 10),
		.fallback = rows_str(r, row, 11),
		.hide_system_messages = rows_bool(r, row, 12),
		.created_at = rows_time(r, row, 13),
		.updated_at = rows_time(r, row, 14),
		.rules = rows_str(r, row, 15),
	};
}

static bool get(struct db *db, struct arena *a, const struct stmt *s,
		int64_t client_id, int64_t id, struct project *p,
		struct err *err)
{
	struct rows r;

	if (!db_maybe(db, a, s, DB_ARGS(arg_id(a, client_id), arg_i64(a, id)),
		      &r, err))
		return false;
	if (r.n == 0)
		return err_set(err, ERR_MISSING, "there is no such project");
	*p = read_project(&r, 0);
	return true;
}

bool project_find(struct db *db, struct arena *a, int64_t client_id, int64_t id,
		  struct project *p, struct err *err)
{
	return get(db, a, &find, client_id, id, p, err);
}

bool project_lock(struct db *db, struct arena *a, int64_t client_id, int64_t id,
		  struct project *p, struct err *err)
{
	return get(db, a, &lock, client_id, id, p, err);
}

bool projects_list(struct db *db, struct arena *a, int64_t client_id,
		   int64_t after, int limit, struct project **list, size_t *n,
		   struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &list_all,
		    DB_ARGS(arg_id(a, client_id), arg_i64(a, after),
			    arg_i64(a, limit)),
		    &r, err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		(*list)[i] = read_project(&r, i);
	return true;
}

static const struct stmt update = {
	"project_store",
	"UPDATE projects SET name = $3, slug = $4, description = $5,"
	"  bot_id = $6, require_quote = $7, greeting = $8, filters = $9,"
	"  auto_reply = $10, operators = $11, fallback = $12,"
	"  hide_system_messages = $13, updated_at = $14, rules = $15"
	" WHERE client_id = $1 AND id = $2",
};

bool project_store(struct db *db, struct arena *a, const struct project *p,
		   struct err *err)
{
	return db_exec(db, &update,
		       DB_ARGS(arg_i64(a, p->client_id), arg_i64(a, p->id),
			       p->name, p->slug, p->description,
			       arg_id(a, p->bot_id), arg_bool(p->require_quote),
			       p->greeting, p->filters, p->auto_reply,
			       p->operators, p->fallback,
			       arg_bool(p->hide_system_messages),
			       arg_time(a, p->updated_at), p->rules),
		       err);
}

/* A base holds no character that LIKE would read. */
static const struct stmt slugs_like = {
	"project_slugs",
	"SELECT slug FROM projects WHERE client_id = $1"
	" AND (slug = $2 OR slug LIKE $2 || '-%')",
};

bool project_slugs(struct db *db, struct arena *a, int64_t client_id,
		   const char *base, const char ***slugs, size_t *n,
		   struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &slugs_like, DB_ARGS(arg_i64(a, client_id), base),
		    &r, err))
		return false;
	*n = (size_t)r.n;
	*slugs = arena_array(a, *n, sizeof(**slugs));
	for (int i = 0; i < r.n; i++)
		(*slugs)[i] = rows_str(&r, i, 0);
	return true;
}

static const struct stmt used = {
	"project_used",
	"SELECT (SELECT count(id) FROM avito_accounts"
	"         WHERE client_id = $1 AND project_id = $2),"
	"  (SELECT count(id) FROM telegram_sources"
	"    WHERE client_id = $1 AND project_id = $2),"
	"  (SELECT count(id) FROM dialogs"
	"    WHERE client_id = $1 AND project_id = $2)",
};

bool project_used(struct db *db, struct arena *a, const struct project *p,
		  struct project_use *use, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &used,
		    DB_ARGS(arg_i64(a, p->client_id), arg_i64(a, p->id)), &r,
		    err))
		return false;
	use->accounts = rows_i64(&r, 0, 0);
	use->sources = rows_i64(&r, 0, 1);
	use->dialogs = rows_i64(&r, 0, 2);
	return true;
}

static const struct stmt remove_project = {
	"project_delete",
	"DELETE FROM projects WHERE client_id = $1 AND id = $2",
};

bool project_delete(struct db *db, struct arena *a, const struct project *p,
		    struct err *err)
{
	return db_exec(db, &remove_project,
		       DB_ARGS(arg_i64(a, p->client_id), arg_i64(a, p->id)),
		       err);
}

static const struct stmt zone = {
	"timezone_known",
	"SELECT EXISTS (SELECT 1 FROM pg_timezone_names WHERE name = $1)",
};

bool timezone_known(struct db *db, struct arena *a, const char *name,
		    bool *known, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &zone, DB_ARGS(name), &r, err))
		return false;
	*known = rows_bool(&r, 0, 0);
	return true;
}
