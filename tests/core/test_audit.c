/*
 * test_audit.c - what an entry of the audit holds, and what it never holds.
 */
#include "config.h"

#include "core/as.h"
#include "core/audit.h"
#include "harness/pg.h"
#include "harness/unit.h"

#define NOW INT64_C(1790000000000000)

static struct as_clients c;
static const char *told;

static void hear(enum log_level level UNUSED, const char *line)
{
	told = arena_str(&unit_arena, line);
}

static struct json_object *json(const char *text)
{
	struct json_object *o = NULL;
	struct err err = { 0 };

	if (text)
		CU_ASSERT_TRUE_FATAL(
			json_read(&unit_arena, text, strlen(text), &o, &err));
	return o;
}

static struct audit_entry entry(const char *before, const char *after)
{
	return (struct audit_entry){
		.client_id = c.ours,
		.actor = "user",
		.user_id = 5,
		.login = "anna",
		.action = "bot.change",
		.object = "bot:5",
		.address = "192.0.2.1",
		.user_agent = "agent",
		.request_id = "r1",
		.before = json(before),
		.after = json(after),
		.now = NOW,
	};
}

/* Adds it as the client itself; "before -> after" as stored. */
static const char *stored(const char *before, const char *after)
{
	struct audit_entry e;

	c = as_setup();
	e = entry(before, after);
	as_begin(c.ours);
	CU_ASSERT_TRUE(as_end(audit_add(as_db, &unit_arena, &e, &as_err)));
	return pg_text("SELECT coalesce(before::text, 'nothing') || ' -> ' ||"
		       " coalesce(after::text, 'nothing') FROM audit_log");
}

static void only_what_differs_is_kept(void)
{
	UNIT_ASSERT_STR(stored("{\"id\":1,\"name\":\"a\",\"gone\":null}",
			       "{\"id\":1,\"name\":\"b\",\"new\":[1]}"),
			"{\"gone\": null, \"name\": \"a\"} ->"
			" {\"new\": [1], \"name\": \"b\"}");
	UNIT_ASSERT_STR(stored("{\"o\":{\"x\":1,\"y\":{\"z\":1,\"w\":2}}}",
			       "{\"o\":{\"x\":1,\"y\":{\"z\":2,\"w\":2}}}"),
			"{\"o\": {\"y\": {\"z\": 1}}} ->"
			" {\"o\": {\"y\": {\"z\": 2}}}");
	UNIT_ASSERT_STR(stored("{\"a\":[1,2]}", "{\"a\":[1,3]}"),
			"{\"a\": [1, 2]} -> {\"a\": [1, 3]}");
}

static void what_is_made_has_no_before_and_what_is_gone_no_after(void)
{
	UNIT_ASSERT_STR(stored(NULL, "{\"a\":1,\"updated_at\":\"t\"}"),
			"nothing -> {\"a\": 1, \"updated_at\": \"t\"}");
	UNIT_ASSERT_STR(stored("{\"a\":1}", NULL), "{\"a\": 1} -> nothing");
	UNIT_ASSERT_STR(stored(NULL, NULL), "nothing -> nothing");
}

static void where_nothing_differs_there_is_no_entry(void)
{
	struct audit_entry e;

	UNIT_ASSERT_STR(stored("{\"a\":1,\"updated_at\":\"yesterday\"}",
			       "{\"a\":1,\"updated_at\":\"today\"}"),
			"");
	e = entry("{\"a\":1}", "{\"a\":1}");
	told = NULL;
	log_set_sink(hear);
	audit_tell(&unit_arena, &e);
	log_set_sink(NULL);
	UNIT_ASSERT_STR(told, NULL);
}

static void secrets_are_masked_by_their_names_however_deep(void)
{
	UNIT_ASSERT_STR(
		stored(NULL,
		       "{\"api_client_SECRET\":\"s\",\"token_tail\":\"t\","
		       "\"Password\":\"p\",\"hashes\":[\"h\",\"i\"],"
		       "\"code\":123456,\"o\":[{\"code_x\":\"c\"}]}"),
		"nothing -> {\"o\": [{\"code_x\": \"***\"}], \"code\": \"***\","
		" \"hashes\": \"***\", \"Password\": \"***\","
		" \"token_tail\": \"***\", \"api_client_SECRET\": \"***\"}");
	/* That it changed is seen, and that none was there. */
	UNIT_ASSERT_STR(stored("{\"token\":null}", "{\"token\":\"t\"}"),
			"{\"token\": null} -> {\"token\": \"***\"}");
	UNIT_ASSERT_STR(stored("{\"token\":\"s\"}", "{\"token\":\"t\"}"),
			"{\"token\": \"***\"} -> {\"token\": \"***\"}");
	UNIT_ASSERT_STR(stored("{\"must_change_password\":false}",
			       "{\"must_change_password\":true}"),
			"{\"must_change_password\": false} ->"
			" {\"must_change_password\": true}");
}

static void addresses_lose_the_secrets_in_them(void)
{
	UNIT_ASSERT_STR(stored(NULL,
			       "{\"webhook_url\":"
			       "\"https://x/api/webhooks/telegram/5/s3cret\"}"),
			"nothing -> {\"webhook_url\":"
			" \"https://x/api/webhooks/telegram/5/***\"}");
}

static const char *many(const char *s, int n)
{
	const char *all = "";

	for (int i = 0; i < n; i++)
		all = arena_printf(&unit_arena, "%s%s", all, s);
	return all;
}

static void long_texts_are_cut(void)
{
	const char *text =
		arena_printf(&unit_arena, "{\"a\":\"%s\"}", many("я", 600));

	UNIT_ASSERT_STR(stored(NULL, text),
			arena_printf(&unit_arena, "nothing -> {\"a\": \"%s…\"}",
				     many("я", 499)));
	text = arena_printf(&unit_arena, "{\"a\":[%s1]}", many("1,", 4000));
	stored(NULL, text);
	UNIT_ASSERT_INT(pg_count("SELECT length(after->>'a') FROM audit_log"),
			4000);
}

static void a_foreign_text_that_is_no_utf8_is_stored_cut_and_clean(void)
{
	struct audit_entry e;

	c = as_setup();
	e = entry(NULL, NULL);
	e.user_agent = many("\xff", 300);
	e.login = many("\xfe", 65);
	as_begin(c.ours);
	CU_ASSERT_TRUE(as_end(audit_add(as_db, &unit_arena, &e, &as_err)));
	UNIT_ASSERT_STR(pg_text("SELECT length(user_agent) || ' ' ||"
				" length(login) FROM audit_log"),
			"256 64");
}

static void the_log_tells_the_same_after_the_commit(void)
{
	struct audit_entry e;

	c = as_setup();
	e = entry("{\"name\":\"a\",\"token\":\"old\",\"gone\":1}",
		  "{\"name\":\"b\",\"token\":\"new\"}");
	as_begin(c.ours);
	told = NULL;
	log_set_sink(hear);
	CU_ASSERT_TRUE(audit_add(as_db, &unit_arena, &e, &as_err));
	UNIT_ASSERT_STR(told, NULL);
	CU_ASSERT_TRUE(as_end(true));
	audit_tell(&unit_arena, &e);
	log_set_sink(NULL);
	UNIT_ASSERT_STR(
		told,
		arena_printf(&unit_arena,
			     "info id=- audit action=bot.change object=bot:5"
			     " actor=user user_id=5 login=anna client_id=%lld"
			     " address=192.0.2.1 user_agent=agent"
			     " changed=gone,name,token"
			     " before=\"{\\\"name\\\":\\\"a\\\","
			     "\\\"token\\\":\\\"***\\\",\\\"gone\\\":1}\""
			     " after=\"{\\\"name\\\":\\\"b\\\","
			     "\\\"token\\\":\\\"***\\\"}\"",
			     (long long)c.ours));
}

static void a_visitors_entry_is_seen_by_the_owners_of_the_client(void)
{
	struct err err = { 0 };
	struct audit_entry e;

	c = as_setup();
	e = entry(NULL, NULL);
	e.action = "sign_in.refused";
	CU_ASSERT_TRUE(audit_visitor(as_db, &unit_arena, &e, &err));
	e = entry(NULL, NULL);
	e.client_id = 0;
	CU_ASSERT_TRUE(audit_visitor(as_db, &unit_arena, &e, &err));
	UNIT_ASSERT_STR(pg_text("SELECT string_agg(action || ':' ||"
				"  coalesce(client_id, 0), ' ' ORDER BY id)"
				" FROM audit_log"),
			arena_printf(&unit_arena,
				     "sign_in.refused:%lld bot.change:0",
				     (long long)c.ours));
}

static void nobody_writes_into_another_clients_audit(void)
{
	struct audit_entry e;

	c = as_setup();
	e = entry(NULL, NULL);
	as_begin(c.other);
	unit_expect_log(LOG_ERROR, "db.refused");
	CU_ASSERT_FALSE(audit_add(as_db, &unit_arena, &e, &as_err));
	as_end(false);
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM audit_log"), 0);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(only_what_differs_is_kept),
		UNIT_TEST(what_is_made_has_no_before_and_what_is_gone_no_after),
		UNIT_TEST(where_nothing_differs_there_is_no_entry),
		UNIT_TEST(secrets_are_masked_by_their_names_however_deep),
		UNIT_TEST(addresses_lose_the_secrets_in_them),
		UNIT_TEST(long_texts_are_cut),
		UNIT_TEST(
			a_foreign_text_that_is_no_utf8_is_stored_cut_and_clean),
		UNIT_TEST(the_log_tells_the_same_after_the_commit),
		UNIT_TEST(a_visitors_entry_is_seen_by_the_owners_of_the_client),
		UNIT_TEST(nobody_writes_into_another_clients_audit),
	};
	int status;

	pg_start();
	status = unit_main("audit", tests, ARRAY_LEN(tests), argc, argv);
	db_free(as_db);
	return status;
}
