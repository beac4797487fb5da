/*
 * test_link.c - a link proves a Telegram account once, to whoever holds it.
 */
#include "config.h"

#include "base/clock.h"
#include "core/as.h"
#include "core/link.h"
#include "harness/pg.h"
#include "harness/unit.h"

#define NOW    INT64_C(1790000000000000)
#define PERSON INT64_C(5000000001)
#define MINUTE (60 * CLOCK_SECOND_US)

static struct db *daemon_db;

static void begin_test(void)
{
	as_setup();
	if (!daemon_db)
		daemon_db = db_new(pg_url(PG_DAEMON), "test_link", 20000);
	as_err = (struct err){ 0 };
}

/* As the daemon does it. */
static bool make(int64_t update_id, int64_t now, struct secret *token)
{
	struct link_new n = { .telegram_user_id = PERSON,
			      .username = "olga",
			      .first_name = "Ольга",
			      .update_id = update_id };
	struct arena *a = &unit_arena;
	int64_t expires_at;
	bool ok;

	as_err = (struct err){ 0 };
	ok = db_begin(daemon_db, &as_err) &&
	     link_make(daemon_db, a, &n, now, token, &expires_at, &as_err);
	if (ok)
		UNIT_ASSERT_INT(expires_at, now + 15 * MINUTE);
	return db_finish(daemon_db, ok, &as_err);
}

/* As a page does it: bound to no client. */
static bool find(struct secret token, int64_t now, struct link *l)
{
	bool ok;

	as_err = (struct err){ 0 };
	ok = db_begin(as_db, &as_err) &&
	     link_find(as_db, &unit_arena, token, now, l, &as_err);
	return db_finish(as_db, ok, &as_err);
}

static bool take(struct secret token, int64_t now)
{
	struct link l;
	bool ok;

	as_err = (struct err){ 0 };
	ok = db_begin(as_db, &as_err) &&
	     link_find(as_db, &unit_arena, token, now, &l, &as_err) &&
	     link_take(as_db, &unit_arena, &l, now, &as_err);
	return db_finish(as_db, ok, &as_err);
}

static void looking_at_a_link_consumes_nothing(void)
{
	struct secret token;
	struct link l;

	begin_test();
	CU_ASSERT_TRUE_FATAL(make(7, NOW, &token));
	for (int i = 0; i < 3; i++)
		CU_ASSERT_TRUE(find(token, NOW + MINUTE, &l));
	UNIT_ASSERT_INT(l.telegram_user_id, PERSON);
	UNIT_ASSERT_STR(l.username, "olga");
	UNIT_ASSERT_STR(l.first_name, "Ольга");
	UNIT_ASSERT_INT(l.invite_id, 0);
	UNIT_ASSERT_INT(l.expires_at, NOW + 15 * MINUTE);
	CU_ASSERT_TRUE(take(token, NOW + MINUTE));
}

static void a_link_is_good_once(void)
{
	struct secret token;

	begin_test();
	CU_ASSERT_TRUE_FATAL(make(7, NOW, &token));
	CU_ASSERT_TRUE(take(token, NOW));
	CU_ASSERT_FALSE(take(token, NOW));
	UNIT_ASSERT_INT(as_err.kind, ERR_MISSING);
}

static void a_link_that_was_taken_in_vain_is_still_good(void)
{
	struct secret token;
	struct link l;

	begin_test();
	CU_ASSERT_TRUE_FATAL(make(7, NOW, &token));
	CU_ASSERT_TRUE(db_begin(as_db, &as_err) &&
		       link_find(as_db, &unit_arena, token, NOW, &l, &as_err) &&
		       link_take(as_db, &unit_arena, &l, NOW, &as_err));
	CU_ASSERT_FALSE(db_finish(as_db, false, &as_err));
	CU_ASSERT_TRUE(take(token, NOW));
}

static void a_link_dies_after_fifteen_minutes(void)
{
	struct secret token;
	struct link l;

	begin_test();
	CU_ASSERT_TRUE_FATAL(make(7, NOW, &token));
	CU_ASSERT_TRUE(find(token, NOW + 15 * MINUTE - 1, &l));
	CU_ASSERT_FALSE(find(token, NOW + 15 * MINUTE, &l));
	UNIT_ASSERT_INT(as_err.kind, ERR_MISSING);
	CU_ASSERT_FALSE(take(token, NOW + 15 * MINUTE));
}

/* Both have found it before either takes it. */
static void of_two_at_once_one_wins(void)
{
	struct db *second = db_new(pg_url(PG_WEB), "test_link_2", 20000);
	struct err err = { 0 };
	struct secret token;
	struct link a, b;

	begin_test();
	CU_ASSERT_TRUE_FATAL(make(7, NOW, &token));
	CU_ASSERT_TRUE(db_begin(as_db, &as_err) &&
		       link_find(as_db, &unit_arena, token, NOW, &a, &as_err));
	CU_ASSERT_TRUE(db_begin(second, &err) &&
		       link_find(second, &unit_arena, token, NOW, &b, &err));
	CU_ASSERT_TRUE(link_take(as_db, &unit_arena, &a, NOW, &as_err));
	CU_ASSERT_TRUE(db_finish(as_db, true, &as_err));
	CU_ASSERT_FALSE(link_take(second, &unit_arena, &b, NOW, &err));
	UNIT_ASSERT_INT(err.kind, ERR_CONFLICT);
	CU_ASSERT_FALSE(db_finish(second, false, &err));
	db_free(second);
}

static void a_new_link_ends_the_former_one(void)
{
	struct secret first, second;
	struct link l;

	begin_test();
	CU_ASSERT_TRUE(make(7, NOW, &first));
	CU_ASSERT_TRUE(make(8, NOW + 1, &second));
	CU_ASSERT_FALSE(find(first, NOW + 2, &l));
	CU_ASSERT_TRUE(find(second, NOW + 2, &l));
}

static void a_person_may_ask_five_times_in_ten_minutes(void)
{
	struct secret token;

	begin_test();
	for (int i = 0; i < 5; i++)
		CU_ASSERT_TRUE(make(i + 1, NOW + i * MINUTE, &token));
	CU_ASSERT_FALSE(make(6, NOW + 5 * MINUTE, &token));
	UNIT_ASSERT_INT(as_err.kind, ERR_LIMIT);
	UNIT_ASSERT_INT(as_err.retry_s, 301);
	CU_ASSERT_TRUE(make(6, NOW + 10 * MINUTE, &token));
}

static void links_that_answer_no_update_count_as_well(void)
{
	struct secret token;

	begin_test();
	for (int i = 0; i < 5; i++)
		CU_ASSERT_TRUE(make(0, NOW + i, &token));
	CU_ASSERT_FALSE(make(0, NOW + 5, &token));
	UNIT_ASSERT_INT(as_err.kind, ERR_LIMIT);
}

static void the_same_question_once_more_counts_once(void)
{
	struct secret token;

	begin_test();
	for (int i = 0; i < 9; i++)
		CU_ASSERT_TRUE(make(7, NOW + i, &token));
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM link_tokens"), 1);
	CU_ASSERT_TRUE(take(token, NOW + 9));
}

static void only_a_hash_is_stored(void)
{
	struct secret token;

	begin_test();
	CU_ASSERT_TRUE_FATAL(make(7, NOW, &token));
	UNIT_ASSERT_INT(token.len, 43);
	UNIT_ASSERT_STR(pg_text("SELECT token_hash FROM link_tokens"),
			secret_hash(&unit_arena, token));
	UNIT_ASSERT_STR(link_url(&unit_arena, "https://x.test", token),
			arena_printf(&unit_arena,
				     "https://x.test/login?token="
				     "%s",
				     token.bytes));
}

static void nobody_may_make_a_link_without_the_right_to(void)
{
	struct link_new n = { .telegram_user_id = PERSON };
	struct secret token;
	int64_t expires_at;

	begin_test();
	unit_expect_log(LOG_ERROR, "db.refused");
	CU_ASSERT_TRUE(db_begin(as_db, &as_err));
	CU_ASSERT_FALSE(link_make(as_db, &unit_arena, &n, NOW, &token,
				  &expires_at, &as_err));
	CU_ASSERT_FALSE(db_finish(as_db, false, &as_err));
	as_err = (struct err){ 0 };
	CU_ASSERT_TRUE(db_begin(as_db, &as_err) &&
		       link_token_may_make(as_db, &as_err) &&
		       link_make(as_db, &unit_arena, &n, NOW, &token,
				 &expires_at, &as_err));
	CU_ASSERT_TRUE(db_finish(as_db, true, &as_err));
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(looking_at_a_link_consumes_nothing),
		UNIT_TEST(a_link_is_good_once),
		UNIT_TEST(a_link_that_was_taken_in_vain_is_still_good),
		UNIT_TEST(a_link_dies_after_fifteen_minutes),
		UNIT_TEST(of_two_at_once_one_wins),
		UNIT_TEST(a_new_link_ends_the_former_one),
		UNIT_TEST(a_person_may_ask_five_times_in_ten_minutes),
		UNIT_TEST(links_that_answer_no_update_count_as_well),
		UNIT_TEST(the_same_question_once_more_counts_once),
		UNIT_TEST(only_a_hash_is_stored),
		UNIT_TEST(nobody_may_make_a_link_without_the_right_to),
	};

	pg_start();
	return unit_main("link", tests, ARRAY_LEN(tests), argc, argv);
}
