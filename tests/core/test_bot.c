/*
 * test_bot.c - bots and Avito accounts: set up, changed, taken away.
 */
#include "config.h"

#include <inttypes.h>

#include "base/json.h"
#include "core/as.h"
#include "core/avito_account.h"
#include "core/bot.h"
#include "harness/pg.h"
#include "harness/unit.h"

#define NOW   INT64_C(1790000000000000)
#define GROUP INT64_C(-1001234567890)
#define HOOK  "https://tuberry.example"

static struct as_clients c;
static const struct secret no_secret;

static const char *query(const char *fmt, int64_t id)
{
	return pg_text(arena_printf(&unit_arena, "%s%" PRId64, fmt, id));
}

static bool add_bot(int64_t client_id, int64_t number, int64_t group,
		    struct bot *b)
{
	*b = (struct bot){
		.client_id = client_id,
		.group_chat_id = group,
		.topic_mode = true,
	};
	as_begin(client_id);
	return as_end(bot_add(as_db, &unit_arena, b, as_token(number), NOW,
			      &as_problems, &as_err));
}

static void a_new_bot_is_checked_and_hooked_by_the_daemon(void)
{
	struct secret token;
	struct bot b;

	c = as_setup();
	CU_ASSERT_TRUE(add_bot(c.ours, 7001, GROUP, &b));
	UNIT_ASSERT_INT(b.telegram_id, 7001);
	UNIT_ASSERT_STR(query("SELECT status FROM bots WHERE id = ", b.id),
			"checking");
	UNIT_ASSERT_STR(b.token_tail, "…z_-0");
	UNIT_ASSERT_INT(as_tasks("bot.check", b.id), 1);
	UNIT_ASSERT_INT(as_tasks("bot.webhook", b.id), 1);
	CU_ASSERT_TRUE(unseal(&unit_arena, "bots.token", b.token_sealed, &token,
			      &as_err));
	UNIT_ASSERT_STR(token.bytes, as_token(7001).bytes);
}

static void a_malformed_token_is_refused(void)
{
	static const char *const bad[] = {
		"x",
		"7001:short",
		":AAabcdefghijklmnopqrstuvwxyz",
		"7001:AAabcdefghijklmnopqrst vwxyz",
		"-7:AAabcdefghijklmnopqrstuvwxyz",
		"7001AAabcdefghijklmnopqrstuvwxyz",
		"99999999999999999999:AAabcdefghijklmnopqrstuvwxyz",
	};

	c = as_setup();
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct bot b = { .client_id = c.ours, .group_chat_id = 5 };
		struct secret token = { bad[i], strlen(bad[i]) };

		as_begin(c.ours);
		CU_ASSERT_FALSE(as_end(bot_add(as_db, &unit_arena, &b, token,
					       NOW, &as_problems, &as_err)));
		UNIT_ASSERT_STR(as_bad_fields(), "token,group_chat_id");
	}
}

static void a_bot_is_connected_once_in_the_installation(void)
{
	struct bot b;

	c = as_setup();
	CU_ASSERT_TRUE(add_bot(c.other, 7001, 0, &b));
	CU_ASSERT_FALSE(add_bot(c.ours, 7001, 0, &b));
	UNIT_ASSERT_INT(as_err.kind, ERR_CONFLICT);
	UNIT_ASSERT_STR(as_err.field, "token");
	CU_ASSERT_PTR_NOT_NULL(strstr(as_err.text, "already connected"));
}

static void a_group_belongs_to_one_client(void)
{
	struct bot b;

	c = as_setup();
	CU_ASSERT_TRUE(add_bot(c.other, 7001, GROUP, &b));
	CU_ASSERT_TRUE(add_bot(c.other, 7002, GROUP, &b));
	CU_ASSERT_FALSE(add_bot(c.ours, 7003, GROUP, &b));
	UNIT_ASSERT_INT(as_err.kind, ERR_CONFLICT);
	UNIT_ASSERT_STR(as_err.field, "group_chat_id");
}

static void the_daemon_has_seen_to_all(const char *tables)
{
	pg_run(arena_printf(&unit_arena,
			    "DELETE FROM tasks; UPDATE %s SET status ="
			    " 'active'",
			    tables));
}

static bool change_bot(int64_t id, int64_t group, struct secret token)
{
	struct bot before, b;
	bool ok;

	as_begin(c.ours);
	ok = bot_lock(as_db, &unit_arena, c.ours, id, &before, &as_err);
	b = before;
	b.group_chat_id = group;
	return as_end(ok && bot_change(as_db, &unit_arena, &before, &b, token,
				       NOW, &as_problems, &as_err));
}

static void a_new_token_or_group_is_checked_again(void)
{
	struct bot b;

	c = as_setup();
	CU_ASSERT_TRUE(add_bot(c.ours, 7001, GROUP, &b));
	the_daemon_has_seen_to_all("bots");
	CU_ASSERT_TRUE(change_bot(b.id, GROUP, no_secret));
	UNIT_ASSERT_INT(as_tasks("bot.check", b.id), 0);
	CU_ASSERT_TRUE(change_bot(b.id, GROUP - 1, no_secret));
	UNIT_ASSERT_INT(as_tasks("bot.check", b.id), 1);
	UNIT_ASSERT_STR(query("SELECT status FROM bots WHERE id = ", b.id),
			"checking");
	the_daemon_has_seen_to_all("bots");
	CU_ASSERT_TRUE(change_bot(b.id, GROUP - 1, as_token(7001)));
	UNIT_ASSERT_INT(as_tasks("bot.webhook", b.id), 1);
}

static void a_token_of_another_bot_is_refused(void)
{
	struct bot b;

	c = as_setup();
	CU_ASSERT_TRUE(add_bot(c.ours, 7001, GROUP, &b));
	CU_ASSERT_FALSE(change_bot(b.id, GROUP, as_token(7002)));
	UNIT_ASSERT_STR(as_bad_fields(), "token");
}

static void a_new_webhook_secret_leaves_the_old_one_good(void)
{
	struct bot b;
	const char *old, *url;

	c = as_setup();
	CU_ASSERT_TRUE(add_bot(c.ours, 7001, GROUP, &b));
	the_daemon_has_seen_to_all("bots");
	for (int i = 0; i < 2; i++) {
		as_begin(c.ours);
		CU_ASSERT_TRUE(bot_lock(as_db, &unit_arena, c.ours, b.id, &b,
					&as_err));
		old = i == 0 ? b.webhook_secret_hash : b.webhook_old_hash;
		CU_ASSERT_TRUE(as_end(bot_renew_webhook(as_db, &unit_arena, &b,
							NOW, &as_err)));
		UNIT_ASSERT_STR(query("SELECT webhook_old_hash FROM bots"
				      " WHERE id = ",
				      b.id),
				old);
		CU_ASSERT_STRING_NOT_EQUAL(b.webhook_secret_hash, old);
	}
	UNIT_ASSERT_INT(as_tasks("bot.webhook", b.id), 1);
	UNIT_ASSERT_INT(as_tasks("bot.check", b.id), 0);
	CU_ASSERT_TRUE(bot_webhook_url(&unit_arena, HOOK, &b, &url, &as_err));
	CU_ASSERT_PTR_NOT_NULL(strstr(url, HOOK "/api/webhooks/telegram/"));
}

static bool remove_bot(int64_t id)
{
	struct bot b;

	as_begin(c.ours);
	return as_end(bot_lock(as_db, &unit_arena, c.ours, id, &b, &as_err) &&
		      bot_remove(as_db, &unit_arena, &b, NOW, &as_err));
}

static int64_t add_project(int64_t client_id, int64_t bot_id)
{
	return pg_count(arena_printf(
		&unit_arena,
		"INSERT INTO projects (client_id, name, slug, bot_id,"
		" created_at, updated_at) VALUES (%" PRId64
		", 'P', random()::text, nullif(%" PRId64
		", 0), now(), now()) RETURNING id",
		client_id, bot_id));
}

static void a_bot_in_use_stays(void)
{
	struct bot b;

	c = as_setup();
	CU_ASSERT_TRUE(add_bot(c.ours, 7001, GROUP, &b));
	add_project(c.ours, b.id);
	CU_ASSERT_FALSE(remove_bot(b.id));
	UNIT_ASSERT_INT(as_err.kind, ERR_CONFLICT);
	CU_ASSERT_PTR_NOT_NULL(strstr(as_err.text, "projects (1)"));
}

/* A dialog with a message on its way to the team. */
static void add_dialog(int64_t project_id, int64_t source_id, int64_t bot_id)
{
	pg_run(arena_printf(
		&unit_arena,
		"WITH g AS (INSERT INTO dialogs (client_id, project_id,"
		"  source, source_id, external_chat_id, bot_id, group_chat_id,"
		"  topic_id, last_message_at, created_at)"
		"  VALUES (%" PRId64 ", %" PRId64 ", 'avito', %" PRId64
		", random()::text, nullif(%" PRId64
		", 0), -1, 2, now(), now()) RETURNING client_id, id),"
		" m AS (INSERT INTO messages (client_id, dialog_id, origin,"
		"  origin_id, author, kind, text, written_at, created_at)"
		"  SELECT client_id, id, 'avito', 1, 'buyer', 'text', 'Hi',"
		"  now(), now() FROM g RETURNING id),"
		" l AS (INSERT INTO lanes (client_id, dialog_id, direction,"
		"  last_seq, held_by) SELECT client_id, id, 'team', 1, 'bot:0'"
		"  FROM g)"
		" INSERT INTO deliveries (client_id, dialog_id, direction,"
		"  seq, message_id, created_at, updated_at)"
		"  SELECT g.client_id, g.id, 'team', 1, m.id, now(), now()"
		"  FROM g, m",
		c.ours, project_id, source_id, bot_id));
}

static void a_bot_with_open_deliveries_stays(void)
{
	struct bot b;

	c = as_setup();
	CU_ASSERT_TRUE(add_bot(c.ours, 7001, GROUP, &b));
	add_dialog(add_project(c.ours, 0), 1, b.id);
	CU_ASSERT_FALSE(remove_bot(b.id));
	UNIT_ASSERT_INT(as_err.kind, ERR_CONFLICT);
	pg_run("UPDATE deliveries SET state = 'done'");
	CU_ASSERT_TRUE(remove_bot(b.id));
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM dialogs WHERE bot_id IS"
				 " NULL AND topic_id IS NULL"),
			1);
}

static void a_removed_bot_is_unhooked(void)
{
	struct bot b;

	c = as_setup();
	CU_ASSERT_TRUE(add_bot(c.ours, 7001, GROUP, &b));
	CU_ASSERT_TRUE(remove_bot(b.id));
	UNIT_ASSERT_INT(as_tasks("bot.unhook", b.id), 1);
	UNIT_ASSERT_STR(pg_text("SELECT args->>'token_sealed' FROM tasks"
				" WHERE kind = 'bot.unhook'"),
			b.token_sealed);
}

static void another_clients_bot_is_missing(void)
{
	struct bot b;

	c = as_setup();
	CU_ASSERT_TRUE(add_bot(c.other, 7001, GROUP, &b));
	CU_ASSERT_FALSE(remove_bot(b.id));
	UNIT_ASSERT_INT(as_err.kind, ERR_MISSING);
	CU_ASSERT_FALSE(change_bot(b.id, GROUP, no_secret));
	UNIT_ASSERT_INT(as_err.kind, ERR_MISSING);
}

static struct secret api_secret(const char *s)
{
	return (struct secret){ s, strlen(s) };
}

static bool add_account(int64_t project_id, struct avito_account *x)
{
	*x = (struct avito_account){
		.client_id = c.ours,
		.project_id = project_id,
		.api_client_id = "client",
		.monitoring = true,
	};
	as_begin(c.ours);
	return as_end(avito_account_add(
		as_db, &unit_arena, x,
		api_secret("an-avito-client-secret-long-1234"), NOW,
		&as_problems, &as_err));
}

static void a_new_account_is_checked_by_the_daemon(void)
{
	struct avito_account x;
	struct secret s;

	c = as_setup();
	CU_ASSERT_TRUE(add_account(add_project(c.ours, 0), &x));
	UNIT_ASSERT_INT(as_tasks("avito.check", x.id), 1);
	UNIT_ASSERT_STR(x.secret_tail, "…1234");
	CU_ASSERT_TRUE(unseal(&unit_arena, "avito_accounts.api_client_secret",
			      x.secret_sealed, &s, &as_err));
	UNIT_ASSERT_STR(s.bytes, "an-avito-client-secret-long-1234");
}

static void an_account_names_objects_of_its_client(void)
{
	struct avito_account x;
	struct bot b;

	c = as_setup();
	CU_ASSERT_TRUE(add_bot(c.other, 7001, GROUP, &b));
	CU_ASSERT_FALSE(add_account(add_project(c.other, 0), &x));
	UNIT_ASSERT_STR(as_bad_fields(), "project_id");
	x = (struct avito_account){
		.project_id = add_project(c.ours, 0),
		.bot_id = b.id,
		.api_client_id = "",
	};
	as_begin(0);
	CU_ASSERT_FALSE(
		as_end(avito_account_add(as_db, &unit_arena, &x, no_secret, NOW,
					 &as_problems, &as_err)));
	UNIT_ASSERT_STR(as_bad_fields(),
			"api_client_secret,api_client_id,bot_id");
}

static bool change_account(int64_t id, bool monitoring, int64_t project_id,
			   struct secret secret)
{
	struct avito_account before, x;
	bool ok;

	as_begin(c.ours);
	ok = avito_account_lock(as_db, &unit_arena, c.ours, id, &before,
				&as_err);
	x = before;
	x.monitoring = monitoring;
	x.project_id = project_id ? project_id : before.project_id;
	return as_end(ok &&
		      avito_account_change(as_db, &unit_arena, &before, &x,
					   secret, NOW, &as_problems, &as_err));
}

static void new_credentials_drop_the_former_token(void)
{
	static const char state[] =
		"SELECT token_generation::text || status ||"
		" (token_sealed IS NULL)::text || (walked_at IS NULL)::text"
		" FROM avito_accounts WHERE id = ";
	struct avito_account x;

	c = as_setup();
	CU_ASSERT_TRUE(add_account(add_project(c.ours, 0), &x));
	pg_run("UPDATE avito_accounts SET token_sealed = 'x',"
	       " walked_at = now()");
	the_daemon_has_seen_to_all("avito_accounts");
	CU_ASSERT_TRUE(change_account(x.id, true, 0, no_secret));
	UNIT_ASSERT_STR(query(state, x.id), "0activefalsefalse");
	UNIT_ASSERT_INT(as_tasks("avito.check", x.id), 0);
	CU_ASSERT_TRUE(change_account(x.id, true, 0, api_secret("new")));
	UNIT_ASSERT_STR(query(state, x.id), "1checkingtruetrue");
	UNIT_ASSERT_INT(as_tasks("avito.check", x.id), 1);
	the_daemon_has_seen_to_all("avito_accounts");
	CU_ASSERT_TRUE(change_account(x.id, false, 0, no_secret));
	UNIT_ASSERT_INT(as_tasks("avito.check", x.id), 1);
}

static void a_moved_account_takes_its_dialogs_and_wakes_lanes(void)
{
	int64_t first, second;
	struct avito_account x;

	c = as_setup();
	first = add_project(c.ours, 0);
	second = add_project(c.ours, 0);
	CU_ASSERT_TRUE(add_account(first, &x));
	add_dialog(first, x.id, 0);
	CU_ASSERT_TRUE(change_account(x.id, true, second, no_secret));
	UNIT_ASSERT_INT(pg_count(arena_printf(&unit_arena,
					      "SELECT count(*) FROM dialogs"
					      " WHERE project_id = %" PRId64,
					      second)),
			1);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM lanes"
				 " WHERE held_by IS NULL"),
			1);
}

static bool remove_account(int64_t id, bool with_dialogs)
{
	struct avito_account x;

	as_begin(c.ours);
	return as_end(avito_account_lock(as_db, &unit_arena, c.ours, id, &x,
					 &as_err) &&
		      avito_account_remove(as_db, &unit_arena, &x, with_dialogs,
					   HOOK, NOW, &as_err));
}

static void an_account_with_dialogs_stays_unless_they_may_go(void)
{
	struct avito_account x;
	int64_t project;

	c = as_setup();
	project = add_project(c.ours, 0);
	CU_ASSERT_TRUE(add_account(project, &x));
	add_dialog(project, x.id, 0);
	CU_ASSERT_FALSE(remove_account(x.id, false));
	UNIT_ASSERT_INT(as_err.kind, ERR_CONFLICT);
	CU_ASSERT_PTR_NOT_NULL(strstr(as_err.text, "with_dialogs=true"));
	CU_ASSERT_TRUE(remove_account(x.id, true));
	UNIT_ASSERT_INT(pg_count("SELECT (SELECT count(*) FROM messages) +"
				 " (SELECT count(*) FROM lanes) +"
				 " (SELECT count(*) FROM deliveries)"),
			0);
	UNIT_ASSERT_INT(as_tasks("avito.unsubscribe", x.id), 0);
}

static void a_subscribed_account_says_goodbye(void)
{
	struct avito_account x;
	struct secret url;

	c = as_setup();
	CU_ASSERT_TRUE(add_account(add_project(c.ours, 0), &x));
	pg_run("UPDATE avito_accounts SET webhook_subscribed_at = now()");
	CU_ASSERT_TRUE(remove_account(x.id, false));
	UNIT_ASSERT_INT(as_tasks("avito.unsubscribe", x.id), 1);
	CU_ASSERT_TRUE(unseal(&unit_arena, "tasks.url",
			      pg_text("SELECT args->>'url_sealed' FROM tasks"
				      " WHERE kind = 'avito.unsubscribe'"),
			      &url, &as_err));
	CU_ASSERT_PTR_NOT_NULL(strstr(url.bytes, HOOK "/api/webhooks/avito/"));
}

static void a_check_is_left_to_the_daemon(void)
{
	struct avito_account x;

	c = as_setup();
	CU_ASSERT_TRUE(add_account(add_project(c.ours, 0), &x));
	the_daemon_has_seen_to_all("avito_accounts");
	as_begin(c.ours);
	CU_ASSERT_TRUE(as_end(
		avito_account_lock(as_db, &unit_arena, c.ours, x.id, &x,
				   &as_err) &&
		avito_account_check(as_db, &unit_arena, &x, NOW, &as_err)));
	UNIT_ASSERT_INT(as_tasks("avito.check", x.id), 1);
	CU_ASSERT_FALSE(remove_account(x.id + 1, false));
	UNIT_ASSERT_INT(as_err.kind, ERR_MISSING);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(a_new_bot_is_checked_and_hooked_by_the_daemon),
		UNIT_TEST(a_malformed_token_is_refused),
		UNIT_TEST(a_bot_is_connected_once_in_the_installation),
		UNIT_TEST(a_group_belongs_to_one_client),
		UNIT_TEST(a_new_token_or_group_is_checked_again),
		UNIT_TEST(a_token_of_another_bot_is_refused),
		UNIT_TEST(a_new_webhook_secret_leaves_the_old_one_good),
		UNIT_TEST(a_bot_in_use_stays),
		UNIT_TEST(a_bot_with_open_deliveries_stays),
		UNIT_TEST(a_removed_bot_is_unhooked),
		UNIT_TEST(another_clients_bot_is_missing),
		UNIT_TEST(a_new_account_is_checked_by_the_daemon),
		UNIT_TEST(an_account_names_objects_of_its_client),
		UNIT_TEST(new_credentials_drop_the_former_token),
		UNIT_TEST(a_moved_account_takes_its_dialogs_and_wakes_lanes),
		UNIT_TEST(an_account_with_dialogs_stays_unless_they_may_go),
		UNIT_TEST(a_subscribed_account_says_goodbye),
		UNIT_TEST(a_check_is_left_to_the_daemon),
	};

	secret_init();
	pg_start();
	return unit_main("bot", tests, ARRAY_LEN(tests), argc, argv);
}
