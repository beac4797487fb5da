/*
 * test_second_factor.c - a code from the phone besides the password.
 */
#include "config.h"

#include <inttypes.h>
#include <unistd.h>

#include <sys/wait.h>

#include "base/clock.h"
#include "core/as.h"
#include "core/second_factor.h"
#include "core/totp.h"
#include "core/user.h"
#include "harness/pg.h"
#include "harness/unit.h"

#define NOW     INT64_C(1790000000000000)
#define STEP_US (30 * CLOCK_SECOND_US)

static struct as_clients c;
static int64_t anna;
static struct secret secret, codes[RECOVERY_CODES];

static void add_anna(void)
{
	struct user u = {
		.login = "anna",
		.name = "Anna",
		.role = "owner",
	};

	c = as_setup();
	u.client_id = c.ours;
	as_begin(c.ours);
	CU_ASSERT_TRUE_FATAL(
		as_end(user_add(as_db, &unit_arena, u.client_id, &u,
				(struct secret){ 0 }, NOW, &as_err)));
	anna = u.id;
}

/* What the app shows at that moment. */
static const char *code_at(int64_t at)
{
	char *code = arena_alloc(&unit_arena, TOTP_DIGITS + 1);

	totp_code(secret, totp_step(at), code);
	return code;
}

static bool start(void)
{
	as_begin(c.ours);
	return as_end(second_factor_start(as_db, &unit_arena, anna, &secret,
					  &as_err));
}

static bool confirm(const char *code)
{
	as_begin(c.ours);
	return as_end(second_factor_confirm(as_db, &unit_arena, anna, code, NOW,
					    codes, &as_err));
}

static bool check(const char *code, int64_t now)
{
	bool right = false;

	as_begin(c.ours);
	CU_ASSERT_TRUE(as_end(second_factor_check(as_db, &unit_arena, anna,
						  code, now, &right, &as_err)));
	return right;
}

static bool renew(const char *code, int64_t now)
{
	as_begin(c.ours);
	return as_end(second_factor_renew_codes(as_db, &unit_arena, anna, code,
						now, codes, &as_err));
}

static bool drop(const char *code, int64_t now)
{
	as_begin(c.ours);
	return as_end(second_factor_drop(as_db, &unit_arena, anna, code, now,
					 &as_err));
}

static struct second_factor factor(void)
{
	struct second_factor f = { 0 };

	as_begin(c.ours);
	CU_ASSERT_TRUE(as_end(
		second_factor_find(as_db, &unit_arena, anna, &f, &as_err)));
	return f;
}

static void switch_on(void)
{
	add_anna();
	CU_ASSERT_TRUE_FATAL(start() && confirm(code_at(NOW)));
}

static void the_first_code_switches_it_on(void)
{
	struct secret waiting;

	add_anna();
	CU_ASSERT_TRUE(start());
	as_begin(c.ours);
	CU_ASSERT_TRUE(as_end(second_factor_pending(as_db, &unit_arena, anna,
						    &waiting, &as_err)));
	CU_ASSERT_TRUE(secret_equal(waiting, secret));
	UNIT_ASSERT_INT(factor().confirmed_at, 0);
	CU_ASSERT_TRUE(confirm(code_at(NOW)));
	UNIT_ASSERT_INT(factor().confirmed_at, NOW);
	UNIT_ASSERT_INT(factor().codes_left, RECOVERY_CODES);
}

static void a_wrong_first_code_changes_nothing(void)
{
	add_anna();
	CU_ASSERT_FALSE(confirm("000000"));
	UNIT_ASSERT_INT(as_err.kind, ERR_CONFLICT);
	CU_ASSERT_TRUE(start());
	CU_ASSERT_FALSE(confirm(code_at(NOW - 10 * STEP_US)));
	UNIT_ASSERT_INT(as_err.kind, ERR_INPUT);
	UNIT_ASSERT_STR(as_err.field, "code");
	UNIT_ASSERT_INT(factor().confirmed_at, 0);
	UNIT_ASSERT_INT(factor().codes_left, 0);
}

static void before_that_no_code_is_right(void)
{
	add_anna();
	CU_ASSERT_FALSE(check("000000", NOW));
	CU_ASSERT_TRUE(start());
	CU_ASSERT_FALSE(check(code_at(NOW), NOW));
}

static void starting_again_forgets_the_secret_that_was_not_confirmed(void)
{
	const char *former;

	add_anna();
	CU_ASSERT_TRUE(start());
	former = code_at(NOW);
	CU_ASSERT_TRUE(start());
	CU_ASSERT_FALSE(confirm(former));
	CU_ASSERT_TRUE(confirm(code_at(NOW)));
}

static void what_is_switched_on_is_not_started_or_shown_again(void)
{
	struct secret before, waiting;

	switch_on();
	before = secret;
	CU_ASSERT_FALSE(start());
	UNIT_ASSERT_INT(as_err.kind, ERR_CONFLICT);
	CU_ASSERT_FALSE(confirm(code_at(NOW + STEP_US)));
	UNIT_ASSERT_INT(as_err.kind, ERR_CONFLICT);
	as_begin(c.ours);
	CU_ASSERT_FALSE(as_end(second_factor_pending(as_db, &unit_arena, anna,
						     &waiting, &as_err)));
	UNIT_ASSERT_INT(as_err.kind, ERR_MISSING);
	secret = before;
	CU_ASSERT_TRUE(check(code_at(NOW + STEP_US), NOW + STEP_US));
}

static void a_code_is_right_once(void)
{
	int64_t later = NOW + 10 * STEP_US;

	switch_on();
	CU_ASSERT_FALSE(check(code_at(NOW), NOW)); /* it confirmed */
	CU_ASSERT_TRUE(check(code_at(later), later));
	CU_ASSERT_FALSE(check(code_at(later), later));
	CU_ASSERT_FALSE(check(code_at(later - STEP_US), later));
	CU_ASSERT_TRUE(check(code_at(later + STEP_US), later + STEP_US));
}

static void a_code_may_be_typed_as_it_is_shown(void)
{
	int64_t later = NOW + 10 * STEP_US;
	const char *code;

	switch_on();
	code = code_at(later);
	CU_ASSERT_TRUE(check(
		arena_printf(&unit_arena, " %.3s %s ", code, code + 3), later));
}

static void a_recovery_code_is_right_once(void)
{
	switch_on();
	CU_ASSERT_TRUE(check(codes[3].bytes, NOW));
	UNIT_ASSERT_INT(factor().codes_left, RECOVERY_CODES - 1);
	CU_ASSERT_FALSE(check(codes[3].bytes, NOW));
	CU_ASSERT_FALSE(check("00000-00000-00000", NOW));
	CU_ASSERT_TRUE(check(codes[4].bytes, NOW));
	UNIT_ASSERT_INT(factor().codes_left, RECOVERY_CODES - 2);
}

static void a_code_comes_back_with_the_rolled_back_transaction(void)
{
	bool right = false;

	switch_on();
	as_begin(c.ours);
	CU_ASSERT_TRUE(second_factor_check(as_db, &unit_arena, anna,
					   codes[0].bytes, NOW, &right,
					   &as_err));
	CU_ASSERT_TRUE(right);
	as_end(false);
	CU_ASSERT_TRUE(check(codes[0].bytes, NOW));
}

static void new_recovery_codes_end_the_former_ones(void)
{
	struct secret former;

	switch_on();
	former = codes[9];
	CU_ASSERT_FALSE(renew("000000", NOW));
	UNIT_ASSERT_STR(as_err.field, "code");
	CU_ASSERT_TRUE(check(codes[0].bytes, NOW));
	CU_ASSERT_TRUE(renew(code_at(NOW + STEP_US), NOW + STEP_US));
	UNIT_ASSERT_INT(factor().codes_left, RECOVERY_CODES);
	CU_ASSERT_FALSE(check(former.bytes, NOW));
	CU_ASSERT_TRUE(check(codes[9].bytes, NOW));
}

static void it_is_switched_off_by_a_code_only(void)
{
	switch_on();
	CU_ASSERT_FALSE(drop("123", NOW));
	UNIT_ASSERT_INT(as_err.kind, ERR_INPUT);
	CU_ASSERT_TRUE(drop(codes[0].bytes, NOW));
	UNIT_ASSERT_INT(factor().confirmed_at, 0);
	UNIT_ASSERT_STR(factor().secret_sealed, "");
	UNIT_ASSERT_INT(factor().codes_left, 0);
	CU_ASSERT_FALSE(drop(codes[1].bytes, NOW));
	UNIT_ASSERT_INT(as_err.kind, ERR_CONFLICT);
	CU_ASSERT_FALSE(renew(codes[1].bytes, NOW));
	UNIT_ASSERT_INT(as_err.kind, ERR_CONFLICT);
}

static void somebody_with_the_right_to_it_resets_it(void)
{
	switch_on();
	as_begin(0);
	CU_ASSERT_TRUE(
		as_end(second_factor_reset(as_db, &unit_arena, anna, &as_err)));
	CU_ASSERT_FALSE(check(codes[0].bytes, NOW));
	CU_ASSERT_TRUE(start());
}

static void another_client_finds_nobody(void)
{
	bool right = true;

	switch_on();
	as_begin(c.other);
	CU_ASSERT_FALSE(as_end(second_factor_check(as_db, &unit_arena, anna,
						   codes[0].bytes, NOW, &right,
						   &as_err)));
	UNIT_ASSERT_INT(as_err.kind, ERR_MISSING);
	CU_ASSERT_FALSE(right);
}

static void neither_secret_nor_codes_are_stored_as_they_are(void)
{
	const char *row;

	switch_on();
	row = pg_text("SELECT users::text FROM users WHERE login = 'anna'");
	CU_ASSERT_PTR_NULL(
		strstr(row, totp_secret_text(&unit_arena, secret).bytes));
	CU_ASSERT_PTR_NULL(strstr(row, codes[0].bytes));
	CU_ASSERT_PTR_NOT_NULL(
		strstr(row, recovery_hash(&unit_arena, codes[0].bytes)));
}

/* Exit status 0: it was right.  A process with a connection of its own. */
static pid_t check_elsewhere(const char *code, int64_t now)
{
	pid_t pid = fork();

	if (pid == 0) {
		as_elsewhere();
		_exit(check(code, now) ? 0 : 1);
	}
	return pid;
}

static int both_at_once(const char *code, int64_t now)
{
	bool right = false;
	int status = -1;
	pid_t other;

	as_begin(c.ours);
	CU_ASSERT_TRUE(second_factor_check(as_db, &unit_arena, anna, code, now,
					   &right, &as_err));
	other = check_elsewhere(code, now);
	as_wait_elsewhere();
	CU_ASSERT_TRUE(as_end(true));
	CU_ASSERT(waitpid(other, &status, 0) == other);
	CU_ASSERT_TRUE(WIFEXITED(status));
	return right + (WEXITSTATUS(status) == 0);
}

static void of_two_at_once_one_is_right(void)
{
	int64_t later = NOW + 10 * STEP_US;

	switch_on();
	UNIT_ASSERT_INT(both_at_once(code_at(later), later), 1);
	UNIT_ASSERT_INT(both_at_once(codes[0].bytes, later), 1);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(the_first_code_switches_it_on),
		UNIT_TEST(a_wrong_first_code_changes_nothing),
		UNIT_TEST(before_that_no_code_is_right),
		UNIT_TEST(
			starting_again_forgets_the_secret_that_was_not_confirmed),
		UNIT_TEST(what_is_switched_on_is_not_started_or_shown_again),
		UNIT_TEST(a_code_is_right_once),
		UNIT_TEST(a_code_may_be_typed_as_it_is_shown),
		UNIT_TEST(a_recovery_code_is_right_once),
		UNIT_TEST(a_code_comes_back_with_the_rolled_back_transaction),
		UNIT_TEST(new_recovery_codes_end_the_former_ones),
		UNIT_TEST(it_is_switched_off_by_a_code_only),
		UNIT_TEST(somebody_with_the_right_to_it_resets_it),
		UNIT_TEST(another_client_finds_nobody),
		UNIT_TEST(neither_secret_nor_codes_are_stored_as_they_are),
		UNIT_TEST(of_two_at_once_one_is_right),
	};

	secret_init();
	pg_start();
	return unit_main("core/second_factor", tests, ARRAY_LEN(tests), argc,
			 argv);
}
