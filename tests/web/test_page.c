/*
 * test_page.c - pages: each template with its fixture, who sees what, and in
 * which language.
 *
 * A fixture is tests/web/fixtures/<template>.json: what the page's handler
 * puts into the object, or a list of several such.  A template that others
 * name as a partial needs none.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/mustache.h"
#include "harness/pg.h"
#include "web/call.h"
#include "web/entry.h"
#include "web/language.h"
#include "web/page.h"
#include "web/page_files.h"

static const struct session visitors[] = {
	{ 0 },
	{ .user_id = 1,
	  .client_id = 1,
	  .role = ROLE_MANAGER,
	  .login = "ivan",
	  .name = "Иван",
	  .language = "" },
	{ .user_id = 1,
	  .client_id = 1,
	  .role = ROLE_OWNER,
	  .login = "anna",
	  .name = "<Анна>",
	  .language = "en" },
	{ .user_id = 1,
	  .role = ROLE_ADMIN,
	  .login = "admin",
	  .name = "Admin",
	  .language = "" },
};

static const char *template_name(const struct embedded *f)
{
	const char *end = strstr(f->name, ".mustache");

	return end ? arena_strn(&unit_arena, f->name, (size_t)(end - f->name))
		   : NULL;
}

static bool is_partial(const char *name)
{
	const char *tag = arena_printf(&unit_arena, "{{>%s}}", name);

	for (const struct embedded *f = page_files; f->name; f++)
		if (memmem(f->bytes, f->len, tag, strlen(tag)))
			return true;
	return false;
}

/* A page as somebody would see it; NULL when a name is not known. */
static const char *show(const char *name, struct json_object *o,
			const struct session *visitor, const char *language)
{
	char *params[] = { arena_printf(&unit_arena, "HTTP_ACCEPT_LANGUAGE=%s",
					language),
			   NULL };
	struct req_input in = { .params = params, .body = "" };
	struct req rq = {
		.a = &unit_arena,
		.settings = &call_settings,
		.request_id = "request-1",
		.in = &in,
		.path = "/client",
		.session = *visitor,
	};
	struct err err = { 0 };
	struct buf out;

	if (page_write(&rq, name, o, MUSTACHE_STRICT, &out, &err))
		return out.s;
	UNIT_ASSERT_STR(err.text, "a page");
	return NULL;
}

/* Each time from its text: showing adds to the object. */
static struct json_object *read_fixture(const char *name, size_t i, size_t *n)
{
	struct json_object *o;
	struct err err = { 0 };
	size_t len;
	const char *text = unit_file(
		arena_printf(&unit_arena, "web/fixtures/%s.json", name), &len);

	if (!json_read(&unit_arena, text, len, &o, &err)) {
		UNIT_ASSERT_STR(err.text, name);
		*n = 0;
		return NULL;
	}
	*n = 1;
	if (!json_object_is_type(o, json_type_array))
		return o;
	*n = json_object_array_length(o);
	return json_object_array_get_idx(o, i);
}

static void every_template_shows_its_fixture(void)
{
	for (const struct embedded *f = page_files; f->name; f++) {
		const char *name = template_name(f);
		size_t n = 1;

		if (!name || is_partial(name))
			continue;
		for (size_t i = 0; i < n; i++)
			for (size_t v = 0; v < ARRAY_LEN(visitors); v++) {
				show(name, read_fixture(name, i, &n),
				     &visitors[v], "ru");
				show(name, read_fixture(name, i, &n),
				     &visitors[v], "en");
			}
	}
}

static const char *language_for(const char *header)
{
	const char *const params[] = {
		arena_printf(&unit_arena, "HTTP_ACCEPT_LANGUAGE=%s", header),
		NULL
	};
	struct answer r = call(&(struct ask){ .path = "/", .params = params });

	UNIT_ASSERT_INT(r.status, 200);
	return strstr(r.text, "<html lang=\"ru\">")   ? "ru"
	       : strstr(r.text, "<html lang=\"en\">") ? "en"
						      : "none";
}

static void the_browser_says_which_language(void)
{
	UNIT_ASSERT_STR(language_for(""), "ru");
	UNIT_ASSERT_STR(language_for("en"), "en");
	UNIT_ASSERT_STR(language_for("en,ru"), "en");
	UNIT_ASSERT_STR(language_for("en;q=0"), "ru");
	UNIT_ASSERT_STR(language_for("en-GB,en;q=0.9,ru;q=0.8"), "en");
	UNIT_ASSERT_STR(language_for("de, en;q=0.3, ru-RU;q=0.31"), "ru");
	UNIT_ASSERT_STR(language_for("ru;q=0,EN;q=0.001"), "en");
	UNIT_ASSERT_STR(language_for("de,*;q=0.5"), "ru");
	UNIT_ASSERT_STR(language_for(",;q,english"), "ru");
}

static void a_chosen_language_is_remembered_by_the_browser(void)
{
	static const char *const chosen[] = { "HTTP_ACCEPT_LANGUAGE=ru",
					      "HTTP_COOKIE=__Host-"
					      "tuberry_language=en",
					      NULL };
	struct answer r = call(&(struct ask){ .path = "/language/en",
					      .query = "next=/login%3Fa%3Db" });

	UNIT_ASSERT_INT(r.status, 303);
	CU_ASSERT_PTR_NOT_NULL(strstr(r.headers, "Location: /login?a=b\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(r.headers, "tuberry_language=en;"));
	r = call(&(struct ask){ .path = "/", .params = chosen });
	CU_ASSERT_PTR_NOT_NULL(strstr(r.text, "<html lang=\"en\">"));
	UNIT_ASSERT_INT(call_get(NULL, "/language/de").status, 404);
}

static void nobody_is_led_to_another_site(void)
{
	static const char *const elsewhere[] = {
		"https://evil.example/",
		"//evil.example",
		"/%5Cevil.example",
		"/a%0D%0ASet-Cookie:x",
		"/%E2%80%8B",
		"evil",
		"/a%09b",
	};

	for (size_t i = 0; i < ARRAY_LEN(elsewhere); i++) {
		struct answer r = call(&(struct ask){
			.path = "/language/en",
			.query = arena_printf(&unit_arena, "next=%s",
					      elsewhere[i]) });

		UNIT_ASSERT_INT(r.status, 303);
		CU_ASSERT_PTR_NOT_NULL(strstr(r.headers, "Location: /\r\n"));
	}
}

static void a_page_fails_as_a_page_and_the_api_as_json(void)
{
	struct answer r = call(
		&(struct ask){ .path = "/<nowhere>", .request_id = "r-1" });

	UNIT_ASSERT_INT(r.status, 404);
	UNIT_ASSERT_STR(r.mime, "text/html; charset=utf-8");
	CU_ASSERT_PTR_NOT_NULL(strstr(r.text, "Страница не найдена"));
	CU_ASSERT_PTR_NOT_NULL(strstr(r.text, "По этому адресу ничего нет."));
	CU_ASSERT_PTR_NOT_NULL(strstr(r.text, "<code>r-1</code>"));
	CU_ASSERT_PTR_NULL(strstr(r.text, "<nowhere>"));
	r = call_get(NULL, "/api/nowhere");
	UNIT_ASSERT_STR(r.mime, "application/problem+json");
	UNIT_ASSERT_STR(json_str(r.json, "detail", ""),
			"there is nothing at this address");
	r = call_send(NULL, "POST", "/", "");
	UNIT_ASSERT_INT(r.status, 405);
	CU_ASSERT_PTR_NOT_NULL(strstr(r.headers, "Allow: GET"));
}

static void every_failure_says_what_to_do(void)
{
	static const enum http_status failures[] = {
		HTTP_BAD_REQUEST, HTTP_UNAUTHORIZED, HTTP_FORBIDDEN,
		HTTP_NOT_FOUND,   HTTP_NOT_ALLOWED,  HTTP_CONFLICT,
		HTTP_TOO_LARGE,   HTTP_BAD_TYPE,     HTTP_UNPROCESSABLE,
		HTTP_TOO_MANY,    HTTP_UNAVAILABLE,  HTTP_UNKNOWN_OUTCOME,
	};

	for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
		const char *key =
			arena_printf(&unit_arena, "s%d", (int)failures[i]);
		struct json_object *text = json_object_at(
			json_object_at(language_texts("ru"), "failures"), key);

		if (!*json_str(text, "title", "") ||
		    !*json_str(text, "advice", ""))
			UNIT_ASSERT_STR(key, "told");
	}
}

static void a_refused_form_is_told_in_the_visitors_language(void)
{
	char *params[] = { arena_str(&unit_arena, "HTTP_ACCEPT_LANGUAGE=ru"),
			   NULL };
	struct req_input in = { .params = params, .body = "" };
	struct req rq = { .a = &unit_arena,
			  .settings = &call_settings,
			  .in = &in,
			  .path = "/login" };
	struct json_object *o = json_new(&unit_arena);

	language_speak(&rq);
	req_bad_field(&rq, "name", "must have at most %zu characters",
		      (size_t)5);
	req_bad_field(&rq, "other", "a message without translation");
	UNIT_ASSERT_INT(page_refused(&rq, o), 422);
	UNIT_ASSERT_STR(json_str(json_object_at(o, "errors"), "name", ""),
			"Не больше 5 символов.");
	UNIT_ASSERT_STR(json_str(json_object_at(o, "errors"), "other", ""),
			"a message without translation");
	CU_ASSERT_PTR_NOT_NULL(strstr(json_str(o, "problem", ""), "поля"));
	rq.err = (struct err){ 0 };
	rq.errors = rq.said = NULL;
	err_field(&rq.err, "login", "this login is taken");
	rq.err.kind = ERR_CONFLICT;
	UNIT_ASSERT_INT(page_refused(&rq, o), 409);
	UNIT_ASSERT_STR(json_str(json_object_at(o, "errors"), "login", ""),
			"Этот логин занят.");
	rq.err = (struct err){ 0 };
	err_set(&rq.err, ERR_AUTH, "login or password is wrong");
	UNIT_ASSERT_INT(page_refused(&rq, o), 401);
	UNIT_ASSERT_STR(json_str(o, "problem", ""),
			"Логин или пароль неверны.");
	language_speak(NULL);
}

static void everybody_lands_where_their_role_belongs(void)
{
	int64_t client, owner, admin;
	struct answer r;

	pg_reset();
	call_setup(pg_url(PG_WEB));
	client = call_client("Клиент");
	owner = call_user(client, "owner", "owner");
	admin = call_user(0, "admin", "admin");
	r = call_get(call_token(owner), "/client");
	UNIT_ASSERT_INT(r.status, 200);
	CU_ASSERT_PTR_NOT_NULL(strstr(r.text, "владелец"));
	CU_ASSERT_PTR_NOT_NULL(
		strstr(r.text, "href=\"/client\" aria-current=\"page\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(r.text, "href=\"/client/users\""));
	r = call_get(call_token(owner), "/client/users/new");
	CU_ASSERT_PTR_NOT_NULL(
		strstr(r.text, "href=\"/client/users\" aria-current=\"true\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(r.text, "href=\"/client\">"));
	CU_ASSERT_PTR_NULL(strstr(r.text, "href=\"/admin"));
	UNIT_ASSERT_INT(call_get(call_token(owner), "/admin").status, 403);
	r = call_get(call_token(admin), "/client");
	UNIT_ASSERT_INT(r.status, 303);
	CU_ASSERT_PTR_NOT_NULL(strstr(r.headers, "Location: /admin\r\n"));
	r = call_get(call_token(admin), "/admin");
	UNIT_ASSERT_INT(r.status, 200);
	CU_ASSERT_PTR_NULL(strstr(r.text, "href=\"/client"));
	r = call_get(NULL, "/admin");
	UNIT_ASSERT_INT(r.status, 303);
	CU_ASSERT_PTR_NOT_NULL(
		strstr(r.headers, "Location: /login?next=%2Fadmin\r\n"));
}

static void another_language_shows_a_page_and_no_refusal(void)
{
	struct answer r;

	call_setup("host=/nonexistent dbname=none");
	r = call_get(NULL, "/login?next=%2Fadmin");
	CU_ASSERT_PTR_NOT_NULL(
		strstr(r.text, "?next=%2Flogin%3Fnext%3D%252Fadmin\""));
	r = call_get(NULL, "/login/link");
	UNIT_ASSERT_INT(r.status, 405);
	CU_ASSERT_PTR_NOT_NULL(strstr(r.text, "?next=/\""));
}

static void a_persons_own_language_comes_first(void)
{
	int64_t owner;
	struct answer r;

	pg_reset();
	call_setup(pg_url(PG_WEB));
	owner = call_user(call_client("Клиент"), "owner", "owner");
	pg_run("UPDATE users SET language = 'en'");
	r = call_get(call_token(owner), "/client");
	CU_ASSERT_PTR_NOT_NULL(strstr(r.text, "<html lang=\"en\">"));
	CU_ASSERT_PTR_NULL(strstr(r.text, "/language/"));
	r = call_get(call_token(owner), "/admin");
	UNIT_ASSERT_INT(r.status, 403);
	CU_ASSERT_PTR_NOT_NULL(strstr(r.text, "No access"));
}

/* A path that a header would cut is another path. */
static void whoever_must_show_a_code_is_led_on_whole_or_not_at_all(void)
{
	char *params[] = { NULL };
	struct req_input in = { .params = params, .body = "" };
	const struct entry e = { .challenge = "1.mac" };

	for (size_t slashes = 1; slashes < 500; slashes++) {
		struct req rq = {
			.a = &unit_arena,
			.settings = &call_settings,
			.in = &in,
			.path = "/login",
		};
		char next[513];
		const char *place;

		memset(next, 'a', 512);
		next[512] = '\0';
		for (size_t i = 0; i < slashes; i++)
			next[2 * i % 512 + i / 256] = '/';
		reply_entry_page(&rq, &e, next);
		place = strstr(rq.reply.headers.s, "Location: /login/code");
		CU_ASSERT_PTR_NOT_NULL_FATAL(place);
		place += strlen("Location: /login/code");
		CU_ASSERT_TRUE(strncmp(place, "\r\n", 2) == 0 ||
			       strcspn(place, "\r") ==
				       strlen("?next=") + 512 + 2 * slashes);
	}
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(every_template_shows_its_fixture),
		UNIT_TEST(the_browser_says_which_language),
		UNIT_TEST(a_chosen_language_is_remembered_by_the_browser),
		UNIT_TEST(nobody_is_led_to_another_site),
		UNIT_TEST(a_page_fails_as_a_page_and_the_api_as_json),
		UNIT_TEST(every_failure_says_what_to_do),
		UNIT_TEST(a_refused_form_is_told_in_the_visitors_language),
		UNIT_TEST(everybody_lands_where_their_role_belongs),
		UNIT_TEST(another_language_shows_a_page_and_no_refusal),
		UNIT_TEST(a_persons_own_language_comes_first),
		UNIT_TEST(
			whoever_must_show_a_code_is_led_on_whole_or_not_at_all),
	};

	pg_start();
	call_setup("host=/nonexistent dbname=none");
	return unit_main("web/page", tests, ARRAY_LEN(tests), argc, argv);
}
