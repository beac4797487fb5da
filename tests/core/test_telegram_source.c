/*
 * test_telegram_source.c - Telegram sources: set up, changed, taken away.
 */
#include "config.h"

#include <inttypes.h>

#include "core/as.h"
#include "core/bot.h"
#include "core/telegram_source.h"
#include "harness/pg.h"
#include "harness/unit.h"

#define NOW  INT64_C(1790000000000000)
#define HOOK "https://tuberry.example"

static struct as_clients c;
static const struct secret no_token;

static int64_t add_project(int64_t client_id)
{
	return pg_count(arena_printf(
		&unit_arena,
		"INSERT INTO projects (client_id, name, slug, created_at,"
		" updated_at) VALUES (%" PRId64
		", 'P', random()::text, now(), now()) RETURNING id",
		client_id));
}

static bool add_bot(int64_t client_id, int64_t number, struct bot *b)
{
	*b = (struct bot){ .client_id = client_id, .topic_mode = true };
	as_begin(client_id);
	return as_end(bot_add(as_db, &unit_arena, b, as_token(number), NOW,
			      &as_problems, &as_err));
}

static bool add(int64_t as, int64_t project_id, int64_t bot_id,
		struct secret token, struct telegram_source *s)
{
	*s = (struct telegram_source){ .client_id = as,
				       .project_id = project_id,
				       .bot_id = bot_id,
				       .monitoring = true };
	as_begin(as);
	return as_end(telegram_source_add(as_db, &unit_arena, s, token, NOW,
					  &as_problems, &as_err));
}

static void find(int64_t id, struct telegram_source *s)
{
	as_begin(c.ours);
	CU_ASSERT_TRUE(as_end(telegram_source_find(as_db, &unit_arena, c.ours,
						   id, s, &as_err)));
}

static void a_new_token_makes_a_bot_that_is_looked_at(void)
{
	struct telegram_source s;
	const char *url;

	c = as_setup();
	CU_ASSERT_TRUE(add(c.ours, add_project(c.ours), 0, as_token(7001), &s));
	UNIT_ASSERT_INT(as_tasks("bot.check", s.bot_id), 1);
	UNIT_ASSERT_INT(as_tasks("bot.webhook", s.bot_id), 1);
	find(s.id, &s);
	UNIT_ASSERT_STR(s.status, "checking");
	UNIT_ASSERT_INT(s.bot.telegram_id, 7001);
	CU_ASSERT_TRUE(
		bot_webhook_url(&unit_arena, HOOK, &s.bot, &url, &as_err));
	CU_ASSERT_PTR_NOT_NULL(
		strstr(url, HOOK "/api/webhooks/source-telegram/"));
}

static void a_bot_that_is_there_is_used(void)
{
	struct telegram_source s;
	struct bot b;

	c = as_setup();
	CU_ASSERT_TRUE(add_bot(c.ours, 7001, &b));
	pg_run("DELETE FROM tasks");
	CU_ASSERT_TRUE(add(c.ours, add_project(c.ours), 0, as_token(7001), &s));
	UNIT_ASSERT_INT(s.bot_id, b.id);
	/* Its address is another one now. */
	UNIT_ASSERT_INT(as_tasks("bot.webhook", b.id), 1);
	CU_ASSERT_FALSE(add(c.ours, add_project(c.ours), b.id, no_token, &s));
	UNIT_ASSERT_INT(as_err.kind, ERR_CONFLICT);
	UNIT_ASSERT_STR(as_err.field, "bot_id");
}

static void a_bot_with_a_group_keeps_its_address(void)
{
	struct telegram_source s;
	const char *url;
	struct bot b;

	c = as_setup();
	CU_ASSERT_TRUE(add_bot(c.ours, 7001, &b));
	pg_run("UPDATE bots SET group_chat_id = -100");
	CU_ASSERT_TRUE(add(c.ours, add_project(c.ours), b.id, no_token, &s));
	find(s.id, &s);
	CU_ASSERT_TRUE(
		bot_webhook_url(&unit_arena, HOOK, &s.bot, &url, &as_err));
	CU_ASSERT_PTR_NOT_NULL(strstr(url, "/webhooks/telegram/"));
}

static void another_token_of_a_known_bot_is_refused(void)
{
	static const char other[] = "7001:AAanother-token-0123456789-abc";
	struct telegram_source s;
	struct bot b;

	c = as_setup();
	CU_ASSERT_TRUE(add_bot(c.ours, 7001, &b));
	CU_ASSERT_FALSE(add(c.ours, add_project(c.ours), 0,
			    (struct secret){ other, strlen(other) }, &s));
	UNIT_ASSERT_STR(as_bad_fields(), "token");
}

static void a_bot_or_project_of_another_client_is_refused(void)
{
	struct telegram_source s;
	struct bot b;

	c = as_setup();
	CU_ASSERT_TRUE(add_bot(c.other, 7001, &b));
	CU_ASSERT_FALSE(
		add(c.ours, add_project(c.ours), 0, as_token(7001), &s));
	UNIT_ASSERT_INT(as_err.kind, ERR_CONFLICT);
	CU_ASSERT_PTR_NOT_NULL(strstr(as_err.text, "already connected"));
	CU_ASSERT_FALSE(add(c.ours, add_project(c.ours), b.id, no_token, &s));
	UNIT_ASSERT_STR(as_bad_fields(), "bot_id");
	CU_ASSERT_FALSE(
		add(c.ours, add_project(c.other), 0, as_token(7002), &s));
	UNIT_ASSERT_STR(as_bad_fields(), "project_id");
	/* An administrator names the client by its project, and mixes none. */
	CU_ASSERT_FALSE(add(0, add_project(c.ours), b.id, no_token, &s));
	UNIT_ASSERT_STR(as_bad_fields(), "bot_id");
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM bots"), 1);
}

static void a_bot_is_named_in_one_way(void)
{
	struct telegram_source s;
	struct bot b;

	c = as_setup();
	CU_ASSERT_TRUE(add_bot(c.ours, 7001, &b));
	CU_ASSERT_FALSE(add(c.ours, add_project(c.ours), 0, no_token, &s));
	UNIT_ASSERT_STR(as_bad_fields(), "token");
	CU_ASSERT_FALSE(
		add(c.ours, add_project(c.ours), b.id, as_token(7001), &s));
	UNIT_ASSERT_STR(as_bad_fields(), "bot_id");
}

static void dialogs_follow_into_another_project(void)
{
	struct telegram_source before, s;

	c = as_setup();
	CU_ASSERT_TRUE(add(c.ours, add_project(c.ours), 0, as_token(7001), &s));
	pg_run(arena_printf(
		&unit_arena,
		"INSERT INTO dialogs (client_id, project_id, source,"
		" source_id, external_chat_id, last_message_at, created_at)"
		" VALUES (%" PRId64 ", %" PRId64 ", 'telegram', %" PRId64
		", '501', now(), now())",
		c.ours, s.project_id, s.id));
	find(s.id, &before);
	s = before;
	s.project_id = add_project(c.ours);
	as_begin(c.ours);
	CU_ASSERT_TRUE(as_end(telegram_source_change(as_db, &unit_arena,
						     &before, &s, no_token, NOW,
						     &as_problems, &as_err)));
	UNIT_ASSERT_INT(pg_count("SELECT project_id FROM dialogs"),
			s.project_id);
}

static bool remove_source(int64_t id, bool with_dialogs)
{
	struct telegram_source s;

	as_begin(c.ours);
	return as_end(telegram_source_lock(as_db, &unit_arena, c.ours, id, &s,
					   &as_err) &&
		      telegram_source_remove(as_db, &unit_arena, &s,
					     with_dialogs, NOW, &as_err));
}

static void what_is_taken_away_leaves_its_bot(void)
{
	struct telegram_source s;

	c = as_setup();
	CU_ASSERT_TRUE(add(c.ours, add_project(c.ours), 0, as_token(7001), &s));
	pg_run(arena_printf(
		&unit_arena,
		"WITH b AS (INSERT INTO business_connections (client_id,"
		"  source_id, external_id, user_id, is_enabled, told_at,"
		"  created_at) VALUES (%" PRId64 ", %" PRId64
		", 'bc', 900, false, now(), now()) RETURNING client_id, id),"
		" n AS (INSERT INTO notices (client_id, kind, object, text,"
		"  first_at, last_at) SELECT client_id, 'connection.ended',"
		"  'connection:' || id, 'x', now(), now() FROM b)"
		" INSERT INTO dialogs (client_id, project_id, source,"
		"  source_id, external_chat_id, connection_id,"
		"  last_message_at, created_at)"
		" SELECT %" PRId64 ", %" PRId64 ", 'telegram', %" PRId64
		", '501@900', id, now(), now() FROM b",
		c.ours, s.id, c.ours, s.project_id, s.id));
	CU_ASSERT_FALSE(remove_source(s.id, false));
	UNIT_ASSERT_INT(as_err.kind, ERR_CONFLICT);
	pg_run("DELETE FROM tasks");
	CU_ASSERT_TRUE(remove_source(s.id, true));
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM dialogs"), 0);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM notices"
				 " WHERE closed_at IS NULL"),
			0);
	UNIT_ASSERT_INT(as_tasks("bot.webhook", s.bot_id), 1);
}

static void a_group_in_trouble_is_not_the_sources(void)
{
	struct telegram_source s;

	c = as_setup();
	CU_ASSERT_TRUE(add(c.ours, add_project(c.ours), 0, as_token(7001), &s));
	pg_run("UPDATE bots SET status = 'error', last_error = 'Нет тем'");
	find(s.id, &s);
	UNIT_ASSERT_STR(s.status, "active");
	CU_ASSERT_PTR_NULL(s.last_error);
	pg_run("UPDATE bots SET token_refused = true, last_error = 'Токен'");
	find(s.id, &s);
	UNIT_ASSERT_STR(s.status, "error");
	UNIT_ASSERT_STR(s.last_error, "Токен");
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(a_new_token_makes_a_bot_that_is_looked_at),
		UNIT_TEST(a_bot_that_is_there_is_used),
		UNIT_TEST(a_bot_with_a_group_keeps_its_address),
		UNIT_TEST(another_token_of_a_known_bot_is_refused),
		UNIT_TEST(a_bot_or_project_of_another_client_is_refused),
		UNIT_TEST(a_bot_is_named_in_one_way),
		UNIT_TEST(dialogs_follow_into_another_project),
		UNIT_TEST(what_is_taken_away_leaves_its_bot),
		UNIT_TEST(a_group_in_trouble_is_not_the_sources),
	};

	secret_init();
	pg_start();
	return unit_main("telegram_source", tests, ARRAY_LEN(tests), argc,
			 argv);
}
