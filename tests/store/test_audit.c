/*
 * test_audit.c - entries of the audit are added, found, and never changed.
 */
#include "config.h"

#include "harness/pg.h"
#include "harness/unit.h"
#include "store/audit.h"

#define NOW INT64_C(1790000000000000)

static struct db *db;
static struct err err;
static int64_t client, other, user;

static void begin_test(void)
{
	pg_reset();
	err = (struct err){ 0 };
	client = pg_count("INSERT INTO clients (name, created_at)"
			  " VALUES ('One', now()) RETURNING id");
	other = pg_count("INSERT INTO clients (name, created_at)"
			 " VALUES ('Two', now()) RETURNING id");
	user = pg_count("INSERT INTO users (client_id, login, name, role,"
			"  created_at)"
			" SELECT min(id), 'anna', 'Anna', 'owner', now()"
			"  FROM clients RETURNING id");
}

static struct audit_row row_of(int64_t client_id, int64_t user_id,
			       const char *action, const char *object)
{
	return (struct audit_row){
		.client_id = client_id,
		.at = NOW,
		.actor = "user",
		.user_id = user_id,
		.action = action,
		.object = object,
		.address = "192.0.2.1",
		.user_agent = "agent",
		.request_id = "r1",
	};
}

static void add(int64_t client_id, int64_t user_id, const char *action,
		const char *object)
{
	struct audit_row row = row_of(client_id, user_id, action, object);

	CU_ASSERT_TRUE(audit_insert(db, &unit_arena, &row, &err));
	UNIT_ASSERT_STR(err.text, "");
}

/* "user.create user.change", newest first. */
static const char *found(struct audit_filter f)
{
	const char *actions = "";
	struct audit_row *list;
	size_t n = 0;

	if (!f.limit)
		f.limit = 10;
	CU_ASSERT_TRUE(audit_list(db, &unit_arena, &f, &list, &n, &err));
	for (size_t i = 0; i < n; i++)
		actions = arena_printf(&unit_arena, "%s%s%s", actions,
				       i ? " " : "", list[i].action);
	return actions;
}

static void an_entry_comes_back_as_it_was_written(void)
{
	struct audit_filter f = { .limit = 1 };
	struct audit_row row, *list;
	size_t n;

	begin_test();
	row = row_of(client, user, "bot.change", "bot:5");
	row.before = "{\"name\":\"a\"}";
	CU_ASSERT_TRUE(audit_insert(db, &unit_arena, &row, &err));
	CU_ASSERT_TRUE(audit_list(db, &unit_arena, &f, &list, &n, &err));
	UNIT_ASSERT_INT(n, 1);
	UNIT_ASSERT_INT(list[0].client_id, client);
	UNIT_ASSERT_INT(list[0].at, NOW);
	UNIT_ASSERT_STR(list[0].actor, "user");
	UNIT_ASSERT_INT(list[0].user_id, user);
	UNIT_ASSERT_STR(list[0].action, "bot.change");
	UNIT_ASSERT_STR(list[0].object, "bot:5");
	UNIT_ASSERT_STR(list[0].address, "192.0.2.1");
	UNIT_ASSERT_STR(list[0].user_agent, "agent");
	UNIT_ASSERT_STR(list[0].request_id, "r1");
	UNIT_ASSERT_STR(list[0].before, "{\"name\": \"a\"}");
	UNIT_ASSERT_STR(list[0].after, NULL);
}

static void a_login_that_is_not_given_is_that_of_the_user(void)
{
	struct audit_row row;

	begin_test();
	row = row_of(client, user, "sign_in", "");
	CU_ASSERT_TRUE(audit_insert(db, &unit_arena, &row, &err));
	UNIT_ASSERT_STR(row.login, "anna");
	row = row_of(client, user + 1, "sign_in", "");
	CU_ASSERT_TRUE(audit_insert(db, &unit_arena, &row, &err));
	UNIT_ASSERT_STR(row.login, "");
	row.login = "given";
	CU_ASSERT_TRUE(audit_insert(db, &unit_arena, &row, &err));
	UNIT_ASSERT_STR(pg_text("SELECT string_agg(login, ',' ORDER BY id)"
				" FROM audit_log"),
			"anna,,given");
}

static void each_filter_leaves_the_rest_out(void)
{
	begin_test();
	add(client, user, "user.create", "user:1");
	add(client, 7, "user.change", "user:1");
	add(other, 8, "users", "user:2");
	add(0, 0, "sign_in.refused", "");
	UNIT_ASSERT_STR(found((struct audit_filter){ 0 }),
			"sign_in.refused users user.change user.create");
	UNIT_ASSERT_STR(found((struct audit_filter){ .client_id = client }),
			"user.change user.create");
	UNIT_ASSERT_STR(found((struct audit_filter){ .user_id = 7 }),
			"user.change");
	UNIT_ASSERT_STR(found((struct audit_filter){ .object = "user:1" }),
			"user.change user.create");
	UNIT_ASSERT_STR(found((struct audit_filter){ .action = "user" }),
			"user.change user.create");
	UNIT_ASSERT_STR(found((struct audit_filter){ .action = "user.create" }),
			"user.create");
	UNIT_ASSERT_STR(found((struct audit_filter){ .action = "user.c" }), "");
	UNIT_ASSERT_STR(found((struct audit_filter){ .client_id = other,
						     .object = "user:1" }),
			"");
	UNIT_ASSERT_STR(found((struct audit_filter){ .client_id = client,
						     .user_id = user,
						     .object = "user:1",
						     .action = "user" }),
			"user.create");
}

static void a_page_goes_on_below_the_last_id(void)
{
	struct audit_filter f = { .limit = 1 };
	struct audit_row *list;
	size_t n;

	begin_test();
	add(client, user, "first", "");
	add(client, user, "second", "");
	CU_ASSERT_TRUE(audit_list(db, &unit_arena, &f, &list, &n, &err));
	UNIT_ASSERT_INT(n, 1);
	UNIT_ASSERT_STR(list[0].action, "second");
	UNIT_ASSERT_STR(found((struct audit_filter){ .before = list[0].id }),
			"first");
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(an_entry_comes_back_as_it_was_written),
		UNIT_TEST(a_login_that_is_not_given_is_that_of_the_user),
		UNIT_TEST(each_filter_leaves_the_rest_out),
		UNIT_TEST(a_page_goes_on_below_the_last_id),
	};
	int status;

	pg_start();
	db = db_new(pg_url(PG_DAEMON), "test", 5000);
	status = unit_main("audit", tests, ARRAY_LEN(tests), argc, argv);
	db_free(db);
	return status;
}
