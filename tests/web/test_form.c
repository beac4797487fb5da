/*
 * test_form.c - fields are taken as they are meant or not at all.
 */
#include "config.h"

#include <string.h>

#include "web/call.h"

static struct req rq;
static struct form form;

static void read_text(const char *json)
{
	struct err err = { 0 };
	struct json_object *o = NULL;

	rq = (struct req){ .a = &unit_arena };
	form = (struct form){ .rq = &rq };
	CU_ASSERT_TRUE_FATAL(
		json_read(&unit_arena, json, strlen(json), &o, &err));
	form.o = o;
}

/* The message for field n, or NULL. */
static const char *message(size_t n)
{
	return rq.errors && n < json_object_array_length(rq.errors)
		       ? json_str(json_object_array_get_idx(rq.errors, n),
				  "message", NULL)
		       : NULL;
}

static void only_whole_numbers_in_range_are_numbers(void)
{
	static const char *const bad[] = {
		"\"5\"", "5.0", "1.5", "true", "[]",
		"{}",    "0",   "-1",  "11",   "99999999999999999999",
		"1e3",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		int64_t n = 7;

		read_text(arena_printf(&unit_arena, "{\"n\":%s}", bad[i]));
		form_i64(&form, "n", &n, 1, 10, FORM_REQUIRED);
		UNIT_ASSERT_INT(rq.err.kind, ERR_INPUT);
		UNIT_ASSERT_INT(n, 7);
	}
	int64_t n = 7;

	read_text("{\"n\":10}");
	form_i64(&form, "n", &n, 1, 10, FORM_REQUIRED);
	UNIT_ASSERT_INT(rq.err.kind, ERR_NONE);
	UNIT_ASSERT_INT(n, 10);
}

static void a_number_larger_than_any_id_is_no_id(void)
{
	int64_t id = 0;

	read_text("{\"id\":18446744073709551616}");
	form_id(&form, "id", &id, FORM_REQUIRED);
	UNIT_ASSERT_INT(rq.err.kind, ERR_INPUT);
}

static void a_query_writes_numbers_as_text(void)
{
	int64_t n = 7;

	read_text("{\"n\":\"10\",\"m\":\"1.5\"}");
	form.texts = true;
	form_i64(&form, "n", &n, 1, 10, FORM_REQUIRED);
	UNIT_ASSERT_INT(n, 10);
	form_i64(&form, "m", &n, 1, 10, FORM_REQUIRED);
	UNIT_ASSERT_STR(message(0), "must be a whole number");
}

static void a_query_says_true_or_false_and_no_other_word(void)
{
	bool flag = false;

	read_text("{\"a\":\"true\",\"b\":\"on\"}");
	form.texts = true;
	form_bool(&form, "a", &flag, FORM_REQUIRED);
	CU_ASSERT_TRUE(flag);
	form_bool(&form, "b", &flag, FORM_REQUIRED);
	UNIT_ASSERT_STR(message(0), "must be true or false");
}

static void an_absent_field_leaves_the_default(void)
{
	const char *text = "default";
	int64_t n = 7;
	bool flag = true;

	read_text("{}");
	form_text(&form, "text", &text, 10, FORM_OPTIONAL);
	form_i64(&form, "n", &n, 1, 10, FORM_OPTIONAL);
	form_bool(&form, "flag", &flag, FORM_OPTIONAL);
	UNIT_ASSERT_INT(rq.err.kind, ERR_NONE);
	UNIT_ASSERT_STR(text, "default");
	UNIT_ASSERT_INT(n, 7);
	CU_ASSERT_TRUE(flag);
}

static void null_is_taken_only_where_it_means_something(void)
{
	const char *text = "default";
	int64_t id = 7;

	read_text("{\"text\":null,\"id\":null}");
	form_id(&form, "id", &id, FORM_NULL);
	form_text(&form, "text", &text, 10, FORM_OPTIONAL);
	UNIT_ASSERT_INT(id, 0);
	UNIT_ASSERT_STR(text, "default");
	UNIT_ASSERT_STR(message(0), "must not be null");
}

static void a_text_is_measured_in_characters(void)
{
	const char *text = NULL;

	read_text("{\"a\":\"приве\",\"b\":\"привет\",\"c\":\" \"}");
	form_text(&form, "a", &text, 5, FORM_REQUIRED);
	UNIT_ASSERT_STR(text, "приве");
	form_text(&form, "b", &text, 5, FORM_REQUIRED);
	form_text(&form, "c", &text, 5, FORM_REQUIRED);
	UNIT_ASSERT_STR(text, "приве");
	UNIT_ASSERT_STR(message(0), "must have at most 5 characters");
	UNIT_ASSERT_STR(message(1), "must not be empty");
}

static void a_word_is_one_of_the_list(void)
{
	static const char *const words[] = { "ask", "off", NULL };
	const char *word = "ask";

	read_text("{\"a\":\"off\",\"b\":\"on\",\"c\":1}");
	form_word(&form, "a", &word, words, FORM_REQUIRED);
	UNIT_ASSERT_STR(word, "off");
	form_word(&form, "b", &word, words, FORM_REQUIRED);
	form_word(&form, "c", &word, words, FORM_REQUIRED);
	UNIT_ASSERT_STR(message(0), "must be one of: ask, off");
	UNIT_ASSERT_STR(message(1), "must be one of: ask, off");
	UNIT_ASSERT_STR(word, "off");
}

static void fields_inside_are_named_with_their_place(void)
{
	struct form sub, item;
	struct json_object *list;
	bool flag = false;

	read_text("{\"reply\":{\"on\":1,\"x\":2,\"list\":[{\"y\":1},5]}}");
	CU_ASSERT_TRUE_FATAL(form_object(&form, "reply", &sub, FORM_REQUIRED));
	form_bool(&sub, "on", &flag, FORM_REQUIRED);
	list = form_array(&sub, "list", 5, FORM_REQUIRED);
	CU_ASSERT_PTR_NOT_NULL_FATAL(list);
	CU_ASSERT_TRUE(form_item(&sub, "list", list, 0, &item));
	form_end(&item);
	CU_ASSERT_FALSE(form_item(&sub, "list", list, 1, &item));
	form_end(&sub);
	form_end(&form);
	UNIT_ASSERT_STR(
		json_text(rq.errors),
		"[{\"field\":\"reply.on\",\"message\":\"must be true or "
		"false\"},"
		"{\"field\":\"reply.list[0].y\",\"message\":\"is not known "
		"here\"},"
		"{\"field\":\"reply.list[1]\",\"message\":\"must be an "
		"object\"},"
		"{\"field\":\"reply.x\",\"message\":\"is not known here\"}]");
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(only_whole_numbers_in_range_are_numbers),
		UNIT_TEST(a_number_larger_than_any_id_is_no_id),
		UNIT_TEST(a_query_writes_numbers_as_text),
		UNIT_TEST(a_query_says_true_or_false_and_no_other_word),
		UNIT_TEST(an_absent_field_leaves_the_default),
		UNIT_TEST(null_is_taken_only_where_it_means_something),
		UNIT_TEST(a_text_is_measured_in_characters),
		UNIT_TEST(a_word_is_one_of_the_list),
		UNIT_TEST(fields_inside_are_named_with_their_place),
	};

	secret_init();
	return unit_main("web/form", tests, ARRAY_LEN(tests), argc, argv);
}
