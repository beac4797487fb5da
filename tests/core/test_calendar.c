/*
 * test_calendar.c - a production calendar becomes dates of an auto-reply.
 */
#include "config.h"

#include "core/calendar.h"
#include "harness/unit.h"

static struct problems problems;

/* The dates of an auto-reply after taking in a calendar as text. */
static const char *taken(const char *dates, const char *text, bool replaces)
{
	struct calendar c = { .replaces = replaces };
	struct json_object *o;
	struct err err = { 0 };
	const char *json;

	problems = (struct problems){ .a = &unit_arena };
	calendar_read_text(&unit_arena, text, &c, &problems);
	json = calendar_put(&unit_arena,
			    arena_printf(&unit_arena,
					 "{\"enabled\":true,\"dates\":%s}",
					 dates),
			    &c);
	CU_ASSERT_TRUE(json_read(&unit_arena, json, strlen(json), &o, &err));
	CU_ASSERT_TRUE(json_flag(o, "enabled", false));
	return json_text(json_array_at(o, "dates"));
}

static void each_kind_has_its_rule(void)
{
	UNIT_ASSERT_STR(
		taken("[]",
		      "# 2026\n2026-01-01 holiday Новый год\r\n\n"
		      "2026-04-30;short\n2026-11-01,workday,\n"
		      "2026-12-28 рабочий Перенос\n2027-02-20\tshort\n",
		      true),
		"[{\"date\":\"2026-01-01\",\"name\":\"Новый год\",\"like\":7},"
		"{\"date\":\"2026-04-30\",\"early_minutes\":60},"
		"{\"date\":\"2026-11-01\",\"like\":5},"
		"{\"date\":\"2026-12-28\",\"name\":\"Перенос\",\"like\":1},"
		"{\"date\":\"2027-02-20\",\"like\":5,\"early_minutes\":60}]");
	UNIT_ASSERT_INT(problems.n, 0);
}

#define OWN                                        \
	"[{\"date\":\"2025-12-31\",\"off\":true}," \
	"{\"date\":\"2026-01-01\",\"off\":true},"  \
	"{\"date\":\"2026-06-12\",\"off\":true}]"

static void replacing_takes_the_whole_year(void)
{
	UNIT_ASSERT_STR(taken(OWN, "2026-01-01 holiday", true),
			"[{\"date\":\"2025-12-31\",\"off\":true},"
			"{\"date\":\"2026-01-01\",\"like\":7}]");
}

static void merging_takes_the_named_dates(void)
{
	UNIT_ASSERT_STR(taken(OWN, "2026-01-01 выходной", false),
			"[{\"date\":\"2025-12-31\",\"off\":true},"
			"{\"date\":\"2026-01-01\",\"like\":7},"
			"{\"date\":\"2026-06-12\",\"off\":true}]");
}

static void a_bad_line_is_named(void)
{
	taken("[]",
	      "2026-01-01 holiday\n2026-02-30 holiday\n2026-01-02 fun\n"
	      "2026-01-01 short\n",
	      true);
	UNIT_ASSERT_INT(problems.n, 3);
	for (size_t i = 0; i < 3; i++)
		CU_ASSERT_PTR_NOT_NULL(
			strstr(problems.list[i].text,
			       arena_printf(&unit_arena, "line %zu", i + 2)));
}

static void a_list_is_the_same(void)
{
	const char *json =
		"[{\"date\":\"2026-01-01\",\"kind\":\"holiday\",\"name\":"
		"\"X\"},{\"date\":\"x\",\"kind\":\"y\",\"more\":1},"
		"{\"date\":\"2026-01-01\",\"kind\":\"short\"},3]";
	struct json_object *list;
	struct calendar c = { 0 };
	struct err err = { 0 };

	problems = (struct problems){ .a = &unit_arena };
	CU_ASSERT_TRUE(json_read(&unit_arena, json, strlen(json), &list, &err));
	calendar_read_days(&unit_arena, list, &c, &problems);
	UNIT_ASSERT_INT(c.n, 3);
	UNIT_ASSERT_STR(c.days[0].name, "X");
	UNIT_ASSERT_INT(problems.n, 5);
	UNIT_ASSERT_STR(problems.list[0].field, "days[1].more");
	UNIT_ASSERT_STR(problems.list[1].field, "days[1].date");
	UNIT_ASSERT_STR(problems.list[2].field, "days[1].kind");
	UNIT_ASSERT_STR(problems.list[3].field, "days[2].date");
	UNIT_ASSERT_STR(problems.list[4].field, "days[3]");
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(each_kind_has_its_rule),
		UNIT_TEST(replacing_takes_the_whole_year),
		UNIT_TEST(merging_takes_the_named_dates),
		UNIT_TEST(a_bad_line_is_named),
		UNIT_TEST(a_list_is_the_same),
	};

	return unit_main("calendar", tests, ARRAY_LEN(tests), argc, argv);
}
