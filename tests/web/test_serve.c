/*
 * test_serve.c - what every request is told, whatever it asks for.
 */
#include "config.h"

#include "web/call.h"
#include "web/cursor.h"

static void an_unknown_path_is_missing(void)
{
	struct answer r = call_get(NULL, "/api/nothing");

	UNIT_ASSERT_INT(r.status, 404);
	UNIT_ASSERT_STR(r.mime, "application/problem+json");
	UNIT_ASSERT_STR(json_str(r.json, "type", NULL), "about:blank");
	UNIT_ASSERT_STR(json_str(r.json, "title", NULL), "Not Found");
	UNIT_ASSERT_INT(json_i64(r.json, "status", 0), 404);
	CU_ASSERT_PTR_NOT_NULL(json_array_at(r.json, "errors"));
}

static void a_wrong_method_is_told_the_right_ones(void)
{
	struct answer r = call_send(NULL, "DELETE", "/health/live", NULL);

	UNIT_ASSERT_INT(r.status, 405);
	UNIT_ASSERT_STR(r.headers, "Allow: GET, HEAD\r\n");
	UNIT_ASSERT_INT(call_send(NULL, "BREW", "/health/live", NULL).status,
			405);
	UNIT_ASSERT_INT(call_send(NULL, "BREW", "/teapot", NULL).status, 404);
}

static void head_is_answered_like_get(void)
{
	UNIT_ASSERT_INT(call_send(NULL, "HEAD", "/health/live", NULL).status,
			200);
}

static void a_well_formed_request_id_is_kept(void)
{
	struct answer r = call(
		&(struct ask){ .path = "/api/x", .request_id = "abc-1.Z_9" });

	UNIT_ASSERT_STR(json_str(r.json, "request_id", NULL), "abc-1.Z_9");
}

static void a_malformed_request_id_is_replaced(void)
{
	static const char *const bad[] = {
		"",
		"-abc",
		"a b",
		"a\"b",
		"a\nb",
		"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff"
		"gggggggggg",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct answer r = call(&(struct ask){ .path = "/api/x",
						      .request_id = bad[i] });
		const char *id = json_str(r.json, "request_id", "");

		CU_ASSERT_STRING_NOT_EQUAL(id, bad[i]);
		CU_ASSERT(strlen(id) >= 8);
	}
}

static void a_body_over_the_limit_is_too_large(void)
{
	size_t len = (size_t)call_settings.request_max_bytes + 1;
	struct answer r =
		call(&(struct ask){ .method = "POST",
				    .path = "/api/auth/login",
				    .body = arena_alloc(&unit_arena, len),
				    .body_len = len });

	UNIT_ASSERT_INT(r.status, 413);
}

static int login_status(const char *body, const char *mime)
{
	return call(&(struct ask){ .method = "POST",
				   .path = "/api/auth/login",
				   .body = body,
				   .mime = mime })
		.status;
}

static void a_body_of_another_type_is_refused(void)
{
	UNIT_ASSERT_INT(
		login_status("a=b", "application/x-www-form-urlencoded"), 415);
	UNIT_ASSERT_INT(login_status("{}", "application/jsonp"), 415);
	UNIT_ASSERT_INT(login_status("{}", "Application/JSON; charset=utf-8"),
			422);
}

static void a_body_that_is_no_json_is_a_bad_request(void)
{
	static const char *const bad[] = {
		"", "{", "nope", "{} {}", "{\"a\":1,}", "{\"a\":\"\xff\"}",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		UNIT_ASSERT_INT(login_status(bad[i], NULL), 400);
}

static void a_body_that_is_no_object_is_unprocessable(void)
{
	UNIT_ASSERT_INT(login_status("[]", NULL), 422);
	UNIT_ASSERT_INT(login_status("null", NULL), 422);
	UNIT_ASSERT_INT(login_status("7", NULL), 422);
}

static void a_field_given_twice_is_unprocessable(void)
{
	struct answer r = call_send(
		NULL, "POST", "/api/auth/login",
		"{\"login\":\"a:b\",\"password\":\"x\",\"login\":\"c\"}");

	UNIT_ASSERT_INT(r.status, 422);
	CU_ASSERT_PTR_NOT_NULL(strstr(json_str(r.json, "detail", ""), "twice"));
}

static void every_bad_field_is_named_at_once(void)
{
	struct answer r = call_send(NULL, "POST", "/api/auth/login",
				    "{\"login\":5,\"extra\":1,\"more\":null}");

	UNIT_ASSERT_INT(r.status, 422);
	UNIT_ASSERT_STR(bad_fields(&r), "login,password,extra,more");
}

static void a_nul_in_a_text_is_unprocessable(void)
{
	struct answer r =
		call_send(NULL, "POST", "/api/auth/login",
			  "{\"login\":\"a\\u0000b\",\"password\":\"x\"}");

	UNIT_ASSERT_INT(r.status, 422);
	UNIT_ASSERT_STR(bad_fields(&r), "login");
}

static void without_a_database_the_caller_shall_come_back(void)
{
	struct answer r;

	unit_expect_log(LOG_WARN, "db.connect_failed");
	r = call_send(NULL, "POST", "/api/auth/login",
		      "{\"login\":\"a\",\"password\":\"b\"}");
	UNIT_ASSERT_INT(r.status, 503);
	CU_ASSERT_PTR_NOT_NULL(strstr(r.headers, "Retry-After: 1\r\n"));
}

static void without_a_database_it_lives_and_is_not_ready(void)
{
	struct answer r;

	UNIT_ASSERT_INT(call_get(NULL, "/health/live").status, 200);
	unit_expect_log(LOG_WARN, "db.connect_failed");
	unit_expect_log(LOG_WARN, "redis.away");
	r = call_get(NULL, "/health/ready");
	UNIT_ASSERT_INT(r.status, 503);
	UNIT_ASSERT_STR(
		json_str(json_object_at(r.json, "parts"), "database", NULL),
		"down");
}

static void the_webhook_pool_serves_no_pages(void)
{
	struct ask q = { .path = "/api/me", .pool = IN_WEBHOOK };

	UNIT_ASSERT_INT(call(&q).status, 404);
	q.path = "/health/live";
	UNIT_ASSERT_INT(call(&q).status, 200);
}

static void query_garbage_is_unprocessable(void)
{
	static const char *const bad[] = { "a=%zz", "a=%00", "a=%ff", "x=1&x=2",
					   "unknown=1" };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct answer r = call(&(struct ask){
			.method = "POST",
			.path = "/api/auth/login",
			.body = "{\"login\":\"a\",\"password\":\"b\"}",
			.query = bad[i] });

		UNIT_ASSERT_INT(r.status, 422);
	}
}

static void a_cursor_comes_back_as_it_was_given(void)
{
	static const int64_t numbers[] = { 0, 1, 77, 1790000000000000 };

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		const char *s = cursor_text(&unit_arena, numbers[i], 5);
		int64_t after = -1, id = -1;

		CU_ASSERT_TRUE(cursor_read(s, &after, &id));
		UNIT_ASSERT_INT(after, numbers[i]);
		UNIT_ASSERT_INT(id, 5);
	}
}

static void a_made_up_cursor_is_refused(void)
{
	static const char *const bad[] = { "",    "x",      "!!!!",  "AAAA",
					   "MS4", "LTEuMQ", "MS4tMQ" };
	int64_t after, id;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CU_ASSERT_FALSE(cursor_read(bad[i], &after, &id));
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(an_unknown_path_is_missing),
		UNIT_TEST(a_wrong_method_is_told_the_right_ones),
		UNIT_TEST(head_is_answered_like_get),
		UNIT_TEST(a_well_formed_request_id_is_kept),
		UNIT_TEST(a_malformed_request_id_is_replaced),
		UNIT_TEST(a_body_over_the_limit_is_too_large),
		UNIT_TEST(a_body_of_another_type_is_refused),
		UNIT_TEST(a_body_that_is_no_json_is_a_bad_request),
		UNIT_TEST(a_body_that_is_no_object_is_unprocessable),
		UNIT_TEST(a_field_given_twice_is_unprocessable),
		UNIT_TEST(every_bad_field_is_named_at_once),
		UNIT_TEST(a_nul_in_a_text_is_unprocessable),
		UNIT_TEST(without_a_database_the_caller_shall_come_back),
		UNIT_TEST(without_a_database_it_lives_and_is_not_ready),
		UNIT_TEST(the_webhook_pool_serves_no_pages),
		UNIT_TEST(query_garbage_is_unprocessable),
		UNIT_TEST(a_cursor_comes_back_as_it_was_given),
		UNIT_TEST(a_made_up_cursor_is_refused),
	};

	call_setup("host=/nonexistent dbname=none");
	return unit_main("web/serve", tests, ARRAY_LEN(tests), argc, argv);
}
