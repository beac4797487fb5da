/*
 * test_broken.c - what only a person can mend is noticed once, and goes on by
 * itself.
 */
#include "config.h"

#include "base/clock.h"
#include "core/broken.h"
#include "harness/pg.h"
#include "harness/relay.h"
#include "harness/unit.h"

static struct db *db;
static struct relay relay;
static struct err err;

static void begin_test(void)
{
	pg_reset();
	relay = relay_seed(0);
	err = (struct err){ 0 };
}

static struct broken of_bot(enum chan_trouble trouble, enum err_kind kind)
{
	return (struct broken){ .client_id = relay.client_id,
				.bot_id = relay.bot_id,
				.trouble = trouble,
				.kind = kind,
				.why = "Почему",
				.check_at = RELAY_NOW + CLOCK_SECOND_US };
}

static struct broken of_account(enum chan_trouble trouble, enum err_kind kind)
{
	struct broken b = of_bot(trouble, kind);

	b.bot_id = 0;
	b.account_id = relay.account_id;
	return b;
}

static void report(const struct broken *b)
{
	CU_ASSERT_TRUE(db_begin(db, &err));
	CU_ASSERT_TRUE(broken_report(db, &unit_arena, b, RELAY_NOW, &err));
	CU_ASSERT_TRUE(db_finish(db, true, &err));
}

/* The kinds of the open notices. */
static const char *open_kinds(void)
{
	return pg_text("SELECT coalesce(string_agg(kind, ' ' ORDER BY id), '')"
		       " FROM notices WHERE closed_at IS NULL");
}

static void trouble_decides_what_is_noticed(void)
{
	static const struct {
		enum chan_trouble trouble;
		enum err_kind kind;
		const char *bot, *account;
	} cases[] = {
		{ CHAN_TOKEN_REFUSED, ERR_AUTH, "bot.token", "avito.keys" },
		{ CHAN_FINE, ERR_AUTH, "bot.token", "avito.keys" },
		{ CHAN_KICKED, ERR_DENIED, "bot.group", "avito.refused" },
		{ CHAN_NO_RIGHTS, ERR_DENIED, "bot.rights", "avito.refused" },
		{ CHAN_NOT_FORUM, ERR_DENIED, "bot.forum", "avito.refused" },
		{ CHAN_NO_SUBSCRIPTION, ERR_DENIED, "bot.refused",
		  "avito.plan" },
		{ CHAN_OTHER_ACCOUNT, ERR_NONE, "bot.refused",
		  "avito.account" },
		{ CHAN_FINE, ERR_DENIED, "bot.refused", "avito.refused" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct broken bot, account;

		begin_test();
		bot = of_bot(cases[i].trouble, cases[i].kind);
		account = of_account(cases[i].trouble, cases[i].kind);
		report(&bot);
		UNIT_ASSERT_STR(open_kinds(), cases[i].bot);
		pg_run("DELETE FROM notices");
		report(&account);
		UNIT_ASSERT_STR(open_kinds(), cases[i].account);
	}
}

static void report_shows_at_the_object_and_plans_a_check(void)
{
	struct broken b;

	begin_test();
	b = of_bot(CHAN_KICKED, ERR_DENIED);
	report(&b);
	UNIT_ASSERT_STR(pg_text("SELECT status || ' ' || last_error FROM bots"),
			"error Почему");
	UNIT_ASSERT_STR(pg_text("SELECT kind FROM tasks"), "bot.check");
}

static void cause_that_changes_leaves_one_open(void)
{
	struct broken b;

	begin_test();
	b = of_bot(CHAN_KICKED, ERR_DENIED);
	report(&b);
	report(&b);
	b = of_bot(CHAN_NO_RIGHTS, ERR_DENIED);
	report(&b);
	UNIT_ASSERT_STR(open_kinds(), "bot.rights");
	UNIT_ASSERT_INT(pg_count("SELECT count FROM notices"
				 " WHERE kind = 'bot.group'"),
			2);
}

static void mending_closes_the_notice_and_wakes_what_waits(void)
{
	struct broken b;
	struct message_in m;

	begin_test();
	m = relay_text(&relay, "m1", "Здравствуйте");
	CU_ASSERT_TRUE(relay_take(db, &m, message_take_buyer) > 0);
	b = of_account(CHAN_NO_SUBSCRIPTION, ERR_DENIED);
	report(&b);
	pg_run(arena_printf(&unit_arena,
			    "UPDATE lanes SET due_at = NULL, held_by = '%s'",
			    broken_object(&unit_arena, &b)));
	CU_ASSERT_TRUE(db_begin(db, &err));
	CU_ASSERT_TRUE(broken_mended(db, &unit_arena, &b, RELAY_NOW, &err));
	CU_ASSERT_TRUE(db_finish(db, true, &err));
	UNIT_ASSERT_STR(open_kinds(), "");
	UNIT_ASSERT_INT(
		pg_count("SELECT count(*) FROM lanes"
			 " WHERE held_by IS NOT NULL OR due_at IS NULL"),
		0);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(trouble_decides_what_is_noticed),
		UNIT_TEST(report_shows_at_the_object_and_plans_a_check),
		UNIT_TEST(cause_that_changes_leaves_one_open),
		UNIT_TEST(mending_closes_the_notice_and_wakes_what_waits),
	};
	int status;

	pg_start();
	db = db_new(pg_url(PG_DAEMON), "test", 5000);
	status = unit_main("broken", tests, ARRAY_LEN(tests), argc, argv);
	db_free(db);
	return status;
}
