/*
 * relay.c - a client with a project, a bot in its group and an Avito account.
 */
#include "config.h"

#include <inttypes.h>

#include "harness/pg.h"
#include "harness/relay.h"
#include "harness/unit.h"

struct relay relay_seed(int n)
{
	const char *at = "'2026-01-01'";
	struct relay r;

	r.client_id = pg_count(arena_printf(
		&unit_arena,
		"INSERT INTO clients (name, created_at) VALUES ('C%d', %s)"
		" RETURNING id",
		n, at));
	r.bot_id = pg_count(arena_printf(
		&unit_arena,
		"INSERT INTO bots (client_id, telegram_id, token_sealed,"
		" token_tail, username, group_chat_id, status,"
		" webhook_secret_sealed, webhook_secret_hash, created_at,"
		" updated_at) VALUES (%" PRId64 ", 7000 + %d, 't', 't',"
		" 'bot_%d', %" PRId64 " - %d, 'active', 's', 'hash-%d', %s,"
		" %s) RETURNING id",
		r.client_id, n, n, RELAY_GROUP, n, n, at, at));
	r.project_id = pg_count(arena_printf(
		&unit_arena,
		"INSERT INTO projects (client_id, name, slug, bot_id,"
		" created_at, updated_at) VALUES (%" PRId64 ", 'P', 'p',"
		" %" PRId64 ", %s, %s) RETURNING id",
		r.client_id, r.bot_id, at, at));
	r.account_id = pg_count(arena_printf(
		&unit_arena,
		"INSERT INTO avito_accounts (client_id, project_id,"
		" api_client_id, api_client_secret_sealed,"
		" api_client_secret_tail, avito_user_id, status,"
		" webhook_secret_sealed, webhook_secret_hash, created_at,"
		" updated_at) VALUES (%" PRId64 ", %" PRId64 ", 'id', 's',"
		" 't', %d + %d, 'active', 's', 'hash-%d', %s, %s)"
		" RETURNING id",
		r.client_id, r.project_id, RELAY_AVITO_USER, n, n, at, at));
	return r;
}

struct message_in relay_text(const struct relay *r, const char *external_id,
			     const char *text)
{
	return (struct message_in){
		.client_id = r->client_id,
		.source = "avito",
		.source_id = r->account_id,
		.chat = "chat-1",
		.external_id = external_id,
		.author_id = "40002",
		.author_name = "",
		.kind = "text",
		.foreign_kind = "text",
		.text = text,
		.buyer_id = "40002",
		.item_id = 77,
		.written_at = RELAY_NOW,
		.now = RELAY_NOW,
	};
}

int64_t relay_take(struct db *db, const struct message_in *m,
		   bool (*take)(struct db *db, struct arena *a,
				const struct message_in *m, int64_t *id,
				struct err *err))
{
	struct err err = { 0 };
	int64_t id = -1;
	bool ok = db_begin(db, &err);

	if (ok) {
		dialog_queue_make(db, &unit_arena, m);
		ok = take(db, &unit_arena, m, &id, &err);
	}
	CU_ASSERT_TRUE(db_finish(db, ok, &err));
	UNIT_ASSERT_STR(err.text, "");
	return id;
}

int64_t relay_begin(struct db *db, struct attempt_new *t)
{
	struct err err = { 0 };
	bool ok;

	t->lease_until = RELAY_NOW + INT64_C(60000000);
	ok = db_begin(db, &err) &&
	     attempts_begin(db, &unit_arena, t, 1, RELAY_NOW, &err);
	CU_ASSERT_TRUE(db_finish(db, ok, &err));
	UNIT_ASSERT_STR(err.text, "");
	return t->id;
}

bool relay_outcome(struct db *db, struct outcome o)
{
	struct err err = { 0 };
	bool ok = db_begin(db, &err) &&
		  outcomes_write(db, &unit_arena, &o, 1, RELAY_NOW, &err);

	CU_ASSERT_TRUE(db_finish(db, ok, &err));
	UNIT_ASSERT_STR(err.text, "");
	return o.is_owned;
}
