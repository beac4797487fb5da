/*
 * test_phase.c - turns are spread evenly, and each id keeps its own.
 */
#include "config.h"

#include "core/phase.h"
#include "harness/unit.h"

#define EVERY INT64_C(10000000)
#define NOW   INT64_C(1769860800123456)
#define IDS   1000
#define BINS  100

static void turn_lies_ahead_by_at_most_an_interval(void)
{
	for (int64_t id = 1; id <= IDS; id++) {
		int64_t at = phase_next(id, 0, EVERY, NOW);

		CU_ASSERT_TRUE(at > NOW && at <= NOW + EVERY);
		/* From turn to turn it is exactly one. */
		CU_ASSERT_EQUAL(phase_next(id, 0, EVERY, at), at + EVERY);
		CU_ASSERT_EQUAL(phase_next(id, 0, EVERY, at - 1), at);
	}
}

static int fullest(int rhythm, int64_t first, int64_t step)
{
	int bins[BINS] = { 0 }, most = 0;

	for (int64_t i = 0; i < IDS; i++) {
		int64_t at = phase_next(first + i * step, rhythm, EVERY, NOW);
		int bin = (int)((at - NOW - 1) * BINS / EVERY);

		if (++bins[bin] > most)
			most = bins[bin];
	}
	return most;
}

static void turns_of_many_are_spread_evenly(void)
{
	/* 10 each is even. */
	CU_ASSERT_TRUE(fullest(0, 1, 1) <= 12);
	CU_ASSERT_TRUE(fullest(0, 123456, 1) <= 12);
	/* Chance alone leads to about 20. */
	CU_ASSERT_TRUE(fullest(0, 1, 7) <= 20);
	CU_ASSERT_TRUE(fullest(1, 1, 1) <= 20);
}

static void another_rhythm_is_independent(void)
{
	int bins[10] = { 0 };

	/* Those whose second turn is near have their first turns anywhere. */
	for (int64_t id = 1; id <= IDS; id++)
		if (phase_next(id, 1, EVERY, NOW) < NOW + EVERY / 5)
			bins[(phase_next(id, 0, EVERY, NOW) - NOW - 1) * 10 /
			     EVERY]++;
	for (size_t i = 0; i < ARRAY_LEN(bins); i++)
		CU_ASSERT_TRUE(bins[i] >= 8 && bins[i] <= 36);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(turn_lies_ahead_by_at_most_an_interval),
		UNIT_TEST(turns_of_many_are_spread_evenly),
		UNIT_TEST(another_rhythm_is_independent),
	};

	return unit_main("phase", tests, ARRAY_LEN(tests), argc, argv);
}
