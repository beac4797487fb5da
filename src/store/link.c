/*
 * link.c - how the installation is linked to the services.
 */
#include "config.h"

#include "store/link.h"

static const struct stmt find_bot = {
	"bot_link_find",
	"SELECT id, client_id, telegram_id, token_sealed,"
	"  webhook_secret_sealed, webhook_secret_hash, group_chat_id,"
	"  topic_mode, status, username, webhook_set_at,"
	"  (SELECT s.id FROM telegram_sources s WHERE s.bot_id = bots.id),"
	"  commands_version"
	" FROM bots WHERE id = $1",
};

bool bot_link_find(struct db *db, struct arena *a, int64_t id,
		   struct bot_link *b, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &find_bot, DB_ARGS(arg_i64(a, id)), &r, err))
		return false;
	*b = (struct bot_link){
		.id = rows_i64(&r, 0, 0),
		.client_id = rows_i64(&r, 0, 1),
		.telegram_id = rows_i64(&r, 0, 2),
		.token_sealed = rows_str(&r, 0, 3),
		.webhook_secret_sealed = rows_str(&r, 0, 4),
		.webhook_secret_hash = rows_str(&r, 0, 5),
		.group_chat_id = rows_i64(&r, 0, 6),
		.topic_mode = rows_bool(&r, 0, 7),
		.status = rows_str(&r, 0, 8),
		.username = rows_str(&r, 0, 9),
		.webhook_set_at = rows_time(&r, 0, 10),
		.source_id = rows_i64(&r, 0, 11),
		.commands_version = (int)rows_i64(&r, 0, 12),
	};
	return true;
}

/* A bot that may speak and is not heard is in error as well. */
static const struct stmt record_bot = {
	"bot_record",
	"UPDATE bots SET last_error = coalesce($2, webhook_error),"
	"  status = CASE WHEN $2::text IS NULL AND webhook_error IS NULL"
	"           THEN 'active' ELSE 'error' END,"
	"  warning = $3, username = coalesce($4, username),"
	"  name = coalesce($5, name),"
	"  group_title = coalesce($6, group_title), checked_at = $7,"
	"  token_refused = $8, topic_icons = coalesce($9::jsonb, topic_icons)"
	" WHERE id = $1",
};

bool bot_record(struct db *db, struct arena *a, int64_t id,
		const struct bot_finding *f, int64_t now, struct err *err)
{
	return db_exec(db, &record_bot,
		       DB_ARGS(arg_i64(a, id), f->error, f->warning,
			       f->username, f->name, f->group_title,
			       arg_time(a, now), arg_bool(f->token_refused),
			       f->icons),
		       err);
}

static const struct stmt commands_told = {
	"bot_commands_told",
	"UPDATE bots SET commands_version = $2 WHERE id = $1",
};

bool bot_commands_told(struct db *db, struct arena *a, int64_t id, int version,
		       struct err *err)
{
	return db_exec(db, &commands_told,
		       DB_ARGS(arg_i64(a, id), arg_i64(a, version)), err);
}

static const struct stmt pause_bot = {
	"bot_pause",
	"UPDATE bots SET paused_until = greatest(paused_until, $2)"
	" WHERE id = $1",
};

static const struct stmt pause_avito = {
	"avito_pause",
	"UPDATE avito_accounts SET paused_until = greatest(paused_until, $2)"
	" WHERE id = $1",
};

bool link_pause(struct db *db, struct arena *a, bool is_bot, int64_t id,
		int64_t until, struct err *err)
{
	return db_exec(db, is_bot ? &pause_bot : &pause_avito,
		       DB_ARGS(arg_i64(a, id), arg_time(a, until)), err);
}

static const struct stmt confirm_bot = {
	"bot_webhook_confirmed",
	"UPDATE bots SET webhook_old_hash = NULL, webhook_set_at = $3,"
	"  webhook_error = NULL,"
	"  status = CASE WHEN last_error = webhook_error THEN 'active'"
	"           ELSE status END,"
	"  last_error = nullif(last_error, webhook_error)"
	" WHERE id = $1 AND webhook_secret_hash = $2",
};

bool bot_webhook_confirmed(struct db *db, struct arena *a, int64_t id,
			   const char *secret_hash, int64_t now,
			   struct err *err)
{
	return db_exec(db, &confirm_bot,
		       DB_ARGS(arg_i64(a, id), secret_hash, arg_time(a, now)),
		       err);
}

static const struct stmt webhook_failed = {
	"bot_webhook_failed",
	"UPDATE bots SET status = 'error', webhook_error = $2,"
	"  last_error = CASE WHEN last_error IS DISTINCT FROM webhook_error"
	"               THEN coalesce(last_error, $2) ELSE $2 END"
	" WHERE id = $1",
};

bool bot_webhook_failed(struct db *db, struct arena *a, int64_t id,
			const char *reason, struct err *err)
{
	return db_exec(db, &webhook_failed, DB_ARGS(arg_i64(a, id), reason),
		       err);
}

#define AVITO_COLUMNS                                                          \
	"id, client_id, project_id, avito_user_id, api_client_id,"             \
	"  api_client_secret_sealed, token_sealed, token_generation,"          \
	"  token_expires_at, monitoring, webhook, status,"                     \
	"  webhook_secret_sealed, webhook_secret_hash, webhook_subscribed_at," \
	"  baseline_at, walked_at, created_at"

static struct avito_link read_avito(const struct rows *r, int row)
{
	return (struct avito_link){
		.id = rows_i64(r, row, 0),
		.client_id = rows_i64(r, row, 1),
		.project_id = rows_i64(r, row, 2),
		.user_id = rows_i64(r, row, 3),
		.api_client_id = rows_str(r, row, 4),
		.secret_sealed = rows_str(r, row, 5),
		.token_sealed = rows_str(r, row, 6),
		.token_generation = rows_i64(r, row, 7),
		.token_expires_at = rows_time(r, row, 8),
		.monitoring = rows_bool(r, row, 9),
		.webhook = rows_bool(r, row, 10),
		.status = rows_str(r, row, 11),
		.webhook_secret_sealed = rows_str(r, row, 12),
		.webhook_secret_hash = rows_str(r, row, 13),
		.subscribed_at = rows_time(r, row, 14),
		.baseline_at = rows_time(r, row, 15),
		.walked_at = rows_time(r, row, 16),
		.created_at = rows_time(r, row, 17),
	};
}

static const struct stmt find_avito = {
	"avito_link_find",
	"SELECT " AVITO_COLUMNS " FROM avito_accounts WHERE id = $1",
};

bool avito_link_find(struct db *db, struct arena *a, int64_t id,
		     struct avito_link *l, struct err *err)
{
	struct rows r;

	if (!db_one(db, a, &find_avito, DB_ARGS(arg_i64(a, id)), &r, err))
		return false;
	*l = read_avito(&r, 0);
	return true;
}

static const struct stmt find_avitos = {
	"avito_links_find",
	"SELECT " AVITO_COLUMNS " FROM avito_accounts WHERE id IN (SELECT"
	"  v::bigint FROM jsonb_array_elements_text($1::jsonb) v)",
};

bool avito_links_find(struct db *db, struct arena *a, const int64_t *ids,
		      size_t n_ids, struct avito_link **list, size_t *n,
		      struct err *err)
{
	const char **texts = arena_array(a, n_ids, sizeof(*texts));
	struct rows r;

	for (size_t i = 0; i < n_ids; i++)
		texts[i] = arg_i64(a, ids[i]);
	if (!db_all(db, a, &find_avitos, DB_ARGS(arg_array(a, texts, n_ids)),
		    &r, err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		(*list)[i] = read_avito(&r, i);
	return true;
}

struct avito_link avito_link_copy(struct arena *a, const struct avito_link *l)
{
	struct avito_link copy = *l;

	copy.api_client_id = arena_str(a, l->api_client_id);
	copy.secret_sealed = arena_str(a, l->secret_sealed);
	copy.token_sealed = arena_str(a, l->token_sealed);
	copy.status = arena_str(a, l->status);
	copy.webhook_secret_sealed = arena_str(a, l->webhook_secret_sealed);
	copy.webhook_secret_hash = arena_str(a, l->webhook_secret_hash);
	return copy;
}

static const struct stmt lease_token = {
	"avito_token_lease",
	"UPDATE avito_accounts SET token_lease_until = $4"
	" WHERE id = $1 AND token_generation = $2"
	"  AND (token_lease_until IS NULL OR token_lease_until < $3)",
};

bool avito_token_lease(struct db *db, struct arena *a, int64_t id,
		       int64_t generation, int64_t now, int64_t until,
		       bool *won, struct err *err)
{
	if (!db_exec(db, &lease_token,
		     DB_ARGS(arg_i64(a, id), arg_i64(a, generation),
			     arg_time(a, now), arg_time(a, until)),
		     err))
		return false;
	*won = db_touched(db) == 1;
	return true;
}

static const struct stmt put_token = {
	"avito_token_put",
	"UPDATE avito_accounts SET token_lease_until = NULL,"
	"  token_sealed = coalesce($3, token_sealed),"
	"  token_expires_at = coalesce($4, token_expires_at),"
	"  token_generation = token_generation"
	"   + CASE WHEN $3::text IS NULL THEN 0 ELSE 1 END"
	" WHERE id = $1 AND token_generation = $2",
};

bool avito_token_put(struct db *db, struct arena *a, int64_t id,
		     int64_t generation, const char *sealed, int64_t expires_at,
		     struct err *err)
{
	return db_exec(db, &put_token,
		       DB_ARGS(arg_i64(a, id), arg_i64(a, generation), sealed,
			       arg_time(a, expires_at)),
		       err);
}

static const struct stmt record_avito = {
	"avito_record",
	"UPDATE avito_accounts SET status = $2, last_error = $3,"
	"  avito_user_id = coalesce($4, avito_user_id),"
	"  name = coalesce($5, name),"
	"  profile_url = coalesce($6, profile_url), checked_at = $7"
	" WHERE id = $1",
};

bool avito_record(struct db *db, struct arena *a, int64_t id,
		  const struct avito_finding *f, int64_t now, struct err *err)
{
	return db_exec(db, &record_avito,
		       DB_ARGS(arg_i64(a, id), f->status, f->error,
			       arg_id(a, f->user_id), f->name, f->profile_url,
			       arg_time(a, now)),
		       err);
}

static const struct stmt subscribed = {
	"avito_subscribed",
	"UPDATE avito_accounts SET"
	"  webhook_old_hash = CASE WHEN webhook_secret_hash = $2 THEN NULL"
	"                     ELSE webhook_old_hash END,"
	"  webhook_subscribed_at = CASE WHEN $2::text IS NOT NULL"
	"                          THEN $3::timestamptz END"
	" WHERE id = $1",
};

bool avito_subscribed(struct db *db, struct arena *a, int64_t id,
		      const char *secret_hash, int64_t now, struct err *err)
{
	return db_exec(db, &subscribed,
		       DB_ARGS(arg_i64(a, id), secret_hash, arg_time(a, now)),
		       err);
}

static const struct stmt polled = {
	"avito_polled",
	"UPDATE avito_accounts SET last_polled_at = $3,"
	"  walked_at = CASE WHEN $2 THEN $3 ELSE walked_at END,"
	"  baseline_at = CASE WHEN $2 THEN coalesce(baseline_at, $3)"
	"                ELSE baseline_at END"
	" WHERE id = $1",
};

void avito_polled(struct db *db, struct arena *a, int64_t id, bool walked,
		  int64_t now)
{
	db_queue(db, &polled,
		 DB_ARGS(arg_i64(a, id), arg_bool(walked), arg_time(a, now)));
}
