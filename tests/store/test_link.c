/*
 * test_link.c - what the daemon finds out about bots and accounts is shown,
 * and nothing hides it.
 */
#include "config.h"

#include "harness/pg.h"
#include "harness/relay.h"
#include "harness/unit.h"
#include "store/link.h"

static struct db *db;
static struct relay r;

static void fresh(void)
{
	pg_reset();
	r = relay_seed(1);
}

static void bot_is(const char *status, const char *last_error)
{
	UNIT_ASSERT_STR(pg_text("SELECT status FROM bots"), status);
	UNIT_ASSERT_STR(pg_text("SELECT last_error FROM bots"), last_error);
}

static void check_bot(const char *error)
{
	struct bot_finding f = { .error = error };
	struct err err = { 0 };

	CU_ASSERT_TRUE(
		bot_record(db, &unit_arena, r.bot_id, &f, RELAY_NOW, &err));
}

static void good_check_does_not_hide_a_webhook_that_failed(void)
{
	struct err err = { 0 };

	fresh();
	CU_ASSERT_TRUE(
		bot_webhook_failed(db, &unit_arena, r.bot_id, "no hook", &err));
	bot_is("error", "no hook");
	check_bot(NULL);
	bot_is("error", "no hook");
	CU_ASSERT_TRUE(bot_webhook_confirmed(db, &unit_arena, r.bot_id,
					     "hash-1", RELAY_NOW, &err));
	bot_is("active", "");
}

static void webhook_that_works_does_not_hide_a_check_that_failed(void)
{
	struct err err = { 0 };

	fresh();
	check_bot("no rights");
	CU_ASSERT_TRUE(
		bot_webhook_failed(db, &unit_arena, r.bot_id, "no hook", &err));
	bot_is("error", "no rights");
	CU_ASSERT_TRUE(bot_webhook_confirmed(db, &unit_arena, r.bot_id,
					     "hash-1", RELAY_NOW, &err));
	bot_is("error", "no rights");
	check_bot(NULL);
	bot_is("active", "");
}

static void former_secret_ends_only_with_the_one_that_was_confirmed(void)
{
	struct err err = { 0 };

	fresh();
	pg_run("UPDATE bots SET webhook_old_hash = 'old'");
	CU_ASSERT_TRUE(bot_webhook_confirmed(db, &unit_arena, r.bot_id,
					     "another", RELAY_NOW, &err));
	UNIT_ASSERT_STR(pg_text("SELECT webhook_old_hash FROM bots"), "old");
	CU_ASSERT_TRUE(bot_webhook_confirmed(db, &unit_arena, r.bot_id,
					     "hash-1", RELAY_NOW, &err));
	UNIT_ASSERT_STR(pg_text("SELECT webhook_old_hash FROM bots"), "");
}

static void one_daemon_renews_a_token_and_each_renewal_counts(void)
{
	struct err err = { 0 };
	bool won;

	fresh();
	CU_ASSERT_TRUE(avito_token_lease(db, &unit_arena, r.account_id, 0,
					 RELAY_NOW, RELAY_NOW + 1000, &won,
					 &err));
	CU_ASSERT_TRUE(won);
	CU_ASSERT_TRUE(avito_token_lease(db, &unit_arena, r.account_id, 0,
					 RELAY_NOW, RELAY_NOW + 1000, &won,
					 &err));
	CU_ASSERT_FALSE(won);
	CU_ASSERT_TRUE(avito_token_put(db, &unit_arena, r.account_id, 0,
				       "sealed", RELAY_NOW + 9000, &err));
	UNIT_ASSERT_INT(pg_count("SELECT token_generation"
				 " FROM avito_accounts"),
			1);
	/* Who still holds the former generation has nothing to renew. */
	CU_ASSERT_TRUE(avito_token_lease(db, &unit_arena, r.account_id, 0,
					 RELAY_NOW, RELAY_NOW + 1000, &won,
					 &err));
	CU_ASSERT_FALSE(won);
}

static void account_that_is_connected_elsewhere_is_a_conflict(void)
{
	struct avito_finding f = { .status = "active",
				   .user_id = RELAY_AVITO_USER + 1 };
	struct relay other;
	struct err err = { 0 };

	fresh();
	other = relay_seed(2);
	CU_ASSERT_FALSE(avito_record(db, &unit_arena, other.account_id, &f,
				     RELAY_NOW, &err));
	CU_ASSERT_EQUAL(err.kind, ERR_CONFLICT);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(good_check_does_not_hide_a_webhook_that_failed),
		UNIT_TEST(webhook_that_works_does_not_hide_a_check_that_failed),
		UNIT_TEST(
			former_secret_ends_only_with_the_one_that_was_confirmed),
		UNIT_TEST(one_daemon_renews_a_token_and_each_renewal_counts),
		UNIT_TEST(account_that_is_connected_elsewhere_is_a_conflict),
	};
	int status;

	pg_start();
	db = db_new(pg_url(PG_DAEMON), "test", 5000);
	status = unit_main("link", tests, ARRAY_LEN(tests), argc, argv);
	db_free(db);
	return status;
}
