/*
 * test_cors.c - other sites' scripts may use the API when they are listed.
 */
#include "config.h"

#include "web/call.h"

#define LIST "https://one.example,https://two.example:8443"

static struct answer ask(const char *method, const char *path,
			 const char *origin)
{
	const char *const params[] = {
		arena_printf(&unit_arena, "HTTP_ORIGIN=%s", origin),
		"HTTP_ACCESS_CONTROL_REQUEST_METHOD=PATCH",
		NULL,
	};

	return call(&(struct ask){
		.method = method, .path = path, .params = params });
}

static bool says(const struct answer *r, const char *header)
{
	return strstr(r->headers, header) != NULL;
}

static void a_listed_origin_may_read_the_answer(void)
{
	static const char *const listed[] = { "https://one.example",
					      "https://two.example:8443" };

	call_settings.cors_origins = LIST;
	for (size_t i = 0; i < ARRAY_LEN(listed); i++) {
		struct answer r = ask("GET", "/api/me", listed[i]);

		UNIT_ASSERT_INT(r.status, 401);
		CU_ASSERT_TRUE(says(
			&r, arena_printf(&unit_arena,
					 "Access-Control-Allow-Origin: %s\r\n",
					 listed[i])));
		CU_ASSERT_TRUE(says(&r, "Vary: Origin\r\n"));
		CU_ASSERT_TRUE(says(&r, "Access-Control-Expose-Headers: "
					"X-Request-Id, Retry-After\r\n"));
		CU_ASSERT_FALSE(says(&r, "Credentials"));
	}
}

static void any_other_origin_may_not(void)
{
	static const char *const others[] = {
		"https://one.example.evil",
		"https://one.exampl",
		"http://one.example",
		"https://one.example:443",
		"https://two.example",
		"https://ONE.example",
		LIST,
		",",
		"null",
		"*",
		"",
	};

	call_settings.cors_origins = LIST;
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		struct answer r = ask("GET", "/api/me", others[i]);

		CU_ASSERT_FALSE(says(&r, "Access-Control"));
		CU_ASSERT_TRUE(says(&r, "Vary: Origin\r\n"));
		r = ask("OPTIONS", "/api/me", others[i]);
		UNIT_ASSERT_INT(r.status, 405);
		CU_ASSERT_FALSE(says(&r, "Access-Control"));
	}
}

static void a_preflight_names_the_methods_of_the_path(void)
{
	struct answer r;

	call_settings.cors_origins = LIST;
	r = ask("OPTIONS", "/api/projects/5", "https://one.example");
	UNIT_ASSERT_INT(r.status, 204);
	CU_ASSERT_TRUE(says(&r, "Access-Control-Allow-Methods: "
				"GET, HEAD, PATCH, DELETE\r\n"));
	CU_ASSERT_TRUE(says(&r, "Access-Control-Allow-Headers: Authorization, "
				"Content-Type, X-Request-Id\r\n"));
	CU_ASSERT_TRUE(says(&r, "Access-Control-Max-Age: 600\r\n"));
	CU_ASSERT_TRUE(says(&r, "Access-Control-Allow-Origin: "
				"https://one.example\r\n"));
	CU_ASSERT_FALSE(says(&r, "Credentials"));
	r = ask("OPTIONS", "/api/nothing", "https://one.example");
	UNIT_ASSERT_INT(r.status, 404);
}

static void pages_and_webhooks_are_never_shared(void)
{
	struct answer r;

	call_settings.cors_origins = LIST;
	r = ask("GET", "/health/live", "https://one.example");
	UNIT_ASSERT_STR(r.headers, "");
	r = call(&(struct ask){
		.method = "OPTIONS",
		.path = "/api/webhooks/avito/5/secret",
		.pool = IN_WEBHOOK,
		.params = (const char *const[]){
			"HTTP_ORIGIN=https://one.example",
			"HTTP_ACCESS_CONTROL_REQUEST_METHOD=POST", NULL } });
	UNIT_ASSERT_INT(r.status, 405);
	UNIT_ASSERT_STR(r.headers, "Allow: POST\r\n");
}

static void without_the_setting_nothing_is_shared(void)
{
	struct answer r;

	call_settings.cors_origins = "";
	r = ask("GET", "/api/me", "https://one.example");
	CU_ASSERT_FALSE(says(&r, "Access-Control"));
	CU_ASSERT_FALSE(says(&r, "Vary"));
	r = ask("OPTIONS", "/api/me", "");
	UNIT_ASSERT_INT(r.status, 405);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(a_listed_origin_may_read_the_answer),
		UNIT_TEST(any_other_origin_may_not),
		UNIT_TEST(a_preflight_names_the_methods_of_the_path),
		UNIT_TEST(pages_and_webhooks_are_never_shared),
		UNIT_TEST(without_the_setting_nothing_is_shared),
	};

	call_setup("");
	return unit_main("web/cors", tests, ARRAY_LEN(tests), argc, argv);
}
