/*
 * test_body.c - a body becomes fields, or is refused for a reason.
 */
#include "config.h"

#include <string.h>

#include "web/body.h"
#include "web/call.h"
#include "web/routes.h"

#define URLENCODED "application/x-www-form-urlencoded"
#define MULTIPART  "multipart/form-data; boundary=b"
#define PART(name) \
	"--b\r\nContent-Disposition: form-data; name=" name "\r\n\r\n"
#define END "--b--\r\n"

static const struct route form_route = { .body = BODY_FORM };
static struct req_input in;
static struct req rq;

static enum http_status read_bytes(const char *type, const char *s, size_t len)
{
	char **params = arena_array(&unit_arena, 2, sizeof(*params));

	params[0] = arena_printf(&unit_arena, "CONTENT_TYPE=%s", type);
	in = (struct req_input){ .params = params, .body = s, .body_len = len };
	rq = (struct req){ .a = &unit_arena,
			   .request_id = "test",
			   .in = &in,
			   .path = "/api/form",
			   .route = &form_route };
	rq.body.rq = &rq;
	return body_read(&rq);
}

static enum http_status read_form(const char *type, const char *s)
{
	return read_bytes(type, s, strlen(s));
}

static void both_kinds_of_forms_give_the_same_fields(void)
{
	static const char *const forms[][2] = {
		{ URLENCODED,
		  "name=%D0%98%D0%B2%D0%B0%D0%BD+%26+Co&n=5&note=a%0D%0Ab" },
		{ URLENCODED "; charset=UTF-8",
		  "name=%d0%98%d0%b2%d0%b0%d0%bd%20%26%20Co&n=5&note=a%0Ab" },
		{ MULTIPART,
		  PART("\"name\"") "Иван & Co\r\n" PART("\"n\"") "5\r\n" PART(
			  "\"note\"") "a\r\n"
				      "b\r\n" END },
	};

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		const char *name = NULL, *note = NULL;
		int64_t n = 0;

		UNIT_ASSERT_INT(read_form(forms[i][0], forms[i][1]), 0);
		form_text(&rq.body, "name", &name, 20, FORM_REQUIRED);
		form_i64(&rq.body, "n", &n, 1, 9, FORM_REQUIRED);
		form_text(&rq.body, "note", &note, 3, FORM_REQUIRED);
		CU_ASSERT_FALSE(req_bad(&rq));
		UNIT_ASSERT_STR(name, "Иван & Co");
		UNIT_ASSERT_INT(n, 5);
		UNIT_ASSERT_STR(note, "a\nb");
	}
}

static void an_unfilled_input_is_absent_null_or_blank(void)
{
	const char *text = "kept", *blank = "old", *word = "ask";
	static const char *const words[] = { "ask", "off", NULL };
	int64_t n = 7, id = 7;
	bool flag = true;

	read_form(URLENCODED, "text=&blank=&n=&id=&word=&flag=");
	form_text(&rq.body, "text", &text, 10, FORM_OPTIONAL);
	form_text(&rq.body, "blank", &blank, 10, FORM_BLANK);
	form_i64(&rq.body, "n", &n, 1, 9, FORM_OPTIONAL);
	form_id(&rq.body, "id", &id, FORM_NULL);
	form_word(&rq.body, "word", &word, words, FORM_OPTIONAL);
	form_bool(&rq.body, "flag", &flag, FORM_OPTIONAL);
	CU_ASSERT_FALSE(req_bad(&rq));
	UNIT_ASSERT_STR(text, "kept");
	UNIT_ASSERT_STR(blank, "");
	UNIT_ASSERT_INT(n, 7);
	UNIT_ASSERT_INT(id, 0);
	UNIT_ASSERT_STR(word, "ask");
	CU_ASSERT_TRUE(flag);
	read_form(URLENCODED, "n=");
	form_i64(&rq.body, "n", &n, 1, 9, FORM_REQUIRED);
	UNIT_ASSERT_STR(rq.err.text, "n is required");
}

static void a_ticked_checkbox_is_true(void)
{
	static const char *const yes[] = { "on", "1", "true" };
	static const char *const no[] = { "off", "0", "false" };
	bool flag;

	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		flag = false;
		read_form(URLENCODED,
			  arena_printf(&unit_arena, "flag=%s", yes[i]));
		form_bool(&rq.body, "flag", &flag, FORM_OPTIONAL);
		CU_ASSERT_TRUE(flag);
		read_form(URLENCODED,
			  arena_printf(&unit_arena, "flag=%s", no[i]));
		form_bool(&rq.body, "flag", &flag, FORM_OPTIONAL);
		CU_ASSERT_FALSE(flag);
	}
	read_form(URLENCODED, "flag=2");
	form_bool(&rq.body, "flag", &flag, FORM_OPTIONAL);
	UNIT_ASSERT_INT(rq.err.kind, ERR_INPUT);
}

static void a_field_that_is_there_twice_is_named(void)
{
	UNIT_ASSERT_INT(read_form(URLENCODED, "a=1&a=1"), 0);
	UNIT_ASSERT_STR(rq.err.text, "a is there twice");
	UNIT_ASSERT_INT(
		read_form(MULTIPART, PART("a") "1\r\n" PART("a") "2\r\n" END),
		0);
	UNIT_ASSERT_STR(rq.err.text, "a is there twice");
}

static void what_nobody_asked_for_is_named(void)
{
	read_form(URLENCODED, "extra=1");
	CU_ASSERT_TRUE(req_bad(&rq));
	UNIT_ASSERT_STR(rq.err.text, "extra is not known here");
}

static void another_type_is_refused(void)
{
	static const char *const types[] = {
		"",
		"application/json",
		"text/plain",
		URLENCODED "x",
		"multipart/mixed; boundary=b",
	};

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		UNIT_ASSERT_INT(read_form(types[i], "a=1"), HTTP_BAD_TYPE);
}

static void a_malformed_form_is_refused(void)
{
	static const char *const forms[][2] = {
		{ URLENCODED, "a=%" },
		{ URLENCODED, "a=%4" },
		{ URLENCODED, "a=%zz" },
		{ URLENCODED, "a=%00" },
		{ URLENCODED, "a=%ff" },
		{ URLENCODED, "%ff=a" },
		{ URLENCODED, "a=\xd0" },
		{ MULTIPART, "" },
		{ MULTIPART, "a=1" },
		{ MULTIPART, PART("a") "1" },
		{ MULTIPART, PART("a") "\xff\r\n" END },
		{ "multipart/form-data", PART("a") "1\r\n" END },
	};

	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		UNIT_ASSERT_INT(read_form(forms[i][0], forms[i][1]),
				HTTP_BAD_REQUEST);
	UNIT_ASSERT_INT(read_bytes(URLENCODED, "a=1\0b=2", 7),
			HTTP_BAD_REQUEST);
	UNIT_ASSERT_INT(read_bytes(MULTIPART, PART("a") "1\0\r\n" END,
				   sizeof(PART("a") "1\0\r\n" END) - 1),
			HTTP_BAD_REQUEST);
}

static void a_file_is_no_field(void)
{
	UNIT_ASSERT_INT(
		read_form(MULTIPART, PART("a; filename=\"\"") "\r\n" END),
		HTTP_BAD_TYPE);
}

static void fields_are_counted(void)
{
	struct buf b;

	buf_init(&b, &unit_arena, 4096);
	for (int i = 0; i <= FORM_FIELDS_MAX; i++)
		buf_addf(&b, "&f%d=1", i);
	UNIT_ASSERT_INT(read_form(URLENCODED, b.s), 0);
	buf_add_str(&b, "&more=1");
	UNIT_ASSERT_INT(read_form(URLENCODED, b.s), HTTP_BAD_REQUEST);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(both_kinds_of_forms_give_the_same_fields),
		UNIT_TEST(an_unfilled_input_is_absent_null_or_blank),
		UNIT_TEST(a_ticked_checkbox_is_true),
		UNIT_TEST(a_field_that_is_there_twice_is_named),
		UNIT_TEST(what_nobody_asked_for_is_named),
		UNIT_TEST(another_type_is_refused),
		UNIT_TEST(a_malformed_form_is_refused),
		UNIT_TEST(a_file_is_no_field),
		UNIT_TEST(fields_are_counted),
	};

	return unit_main("web/body", tests, ARRAY_LEN(tests), argc, argv);
}
