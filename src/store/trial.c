/*
 * trial.c - the last messages of a project, to try filters and rules out on.
 */
#include "config.h"

#include "store/trial.h"

/* One dialog full of messages shall not be all that is looked at. */
#define DIALOGS  "500"
#define MESSAGES "100"

/* One more of each tells that there are more. */
static const struct stmt list_ids = {
	"trial_list",
	"SELECT m.id, g.n > " DIALOGS " OR coalesce(m.n > " MESSAGES ", false)"
	" FROM (SELECT id, row_number() OVER (ORDER BY last_message_at DESC,"
	"    id) AS n FROM dialogs WHERE client_id = $1 AND project_id = $2"
	"    AND last_message_at >= $3"
	"   ORDER BY last_message_at DESC, id LIMIT " DIALOGS " + 1) g"
	"  LEFT JOIN LATERAL (SELECT id, row_number() OVER (ORDER BY id DESC)"
	"    AS n FROM messages"
	"   WHERE client_id = $1 AND dialog_id = g.id AND written_at >= $3"
	"    AND author IN ('buyer', 'seller', 'system')"
	"    AND (author = 'buyer' OR NOT $4::boolean)"
	"    AND origin <> 'tuberry' AND NOT is_history AND NOT is_parked"
	"   ORDER BY id DESC LIMIT " MESSAGES " + 1) m ON true"
	" ORDER BY g.n, m.id LIMIT $5",
};

bool trial_list(struct db *db, struct arena *a, int64_t client_id,
		int64_t project_id, int64_t since, bool buyers_only, int limit,
		const char ***ids, size_t *n, bool *all, struct err *err)
{
	struct rows r;

	if (!db_all(db, a, &list_ids,
		    DB_ARGS(arg_i64(a, client_id), arg_i64(a, project_id),
			    arg_time(a, since), arg_bool(buyers_only),
			    arg_i64(a, limit)),
		    &r, err))
		return false;
	*ids = arena_array(a, (size_t)r.n, sizeof(**ids));
	*n = 0;
	*all = r.n < limit;
	for (int i = 0; i < r.n; i++) {
		if (rows_bool(&r, i, 1))
			*all = false;
		else if (!rows_null(&r, i, 0))
			(*ids)[(*n)++] = rows_str(&r, i, 0);
	}
	return true;
}

#define MESSAGE                                                     \
	"SELECT m.id, m.dialog_id, m.written_at, m.author, m.kind," \
	"  left(m.text, 200),"
#define MESSAGE_END                                                    \
	" FROM jsonb_array_elements_text($2::jsonb) WITH ORDINALITY x" \
	"  JOIN messages m ON m.client_id = $1 AND m.id = x.value::bigint"

static const struct stmt try_filters = {
	"trial_filters",
	MESSAGE "  (filter_verdict($3::jsonb, g.item_id,"
		"   CASE WHEN m.author = 'buyer' THEN m.author_id"
		"    ELSE g.buyer_external_id END,"
		"   g.buyer_name, m.kind, m.author, m.text))[1],"
		"  null, false" MESSAGE_END
		"  JOIN dialogs g ON g.client_id = $1 AND g.id = m.dialog_id"
		" ORDER BY x.ordinality",
};

static const struct stmt try_rules = {
	"trial_rules",
	MESSAGE "  null, (SELECT coalesce(jsonb_agg(r->'id'), '[]')"
		"   FROM (SELECT words_of(m.text) AS said OFFSET 0) w,"
		"    jsonb_array_elements($3::jsonb) r"
		"   WHERE r->'words' = '[]'"
		"    OR words_found(w.said, r->'words', r->>'match')),"
		"  NOT EXISTS (SELECT 1 FROM messages e"
		"   WHERE e.client_id = $1 AND e.dialog_id = m.dialog_id"
		"    AND e.id < m.id AND e.author = 'buyer'"
		"    AND NOT e.is_archived)" MESSAGE_END
		" WHERE NOT m.is_archived ORDER BY x.ordinality",
};

static bool judge(struct db *db, struct arena *a, const struct stmt *s,
		  struct db_args args, struct trial_message **list, size_t *n,
		  struct err *err)
{
	struct rows r;

	if (!db_all(db, a, s, args, &r, err))
		return false;
	*n = (size_t)r.n;
	*list = arena_array(a, *n, sizeof(**list));
	for (int i = 0; i < r.n; i++)
		(*list)[i] = (struct trial_message){
			.id = rows_i64(&r, i, 0),
			.dialog_id = rows_i64(&r, i, 1),
			.written_at = rows_time(&r, i, 2),
			.author = rows_str(&r, i, 3),
			.kind = rows_str(&r, i, 4),
			.text = rows_str(&r, i, 5),
			.filter =
				rows_null(&r, i, 6) ? NULL : rows_str(&r, i, 6),
			.found = rows_str(&r, i, 7),
			.is_first = rows_bool(&r, i, 8),
		};
	return true;
}

bool trial_filters(struct db *db, struct arena *a, int64_t client_id,
		   const char *filters, const char *const *ids, size_t n_ids,
		   struct trial_message **list, size_t *n, struct err *err)
{
	return judge(db, a, &try_filters,
		     DB_ARGS(arg_i64(a, client_id), arg_array(a, ids, n_ids),
			     filters),
		     list, n, err);
}

bool trial_rules(struct db *db, struct arena *a, int64_t client_id,
		 const char *rules, const char *const *ids, size_t n_ids,
		 struct trial_message **list, size_t *n, struct err *err)
{
	return judge(
		db, a, &try_rules,
		DB_ARGS(arg_i64(a, client_id), arg_array(a, ids, n_ids), rules),
		list, n, err);
}
