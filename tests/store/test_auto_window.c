/*
 * test_auto_window.c - when the windows of an auto-reply are open.
 *
 * A table of cases, each a clock moved to an instant.  They cover:
 *   - within a day: the first and the last second, before and behind, the day
 *     of the week, "24:00", several windows a day, overlapping ones
 *   - midnight: a window that crosses it belongs to the day it begins on; over
 *     the end of a month and of a year
 *   - clocks put forward (Berlin, 29 March 2026, 02:00 to 03:00): a window
 *     across the change, one that begins or ends in the skipped hour, one that
 *     lies in it (it has no occurrence)
 *   - clocks put back (Berlin, 25 October 2026, 03:00 to 02:00): a window across
 *     the change, one in the repeated hour (one occurrence over both passes)
 *   - a change by half an hour (Lord Howe Island), both ways
 *   - a day that a zone left out (Samoa, 30 December 2011)
 *   - a zone that had its last change (Moscow, 2014)
 *   - 29 February, and the day after 28 February in a common year
 *   - zones of half an hour and of 45 minutes (Kolkata, Kathmandu)
 *   - dates: off, like another day, windows of its own, a shorter working day,
 *     beside a window that crosses midnight, on both sides
 */
#include "config.h"

#include "base/clock.h"
#include "harness/pg.h"
#include "harness/unit.h"
#include "store/auto_window.h"

static struct db *db;

/* Times in UTC.  begins NULL: no window is open. */
struct window_case {
	const char *what, *zone, *windows, *dates, *at, *begins, *ends;
};

#define DAY    "[{\"days\":[1,2,3,4,5],\"from\":\"09:00\",\"to\":\"18:00\"}]"
#define WHOLE  "[{\"days\":[1,2,3,4,5,6,7],\"from\":\"00:00\",\"to\":\"24:00\"}]"
#define NIGHT  "[{\"days\":[1,2,3,4,5,6,7],\"from\":\"22:00\",\"to\":\"07:00\"}]"
#define FRIDAY "[{\"days\":[5],\"from\":\"18:00\",\"to\":\"09:00\"}]"
#define EVERY(f, t) \
	"[{\"days\":[1,2,3,4,5,6,7],\"from\":\"" f "\",\"to\":\"" t "\"}]"
#define TWO                                                    \
	"[{\"days\":[1],\"from\":\"00:00\",\"to\":\"09:00\"}," \
	"{\"days\":[1],\"from\":\"13:00\",\"to\":\"14:00\"},"  \
	"{\"days\":[2],\"from\":\"13:00\",\"to\":\"15:00\"}]"
#define OVERLAP                                                \
	"[{\"days\":[1],\"from\":\"10:00\",\"to\":\"12:00\"}," \
	"{\"days\":[1],\"from\":\"11:00\",\"to\":\"15:00\"},"  \
	"{\"days\":[1],\"from\":\"10:00\",\"to\":\"11:30\"}]"
/* Closed at night and on Sundays. */
#define SHOP                                                             \
	"[{\"days\":[1,2,3,4,5,6],\"from\":\"18:00\",\"to\":\"09:00\"}," \
	"{\"days\":[7],\"from\":\"00:00\",\"to\":\"24:00\"}]"

static const struct window_case cases[] = {
	/* clang-format off */
	{ "first second", "Europe/Moscow", DAY, "[]", "2026-01-05T06:00:00Z", "2026-01-05T06:00:00Z", "2026-01-05T15:00:00Z" },
	{ "a moment before", "Europe/Moscow", DAY, "[]", "2026-01-05T05:59:59.999999Z", NULL, NULL },
	{ "last second", "Europe/Moscow", DAY, "[]", "2026-01-05T14:59:59.999999Z", "2026-01-05T06:00:00Z", "2026-01-05T15:00:00Z" },
	{ "its end is outside", "Europe/Moscow", DAY, "[]", "2026-01-05T15:00:00Z", NULL, NULL },
	{ "another day of the week", "Europe/Moscow", DAY, "[]", "2026-01-04T09:00:00Z", NULL, NULL },
	{ "no window at all", "Europe/Moscow", "[]", "[]", "2026-01-05T09:00:00Z", NULL, NULL },
	{ "24:00 is the end of the day", "Europe/Moscow", WHOLE, "[]", "2026-01-05T20:59:59Z", "2026-01-04T21:00:00Z", "2026-01-05T21:00:00Z" },
	{ "and the next one begins", "Europe/Moscow", WHOLE, "[]", "2026-01-05T21:00:00Z", "2026-01-05T21:00:00Z", "2026-01-06T21:00:00Z" },
	{ "first of several a day", "Europe/Moscow", TWO, "[]", "2026-01-05T05:00:00Z", "2026-01-04T21:00:00Z", "2026-01-05T06:00:00Z" },
	{ "between several a day", "Europe/Moscow", TWO, "[]", "2026-01-05T08:00:00Z", NULL, NULL },
	{ "second of several a day", "Europe/Moscow", TWO, "[]", "2026-01-05T10:30:00Z", "2026-01-05T10:00:00Z", "2026-01-05T11:00:00Z" },
	{ "another one on another day", "Europe/Moscow", TWO, "[]", "2026-01-06T11:30:00Z", "2026-01-06T10:00:00Z", "2026-01-06T12:00:00Z" },
	{ "of overlapping ones the first and longest", "Europe/Moscow", OVERLAP, "[]", "2026-01-05T08:15:00Z", "2026-01-05T07:00:00Z", "2026-01-05T09:00:00Z" },
	{ "then the other one", "Europe/Moscow", OVERLAP, "[]", "2026-01-05T09:00:00Z", "2026-01-05T08:00:00Z", "2026-01-05T12:00:00Z" },

	{ "before midnight", "Europe/Moscow", NIGHT, "[]", "2026-01-05T20:59:59Z", "2026-01-05T19:00:00Z", "2026-01-06T04:00:00Z" },
	{ "behind midnight the same", "Europe/Moscow", NIGHT, "[]", "2026-01-05T21:00:00Z", "2026-01-05T19:00:00Z", "2026-01-06T04:00:00Z" },
	{ "Friday's goes on on Saturday", "Europe/Moscow", FRIDAY, "[]", "2026-01-10T05:59:59Z", "2026-01-09T15:00:00Z", "2026-01-10T06:00:00Z" },
	{ "Thursday's night is not Friday's", "Europe/Moscow", FRIDAY, "[]", "2026-01-09T05:00:00Z", NULL, NULL },
	{ "over a month's end", "Europe/Moscow", NIGHT, "[]", "2026-04-30T22:00:00Z", "2026-04-30T19:00:00Z", "2026-05-01T04:00:00Z" },
	{ "over a year's end", "Europe/Moscow", NIGHT, "[]", "2026-12-31T22:00:00Z", "2026-12-31T19:00:00Z", "2027-01-01T04:00:00Z" },

	{ "forward: a window across is an hour shorter", "Europe/Berlin", NIGHT, "[]", "2026-03-29T02:00:00Z", "2026-03-28T21:00:00Z", "2026-03-29T05:00:00Z" },
	{ "forward: it begins in the skipped hour", "Europe/Berlin", EVERY("02:30", "04:00"), "[]", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z" },
	{ "forward: and not before", "Europe/Berlin", EVERY("02:30", "04:00"), "[]", "2026-03-29T00:59:59Z", NULL, NULL },
	{ "forward: it ends in the skipped hour", "Europe/Berlin", EVERY("01:00", "02:30"), "[]", "2026-03-29T00:59:59Z", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z" },
	{ "forward: and not later", "Europe/Berlin", EVERY("01:00", "02:30"), "[]", "2026-03-29T01:00:00Z", NULL, NULL },
	{ "forward: within the skipped hour there is none", "Europe/Berlin", EVERY("02:15", "02:45"), "[]", "2026-03-29T01:00:00Z", NULL, NULL },
	{ "forward: nor behind it", "Europe/Berlin", EVERY("02:15", "02:45"), "[]", "2026-03-29T01:20:00Z", NULL, NULL },
	{ "forward: the day after as ever", "Europe/Berlin", EVERY("02:15", "02:45"), "[]", "2026-03-30T00:15:00Z", "2026-03-30T00:15:00Z", "2026-03-30T00:45:00Z" },
	{ "forward: a whole day has 23 hours", "Europe/Berlin", WHOLE, "[]", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z" },

	{ "back: a window across is an hour longer", "Europe/Berlin", NIGHT, "[]", "2026-10-25T00:30:00Z", "2026-10-24T20:00:00Z", "2026-10-25T06:00:00Z" },
	{ "back: the repeated hour, first pass", "Europe/Berlin", EVERY("02:15", "02:45"), "[]", "2026-10-25T00:20:00Z", "2026-10-25T00:15:00Z", "2026-10-25T01:45:00Z" },
	{ "back: second pass is the same occurrence", "Europe/Berlin", EVERY("02:15", "02:45"), "[]", "2026-10-25T01:20:00Z", "2026-10-25T00:15:00Z", "2026-10-25T01:45:00Z" },
	{ "back: and then it ends", "Europe/Berlin", EVERY("02:15", "02:45"), "[]", "2026-10-25T01:45:00Z", NULL, NULL },
	{ "back: it begins in the repeated hour", "Europe/Berlin", EVERY("02:30", "04:00"), "[]", "2026-10-25T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T03:00:00Z" },
	{ "back: it ends in the repeated hour", "Europe/Berlin", EVERY("01:00", "02:30"), "[]", "2026-10-25T01:29:59Z", "2026-10-24T23:00:00Z", "2026-10-25T01:30:00Z" },
	{ "back: a whole day has 25 hours", "Europe/Berlin", WHOLE, "[]", "2026-10-25T22:30:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z" },

	{ "forward by half an hour", "Australia/Lord_Howe", EVERY("02:10", "03:00"), "[]", "2026-10-03T15:30:00Z", "2026-10-03T15:30:00Z", "2026-10-03T16:00:00Z" },
	{ "back by half an hour", "Australia/Lord_Howe", EVERY("01:40", "01:50"), "[]", "2026-04-04T15:15:00Z", "2026-04-04T14:40:00Z", "2026-04-04T15:20:00Z" },
	{ "a day left out has no window", "Pacific/Apia", EVERY("10:00", "11:00"), "[]", "2011-12-30T10:00:00Z", NULL, NULL },
	{ "a night into the day left out", "Pacific/Apia", NIGHT, "[]", "2011-12-30T09:30:00Z", "2011-12-30T08:00:00Z", "2011-12-30T10:00:00Z" },
	{ "a law's change: Moscow in October 2014", "Europe/Moscow", EVERY("01:15", "01:45"), "[]", "2014-10-25T22:20:00Z", "2014-10-25T21:15:00Z", "2014-10-25T22:45:00Z" },

	{ "29 February", "Europe/Moscow", EVERY("09:00", "18:00"), "[]", "2028-02-29T09:00:00Z", "2028-02-29T06:00:00Z", "2028-02-29T15:00:00Z" },
	{ "the night to 29 February", "Europe/Moscow", NIGHT, "[]", "2028-02-28T22:00:00Z", "2028-02-28T19:00:00Z", "2028-02-29T04:00:00Z" },
	{ "the night from 29 February", "Europe/Moscow", NIGHT, "[]", "2028-02-29T22:00:00Z", "2028-02-29T19:00:00Z", "2028-03-01T04:00:00Z" },
	{ "28 February of a common year", "Europe/Moscow", NIGHT, "[]", "2027-02-28T22:00:00Z", "2027-02-28T19:00:00Z", "2027-03-01T04:00:00Z" },
	{ "29 February has its own rule", "Europe/Moscow", WHOLE, "[{\"date\":\"2028-02-29\",\"off\":true}]", "2028-02-29T09:00:00Z", NULL, NULL },

	{ "half an hour: Kolkata", "Asia/Kolkata", EVERY("09:00", "18:00"), "[]", "2026-01-05T03:30:00Z", "2026-01-05T03:30:00Z", "2026-01-05T12:30:00Z" },
	{ "half an hour: a moment before", "Asia/Kolkata", EVERY("09:00", "18:00"), "[]", "2026-01-05T03:29:59Z", NULL, NULL },
	{ "45 minutes: Kathmandu", "Asia/Kathmandu", NIGHT, "[]", "2026-01-05T18:15:00Z", "2026-01-05T16:15:00Z", "2026-01-06T01:15:00Z" },
	{ "45 minutes: its date is not that of UTC", "Asia/Kathmandu", FRIDAY, "[]", "2026-01-09T18:20:00Z", "2026-01-09T12:15:00Z", "2026-01-10T03:15:00Z" },

	{ "a date off", "Europe/Moscow", WHOLE, "[{\"date\":\"2026-01-05\",\"off\":true}]", "2026-01-05T09:00:00Z", NULL, NULL },
	{ "the date before is as ever", "Europe/Moscow", WHOLE, "[{\"date\":\"2026-01-05\",\"off\":true}]", "2026-01-04T20:59:59Z", "2026-01-03T21:00:00Z", "2026-01-04T21:00:00Z" },
	{ "a night goes on into a date off", "Europe/Moscow", NIGHT, "[{\"date\":\"2026-01-06\",\"off\":true}]", "2026-01-06T03:00:00Z", "2026-01-05T19:00:00Z", "2026-01-06T04:00:00Z" },
	{ "a date off has no night", "Europe/Moscow", NIGHT, "[{\"date\":\"2026-01-05\",\"off\":true}]", "2026-01-06T03:00:00Z", NULL, NULL },
	{ "like Sunday: a holiday on Thursday", "Europe/Moscow", SHOP, "[{\"date\":\"2026-01-01\",\"like\":7}]", "2026-01-01T10:00:00Z", "2025-12-31T21:00:00Z", "2026-01-01T21:00:00Z" },
	{ "the eve's night reaches into it", "Europe/Moscow", SHOP, "[{\"date\":\"2026-01-01\",\"like\":7}]", "2026-01-01T05:00:00Z", "2025-12-31T15:00:00Z", "2026-01-01T06:00:00Z" },
	{ "like Friday: a Sunday that is worked on", "Europe/Moscow", SHOP, "[{\"date\":\"2026-11-01\",\"like\":5}]", "2026-11-01T09:00:00Z", NULL, NULL },
	{ "and its night", "Europe/Moscow", SHOP, "[{\"date\":\"2026-11-01\",\"like\":5}]", "2026-11-02T05:00:00Z", "2026-11-01T15:00:00Z", "2026-11-02T06:00:00Z" },
	{ "windows of its own", "Europe/Moscow", SHOP, "[{\"date\":\"2026-01-05\",\"windows\":[{\"from\":\"12:00\",\"to\":\"13:00\"},{\"from\":\"17:00\",\"to\":\"02:00\"}]}]", "2026-01-05T22:30:00Z", "2026-01-05T14:00:00Z", "2026-01-05T23:00:00Z" },
	{ "in place of the day's", "Europe/Moscow", SHOP, "[{\"date\":\"2026-01-05\",\"windows\":[{\"from\":\"12:00\",\"to\":\"13:00\"}]}]", "2026-01-05T15:30:00Z", NULL, NULL },
	{ "a working day shorter by an hour", "Europe/Moscow", SHOP, "[{\"date\":\"2026-04-30\",\"like\":4,\"early_minutes\":60}]", "2026-04-30T14:00:00Z", "2026-04-30T14:00:00Z", "2026-05-01T06:00:00Z" },
	{ "a moment before it is shorter", "Europe/Moscow", SHOP, "[{\"date\":\"2026-04-30\",\"like\":4,\"early_minutes\":60}]", "2026-04-30T13:59:59Z", NULL, NULL },
	{ "what begins in the morning is no evening", "Europe/Moscow", EVERY("00:00", "09:00"), "[{\"date\":\"2026-04-30\",\"early_minutes\":60}]", "2026-04-29T21:00:00Z", "2026-04-29T21:00:00Z", "2026-04-30T06:00:00Z" },
	/* clang-format on */
};

static const char *settings_of(const struct window_case *c)
{
	return arena_printf(&unit_arena,
			    "{\"timezone\":\"%s\",\"windows\":%s,\"dates\":%s}",
			    c->zone, c->windows, c->dates);
}

static int64_t time_of(const char *text)
{
	int64_t at = 0;

	CU_ASSERT_TRUE(clock_read(text, &at));
	return at;
}

static void check(const struct window_case *c, const struct auto_window *w)
{
	const char *nothing = "closed";

	UNIT_ASSERT_STR(
		arena_printf(&unit_arena, "%s: %s", c->what,
			     w->is_open ? clock_text(&unit_arena, w->begins_at)
					: nothing),
		arena_printf(
			&unit_arena, "%s: %s", c->what,
			c->begins ? clock_text(&unit_arena, time_of(c->begins))
				  : nothing));
	if (c->begins && w->is_open)
		UNIT_ASSERT_STR(
			arena_printf(&unit_arena, "%s: to %s", c->what,
				     clock_text(&unit_arena, w->ends_at)),
			arena_printf(
				&unit_arena, "%s: to %s", c->what,
				clock_text(&unit_arena, time_of(c->ends))));
}

static void each_case_is_as_the_clocks_say(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = { 0 };
		struct auto_window w;

		CU_ASSERT_TRUE(auto_window_at(db, &unit_arena,
					      settings_of(&cases[i]),
					      time_of(cases[i].at), &w, &err));
		UNIT_ASSERT_STR(err.text, "");
		check(&cases[i], &w);
	}
}

/* The session's own zone has no say. */
static void the_servers_zone_does_not_matter(void)
{
	const char *const at = "2026-01-05T22:00:00Z";
	struct window_case c = { "", "Asia/Tokyo", DAY, "[]", at, NULL, NULL };
	struct err err = { 0 };
	struct auto_window w;

	CU_ASSERT_TRUE(db_script(db, "SET TimeZone = 'America/Lima'", &err));
	CU_ASSERT_TRUE(auto_window_at(db, &unit_arena, settings_of(&c),
				      time_of("2026-01-06T00:30:00Z"), &w,
				      &err));
	CU_ASSERT_TRUE(w.is_open);
	CU_ASSERT_EQUAL(w.begins_at, time_of("2026-01-06T00:00:00Z"));
	UNIT_ASSERT_STR(w.day, "2026-01-06");
	CU_ASSERT_TRUE(db_script(db, "SET TimeZone = 'UTC'", &err));
}

/* Whatever the minute, the list and the question for one instant agree, it is
 * in the window that was found for it, and neighbours of one occurrence agree
 * on that. */
static void check_day_of(const char *zone, const char *from)
{
	struct window_case c = { "", zone, NIGHT, "[]", NULL, NULL, NULL };
	int64_t begin = time_of(from), before = 0;
	const char *settings = settings_of(&c);
	struct auto_window *list, last = { 0 };
	struct err err = { 0 };
	size_t n;

	CU_ASSERT_TRUE(auto_windows_list(db, &unit_arena, settings, begin,
					 begin + 172800 * CLOCK_SECOND_US,
					 &list, &n, &err));
	CU_ASSERT_TRUE(n >= 3);
	for (int i = 0; i < 288; i++) {
		int64_t at = begin + (int64_t)i * 600 * CLOCK_SECOND_US;
		struct auto_window w = auto_window_in(list, n, at), one;

		CU_ASSERT_TRUE(auto_window_at(db, &unit_arena, settings, at,
					      &one, &err));
		CU_ASSERT_EQUAL(w.is_open, one.is_open);
		CU_ASSERT_EQUAL(w.begins_at, one.begins_at);
		CU_ASSERT_EQUAL(w.ends_at, one.ends_at);
		CU_ASSERT(!w.is_open || (w.begins_at <= at && at < w.ends_at));
		CU_ASSERT(!w.is_open || !before || w.begins_at > before ||
			  w.begins_at == last.begins_at);
		before = at;
		last = w;
	}
}

static void occurrences_are_whole_and_apart(void)
{
	static const char *const zones[] = { "Europe/Berlin",
					     "Australia/Lord_Howe",
					     "America/St_Johns" };
	static const char *const around[] = {
		"2026-03-07T00:00:00Z", "2026-03-28T12:00:00Z",
		"2026-04-04T00:00:00Z", "2026-10-03T00:00:00Z",
		"2026-10-24T12:00:00Z", "2026-10-31T12:00:00Z"
	};

	for (size_t z = 0; z < ARRAY_LEN(zones); z++)
		for (size_t d = 0; d < ARRAY_LEN(around); d++)
			check_day_of(zones[z], around[d]);
}

static void a_date_tells_its_rule(void)
{
	const char *settings = "{\"timezone\":\"Asia/Kolkata\","
			       "\"windows\":" WHOLE ",\"dates\":[{\"date\":"
			       "\"2026-01-06\",\"like\":7,\"name\":\"X\"}]}";
	const char *special, *clock;
	struct err err = { 0 };
	struct auto_window w;

	CU_ASSERT_TRUE(auto_window_at(db, &unit_arena, settings,
				      time_of("2026-01-05T18:30:00Z"), &w,
				      &err));
	UNIT_ASSERT_STR(w.day, "2026-01-06");
	CU_ASSERT_PTR_NOT_NULL(strstr(w.special, "\"X\""));
	CU_ASSERT_TRUE(auto_window_special(db, &unit_arena, settings,
					   time_of("2026-01-05T18:29:59Z"),
					   &special, &err));
	UNIT_ASSERT_STR(special, "");
	CU_ASSERT_TRUE(auto_window_clock(db, &unit_arena, "Asia/Kolkata",
					 time_of("2026-01-05T18:29:59Z"),
					 &clock, &err));
	UNIT_ASSERT_STR(clock, "2026-01-05 23:59:59");
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(each_case_is_as_the_clocks_say),
		UNIT_TEST(the_servers_zone_does_not_matter),
		UNIT_TEST(occurrences_are_whole_and_apart),
		UNIT_TEST(a_date_tells_its_rule),
	};
	int status;

	pg_start();
	pg_reset();
	db = db_new(pg_url(PG_DAEMON), "test", 5000);
	status = unit_main("auto_window", tests, ARRAY_LEN(tests), argc, argv);
	db_free(db);
	return status;
}
