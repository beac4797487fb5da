/*
 * quote.c - the message that a quote means, when it was not known at first.
 */
#include "config.h"

#include "store/message_impl.h"
#include "store/quote.h"

/* $1 client, $2 message, $3 dialog, $4 place, $5 its id, $6 quoted id. */
static const struct stmt learn = {
	"quote_learn",
	"UPDATE messages m SET quote_message_id = x.quoted FROM ("
	"  SELECT" QUOTED("$4", "$5::bigint",
			  "$6") " AS quoted FROM (SELECT $3::bigint AS id) d) x"
				" WHERE m.client_id = $1 AND m.id = $2"
				"  AND x.quoted IS NOT NULL"
				" RETURNING m.quote_message_id",
};

static const struct stmt copies = {
	"quote_copies",
	"SELECT json_agg(json_build_array(c.place, c.place_id, c.part,"
	"   c.external_id) ORDER BY c.part)"
	" FROM (SELECT origin AS place, origin_id AS place_id, 0 AS part,"
	"    external_id FROM messages WHERE client_id = $1 AND id = $2"
	"  UNION ALL SELECT place, place_id, part, external_id"
	"   FROM message_copies WHERE message_id = $2) c",
};

bool quote_learn(struct db *db, struct arena *a, struct delivery *d,
		 struct err *err)
{
	const char *client = arg_i64(a, d->client_id);
	struct rows r;

	if (d->quote_message_id || !*d->quote_id)
		return true;
	if (!db_maybe(db, a, &learn,
		      DB_ARGS(client, arg_i64(a, d->message_id),
			      arg_i64(a, d->dialog_id), d->origin,
			      arg_i64(a, d->origin_id), d->quote_id),
		      &r, err))
		return false;
	if (r.n == 0)
		return true;
	d->quote_message_id = rows_i64(&r, 0, 0);
	if (!db_one(db, a, &copies,
		    DB_ARGS(client, arg_i64(a, d->quote_message_id)), &r, err))
		return false;
	d->quote_copies = rows_str(&r, 0, 0);
	return true;
}
