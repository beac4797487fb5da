/*
 * test_objects.c - the API of what the product is set up with.
 *
 * The rules themselves are proved in tests/core; here is who may ask for
 * what, and how it is answered.
 */
#include "config.h"

#include <inttypes.h>

#include "harness/pg.h"
#include "web/call.h"

#define TOKEN(number) "\"" number ":AAabcdefghijklmnopqrstuvwxyz_-0\""
#define PATH(fmt, id) arena_printf(&unit_arena, fmt, (int64_t)(id))

static int64_t ours, other;
static const char *admin, *owner, *manager, *stranger;

static void fresh(void)
{
	pg_reset();
	call_setup(pg_url(PG_WEB));
	ours = call_client("ours");
	other = call_client("other");
	admin = call_token(call_user(0, "admin", "admin"));
	owner = call_token(call_user(ours, "owner", "owner"));
	manager = call_token(call_user(ours, "manager", "manager"));
	stranger = call_token(call_user(other, "stranger", "owner"));
}

static int64_t id_of(const struct answer *r)
{
	return json_i64(r->json, "id", 0);
}

/* The id of what was made; the test fails when it was not. */
static int64_t made(const char *token, const char *path, const char *body)
{
	struct answer r = call_send(token, "POST", path, body);

	UNIT_ASSERT_INT(r.status, 201);
	if (r.status != 201)
		UNIT_ASSERT_STR(r.text, "");
	return id_of(&r);
}

static int status(const char *token, const char *method, const char *path,
		  const char *body)
{
	return call_send(token, method, path, body).status;
}

static void clients_are_made_by_administrators(void)
{
	struct answer r;
	int64_t id;

	fresh();
	UNIT_ASSERT_INT(status(owner, "POST", "/api/clients", "{}"), 403);
	UNIT_ASSERT_INT(status(owner, "GET", "/api/clients", NULL), 403);
	id = made(admin, "/api/clients", "{\"name\":\"New\"}");
	r = call_get(admin, PATH("/api/clients/%" PRId64, id));
	UNIT_ASSERT_STR(json_str(r.json, "name", ""), "New");
	UNIT_ASSERT_INT(status(admin, "DELETE",
			       PATH("/api/clients/%" PRId64, id), NULL),
			204);
	UNIT_ASSERT_INT(
		call_get(admin, PATH("/api/clients/%" PRId64, id)).status, 404);
}

static void an_owner_changes_their_own_client(void)
{
	struct answer r;

	fresh();
	r = call_send(
		owner, "PATCH", PATH("/api/clients/%" PRId64, ours),
		"{\"defaults\":{\"greeting\":\"Hi\",\"fallback\":\"x\"}}");
	UNIT_ASSERT_INT(r.status, 422);
	UNIT_ASSERT_STR(bad_fields(&r), "defaults.fallback");
	r = call_send(owner, "PATCH", PATH("/api/clients/%" PRId64, ours),
		      "{\"defaults\":{\"greeting\":\"Hi\"}}");
	UNIT_ASSERT_INT(r.status, 200);
	UNIT_ASSERT_INT(status(owner, "PATCH",
			       PATH("/api/clients/%" PRId64, other), "{}"),
			404);
	UNIT_ASSERT_INT(status(manager, "PATCH",
			       PATH("/api/clients/%" PRId64, ours), "{}"),
			403);
	UNIT_ASSERT_INT(
		call_get(manager, PATH("/api/clients/%" PRId64, ours)).status,
		200);
	r = call_send(owner, "POST", "/api/projects", "{\"name\":\"P\"}");
	UNIT_ASSERT_STR(json_str(r.json, "greeting", ""), "Hi");
}

static void a_user_is_made_changed_and_removed(void)
{
	struct answer r;
	int64_t id;

	fresh();
	id = made(owner, "/api/users",
		  "{\"login\":\"anna\",\"password\":\"long enough\","
		  "\"name\":\"Anna\",\"role\":\"manager\"}");
	r = call_send(owner, "PATCH", PATH("/api/users/%" PRId64, id),
		      "{\"disabled\":true,\"telegram_user_id\":5}");
	UNIT_ASSERT_INT(r.status, 200);
	CU_ASSERT_TRUE(json_flag(r.json, "disabled", false));
	UNIT_ASSERT_INT(json_i64(r.json, "telegram_user_id", 0), 5);
	r = call_send(owner, "PATCH", PATH("/api/users/%" PRId64, id),
		      "{\"disabled\":false,\"telegram_user_id\":null}");
	CU_ASSERT_FALSE(json_flag(r.json, "disabled", true));
	CU_ASSERT_PTR_NULL(strstr(r.text, "argon2"));
	CU_ASSERT_PTR_NULL(strstr(r.text, "long enough"));
	UNIT_ASSERT_INT(status(stranger, "PATCH",
			       PATH("/api/users/%" PRId64, id), "{}"),
			404);
	UNIT_ASSERT_INT(status(manager, "DELETE",
			       PATH("/api/users/%" PRId64, id), NULL),
			403);
	UNIT_ASSERT_INT(
		status(owner, "DELETE", PATH("/api/users/%" PRId64, id), NULL),
		204);
}

static void every_bad_field_of_a_user_is_named(void)
{
	struct answer r;

	fresh();
	r = call_send(owner, "POST", "/api/users",
		      "{\"login\":5,\"role\":\"admin\",\"shoe\":44}");
	UNIT_ASSERT_INT(r.status, 422);
	UNIT_ASSERT_STR(bad_fields(&r), "login,name,role,shoe");
	r = call_send(admin, "POST", "/api/users",
		      "{\"login\":\"a\",\"role\":\"owner\",\"name\":\"A\","
		      "\"password\":\"short\"}");
	UNIT_ASSERT_INT(r.status, 422);
	UNIT_ASSERT_STR(bad_fields(&r), "login,client_id,password");
	UNIT_ASSERT_INT(status(owner, "POST", "/api/users",
			       "{\"login\":\"OWNER\",\"role\":\"owner\","
			       "\"name\":\"A\"}"),
			409);
}

static void an_administrator_makes_another(void)
{
	struct answer r;

	fresh();
	r = call_send(
		admin, "POST", "/api/users",
		"{\"login\":\"root2\",\"role\":\"admin\",\"name\":\"R\"}");
	UNIT_ASSERT_INT(r.status, 201);
	CU_ASSERT_PTR_NULL(json_member(r.json, "client_id"));
}

static void nobody_acts_for_another_client(void)
{
	struct ask q = { .path = "/api/projects" };
	const char *body;

	fresh();
	body = arena_printf(&unit_arena,
			    "{\"name\":\"P\",\"client_id\":%" PRId64 "}",
			    other);
	UNIT_ASSERT_INT(status(owner, "POST", "/api/projects", body), 403);
	UNIT_ASSERT_INT(status(admin, "POST", "/api/projects", body), 201);
	UNIT_ASSERT_INT(
		status(admin, "POST", "/api/projects", "{\"name\":\"P\"}"),
		422);
	q.token = owner;
	q.query = PATH("client_id=%" PRId64, other);
	UNIT_ASSERT_INT(call(&q).status, 403);
	q.token = admin;
	UNIT_ASSERT_INT((int)json_object_array_length(
				json_array_at(call(&q).json, "items")),
			1);
	q.query = PATH("client_id=%" PRId64, ours);
	UNIT_ASSERT_INT((int)json_object_array_length(
				json_array_at(call(&q).json, "items")),
			0);
}

static void a_change_of_a_project_keeps_the_rest(void)
{
	const char *path;
	struct answer r;

	fresh();
	path = PATH("/api/projects/%" PRId64,
		    made(owner, "/api/projects",
			 "{\"name\":\"Шины\",\"filters\":[{\"id\":\"a\","
			 "\"action\":\"hide\",\"words\":[\"спам\"]}],"
			 "\"auto_reply\":{\"enabled\":true,\"text\":\"Hi\"}}"));
	r = call_send(owner, "PATCH", path,
		      "{\"auto_reply\":{\"delay_seconds\":9}}");
	UNIT_ASSERT_INT(r.status, 200);
	UNIT_ASSERT_STR(json_str(r.json, "slug", ""), "shiny");
	UNIT_ASSERT_STR(
		json_str(json_object_at(r.json, "auto_reply"), "text", ""),
		"Hi");
	UNIT_ASSERT_INT(json_i64(json_object_at(r.json, "auto_reply"),
				 "delay_seconds", 0),
			9);
	UNIT_ASSERT_INT(
		(int)json_object_array_length(json_array_at(r.json, "filters")),
		1);
	UNIT_ASSERT_INT(status(owner, "PATCH", path, "{}"), 200);
	UNIT_ASSERT_INT(status(stranger, "PATCH", path, "{}"), 404);
	UNIT_ASSERT_INT(call_get(manager, path).status, 200);
	UNIT_ASSERT_INT(status(owner, "DELETE", path, NULL), 204);
}

static void wrong_types_and_unknown_ids_are_unprocessable(void)
{
	static const char *const bodies[][2] = {
		{ "{\"name\":\"P\",\"bot_id\":\"5\"}", "bot_id" },
		{ "{\"name\":\"P\",\"bot_id\":-5}", "bot_id" },
		{ "{\"name\":\"P\",\"bot_id\":99999999999999999999}",
		  "bot_id" },
		{ "{\"name\":\"P\",\"bot_id\":4711}", "bot_id" },
		{ "{\"name\":\"a\\u0000b\"}", "name" },
		{ "{\"name\":\"P\",\"filters\":[{\"id\":\"a\\u0000\","
		  "\"action\":\"drop\",\"enabled\":false}]}",
		  "filters[0].id" },
		{ "{\"name\":\"P\",\"rules\":[{\"id\":\"a\","
		  "\"action\":{\"send\":\"\\u0000\"}}]}",
		  "rules[0].action.send" },
		{ "{\"name\":\"P\",\"auto_reply\":{\"text\":\"\\u0000\"}}",
		  "auto_reply.text" },
		{ "{\"name\":\"P\",\"auto_reply\":[]}", "auto_reply" },
		{ "{\"name\":null}", "name" },
	};

	fresh();
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		struct answer r =
			call_send(owner, "POST", "/api/projects", bodies[i][0]);

		UNIT_ASSERT_INT(r.status, 422);
		UNIT_ASSERT_STR(bad_fields(&r), bodies[i][1]);
	}
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM projects"), 0);
	UNIT_ASSERT_INT(call_get(owner, "/api/projects/0").status, 404);
	UNIT_ASSERT_INT(call_get(owner, "/api/projects/x").status, 404);
	UNIT_ASSERT_INT(
		call_get(owner, "/api/projects/99999999999999999999").status,
		404);
}

static void a_list_goes_on_by_its_cursor(void)
{
	struct answer r;
	struct ask q = { .path = "/api/projects", .query = "limit=2" };

	fresh();
	for (int i = 0; i < 3; i++)
		made(owner, "/api/projects", "{\"name\":\"P\"}");
	q.token = owner;
	r = call(&q);
	UNIT_ASSERT_INT(
		(int)json_object_array_length(json_array_at(r.json, "items")),
		2);
	q.query = arena_printf(&unit_arena, "limit=2&cursor=%s",
			       json_str(r.json, "next_cursor", ""));
	r = call(&q);
	UNIT_ASSERT_INT(
		(int)json_object_array_length(json_array_at(r.json, "items")),
		1);
	CU_ASSERT_PTR_NULL(json_member(r.json, "next_cursor"));
	q.query = "limit=0&cursor=x&size=5";
	r = call(&q);
	UNIT_ASSERT_INT(r.status, 422);
	UNIT_ASSERT_STR(bad_fields(&r), "limit,cursor,size");
}

static void a_token_is_never_told(void)
{
	struct answer r;
	const char *path;

	fresh();
	unit_expect_log(LOG_WARN, "redis.away");
	r = call_send(owner, "POST", "/api/bots",
		      "{\"token\":" TOKEN("7001") "}");
	UNIT_ASSERT_INT(r.status, 201);
	UNIT_ASSERT_STR(json_str(r.json, "status", ""), "checking");
	CU_ASSERT_PTR_NULL(strstr(r.text, "AAabcdef"));
	path = PATH("/api/bots/%" PRId64, id_of(&r));
	r = call_get(owner, path);
	CU_ASSERT_PTR_NULL(strstr(r.text, "AAabcdef"));
	CU_ASSERT_PTR_NOT_NULL(
		strstr(json_str(r.json, "webhook_url", ""),
		       "https://hooks.example/api/webhooks/telegram/"));
	r = call_get(manager, path);
	UNIT_ASSERT_INT(r.status, 200);
	CU_ASSERT_PTR_NULL(json_member(r.json, "webhook_url"));
	UNIT_ASSERT_INT(call_get(stranger, path).status, 404);
}

static void a_bots_webhook_is_left_to_the_daemon(void)
{
	struct answer r;
	int64_t id;
	const char *url;

	fresh();
	unit_expect_log(LOG_WARN, "redis.away");
	id = made(owner, "/api/bots",
		  "{\"token\":" TOKEN("7001") ",\"group_chat_id\":-5}");
	r = call_get(owner, PATH("/api/bots/%" PRId64, id));
	url = json_str(r.json, "webhook_url", "");
	r = call_send(owner, "POST", PATH("/api/bots/%" PRId64 "/webhook", id),
		      NULL);
	UNIT_ASSERT_INT(r.status, 202);
	CU_ASSERT_STRING_NOT_EQUAL(json_str(r.json, "webhook_url", ""), url);
	UNIT_ASSERT_INT(status(manager, "POST",
			       PATH("/api/bots/%" PRId64 "/webhook", id), NULL),
			403);
	UNIT_ASSERT_INT(status(stranger, "POST", "/api/bots",
			       "{\"token\":" TOKEN("7001") "}"),
			409);
	UNIT_ASSERT_INT(
		status(stranger, "POST", "/api/bots",
		       "{\"token\":" TOKEN("7002") ",\"group_chat_id\":-5}"),
		409);
	UNIT_ASSERT_INT(status(owner, "PATCH", PATH("/api/bots/%" PRId64, id),
			       "{\"group_chat_id\":7}"),
			422);
	UNIT_ASSERT_INT(status(owner, "PATCH", PATH("/api/bots/%" PRId64, id),
			       "{\"group_chat_id\":null}"),
			200);
	UNIT_ASSERT_INT(
		status(owner, "DELETE", PATH("/api/bots/%" PRId64, id), NULL),
		204);
}

static void an_avito_account_is_set_up(void)
{
	const char *secret = "an-avito-client-secret-long-1234";
	struct answer r;
	int64_t project, id;
	const char *path;

	fresh();
	unit_expect_log(LOG_WARN, "redis.away");
	project = made(owner, "/api/projects", "{\"name\":\"P\"}");
	id = made(admin, "/api/avito/accounts",
		  arena_printf(&unit_arena,
			       "{\"project_id\":%" PRId64
			       ",\"api_client_id\":\"c\","
			       "\"api_client_secret\":\"%s\"}",
			       project, secret));
	path = PATH("/api/avito/accounts/%" PRId64, id);
	r = call_get(manager, path);
	UNIT_ASSERT_INT(r.status, 200);
	UNIT_ASSERT_INT(json_i64(r.json, "client_id", 0), ours);
	CU_ASSERT_PTR_NULL(strstr(r.text, secret));
	UNIT_ASSERT_STR(json_str(r.json, "api_client_secret_tail", ""),
			"…1234");
	UNIT_ASSERT_INT(
		status(owner, "POST",
		       PATH("/api/avito/accounts/%" PRId64 "/check", id), NULL),
		202);
	r = call_send(owner, "PATCH", path, "{\"webhook\":true}");
	UNIT_ASSERT_INT(r.status, 200);
	CU_ASSERT_TRUE(json_flag(r.json, "webhook", false));
	UNIT_ASSERT_INT(status(stranger, "DELETE", path, NULL), 404);
	UNIT_ASSERT_INT(status(owner, "DELETE", path, NULL), 204);
}

static void an_account_names_a_project_of_its_client(void)
{
	struct answer r;
	int64_t project;

	fresh();
	project = made(stranger, "/api/projects", "{\"name\":\"P\"}");
	r = call_send(owner, "POST", "/api/avito/accounts",
		      arena_printf(&unit_arena,
				   "{\"project_id\":%" PRId64
				   ",\"api_client_id\":\"c\","
				   "\"api_client_secret\":\"s\"}",
				   project));
	UNIT_ASSERT_INT(r.status, 422);
	UNIT_ASSERT_STR(bad_fields(&r), "project_id");
	r = call_send(owner, "POST", "/api/avito/accounts", "{}");
	UNIT_ASSERT_STR(bad_fields(&r),
			"project_id,api_client_id,api_client_secret");
}

static void an_account_goes_with_its_dialogs_only_when_asked(void)
{
	int64_t project, id;
	struct ask q = { .method = "DELETE" };

	fresh();
	unit_expect_log(LOG_WARN, "redis.away");
	project = made(owner, "/api/projects", "{\"name\":\"P\"}");
	id = made(owner, "/api/avito/accounts",
		  arena_printf(&unit_arena,
			       "{\"project_id\":%" PRId64
			       ",\"api_client_id\":\"c\","
			       "\"api_client_secret\":\"s\"}",
			       project));
	pg_run(arena_printf(
		&unit_arena,
		"INSERT INTO dialogs (client_id, project_id, source, source_id,"
		" external_chat_id, last_message_at, created_at) VALUES"
		" (%" PRId64 ", %" PRId64 ", 'avito', %" PRId64
		", 'chat', now(), now())",
		ours, project, id));
	q.token = owner;
	q.path = PATH("/api/avito/accounts/%" PRId64, id);
	UNIT_ASSERT_INT(call(&q).status, 409);
	q.query = "with_dialogs=true";
	UNIT_ASSERT_INT(call(&q).status, 204);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM dialogs"), 0);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(clients_are_made_by_administrators),
		UNIT_TEST(an_owner_changes_their_own_client),
		UNIT_TEST(a_user_is_made_changed_and_removed),
		UNIT_TEST(every_bad_field_of_a_user_is_named),
		UNIT_TEST(an_administrator_makes_another),
		UNIT_TEST(nobody_acts_for_another_client),
		UNIT_TEST(a_change_of_a_project_keeps_the_rest),
		UNIT_TEST(wrong_types_and_unknown_ids_are_unprocessable),
		UNIT_TEST(a_list_goes_on_by_its_cursor),
		UNIT_TEST(a_token_is_never_told),
		UNIT_TEST(a_bots_webhook_is_left_to_the_daemon),
		UNIT_TEST(an_avito_account_is_set_up),
		UNIT_TEST(an_account_names_a_project_of_its_client),
		UNIT_TEST(an_account_goes_with_its_dialogs_only_when_asked),
	};

	pg_start();
	return unit_main("web/objects", tests, ARRAY_LEN(tests), argc, argv);
}
