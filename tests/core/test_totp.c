/*
 * test_totp.c - one-time codes of an authenticator app.
 */
#include "config.h"

#include "base/clock.h"
#include "core/totp.h"
#include "harness/unit.h"

#define STEP_US (30 * CLOCK_SECOND_US)
#define NOW     INT64_C(1790000000000000)

static const struct secret rfc = { "12345678901234567890", 20 };

/* RFC 4226, appendix D. */
static void codes_are_those_of_rfc_4226(void)
{
	static const char *const expected[] = {
		"755224", "287082", "359152", "969429", "338314",
		"254676", "287922", "162583", "399871", "520489",
	};
	char code[TOTP_DIGITS + 1];

	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		totp_code(rfc, (int64_t)i, code);
		UNIT_ASSERT_STR(code, expected[i]);
	}
}

/* RFC 6238, appendix B: of its eight digits the last six. */
static void codes_are_those_of_rfc_6238(void)
{
	static const struct {
		int64_t at_s;
		const char *code;
	} expected[] = {
		{ 59, "287082" },
		{ INT64_C(1111111109), "081804" },
		{ INT64_C(1111111111), "050471" },
		{ INT64_C(1234567890), "005924" },
		{ INT64_C(2000000000), "279037" },
		{ INT64_C(20000000000), "353130" },
	};
	char code[TOTP_DIGITS + 1];

	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		totp_code(rfc, totp_step(expected[i].at_s * CLOCK_SECOND_US),
			  code);
		UNIT_ASSERT_STR(code, expected[i].code);
	}
}

static void one_step_back_and_one_forward_are_taken(void)
{
	int64_t now = totp_step(NOW);
	char code[TOTP_DIGITS + 1];

	for (int64_t off = -3; off <= 3; off++) {
		totp_code(rfc, now + off, code);
		UNIT_ASSERT_INT(totp_find(rfc, code, NOW, 0),
				off >= -1 && off <= 1 ? now + off : 0);
	}
}

static void a_step_is_no_good_once_it_or_a_later_one_was_used(void)
{
	int64_t now = totp_step(NOW);
	char code[TOTP_DIGITS + 1];

	totp_code(rfc, now, code);
	UNIT_ASSERT_INT(totp_find(rfc, code, NOW, now - 1), now);
	UNIT_ASSERT_INT(totp_find(rfc, code, NOW, now), 0);
	UNIT_ASSERT_INT(totp_find(rfc, code, NOW, now + 1), 0);
	UNIT_ASSERT_INT(totp_find(rfc, code, NOW + STEP_US, now), 0);
}

static void what_is_not_the_whole_code_finds_nothing(void)
{
	char code[TOTP_DIGITS + 1];

	totp_code(rfc, totp_step(NOW), code);
	UNIT_ASSERT_INT(totp_find(rfc, "", NOW, 0), 0);
	UNIT_ASSERT_INT(
		totp_find(rfc, arena_printf(&unit_arena, "%s0", code), NOW, 0),
		0);
	code[TOTP_DIGITS - 1] = '\0';
	UNIT_ASSERT_INT(totp_find(rfc, code, NOW, 0), 0);
}

static void the_uri_is_percent_encoded(void)
{
	UNIT_ASSERT_STR(
		totp_uri(&unit_arena, rfc, "Tub erry", "Аня@x&y").bytes,
		"otpauth://totp/Tub%20erry:%D0%90%D0%BD%D1%8F%40x%26y"
		"?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Tub%20erry");
	UNIT_ASSERT_STR(totp_secret_text(&unit_arena, rfc).bytes,
			"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

static void each_secret_is_another_one(void)
{
	struct secret one = totp_secret_new(&unit_arena);
	struct secret other = totp_secret_new(&unit_arena);

	UNIT_ASSERT_INT(one.len, 20);
	CU_ASSERT_FALSE(secret_equal(one, other));
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(codes_are_those_of_rfc_4226),
		UNIT_TEST(codes_are_those_of_rfc_6238),
		UNIT_TEST(one_step_back_and_one_forward_are_taken),
		UNIT_TEST(a_step_is_no_good_once_it_or_a_later_one_was_used),
		UNIT_TEST(what_is_not_the_whole_code_finds_nothing),
		UNIT_TEST(the_uri_is_percent_encoded),
		UNIT_TEST(each_secret_is_another_one),
	};

	secret_init();
	return unit_main("totp", tests, ARRAY_LEN(tests), argc, argv);
}
