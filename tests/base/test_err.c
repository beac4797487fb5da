/*
 * test_err.c - one failure: a kind for the code, a message for people.
 */
#include "config.h"

#include "base/err.h"
#include "base/text.h"
#include "harness/unit.h"

static void setting_an_error_fails_and_forgets_the_last_one(void)
{
	struct err err = { 0 };

	CU_ASSERT_FALSE(err_field(&err, "name", "%s", "too long"));
	UNIT_ASSERT_INT(err.kind, ERR_INPUT);
	UNIT_ASSERT_STR(err.field, "name");
	err.retry_s = 7;
	CU_ASSERT_FALSE(err_set(&err, ERR_DOWN, "away: %d", 5));
	UNIT_ASSERT_INT(err.kind, ERR_DOWN);
	UNIT_ASSERT_STR(err.text, "away: 5");
	UNIT_ASSERT_STR(err.field, "");
	UNIT_ASSERT_INT(err.retry_s, 0);
}

static void an_error_may_quote_itself(void)
{
	struct err err = { 0 };

	err_set(&err, ERR_DOWN, "inner");
	err_set(&err, ERR_INPUT, "outer: %s", err.text);
	UNIT_ASSERT_STR(err.text, "outer: inner");
}

static const char *shout(const char *fmt)
{
	return strcmp(fmt, "%s has %d") == 0 ? "%s! %d!" : NULL;
}

static void a_message_is_said_in_the_readers_language(void)
{
	struct err err = { 0 };

	err_set_translator(shout);
	err_set(&err, ERR_INPUT, "%s has %d", "Ann", 5);
	UNIT_ASSERT_STR(err.text, "Ann has 5");
	UNIT_ASSERT_STR(err_said(&err), "Ann! 5!");
	err_set(&err, ERR_INPUT, "no translation of %d", 6);
	UNIT_ASSERT_STR(err_said(&err), "no translation of 6");
	err_set_translator(NULL);
	err_set(&err, ERR_INPUT, "%s has %d", "Ann", 5);
	UNIT_ASSERT_STR(err_said(&err), "Ann has 5");
}

static void a_long_text_is_cut_at_a_whole_character(void)
{
	char text[3 * ERR_TEXT_MAX];
	struct err err = { 0 };

	for (size_t shift = 0; shift < 4; shift++) {
		size_t len = shift;

		memset(text, 'x', shift);
		while (len + 5 < sizeof(text)) {
			memcpy(text + len, "👌", 4);
			len += 4;
		}
		text[len] = '\0';
		err_set(&err, ERR_INPUT, "%s", text);
		CU_ASSERT_TRUE(text_is_utf8(err.text, strlen(err.text)));
		CU_ASSERT_TRUE(strlen(err.text) > ERR_TEXT_MAX - 6);
	}
}

static void a_text_that_just_fits_is_whole(void)
{
	char text[ERR_TEXT_MAX];
	struct err err = { 0 };

	memset(text, 'x', sizeof(text) - 1);
	memcpy(text + sizeof(text) - 3, "я", 3);
	err_set(&err, ERR_INPUT, "%s", text);
	UNIT_ASSERT_STR(err.text, text);
}

static void every_kind_has_a_word(void)
{
	for (int kind = ERR_NONE; kind <= ERR_UNSURE; kind++)
		CU_ASSERT_TRUE(*err_kind_name(kind));
	UNIT_ASSERT_STR(err_kind_name(ERR_UNSURE), "unsure");
	UNIT_ASSERT_STR(err_kind_name(99), "unknown");
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(setting_an_error_fails_and_forgets_the_last_one),
		UNIT_TEST(an_error_may_quote_itself),
		UNIT_TEST(a_message_is_said_in_the_readers_language),
		UNIT_TEST(a_long_text_is_cut_at_a_whole_character),
		UNIT_TEST(a_text_that_just_fits_is_whole),
		UNIT_TEST(every_kind_has_a_word),
	};

	return unit_main("err", tests, ARRAY_LEN(tests), argc, argv);
}
