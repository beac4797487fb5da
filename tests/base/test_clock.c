/*
 * test_clock.c - what time it is, and how it is written.
 */
#include "config.h"

#include "base/clock.h"
#include "harness/unit.h"

static void what_is_written_reads_back(void)
{
	static const int64_t times[] = {
		0,
		1,
		-1,
		1760000500123456,
		-62135596800000000,          /* 0001-01-01 */
		INT64_C(253402300799999999), /* 9999-12-31 */
		951782400000000,             /* 2000-02-29 */
	};
	int64_t at = 5;

	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		CU_ASSERT_TRUE(
			clock_read(clock_text(&unit_arena, times[i]), &at));
		UNIT_ASSERT_INT(at, times[i]);
	}
}

static void the_form_is_rfc_3339_with_six_digits(void)
{
	UNIT_ASSERT_STR(clock_text(&unit_arena, 1769903999123456),
			"2026-01-31T23:59:59.123456Z");
	UNIT_ASSERT_STR(clock_text(&unit_arena, -1),
			"1969-12-31T23:59:59.999999Z");
}

static void absurd_times_are_written_as_never(void)
{
	UNIT_ASSERT_STR(clock_text(&unit_arena, INT64_MAX),
			"1970-01-01T00:00:00.000000Z");
	UNIT_ASSERT_STR(clock_text(&unit_arena, INT64_MIN),
			"1970-01-01T00:00:00.000000Z");
}

static void offsets_and_postgresqls_form_are_read(void)
{
	static const struct {
		const char *text;
		int64_t at;
	} cases[] = {
		{ "1970-01-01T03:00:00+03:00", 0 },
		{ "1970-01-01 00:00:00+00", 0 },
		{ "1969-12-31T19:30:00-0430", 0 },
		{ "1970-01-01t00:00:00.5z", 500000 },
		{ "1970-01-01T00:00:00.1234567Z", 123456 },
		{ "1970-01-01 02:30:17+02:30:17", 0 },
		{ "2016-12-31T23:59:60Z", 1483228800000000 },
	};
	int64_t at = 5;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CU_ASSERT_TRUE(clock_read(cases[i].text, &at));
		UNIT_ASSERT_INT(at, cases[i].at);
	}
}

static void what_is_no_time_is_refused(void)
{
	static const char *const bad[] = {
		"",
		"soon",
		"2026",
		"2026-01-31",
		"2026-01-31T23:59:59",
		"2026-13-01T00:00:00Z",
		"2026-00-01T00:00:00Z",
		"2026-01-00T00:00:00Z",
		"2026-01-32T00:00:00Z",
		"2026-02-29T00:00:00Z",
		"2026-04-31T00:00:00Z",
		"2026-01-01T24:00:00Z",
		"2026-01-01T00:60:00Z",
		"2026-01-01T00:00:61Z",
		"2026-01-01T00:00:00.Z",
		"2026-01-01T00:00:00Zx",
		"2026-01-01T00:00:00+3",
		"2026-01-01T00:00:00+03:",
		"2026-01-01T00:00:00+24:00",
		"2026-01-01T00:00:00+00:60",
		"2026-01-01T00:00:00+03:00:00:00",
		"+026-01-01T00:00:00Z",
		"infinity",
	};
	int64_t at = 5;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (clock_read(bad[i], &at))
			UNIT_ASSERT_STR(bad[i], "refused");
	UNIT_ASSERT_INT(at, 5);
}

static void a_set_clock_stands_still(void)
{
	clock_set(42);
	UNIT_ASSERT_INT(clock_now_us(), 42);
	UNIT_ASSERT_INT(clock_now_us(), 42);
	clock_set(0);
	CU_ASSERT_TRUE(clock_now_us() > 1700000000 * CLOCK_SECOND_US);
}

static void distances_never_run_backwards(void)
{
	int64_t before = clock_mono_ms();

	CU_ASSERT_TRUE(clock_mono_ms() >= before);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(what_is_written_reads_back),
		UNIT_TEST(the_form_is_rfc_3339_with_six_digits),
		UNIT_TEST(absurd_times_are_written_as_never),
		UNIT_TEST(offsets_and_postgresqls_form_are_read),
		UNIT_TEST(what_is_no_time_is_refused),
		UNIT_TEST(a_set_clock_stands_still),
		UNIT_TEST(distances_never_run_backwards),
	};

	return unit_main("clock", tests, ARRAY_LEN(tests), argc, argv);
}
