/*
 * failed.c - an operator's message to the buyer that did not arrive.
 */
#include "config.h"

#include <inttypes.h>

#include "core/failed.h"
#include "harness/pg.h"
#include "harness/unit.h"

#define AT "'2026-01-01'"

struct failed failed_make(struct db *db, const struct relay *r,
			  const char *outcome)
{
	struct message_in m = relay_text(r, "m1", "Да?");
	struct failed f;

	relay_take(db, &m, message_take_buyer);
	f.dialog_id = pg_count(arena_printf(
		&unit_arena,
		"UPDATE dialogs SET bot_id = b.id, topic_id = %d,"
		"  group_chat_id = b.group_chat_id FROM bots b"
		" WHERE b.id = %" PRId64 " AND dialogs.client_id = b.client_id"
		" RETURNING dialogs.id",
		FAILED_TOPIC, r->bot_id));
	f.delivery_id = pg_count(arena_printf(
		&unit_arena,
		"WITH g AS (SELECT client_id, id, group_chat_id FROM dialogs"
		"   WHERE id = %" PRId64 "),"
		" t AS (INSERT INTO dialog_topics SELECT client_id,"
		"   group_chat_id, %d, id, " AT " FROM g),"
		" m AS (INSERT INTO messages (client_id, dialog_id, origin,"
		"    origin_id, external_id, author, kind, written_at,"
		"    created_at) SELECT client_id, id, 'telegram',"
		"    group_chat_id, '%d', 'operator', 'text', " AT ", " AT
		"   FROM g RETURNING client_id, dialog_id, id),"
		" l AS (INSERT INTO lanes (client_id, dialog_id, direction,"
		"    last_seq, head_seq) SELECT client_id, id, 'buyer', 1, 2"
		"   FROM g)"
		" INSERT INTO deliveries (client_id, dialog_id, direction,"
		"   seq, message_id, state, last_error, created_at,"
		"   updated_at)"
		"  SELECT client_id, dialog_id, 'buyer', 1, id, 'dead',"
		"   'Чат закрыт', " AT ", " AT " FROM m RETURNING id",
		f.dialog_id, FAILED_TOPIC, FAILED_MESSAGE));
	f.attempt_id = pg_count(arena_printf(
		&unit_arena,
		"INSERT INTO attempts (client_id, delivery_id, part, action,"
		"  started_at, finished_at, outcome) SELECT client_id, id, 0,"
		"  'avito.send_message', " AT ", " AT ", '%s' FROM deliveries"
		" WHERE id = %" PRId64 " RETURNING id",
		outcome, f.delivery_id));
	pg_run(arena_printf(&unit_arena,
			    "INSERT INTO complaints (client_id, delivery_id,"
			    "  bot_id, chat_id, message_id)"
			    " SELECT g.client_id, %" PRId64 ", g.bot_id,"
			    "  g.group_chat_id, %d FROM dialogs g"
			    " WHERE g.id = %" PRId64,
			    f.delivery_id, FAILED_REPLY, f.dialog_id));
	return f;
}
