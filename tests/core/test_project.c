/*
 * test_project.c - clients and their projects: what may be set up, and how.
 */
#include "config.h"

#include "base/json.h"
#include "base/secret.h"
#include "core/as.h"
#include "core/project.h"
#include "core/slug.h"
#include "core/tenant.h"
#include "harness/pg.h"
#include "harness/unit.h"

#define NOW INT64_C(1790000000000000)

static struct as_clients c;

static const char *slug_for(const char *name)
{
	return slug_of(&unit_arena, name);
}

static void a_slug_is_the_name_in_latin_letters(void)
{
	UNIT_ASSERT_STR(slug_for("Шины на Ленина, 5"), "shiny-na-lenina-5");
	UNIT_ASSERT_STR(slug_for("  Щётки & Ёлки  "), "shchetki-elki");
	UNIT_ASSERT_STR(slug_for("Объявления"), "obyavleniya");
	UNIT_ASSERT_STR(slug_for("你好"), "project");
	CU_ASSERT_TRUE(
		strlen(slug_for("аааааааааааааааааааааааааааааааааааааааа"
				"щщщщщщщщщщщщщщщщщщщщщщщщщщщщщщ")) <= SLUG_MAX);
}

static void a_slug_is_checked(void)
{
	CU_ASSERT_TRUE(slug_is_valid("a-1"));
	CU_ASSERT_FALSE(slug_is_valid(""));
	CU_ASSERT_FALSE(slug_is_valid("-a"));
	CU_ASSERT_FALSE(slug_is_valid("a--b"));
	CU_ASSERT_FALSE(slug_is_valid("A"));
}

/* 0 when it was refused. */
static int64_t add_named(int64_t client_id, const char *name, const char *slug)
{
	struct project p;
	bool ok;

	as_begin(client_id);
	ok = project_init(as_db, &unit_arena, client_id, &p, &as_err);
	p.name = name;
	p.slug = slug;
	ok = ok &&
	     project_add(as_db, &unit_arena, &p, NOW, &as_problems, &as_err);
	return as_end(ok) ? p.id : 0;
}

static const char *slug_in_db(int64_t id)
{
	return pg_text(arena_printf(&unit_arena,
				    "SELECT slug FROM projects WHERE id = %lld",
				    (long long)id));
}

static void a_taken_slug_gets_a_number(void)
{
	c = as_setup();
	UNIT_ASSERT_STR(slug_in_db(add_named(c.ours, "Шины", NULL)), "shiny");
	UNIT_ASSERT_STR(slug_in_db(add_named(c.ours, "Шины", NULL)), "shiny-2");
	UNIT_ASSERT_STR(slug_in_db(add_named(c.ours, "шины!", NULL)),
			"shiny-3");
	UNIT_ASSERT_STR(slug_in_db(add_named(c.other, "Шины", NULL)), "shiny");
}

static void a_given_slug_that_is_taken_is_a_conflict(void)
{
	c = as_setup();
	CU_ASSERT_NOT_EQUAL(add_named(c.ours, "A", "tyres"), 0);
	CU_ASSERT_EQUAL(add_named(c.ours, "B", "tyres"), 0);
	UNIT_ASSERT_INT(as_err.kind, ERR_CONFLICT);
	UNIT_ASSERT_STR(as_err.field, "slug");
}

static void every_bad_field_is_named(void)
{
	struct project p;

	c = as_setup();
	as_begin(c.ours);
	CU_ASSERT_TRUE(project_init(as_db, &unit_arena, c.ours, &p, &as_err));
	p.name = " ";
	p.slug = "Ж";
	p.operators = "all";
	p.fallback = "";
	p.filters = "[{\"id\":\"a\"},{\"id\":\"a\"},7,{}]";
	p.bot_id = 12345;
	CU_ASSERT_FALSE(as_end(project_add(as_db, &unit_arena, &p, NOW,
					   &as_problems, &as_err)));
	UNIT_ASSERT_INT(as_err.kind, ERR_INPUT);
	UNIT_ASSERT_STR(as_bad_fields(),
			"name,slug,operators,fallback,filters[0].action,"
			"filters[1].id,filters[1].action,filters[2],"
			"filters[3].id,filters[3].action,bot_id");
}

/* The bad fields of an auto-reply in a new project; "" when it is good. */
static const char *bad_in(const char *auto_reply)
{
	struct project p;

	c = as_setup();
	as_begin(c.ours);
	CU_ASSERT_TRUE(project_init(as_db, &unit_arena, c.ours, &p, &as_err));
	p.name = "P";
	p.auto_reply = auto_reply;
	as_end(project_add(as_db, &unit_arena, &p, NOW, &as_problems, &as_err));
	UNIT_ASSERT_STR(as_err.text,
			as_problems.n ? as_problems.list[0].text : "");
	return as_bad_fields();
}

static void an_auto_reply_is_checked_to_the_last_window(void)
{
	UNIT_ASSERT_STR(bad_in("{}"), "");
	UNIT_ASSERT_STR(bad_in("{\"enabled\":true}"), "auto_reply.text");
	UNIT_ASSERT_STR(bad_in("{\"enabled\":1,\"delay\":5,\"mode\":\"never\","
			       "\"timezone\":\"Mars/Base\"}"),
			"auto_reply.enabled,auto_reply.delay,auto_reply.mode,"
			"auto_reply.timezone");
	UNIT_ASSERT_STR(bad_in("{\"enabled\":true,\"text\":\"Hi\","
			       "\"mode\":\"interval\"}"),
			"auto_reply.windows");
	UNIT_ASSERT_STR(
		bad_in("{\"windows\":[{\"days\":[1,8],\"from\":\"9:00\","
		       "\"to\":\"24:01\"},{\"from\":\"10:00\","
		       "\"to\":\"10:00\",\"days\":[]},3]}"),
		"auto_reply.windows[0].days,auto_reply.windows[0].from,"
		"auto_reply.windows[0].to,auto_reply.windows[1].days,"
		"auto_reply.windows[1].to,auto_reply.windows[2]");
	UNIT_ASSERT_STR(bad_in("{\"delay_seconds\":3601,"
			       "\"repeat_after_hours\":0}"),
			"auto_reply.delay_seconds,"
			"auto_reply.repeat_after_hours");
	UNIT_ASSERT_STR(bad_in("{\"text\":\"{buyer} {who}\",\"steps\":[{"
			       "\"after_minutes\":0,\"text\":\"A\"},{"
			       "\"text\":\" \"},5]}"),
			"auto_reply.text,auto_reply.steps[0].after_minutes,"
			"auto_reply.steps[1].after_minutes,"
			"auto_reply.steps[1].text,auto_reply.steps[2]");
}

static void a_date_has_one_rule_of_its_own(void)
{
	UNIT_ASSERT_STR(bad_in("{\"dates\":[{\"date\":\"2028-02-29\","
			       "\"off\":true},{\"date\":\"2028-03-01\","
			       "\"like\":7,\"name\":\"X\"},{\"date\":"
			       "\"2028-03-02\",\"windows\":[]},{\"date\":"
			       "\"2028-03-03\",\"like\":5,"
			       "\"early_minutes\":60}]}"),
			"");
	UNIT_ASSERT_STR(
		bad_in("{\"dates\":[{\"date\":\"2027-02-29\",\"off\":true},"
		       "{\"date\":\"2028-03-01\"},{\"like\":8},"
		       "{\"date\":\"2028-03-01\",\"off\":true,\"like\":1},"
		       "{\"date\":\"2028-03-05\",\"windows\":[{\"from\":"
		       "\"9\",\"to\":\"10:00\",\"days\":[1]}]}]}"),
		"auto_reply.dates[0].date,auto_reply.dates[1],"
		"auto_reply.dates[2].date,auto_reply.dates[2].like,"
		"auto_reply.dates[3].date,auto_reply.dates[3],"
		"auto_reply.dates[4].windows[0].from,"
		"auto_reply.dates[4].windows[0].days");
}

static void a_good_auto_reply_is_completed(void)
{
	UNIT_ASSERT_STR(bad_in("{\"enabled\":true,\"mode\":\"interval\","
			       "\"timezone\":\"Asia/Omsk\",\"text\":\"Hi\","
			       "\"delay_seconds\":null,\"windows\":[{"
			       "\"days\":[1],\"from\":\"22:00\","
			       "\"to\":\"24:00\"}]}"),
			"");
	UNIT_ASSERT_INT(
		pg_count("SELECT count(*) FROM projects WHERE auto_reply @>"
			 " '{\"repeat_after_hours\":24,\"delay_seconds\":null,"
			 " \"dates\":[],\"steps\":[],"
			 " \"timezone\":\"Asia/Omsk\"}'"),
		1);
}

static void a_project_takes_only_a_bot_of_its_client(void)
{
	int64_t bot_id, project_id;
	struct project before, p;

	c = as_setup();
	bot_id = pg_count(arena_printf(
		&unit_arena,
		"INSERT INTO bots (client_id, telegram_id, token_sealed,"
		" token_tail, webhook_secret_sealed, webhook_secret_hash,"
		" created_at, updated_at) VALUES (%lld, 7, '', '', '', 'h',"
		" now(), now()) RETURNING id",
		(long long)c.other));
	project_id = add_named(c.ours, "P", NULL);
	/* An administrator sees the bot, and still may not mix clients. */
	as_begin(0);
	CU_ASSERT_TRUE(project_lock(as_db, &unit_arena, 0, project_id, &before,
				    &as_err));
	p = before;
	p.bot_id = bot_id;
	CU_ASSERT_FALSE(as_end(project_change(as_db, &unit_arena, &before, &p,
					      NOW, &as_problems, &as_err)));
	UNIT_ASSERT_STR(as_bad_fields(), "bot_id");
}

static void the_clients_defaults_are_a_new_projects(void)
{
	struct tenant t;
	struct project p;

	c = as_setup();
	as_begin(0);
	CU_ASSERT_TRUE(tenant_lock(as_db, &unit_arena, c.ours, &t, &as_err));
	t.defaults = "{\"require_quote\":true,\"greeting\":\"Hello\","
		     "\"auto_reply\":{\"delay_seconds\":5}}";
	CU_ASSERT_TRUE(as_end(
		tenant_change(as_db, &unit_arena, &t, &as_problems, &as_err)));
	as_begin(c.ours);
	CU_ASSERT_TRUE(project_init(as_db, &unit_arena, c.ours, &p, &as_err));
	CU_ASSERT_TRUE(p.require_quote);
	UNIT_ASSERT_STR(p.greeting, "Hello");
	UNIT_ASSERT_STR(p.auto_reply, "{\"delay_seconds\":5}");
	UNIT_ASSERT_STR(p.fallback, "ask");
	as_end(true);
}

static void defaults_that_no_project_could_have_are_refused(void)
{
	struct tenant t = { .name = "New" };

	c = as_setup();
	as_begin(0);
	t.defaults = "{\"name\":\"x\",\"operators\":\"all\","
		     "\"auto_reply\":{\"enabled\":true},\"greeting\":5}";
	CU_ASSERT_FALSE(as_end(tenant_add(as_db, &unit_arena, &t, NOW,
					  &as_problems, &as_err)));
	UNIT_ASSERT_STR(as_bad_fields(),
			"defaults.greeting,defaults.name,defaults.operators,"
			"defaults.auto_reply.text");
}

static void another_clients_project_is_missing(void)
{
	int64_t id;
	struct project p;

	c = as_setup();
	id = add_named(c.other, "P", NULL);
	as_begin(c.ours);
	CU_ASSERT_FALSE(
		project_find(as_db, &unit_arena, c.ours, id, &p, &as_err));
	UNIT_ASSERT_INT(as_err.kind, ERR_MISSING);
	as_end(false);
	as_begin(c.ours);
	CU_ASSERT_FALSE(project_init(as_db, &unit_arena, c.other, &p, &as_err));
	UNIT_ASSERT_STR(as_err.field, "client_id");
	as_end(false);
}

static void lists_go_on_behind_the_last(void)
{
	struct project *list;
	struct tenant *tenants;
	size_t n;

	c = as_setup();
	for (int i = 0; i < 3; i++)
		add_named(c.ours, "P", NULL);
	add_named(c.other, "P", NULL);
	as_begin(c.ours);
	CU_ASSERT_TRUE(projects_list(as_db, &unit_arena, c.ours, 0, 2, &list,
				     &n, &as_err));
	UNIT_ASSERT_INT((int)n, 2);
	CU_ASSERT_TRUE(projects_list(as_db, &unit_arena, c.ours, list[1].id, 2,
				     &list, &n, &as_err));
	UNIT_ASSERT_INT((int)n, 1);
	CU_ASSERT_TRUE(
		tenants_list(as_db, &unit_arena, 0, 9, &tenants, &n, &as_err));
	UNIT_ASSERT_INT((int)n, 1);
	as_end(true);
	as_begin(0);
	CU_ASSERT_TRUE(
		projects_list(as_db, &unit_arena, 0, 0, 9, &list, &n, &as_err));
	UNIT_ASSERT_INT((int)n, 4);
	as_end(true);
}

static void what_is_used_is_not_removed(void)
{
	struct project p;
	int64_t id;

	c = as_setup();
	id = add_named(c.ours, "P", NULL);
	as_begin(0);
	CU_ASSERT_FALSE(
		as_end(tenant_remove(as_db, &unit_arena, c.ours, &as_err)));
	UNIT_ASSERT_INT(as_err.kind, ERR_CONFLICT);
	as_begin(c.ours);
	CU_ASSERT_TRUE(as_end(
		project_lock(as_db, &unit_arena, c.ours, id, &p, &as_err) &&
		project_remove(as_db, &unit_arena, &p, &as_err)));
	as_begin(0);
	CU_ASSERT_TRUE(
		as_end(tenant_remove(as_db, &unit_arena, c.ours, &as_err)));
	UNIT_ASSERT_INT(pg_count("SELECT count(*) FROM clients"), 1);
}

static void farewells_outlive_their_client(void)
{
	c = as_setup();
	pg_run(arena_printf(&unit_arena,
			    "INSERT INTO tasks (client_id, kind, subject_id,"
			    " created_at) VALUES (%lld, 'bot.unhook', 5,"
			    " now()), (%lld, 'bot.check', 5, now())",
			    (long long)c.ours, (long long)c.ours));
	as_begin(0);
	CU_ASSERT_TRUE(
		as_end(tenant_remove(as_db, &unit_arena, c.ours, &as_err)));
	UNIT_ASSERT_STR(pg_text("SELECT string_agg(kind, ',') FROM tasks"),
			"bot.unhook");
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(a_slug_is_the_name_in_latin_letters),
		UNIT_TEST(a_slug_is_checked),
		UNIT_TEST(a_taken_slug_gets_a_number),
		UNIT_TEST(a_given_slug_that_is_taken_is_a_conflict),
		UNIT_TEST(every_bad_field_is_named),
		UNIT_TEST(an_auto_reply_is_checked_to_the_last_window),
		UNIT_TEST(a_date_has_one_rule_of_its_own),
		UNIT_TEST(a_good_auto_reply_is_completed),
		UNIT_TEST(a_project_takes_only_a_bot_of_its_client),
		UNIT_TEST(the_clients_defaults_are_a_new_projects),
		UNIT_TEST(defaults_that_no_project_could_have_are_refused),
		UNIT_TEST(another_clients_project_is_missing),
		UNIT_TEST(lists_go_on_behind_the_last),
		UNIT_TEST(what_is_used_is_not_removed),
		UNIT_TEST(farewells_outlive_their_client),
	};

	secret_init();
	pg_start();
	return unit_main("project", tests, ARRAY_LEN(tests), argc, argv);
}
