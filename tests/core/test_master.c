/*
 * test_master.c - which bot people sign in by.
 */
#include "config.h"

#include <inttypes.h>

#include "core/as.h"
#include "core/bot.h"
#include "core/installation.h"
#include "core/master.h"
#include "harness/pg.h"
#include "harness/unit.h"

#define NOW INT64_C(1790000000000000)

static const struct settings without = { .master_bot_name = "" };
static struct as_clients c;

static bool set(const struct settings *s, const struct master_change *change)
{
	as_begin(0);
	return as_end(master_set(as_db, &unit_arena, s, change, NOW,
				 &as_problems, &as_err));
}

static bool set_token(const struct settings *s, struct secret token)
{
	struct master_change change = { .has_token = true, .token = token };

	return set(s, &change);
}

/* As somebody who is not signed in. */
static struct master find(const struct settings *s)
{
	struct master m;

	as_err = (struct err){ 0 };
	CU_ASSERT_TRUE(db_begin(as_db, &as_err) &&
		       master_find(as_db, &unit_arena, s, &m, &as_err));
	CU_ASSERT_TRUE(db_finish(as_db, true, &as_err));
	return m;
}

static void without_any_token_there_is_no_master_bot(void)
{
	struct master m;

	c = as_setup();
	m = find(&without);
	UNIT_ASSERT_STR(master_source_name(m.source), "none");
	UNIT_ASSERT_INT(m.token.len, 0);
	UNIT_ASSERT_INT(m.telegram_id, 0);
	UNIT_ASSERT_STR(m.name, "");
}

static void an_administrators_token_is_sealed_and_checked(void)
{
	struct master m;

	c = as_setup();
	CU_ASSERT_TRUE(set_token(&without, as_token(7001)));
	m = find(&without);
	UNIT_ASSERT_STR(master_source_name(m.source), "cabinet");
	UNIT_ASSERT_STR(m.token.bytes, as_token(7001).bytes);
	UNIT_ASSERT_INT(m.telegram_id, 7001);
	UNIT_ASSERT_INT(as_tasks("master.poll", 0), 1);
	UNIT_ASSERT_STR(pg_text("SELECT status FROM master_bot"), "checking");
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM settings WHERE value IS"
				 " NULL AND value_sealed NOT LIKE '%7001%'"),
			1);
}

static void the_configurations_token_goes_before(void)
{
	struct settings s = { .master_bot_token = as_token(7002),
			      .master_bot_name = "config_bot" };
	struct master_change name = { .has_name = true, .name = "other_bot" };
	struct master m;

	c = as_setup();
	CU_ASSERT_TRUE(set_token(&without, as_token(7001)));
	m = find(&s);
	UNIT_ASSERT_STR(master_source_name(m.source), "configuration");
	UNIT_ASSERT_INT(m.telegram_id, 7002);
	UNIT_ASSERT_STR(m.name, "config_bot");
	CU_ASSERT_FALSE(set_token(&s, as_token(7003)));
	UNIT_ASSERT_STR(as_bad_fields(), "master_bot_token");
	CU_ASSERT_FALSE(set(&s, &name));
	UNIT_ASSERT_STR(as_bad_fields(), "master_bot_name");
}

static void a_name_is_the_cabinets_else_telegrams(void)
{
	struct master_change change = { .has_name = true, .name = "our_bot" };

	c = as_setup();
	CU_ASSERT_TRUE(set_token(&without, as_token(7001)));
	pg_run("UPDATE master_bot SET username = 'learned_bot'");
	UNIT_ASSERT_STR(find(&without).name, "learned_bot");
	CU_ASSERT_TRUE(set(&without, &change));
	UNIT_ASSERT_STR(find(&without).name, "our_bot");
	change.name = "";
	CU_ASSERT_TRUE(set(&without, &change));
	UNIT_ASSERT_STR(find(&without).name, "learned_bot");
	/* What Telegram said of another bot is no name of this one. */
	pg_run("UPDATE master_bot SET telegram_id = 5");
	UNIT_ASSERT_STR(find(&without).name, "");
}

static void a_malformed_token_or_name_is_refused(void)
{
	struct master_change change = {
		.has_token = true,
		.token = { "7001:short", 10 },
		.has_name = true,
		.name = "@our_bot",
	};

	c = as_setup();
	CU_ASSERT_FALSE(set(&without, &change));
	UNIT_ASSERT_STR(as_bad_fields(), "master_bot_token,master_bot_name");
}

static void an_empty_token_takes_the_bot_away(void)
{
	c = as_setup();
	CU_ASSERT_TRUE(set_token(&without, as_token(7001)));
	CU_ASSERT_TRUE(set_token(&without, (struct secret){ 0 }));
	UNIT_ASSERT_INT(find(&without).telegram_id, 0);
	UNIT_ASSERT_STR(pg_text("SELECT status FROM master_bot"), "off");
}

static bool add_bot(int64_t number)
{
	struct bot b = { .client_id = c.ours, .topic_mode = true };

	as_begin(c.ours);
	return as_end(bot_add(as_db, &unit_arena, &b, as_token(number), NOW,
			      &as_problems, &as_err));
}

static void a_bot_is_a_clients_or_the_master_never_both(void)
{
	c = as_setup();
	CU_ASSERT_TRUE(add_bot(7001));
	CU_ASSERT_FALSE(set_token(&without, as_token(7001)));
	UNIT_ASSERT_INT(as_err.kind, ERR_CONFLICT);
	UNIT_ASSERT_STR(as_err.field, "master_bot_token");
	CU_ASSERT_TRUE(set_token(&without, as_token(7002)));
	CU_ASSERT_FALSE(add_bot(7002));
	UNIT_ASSERT_INT(as_err.kind, ERR_CONFLICT);
	UNIT_ASSERT_STR(as_err.field, "token");
}

static void a_new_token_of_the_same_bot_goes_on_where_it_was(void)
{
	struct secret other = as_token(7001);
	const char *text = arena_printf(&unit_arena, "%s-new", other.bytes);

	c = as_setup();
	CU_ASSERT_TRUE(set_token(&without, as_token(7001)));
	pg_run("UPDATE master_bot SET update_id = 77, status = 'error'");
	other = (struct secret){ text, strlen(text) };
	CU_ASSERT_TRUE(set_token(&without, other));
	UNIT_ASSERT_INT(pg_count("SELECT update_id FROM master_bot"), 77);
	UNIT_ASSERT_STR(pg_text("SELECT status FROM master_bot"), "checking");
	CU_ASSERT_TRUE(set_token(&without, as_token(7002)));
	UNIT_ASSERT_INT(pg_count("SELECT update_id FROM master_bot"), 0);
}

static void updates_advance_from_where_a_poll_began(void)
{
	bool mine;

	c = as_setup();
	CU_ASSERT_TRUE(set_token(&without, as_token(7001)));
	as_begin(0);
	CU_ASSERT_TRUE(master_bot_advance(as_db, &unit_arena, 7001, 0, 9, NOW,
					  &mine, &as_err));
	CU_ASSERT_TRUE(mine);
	CU_ASSERT_TRUE(master_bot_advance(as_db, &unit_arena, 7001, 0, 9, NOW,
					  &mine, &as_err));
	CU_ASSERT_FALSE(mine);
	CU_ASSERT_TRUE(master_bot_advance(as_db, &unit_arena, 7001, 9, 3, NOW,
					  &mine, &as_err));
	CU_ASSERT_TRUE(mine);
	CU_ASSERT_TRUE(as_end(true));
}

static void anybody_may_sign_up_unless_an_invite_is_demanded(void)
{
	bool open = false;

	c = as_setup();
	as_begin(0);
	CU_ASSERT_TRUE(sign_up_open(as_db, &unit_arena, &open, &as_err));
	CU_ASSERT_TRUE(open);
	CU_ASSERT_TRUE(sign_up_set(as_db, &unit_arena, "invite", NOW, &as_err));
	CU_ASSERT_TRUE(as_end(true));
	CU_ASSERT_TRUE(db_begin(as_db, &as_err) &&
		       sign_up_open(as_db, &unit_arena, &open, &as_err));
	CU_ASSERT_TRUE(db_finish(as_db, true, &as_err));
	CU_ASSERT_FALSE(open);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(without_any_token_there_is_no_master_bot),
		UNIT_TEST(an_administrators_token_is_sealed_and_checked),
		UNIT_TEST(the_configurations_token_goes_before),
		UNIT_TEST(a_name_is_the_cabinets_else_telegrams),
		UNIT_TEST(a_malformed_token_or_name_is_refused),
		UNIT_TEST(an_empty_token_takes_the_bot_away),
		UNIT_TEST(a_bot_is_a_clients_or_the_master_never_both),
		UNIT_TEST(a_new_token_of_the_same_bot_goes_on_where_it_was),
		UNIT_TEST(updates_advance_from_where_a_poll_began),
		UNIT_TEST(anybody_may_sign_up_unless_an_invite_is_demanded),
	};

	pg_start();
	return unit_main("master", tests, ARRAY_LEN(tests), argc, argv);
}
