/*
 * test_log.c - one line per event.
 */
#include "config.h"

#include <errno.h>

#include "base/json.h"
#include "base/log.h"
#include "harness/unit.h"

static char last[8192];
static int n_lines;

static void catch_line(enum log_level level UNUSED, const char *line)
{
	snprintf(last, sizeof(last), "%s", line);
	n_lines++;
}

static void start(enum log_level level, enum log_format format)
{
	log_init(level, format);
	log_set_sink(catch_line);
	log_set_id("req-1");
	last[0] = '\0';
	n_lines = 0;
}

static struct json_object *last_json(void)
{
	struct json_object *o = NULL;
	struct err err = { 0 };

	if (!json_read(&unit_arena, last, strlen(last), &o, &err))
		UNIT_ASSERT_STR(last, err.text);
	return o;
}

static void a_text_line_is_level_id_event_fields(void)
{
	start(LOG_INFO, LOG_TEXT);
	log_warn("webhook.refused", lf_int("bot_id", -7),
		 lf_str("reason", "wrong secret"), lf_str("plain", "a-b"),
		 lf_str("none", NULL));
	UNIT_ASSERT_STR(last, "warn id=req-1 webhook.refused bot_id=-7 "
			      "reason=\"wrong secret\" plain=a-b none=\"\"");
	log_set_id(NULL);
	log_info("unit.done");
	UNIT_ASSERT_STR(last, "info id=- unit.done");
}

static void no_value_can_forge_a_second_line(void)
{
	start(LOG_INFO, LOG_TEXT);
	log_info("x", lf_str("v", "a\nerror id=1 \"y\" \\ \x7f\t"));
	UNIT_ASSERT_STR(last, "info id=req-1 x v=\"a\\nerror id=1 \\\"y\\\" "
			      "\\\\ \\u007f\\u0009\"");
}

static void a_json_line_is_one_object(void)
{
	struct json_object *o;

	start(LOG_INFO, LOG_JSON);
	log_error("db.gone", lf_str("why", "a\"b\n👌"), lf_int("n", 5));
	o = last_json();
	UNIT_ASSERT_STR(json_str(o, "level", NULL), "error");
	UNIT_ASSERT_STR(json_str(o, "id", NULL), "req-1");
	UNIT_ASSERT_STR(json_str(o, "event", NULL), "db.gone");
	UNIT_ASSERT_STR(json_str(o, "why", NULL), "a\"b\n👌");
	UNIT_ASSERT_INT(json_i64(o, "n", 0), 5);
	CU_ASSERT_PTR_NOT_NULL(json_str(o, "at", NULL));
}

static void a_line_too_long_is_cut_and_still_whole(void)
{
	char value[6000];

	for (size_t shift = 0; shift < 12; shift++) {
		size_t len = shift;

		memset(value, 'x', shift);
		while (len + 5 < sizeof(value)) {
			memcpy(value + len, shift % 2 ? "👌\"\n\x01" : "👌aaa",
			       7);
			len += shift % 2 ? 7 : 7;
			if (len + 8 >= sizeof(value))
				break;
		}
		value[len] = '\0';
		start(LOG_INFO, LOG_JSON);
		log_info("x", lf_str("v", value), lf_str("w", value),
			 lf_int("n", 5));
		CU_ASSERT_TRUE(strlen(last) <= 4096);
		CU_ASSERT_PTR_NOT_NULL(json_str(last_json(), "v", NULL));
	}
}

static void bytes_that_are_no_utf8_do_not_spoil_the_line(void)
{
	start(LOG_INFO, LOG_JSON);
	log_info("x", lf_str("v", "a\xff\xd0z"));
	UNIT_ASSERT_STR(json_str(last_json(), "v", NULL), "a??z");
}

static void lines_below_the_level_are_left_out(void)
{
	start(LOG_WARN, LOG_TEXT);
	log_info("quiet");
	log_debug("quiet");
	UNIT_ASSERT_INT(n_lines, 0);
	log_warn("loud");
	UNIT_ASSERT_INT(n_lines, 1);
}

static void errno_survives(void)
{
	start(LOG_INFO, LOG_TEXT);
	errno = EBUSY;
	log_info("x");
	UNIT_ASSERT_INT(errno, EBUSY);
}

static void words_for_level_and_format_are_read(void)
{
	UNIT_ASSERT_INT(log_level_read("debug"), LOG_DEBUG);
	UNIT_ASSERT_INT(log_level_read("loud"), -1);
	UNIT_ASSERT_INT(log_format_read("json"), LOG_JSON);
	UNIT_ASSERT_INT(log_format_read("xml"), -1);
}

static void a_long_id_is_cut(void)
{
	char id[200];

	memset(id, 'i', sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	log_set_id(id);
	UNIT_ASSERT_INT(strlen(log_id()), LOG_ID_MAX - 1);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(a_text_line_is_level_id_event_fields),
		UNIT_TEST(no_value_can_forge_a_second_line),
		UNIT_TEST(a_json_line_is_one_object),
		UNIT_TEST(a_line_too_long_is_cut_and_still_whole),
		UNIT_TEST(bytes_that_are_no_utf8_do_not_spoil_the_line),
		UNIT_TEST(lines_below_the_level_are_left_out),
		UNIT_TEST(errno_survives),
		UNIT_TEST(words_for_level_and_format_are_read),
		UNIT_TEST(a_long_id_is_cut),
	};

	return unit_main("log", tests, ARRAY_LEN(tests), argc, argv);
}
